import uuid
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User


class InstrumentKind(models.TextChoices):
    LAW = "law", _("Luật")
    DECREE = "decree", _("Nghị định")
    DECISION = "decision", _("Quyết định")
    CIRCULAR = "circular", _("Thông tư")
    PROGRAMME = "programme", _("Chương trình")


class InForceQuerySet(models.QuerySet):
    def in_force(self, *, on: date):
        """Those in force on the day: from the effective date, up to the day before the end date."""
        return self.filter(effective_from__lte=on).filter(Q(effective_to=None) | Q(effective_to__gt=on))


def _covers(period: "Instrument | Catalogue", on: date) -> bool:
    starts, ends = period.effective_from, period.effective_to
    return starts is not None and starts <= on and (ends is None or on < ends)


class InstrumentQuerySet(InForceQuerySet):
    def visible_to(self, user: User | AnonymousUser | None):
        """Those of which the person may know: no draft's, and none that founds only lists the person may not see."""
        known = self.filter(drafted=False)
        if user and user.is_authenticated and user.reads_restricted():
            return known
        restricted = Catalogue.objects.filter(restricted=True).values("instrument")
        public = Catalogue.objects.public().values("instrument")
        return known.filter(restricted=False).exclude(Q(pk__in=restricted) & ~Q(pk__in=public))


class CatalogueQuerySet(InForceQuerySet):
    def published(self):
        return self.filter(stage=Stage.PUBLISHED)

    def public(self):
        """What anybody may see, and what every dossier is matched against."""
        return self.published().filter(restricted=False)

    def visible_to(self, user: User | AnonymousUser | None):
        """What the person may see of what is published; a restricted list only with the clearance for it."""
        return self.published() if user and user.is_authenticated and user.reads_restricted() else self.public()

    def with_counts(self):
        """Adds item_count, technology_count and product_count, the last two of groups."""
        of_kind = {
            f"{kind.value}_count": Count("groups", filter=Q(groups__kind=kind), distinct=True) for kind in GroupKind
        }
        return self.annotate(item_count=Count("items", distinct=True), **of_kind)


class Instrument(models.Model):
    """A legal instrument: law, decree, decision, circular."""

    number = models.CharField(max_length=60)  # as printed: 31/2025/TT-BKHCN
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=InstrumentKind.choices)
    title = models.TextField()
    issuer = models.CharField(max_length=200, blank=True)
    signer = models.CharField(max_length=150, blank=True)
    signed_on = models.DateField(null=True)
    effective_from = models.DateField(null=True)
    # The first day on which it is no longer in force.
    effective_to = models.DateField(null=True)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaces")
    # False: the wording was not read in the gazette, and every page that shows it says so.
    verified = models.BooleanField(default=False)
    source_note = models.TextField(blank=True)
    # Written down for a list that is not published yet: only those who manage lists know of it.
    drafted = models.BooleanField(default=False)
    # It founds a restricted list, and only cleared staff may know of it.
    restricted = models.BooleanField(default=False)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")),
                name="an_instrument_ends_after_it_takes_effect",
            ),
            # In two halves: that a number is taken must not tell anybody of a restricted instrument.
            models.UniqueConstraint(
                fields=["number"], condition=Q(restricted=False), name="an_instrument_is_kept_once_by_number"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=Q(restricted=True), name="a_restricted_instrument_is_kept_once_by_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def is_in_force(self, on: date) -> bool | None:
        """None: the day from which it applies is not known."""
        return None if self.effective_from is None else _covers(self, on)

    @property
    def last_day(self) -> date | None:
        """The last day in force; None: no end is set."""
        return self.effective_to and self.effective_to - timedelta(days=1)


class Provision(models.Model):
    """An article or clause with its exact text, so that a rule in the product can point to it."""

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="provisions")
    key = models.CharField(max_length=30)  # "4.3"
    citation = models.CharField(max_length=100)  # "khoản 3 Điều 4"
    heading = models.CharField(max_length=300, blank=True)  # the article's: "Điều khoản thi hành"
    text = models.TextField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instrument", "key"], name="a_provision_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.citation} {self.instrument}"

    @property
    def article(self) -> str:
        """The number of its article: "4" of "4.3"."""
        return self.key.split(".")[0]


class CatalogueFamily(models.TextChoices):
    """Lists that succeed one another. A procedure names a family; the date picks the list."""

    KEY_DIGITAL = "key-digital", _("Sản phẩm, dịch vụ công nghệ số trọng điểm")
    STRATEGIC = "strategic", _("Sản phẩm công nghệ chiến lược")
    KEY_IT = "key-it", _("Sản phẩm công nghệ thông tin trọng điểm")


class Stage(models.TextChoices):
    """How far a version of a list has come. Publishing takes two people; what is published stays as it is.

    The database holds that (`catalogs.guards`), but for a recorded correction (`WordingCorrection`).
    """

    DRAFT = "draft", _("Đang soạn")
    PROPOSED = "proposed", _("Chờ duyệt công bố")
    PUBLISHED = "published", _("Đã công bố")


class Catalogue(models.Model):
    """One version of a list, as an instrument issued it."""

    slug = models.SlugField(max_length=80, unique=True)
    family = models.CharField(max_length=20, choices=CatalogueFamily.choices)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="catalogues")
    title = models.TextField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    # False: the instrument lists more items than are known here, so "not found" says nothing.
    complete = models.BooleanField(default=True)
    verified = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    # The annex that crosses groups with sectors, as printed: its heading and what a mark means.
    sectors_title = models.TextField(blank=True)
    sectors_note = models.TextField(blank=True)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    # QĐ 1131/QĐ-TTg Đ3: lists for defence and security, of whose existence only cleared staff may know.
    restricted = models.BooleanField(default=False)
    # The version whose place this one takes.
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    # Its instrument takes the place of that version's instrument as well.
    replaces_instrument = models.BooleanField(default=True)
    # Nobody: the list came with the product (`load_catalogs`). Else whoever answers for the draft.
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)  # moves with each change of a draft; a stale page is told by it

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")),
                name="a_catalogue_ends_after_it_takes_effect",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="the_stage_of_a_list_is_known"),
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("prepared_by")),
                name="a_list_is_published_by_somebody_else_than_prepared_it",
            ),
            models.CheckConstraint(
                condition=Q(stage="published") | Q(published_by=None, published_at=None),
                name="only_a_published_list_has_a_publisher",
            ),
            models.CheckConstraint(
                condition=~Q(stage="published")
                | Q(prepared_by=None, published_by=None)
                | Q(published_by__isnull=False, published_at__isnull=False),
                name="a_list_that_people_prepared_is_published_by_people",
            ),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="a_list_does_not_replace_itself"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_in_force(self, on: date) -> bool:
        return _covers(self, on)

    @property
    def last_day(self) -> date | None:
        """The last day in force; None: no end is set."""
        return self.effective_to and self.effective_to - timedelta(days=1)


class GroupKind(models.TextChoices):
    PRODUCT = "product", _("Nhóm sản phẩm, dịch vụ")
    TECHNOLOGY = "technology", _("Nhóm công nghệ")


class CatalogueGroup(models.Model):
    """A heading of the list.

    QĐ 21/2026/QĐ-TTg has two sets of them, ten groups of technologies and two groups of products, and does
    not say which technology a product belongs to: there the groups of technologies hold no items.
    """

    catalogue = models.ForeignKey(Catalogue, on_delete=models.CASCADE, related_name="groups")
    kind = models.CharField(max_length=20, choices=GroupKind.choices, default=GroupKind.PRODUCT)
    code = models.CharField(max_length=10)
    name = models.TextField()
    name_en = models.TextField(blank=True)  # as the item's
    position = models.PositiveSmallIntegerField()
    # How many sectors the annex marks for this group, where the source shows the marks but not their columns.
    sectors_marked = models.PositiveSmallIntegerField(null=True)
    search_text = models.TextField(blank=True)  # as the item's
    search_text_en = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalogue", "kind", "code"], name="a_group_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.code}. {self.name}"


# A code that begins so is only a handle: the source gives the item no number, and none may be shown.
UNNUMBERED = "x"


def short_number_of(number: str) -> str:
    """How people say the number of an instrument: "TT 31" for 31/2025/TT-BKHCN. One built otherwise stays whole."""
    first, _slash, rest = number.partition("/")
    kind = rest.rpartition("/")[2].partition("-")[0]
    return f"{kind} {first}" if kind.isalpha() else number


def shown_code_of(code: str) -> str:
    """The number to show to people for an item with this code; empty where the source gives none."""
    return "" if code.startswith(UNNUMBERED) else code


class CatalogueItem(models.Model):
    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="items")
    group = models.ForeignKey(CatalogueGroup, on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=10)
    printed_code = models.CharField(max_length=10, blank=True)  # as the annex prints it: "3.1."
    name = models.TextField()
    # A translation for readers of English; never the wording of the law.
    name_en = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    # The words of the name as catalogs.search compares them.
    search_text = models.TextField()
    search_text_en = models.TextField(blank=True)  # the same of the translation
    # Instruments whose own lists the item takes in, with their later amendments: item 9.1 of TT 31/2025/TT-BKHCN.
    references = models.ManyToManyField(Instrument, related_name="referring_items", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalogue", "code"], name="an_item_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.shown_code} {self.name}".strip()

    @property
    def shown_code(self) -> str:
        """As `shown_code_of`."""
        return shown_code_of(self.code)


class ItemAliasQuerySet(models.QuerySet["ItemAlias"]):
    def in_use(self, *, candidate: bool = False) -> "ItemAliasQuerySet":
        """What matching reads; `candidate`: with what was proposed, and without what is to go."""
        return self.filter(retiring=False) if candidate else self.filter(live=True)


class ItemAlias(models.Model):
    """Another way to say what an item covers. Advice for matching, never the wording of the law."""

    item = models.ForeignKey(CatalogueItem, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=300)
    language = models.CharField(max_length=5)
    origin = models.CharField(max_length=60)
    added_on = models.DateField()
    # Nobody: the alias came with the product, and goes with it when the data files no longer hold it.
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # False: proposed, and not used before it was evaluated and put into force.
    live = models.BooleanField(default=True)
    # In force until it was evaluated without it and that was put into force.
    retiring = models.BooleanField(default=False)
    search_text = models.TextField(blank=True)  # as the item's

    objects = ItemAliasQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "text"], name="an_alias_is_given_once_to_an_item"),
            models.CheckConstraint(condition=Q(retiring=False) | Q(live=True), name="only_an_alias_in_force_retires"),
        ]

    def __str__(self) -> str:
        return self.text


class RelationKind(models.TextChoices):
    """What an item covers, compared with another one."""

    SAME = "same", _("Giống nhau")
    NARROWER = "narrower", _("Hẹp hơn")
    BROADER = "broader", _("Rộng hơn")
    OVERLAPS = "overlaps", _("Giao nhau")


INVERSE = {RelationKind.NARROWER: RelationKind.BROADER, RelationKind.BROADER: RelationKind.NARROWER}


class ItemRelation(models.Model):
    """How an item stands to one of another list: `item` is the same as, narrower or broader than `other`.

    Between versions of one list, `other` is the newer and `successor` says that it takes the place of `item`. An item
    with several successors was split; several items with one successor were merged; one with none was removed.
    """

    item = models.ForeignKey(CatalogueItem, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(CatalogueItem, on_delete=models.CASCADE, related_name="relations_from")
    kind = models.CharField(max_length=10, choices=RelationKind.choices)
    successor = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    origin = models.CharField(max_length=60)
    added_on = models.DateField()
    # Nobody: the relation came with the product.
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "other"], name="two_items_are_related_once"),
            models.CheckConstraint(condition=~Q(item=F("other")), name="an_item_is_not_related_to_itself"),
            models.CheckConstraint(condition=Q(kind__in=RelationKind.values), name="the_kind_of_a_relation_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item} → {self.other} ({self.kind})"


class ReferenceListQuerySet(models.QuerySet):
    def with_counts(self):
        """Adds held_count, the entries that are on the list now."""
        return self.annotate(held_count=Count("entries", filter=Q(entries__removed_in=None)))


class ReferenceList(models.Model):
    """A list of names that an item takes in by naming its instrument: the platforms of QĐ 2618/QĐ-BKHCN.

    Not a catalogue: nothing is matched against it, and its entries come and go by decisions of their own days.
    """

    slug = models.SlugField(max_length=80, unique=True)
    title = models.TextField()
    # The instrument that issued it; items point to the same (`CatalogueItem.references`).
    instrument = models.OneToOneField(Instrument, on_delete=models.PROTECT, related_name="reference_list")
    # Instruments of the same title that came before; what they held is not this list.
    earlier = models.ManyToManyField(Instrument, related_name="later_reference_lists", blank=True)
    # How many entries the source says there are; None: not known.
    announced = models.PositiveSmallIntegerField(null=True)
    complete = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    source_note = models.TextField(blank=True)

    objects = ReferenceListQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class ReferenceEntry(models.Model):
    """A name on the list, with the decision that put it there and the one that took it off."""

    reference_list = models.ForeignKey(ReferenceList, on_delete=models.CASCADE, related_name="entries")
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    added_in = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    added_on = models.DateField()
    removed_in = models.ForeignKey(Instrument, null=True, on_delete=models.PROTECT, related_name="+")
    removed_on = models.DateField(null=True)
    position = models.PositiveSmallIntegerField()
    search_text = models.TextField()  # of both names, as the item's

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference_list", "name", "added_on"], name="an_entry_is_added_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(removed_in=None, removed_on=None) | ~Q(removed_in=None) & Q(removed_on__gt=F("added_on")),
                name="an_entry_is_removed_by_a_decision_after_it_was_added",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ItemRemoval(models.Model):
    """An item of the version before of which somebody said that the new version does not take it up."""

    catalogue = models.ForeignKey(Catalogue, on_delete=models.CASCADE, related_name="removals")  # the new version
    item = models.ForeignKey(CatalogueItem, on_delete=models.CASCADE, related_name="removals")
    added_on = models.DateField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "item"], name="an_item_is_left_out_once_by_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.item} ∉ {self.catalogue}"


# What str.strip() takes away and people can type: TRIM alone knows only the plain space.
_SPACES = " \t\n\r\u00a0\u2003\u3000"


class WordingCorrection(models.Model):
    """That the wording of a published list was put right, and why: while it is open, the database lets it change.

    Opened and closed in one transaction (`catalogs.correcting`); never changed afterwards.
    """

    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="corrections")
    reason = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Exact(
                    Func(F("reason"), Value(_SPACES), function="TRIM", output_field=models.TextField()), Value("")
                ),
                name="a_correction_gives_its_reason",
            ),
            models.UniqueConstraint(
                fields=["catalogue"], condition=Q(closed_at=None), name="a_list_is_corrected_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.catalogue}: {self.reason}"


class EvidenceState(models.TextChoices):
    PROPOSED = "proposed", _("Chờ xem xét")
    ACCEPTED = "accepted", _("Đã chọn, chưa áp dụng")
    LIVE = "live", _("Đang áp dụng")
    RETIRING = "retiring", _("Chờ thôi áp dụng")
    REJECTED = "rejected", _("Không dùng")


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: User | AnonymousUser | None):
        return self.filter(catalogue__in=Catalogue.objects.visible_to(user))

    def in_use(self, *, candidate: bool = False):
        """What matching learns from; `candidate`: with what was accepted, and without what is to go."""
        changing = EvidenceState.ACCEPTED if candidate else EvidenceState.RETIRING
        return self.filter(state__in=[EvidenceState.LIVE, changing])


class Evidence(models.Model):
    """A declared product and the officer's finding about one item: a decided case, to compare later ones with.

    Once a catalogue manager has accepted it, and it was evaluated, matching learns from it.
    """

    catalogue = models.ForeignKey(Catalogue, on_delete=models.PROTECT, related_name="evidence")
    # None: the officer found that no item of the list fits.
    item = models.ForeignKey(CatalogueItem, null=True, on_delete=models.PROTECT, related_name="evidence")
    fits = models.BooleanField()  # False: the item was declared and overruled, or none fits
    reason = models.TextField(blank=True)  # the officer's, where an item was overruled or added
    name = models.TextField()
    description = models.TextField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    # Where it was decided: the dossier's public id and code, its outcome and the day.
    dossier_id = models.UUIDField()
    dossier_code = models.CharField(max_length=40)
    granted = models.BooleanField()
    decided_on = models.DateField()
    state = models.CharField(max_length=10, choices=EvidenceState.choices, default=EvidenceState.PROPOSED)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier_id", "item"], name="an_item_is_evidence_once_per_dossier"),
            models.UniqueConstraint(
                fields=["dossier_id", "catalogue"], condition=Q(item=None), name="none_fits_is_said_once_per_dossier"
            ),
            models.CheckConstraint(condition=Q(fits=False) | ~Q(item=None), name="what_fits_names_its_item"),
            models.CheckConstraint(condition=Q(state__in=EvidenceState.values), name="the_state_of_evidence_is_known"),
            models.CheckConstraint(
                condition=Q(state="proposed", reviewed_by=None, reviewed_at=None)
                | ~Q(state="proposed") & ~Q(reviewed_by=None) & ~Q(reviewed_at=None),
                name="evidence_that_was_reviewed_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "-decided_on", "-id"], name="decided_cases_of_an_item"),
            models.Index(fields=["state", "id"], name="evidence_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_code}: {self.item_id}"


class Evaluation(models.Model):
    """Matching as it is in force and as it would be with what was accepted, measured on the same labelled products."""

    # A digest of both configurations: what is put into force is what was measured.
    configuration = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # How many pieces of evidence and aliases were tried.
    evidence_count = models.PositiveIntegerField()
    alias_count = models.PositiveIntegerField()
    # {"rows": as `candidate.tabulate` makes them, "changed": products of which the outcome changed}.
    figures = models.JSONField(default=dict)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_by=None, applied_at=None)
                | Q(applied_by__isnull=False, applied_at__isnull=False, finished_at__isnull=False),
                name="what_is_put_into_force_was_measured_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requested_at:%Y-%m-%d %H:%M} {self.configuration[:8]}"


class Sector(models.Model):
    catalogue = models.ForeignKey(Catalogue, on_delete=models.CASCADE, related_name="sectors")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)  # as the item's
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalogue", "name"], name="a_sector_is_listed_once")]

    def __str__(self) -> str:
        return self.name


class Mark(models.TextChoices):
    MARKED = "marked", _("Có dấu x")
    # The source lost its marks. Unknown is not "no", and never a ground for refusal.
    UNKNOWN = "unknown", _("Không rõ")


class SectorMark(models.Model):
    group = models.ForeignKey(CatalogueGroup, on_delete=models.CASCADE, related_name="marks")
    sector = models.ForeignKey(Sector, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=10, choices=Mark.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "sector"], name="one_mark_per_group_and_sector")]

    def __str__(self) -> str:
        return self.get_mark_display()


class Programme(models.Model):
    """A national programme to which tasks are proposed."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.TextField()
    instrument = models.ForeignKey(Instrument, null=True, on_delete=models.PROTECT, related_name="programmes")
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title


class ProgrammePartKind(models.TextChoices):
    OBJECTIVE = "objective", _("Mục tiêu")
    CONTENT = "content", _("Nội dung")
    FIELD = "field", _("Lĩnh vực công nghệ ưu tiên")
    SECTOR = "sector", _("Lĩnh vực ứng dụng")
    OUTPUT = "output", _("Dự kiến sản phẩm")
    INDICATOR = "indicator", _("Chỉ tiêu đánh giá")


class ProgrammePart(models.Model):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=20, choices=ProgrammePartKind.choices)
    code = models.CharField(max_length=20)  # as the annex numbers it: II.1.a, II.2.1.đ, IV.3
    title = models.TextField(blank=True)
    text = models.TextField()
    # Per cent for an indicator, a count for an output; measured over the portfolio, never per dossier.
    target = models.PositiveSmallIntegerField(null=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "kind", "code"], name="a_part_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title or self.text[:60]}"


class Procedure(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.TextField()
    position = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class ProcedureRevision(models.Model):
    """A procedure as it stands from a day on. A dossier keeps the one it was filed under."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    effective_from = models.DateField()
    # Read it through catalogs.procedures.Definition, which checks it.
    definition = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["procedure", "number"], name="a_revision_is_numbered_once")]

    def __str__(self) -> str:
        return f"{self.procedure} ({self.number})"


class About(models.Model):
    """What an enquiry is about: an instrument or one of its articles, an item, a procedure, or nothing of these."""

    instrument = models.ForeignKey(Instrument, null=True, on_delete=models.PROTECT, related_name="+")
    # `Provision.key`: provisions are read anew with each release.
    article = models.CharField(max_length=30, blank=True)
    item = models.ForeignKey(CatalogueItem, null=True, on_delete=models.PROTECT, related_name="+")
    procedure = models.ForeignKey(Procedure, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def one_subject(name: str) -> models.CheckConstraint:
    """At most one of the subjects of `About`, and an article only of an instrument."""
    return models.CheckConstraint(
        condition=(Q(instrument=None, item=None) | Q(instrument=None, procedure=None) | Q(item=None, procedure=None))
        & (Q(article="") | Q(instrument__isnull=False)),
        name=name,
    )


class UnconfirmedEnquiry(About):
    """What a visitor asked who has yet to confirm the e-mail address. It goes after some days."""

    # Stands in the mail alone: whoever knows it reads that mailbox.
    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Chosen by the page, so that a form that is sent twice asks once.
    public_id = models.UUIDField(unique=True, editable=False)
    name = models.CharField(max_length=150)
    email = models.EmailField()
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=200)
    text = models.TextField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [one_subject("an_unconfirmed_enquiry_is_about_one_thing")]
        indexes = [
            models.Index(fields=["email", "asked_at"], name="unconfirmed_of_an_address"),
            models.Index(fields=["asked_at"], name="unconfirmed_by_age"),
        ]

    def __str__(self) -> str:
        return self.title


class EnquirySequence(models.Model):
    """The last number given out in a year; its row lock keeps the codes of enquiries free of gaps and repeats."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last_number}"


class EnquiryState(models.TextChoices):
    RECEIVED = "received", _("Đã tiếp nhận")
    TAKEN = "taken", _("Đang trả lời")
    ANSWERED = "answered", _("Đã trả lời")


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def of_asker(self, user: User) -> "EnquiryQuerySet":
        return self.filter(asker=user)


class Enquiry(About):
    """What somebody asked the office outside a dossier (TT 31/2025/TT-BKHCN Đ4.5). Triggers keep its words."""

    public_id = models.UUIDField(unique=True, editable=False)
    # Opens it for whoever asked without an account: the key of the enquiry as it waited to be confirmed.
    follow_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=20, unique=True)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    # Of somebody without an account.
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, blank=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=EnquiryState.choices, default=EnquiryState.RECEIVED)
    # Grows with every change; a page sends back the one it showed.
    version = models.PositiveIntegerField(default=0)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        constraints = [
            one_subject("an_enquiry_is_about_one_thing"),
            models.CheckConstraint(
                condition=Q(state__in=EnquiryState.values), name="the_state_of_an_enquiry_is_known"
            ),
            models.CheckConstraint(
                condition=Q(asker__isnull=False, email="") | Q(asker=None) & ~Q(email=""),
                name="an_enquiry_has_an_asker_or_an_address",
            ),
            models.CheckConstraint(
                condition=Q(state="received", taken_by=None, taken_at=None)
                | ~Q(state="received") & Q(taken_by__isnull=False, taken_at__isnull=False),
                name="an_enquiry_is_taken_by_somebody_once_it_is_worked_on",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "received_at", "id"], name="enquiries_by_state"),
            models.Index(fields=["taken_by", "state", "received_at", "id"], name="enquiries_of_an_officer"),
            models.Index(fields=["asker", "-received_at", "-id"], name="enquiries_of_an_asker"),
            models.Index(fields=["email", "received_at"], condition=~Q(email=""), name="enquiries_of_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


# What triggers keep of an enquiry as it was received.
ENQUIRY_FROZEN = ("public_id", "code", "title", "text", "received_at")


class Reply(models.Model):
    """What the office answered. Database triggers refuse to change or delete it."""

    enquiry = models.OneToOneField(Enquiry, on_delete=models.PROTECT, related_name="reply")
    text = models.TextField()
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # As they were at that moment.
    author_name = models.CharField(max_length=150)
    author_unit = models.CharField(max_length=200, blank=True)
    replied_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="a_reply_says_something")]

    def __str__(self) -> str:
        return f"{self.enquiry_id}: {self.text[:60]}"


class FaqDraft(About):
    """A reply as it is edited for everybody, without whoever asked; or a correction of what was published.

    It goes when it is published or given up. The enquiry's version grows with it.
    """

    enquiry = models.OneToOneField(Enquiry, on_delete=models.PROTECT, related_name="faq_draft")
    title = models.CharField(max_length=200)
    question = models.TextField()
    answer = models.TextField()
    change = models.TextField(blank=True)  # of a correction: what it corrects
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    # Of the reply: whoever answers does not decide what of it everybody may read.
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Empty: still being edited.
    proposed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_subject("a_draft_of_an_entry_is_about_one_thing"),
            models.CheckConstraint(
                condition=~Q(edited_by=F("replied_by")), name="an_entry_is_edited_by_somebody_else_than_replied"
            ),
        ]
        indexes = [
            models.Index(fields=["proposed_at", "id"], condition=~Q(proposed_at=None), name="entries_to_publish")
        ]

    def __str__(self) -> str:
        return self.title


FAQ_STANDING = Q(withdrawn_at=None, replaced_at=None)


class FaqEntryQuerySet(models.QuerySet["FaqEntry"]):
    def standing(self) -> "FaqEntryQuerySet":
        return self.filter(FAQ_STANDING)


class FaqEntry(About):
    """A question and its answer as everybody may read them. A correction is another row, in place of the one before.

    Triggers keep what was published; it may be replaced or withdrawn.
    """

    enquiry = models.ForeignKey(Enquiry, on_delete=models.PROTECT, related_name="faq_entries")
    number = models.PositiveSmallIntegerField()  # among those of the enquiry
    # Of a correction: the row as it was published first, whose address holds for all that followed.
    first = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    change = models.TextField(blank=True)  # what it corrects
    title = models.CharField(max_length=200)
    question = models.TextField()
    answer = models.TextField()
    search_text = models.TextField()  # of all three, as the item's
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(blank=True)

    objects = FaqEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            one_subject("an_entry_is_about_one_thing"),
            models.CheckConstraint(
                condition=~Q(published_by=F("edited_by")), name="an_entry_is_published_by_somebody_else_than_edited"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawal_reason="")
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawal_reason=""),
                name="an_entry_is_withdrawn_by_somebody_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(first=None, change="") | Q(first__isnull=False) & ~Q(change=""),
                name="a_correction_says_what_it_corrects",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(withdrawn_at=None), name="what_was_replaced_is_not_withdrawn"
            ),
            models.UniqueConstraint(fields=["enquiry", "number"], name="one_entry_per_number_of_an_enquiry"),
            models.UniqueConstraint(fields=["enquiry"], condition=FAQ_STANDING, name="one_entry_of_an_enquiry_stands"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], condition=FAQ_STANDING, name="entries_newest_first"),
            *(
                models.Index(
                    fields=[subject, "-published_at", "-id"],
                    condition=FAQ_STANDING & ~Q(**{subject: None}),
                    name=f"entries_about_{subject}",
                )
                for subject in ("instrument", "item", "procedure")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address_id(self) -> int:
        """What its address says, before and after every correction."""
        return self.first_id or self.pk


# What triggers keep of an entry as it was published.
FAQ_FROZEN = (
    *("enquiry_id", "number", "first_id", "change", "instrument_id", "article", "item_id", "procedure_id"),
    *("title", "question", "answer", "search_text", "edited_by_id", "published_by_id", "published_at"),
)

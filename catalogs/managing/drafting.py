"""A version of a list while it is prepared: its details, its content, and giving it up."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from catalogs.managing import importing
from catalogs.managing.checking import Fault, faults_of
from catalogs.managing.hiding import hide
from catalogs.managing.importing import Reading
from catalogs.managing.linking import propose_links
from catalogs.managing.states import NotPossible, day_of, locked, require_manager, touch
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem, Instrument, ItemRelation, Stage
from catalogs.search import search_text, search_text_en
from catalogs.text import fold

# How the kinds of instruments begin in an address, long for the instrument and short for its list.
_SLUGS = {
    "law": ("luat", "luat"),
    "decree": ("nghi-dinh", "nd"),
    "decision": ("quyet-dinh", "qd"),
    "circular": ("thong-tu", "tt"),
    "programme": ("chuong-trinh", "ct"),
}
# So begins an address that was drawn by lot, and says nothing of its list.
DRAWN = "han-che-"


class Faulty(Exception):
    """The details cannot be kept as they are; `faults` say why, each with the field."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(" ".join(fault.text for fault in faults))


class Unsound(Exception):
    """The content has problems; nothing of it was kept."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        super().__init__(_("Nội dung còn vấn đề, chưa lưu."))


@dataclass(frozen=True)
class NewInstrument:
    number: str
    kind: str
    title: str
    issuer: str
    signer: str
    signed_on: date
    effective_from: date


@dataclass(frozen=True)
class Details:
    family: str
    title: str
    effective_from: date
    instrument: Instrument | NewInstrument
    replaces: Catalogue | None = None
    replaces_instrument: bool = True
    restricted: bool = False
    verified: bool = False
    complete: bool = True
    note: str = ""


@transaction.atomic
def start(details: Details, *, by: User, at: datetime) -> Catalogue:
    """A draft with these details and no content yet. Raises NotPossible or Faulty."""
    require_manager(by, restricted=details.restricted)
    catalogue = Catalogue(stage=Stage.DRAFT, prepared_by=by)
    _write(catalogue, details, was=None)
    trail.record(catalogue, "draft_catalogue", by=by, at=at, data=_facts(catalogue))
    return catalogue


@transaction.atomic
def change(catalogue_id: int, details: Details, *, by: User, at: datetime, expected_version: int | None) -> Catalogue:
    """Other details for the draft. Raises Stale, NotPossible or Faulty."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.DRAFT)
    require_manager(by, restricted=details.restricted)
    before = _facts(catalogue)
    replaced, was = catalogue.replaces_id, Instrument.objects.select_for_update().get(pk=catalogue.instrument_id)
    public = not catalogue.restricted
    _write(catalogue, details, was=was)
    if public and catalogue.restricted:
        hide(catalogue)
    if catalogue.replaces_id != replaced:
        propose_links(catalogue, {}, by=by, on=day_of(at))
    touch(catalogue)
    after = _facts(catalogue)
    data = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    trail.record(catalogue, "change_catalogue", by=by, at=at, data=data)
    return catalogue


def _write(catalogue: Catalogue, details: Details, *, was: Instrument | None) -> None:
    named_after = (was.kind, was.number) if was else None
    instrument = _instrument(catalogue, details, was)
    renamed = named_after is not None and named_after != (instrument.kind, instrument.number)
    catalogue.instrument = instrument
    for name in ("family", "title", "effective_from", "replaces", "replaces_instrument", "restricted"):
        setattr(catalogue, name, getattr(details, name))
    for name in ("verified", "complete", "note"):
        setattr(catalogue, name, getattr(details, name))
    if faults := faults_of(catalogue, instrument):
        raise Faulty(faults)
    try:
        with transaction.atomic():
            if not isinstance(details.instrument, Instrument):
                if not instrument.slug or (renamed and not instrument.restricted):
                    instrument.slug = _instrument_slug(instrument)
                instrument.save()
            catalogue.instrument = instrument
            drawn = catalogue.slug.startswith(DRAWN)
            if not catalogue.slug or catalogue.restricted != drawn or (renamed and not drawn):
                catalogue.slug = _catalogue_slug(catalogue, instrument)
            catalogue.save()
    except IntegrityError as error:  # somebody was faster with the same number
        raise Faulty([Fault("number", str(_("Văn bản này vừa được người khác khai. Hãy tải lại trang.")))]) from error
    if was is not None and was.pk != instrument.pk:
        _drop(was)


def owns_instrument(catalogue: Catalogue) -> bool:
    """Whether its instrument was written down for this draft alone, and so changes with it."""
    return catalogue.instrument.drafted and not _others_rest_on(catalogue.instrument, catalogue)


def _others_rest_on(instrument: Instrument, catalogue: Catalogue) -> bool:
    return instrument.catalogues.exclude(pk=catalogue.pk).exists()


def _instrument(catalogue: Catalogue, details: Details, was: Instrument | None) -> Instrument:
    """The existing one, the draft's own with other values, or a new one; saved later. Raises Faulty."""
    given = details.instrument
    if isinstance(given, Instrument):
        # Locked: whoever deletes the draft that it was written down for takes it along, unless this list rests on it.
        kept = Instrument.objects.select_for_update().filter(pk=given.pk).first()
        if kept is None:
            text = _("Văn bản này vừa bị xóa cùng dự thảo của nó. Hãy chọn văn bản khác hoặc khai văn bản mới.")
            raise Faulty([Fault("instrument", str(text))])
        return kept
    own = was if was is not None and was.drafted else None
    if own and _others_rest_on(own, catalogue):
        # What another draft rests on may wait there to be published by the person who would change it here.
        if given.number.casefold() == own.number.casefold():
            text = _("Một dự thảo khác cũng dùng văn bản này nên không sửa được ở đây. Hãy chọn văn bản có sẵn.")
            raise Faulty([Fault("number", str(text))])
        own = None
    instrument = own or Instrument(drafted=True)
    if own and own.restricted != details.restricted:
        instrument.slug = ""
    instrument.restricted = details.restricted
    instrument.verified = details.verified
    for name in ("number", "kind", "title", "issuer", "signer", "signed_on", "effective_from"):
        setattr(instrument, name, getattr(given, name))
    return instrument


def _drop(instrument: Instrument) -> None:
    """An instrument that was written down for a draft alone goes with it."""
    kept = Instrument.objects.select_for_update().filter(pk=instrument.pk).first()
    if kept and kept.drafted and not kept.catalogues.exists():
        kept.delete()


def _instrument_slug(instrument: Instrument) -> str:
    if instrument.restricted:
        return f"{DRAWN}{secrets.token_hex(6)}"
    return _free(instrument, f"{_SLUGS[instrument.kind][0]}-{_words(instrument.number)}")


def _catalogue_slug(catalogue: Catalogue, instrument: Instrument) -> str:
    """As those of the lists that came with the product: tt-31-2025. Of a restricted list it says nothing."""
    if catalogue.restricted:
        return f"{DRAWN}{secrets.token_hex(6)}"
    number = re.match(r"[0-9]+", instrument.number)
    year = re.search(r"/([0-9]{4})/", instrument.number)
    signed = instrument.signed_on or catalogue.effective_from
    plain = f"{_SLUGS[instrument.kind][1]}-{number[0] if number else 0}-{year[1] if year else signed.year}"
    return _free(catalogue, plain)


def _words(number: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(number)).strip("-")


def _free(row: Any, slug: str) -> str:
    """The slug, with a number if another row of the kind has it."""
    others = type(row).objects.exclude(pk=row.pk)
    slug = slug[:70].strip("-")
    number, free = 1, slug
    while others.filter(slug=free).exists():
        number += 1
        free = f"{slug}-{number}"
    return free


@transaction.atomic
def import_content(
    catalogue_id: int, text: str, *, by: User, at: datetime, expected_version: int | None
) -> tuple[Catalogue, Reading]:
    """Put the content of the text in place of the draft's. Raises Stale, NotPossible or Unsound."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.DRAFT)
    reading = importing.read(text, known=codes_before(catalogue))
    if reading.problems:
        raise Unsound(reading)
    succeeds = _store(catalogue, reading)
    propose_links(catalogue, succeeds, by=by, on=day_of(at))
    touch(catalogue)
    data = {"groups": len(reading.groups), "items": len(list(reading.items()))}
    trail.record(catalogue, "import_catalogue", by=by, at=at, data=data)
    return catalogue, reading


def codes_before(catalogue: Catalogue) -> frozenset[str] | None:
    """The codes of the version before; None: it replaces none."""
    if catalogue.replaces_id is None:
        return None
    items = CatalogueItem.objects.filter(catalogue=catalogue.replaces_id)
    return frozenset(items.values_list("code", flat=True))


@dataclass(frozen=True)
class Totals:
    """What becomes of the lines that were read, and of what the draft holds."""

    lines: int
    groups: int
    items: int
    new: int
    changed: int  # another name, printed number or group
    same: int
    dropped: int

    @property
    def without_item(self) -> int:
        """Lines that only name a group."""
        return self.lines - self.items


def totals_of(catalogue: Catalogue, reading: Reading) -> Totals:
    """What importing a sound reading would do to the draft. One query."""
    fields = ("code", "name", "name_en", "printed_code", "group__kind", "group__code")
    there = {code: rest for code, *rest in catalogue.items.values_list(*fields)}
    wanted = {
        item.code: [item.name, item.name_en, item.printed_code, group.kind, group.code]
        for group in reading.groups
        for item in group.items
    }
    kept = there.keys() & wanted.keys()
    changed = sum(there[code] != wanted[code] for code in kept)
    return Totals(
        lines=reading.lines,
        groups=len(reading.groups),
        items=len(wanted),
        new=len(wanted) - len(kept),
        changed=changed,
        same=len(kept) - changed,
        dropped=len(there) - len(kept),
    )


def _store(catalogue: Catalogue, reading: Reading) -> dict[str, tuple[str, ...]]:
    """An item that keeps its code stays the same row, and keeps what a manager linked to it."""
    there = {item.code: item for item in catalogue.items.order_by("pk")}
    wanted = {item.code for item in reading.items()}
    catalogue.items.filter(code__in=[code for code in there if code not in wanted]).delete()
    groups = {}
    for position, group in enumerate(reading.groups, 1):
        groups[group.kind, group.code], _created = CatalogueGroup.objects.update_or_create(
            catalogue=catalogue,
            kind=group.kind,
            code=group.code,
            defaults={
                "name": group.name,
                "name_en": group.name_en,
                "position": position,
                "search_text": search_text(group.name),
                "search_text_en": search_text_en(group.name_en),
            },
        )
    new: list[CatalogueItem] = []
    kept: list[CatalogueItem] = []
    succeeds = {}
    position = 0
    for group in reading.groups:
        for item in group.items:
            position += 1
            row = there.get(item.code) or CatalogueItem(catalogue=catalogue, code=item.code)
            row.group, row.printed_code, row.name = groups[group.kind, group.code], item.printed_code, item.name
            row.name_en, row.search_text_en = item.name_en, search_text_en(item.name_en)
            row.position, row.search_text = position, search_text(item.name)
            (kept if row.pk else new).append(row)
            if item.succeeds:
                succeeds[item.code] = item.succeeds
    CatalogueItem.objects.bulk_create(new)
    CatalogueItem.objects.bulk_update(
        kept, ["group", "printed_code", "name", "name_en", "position", "search_text", "search_text_en"]
    )
    catalogue.groups.exclude(pk__in=[group.pk for group in groups.values()]).delete()
    return succeeds


def text_of(catalogue: Catalogue) -> str:
    """The content as it would be pasted, with the links; to be mended and imported again. Three queries."""
    links: dict[int, list[str]] = {}
    relations = ItemRelation.objects.filter(successor=True, other__catalogue=catalogue).order_by(
        "item__position", "pk"
    )
    for other, code in relations.values_list("other_id", "item__code"):
        links.setdefault(other, []).append(code)
    items = list(catalogue.items.select_related("group").order_by("position", "pk"))
    bare = catalogue.groups.filter(items=None).order_by("position", "pk")
    kinds = {"product": "", "technology": "công nghệ"}
    rows = [
        [
            item.group.code,
            item.group.name,
            item.code,
            item.name,
            item.printed_code,
            ", ".join(links.get(item.pk, [])),
            kinds[item.group.kind],
            item.name_en,
            item.group.name_en,
        ]
        for item in items
    ]
    rows += [[group.code, group.name, "", "", "", "", kinds[group.kind], "", group.name_en] for group in bare]
    if not rows:
        return ""
    more = importing.MORE_HEADINGS if any(any(row[-len(importing.MORE_HEADINGS) :]) for row in rows) else ()
    return importing.text_of_rows([[*importing.HEADINGS, *more], *rows])


@transaction.atomic
def delete(catalogue_id: int, *, by: User, at: datetime, expected_version: int | None) -> None:
    """Give the draft up, with the instrument that was written down for it. Raises Stale or NotPossible."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.DRAFT)
    if Catalogue.objects.filter(replaces=catalogue).exists():
        raise NotPossible(_("Một dự thảo khác thay thế danh mục này."))
    trail.record(catalogue, "delete_catalogue", by=by, at=at, data=_facts(catalogue))
    instrument = catalogue.instrument
    catalogue.items.all().delete()
    catalogue.groups.all().delete()
    catalogue.delete()
    _drop(instrument)


def _facts(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "number": catalogue.instrument.number,
        "title": catalogue.title,
        "family": str(catalogue.family),
        "effective_from": catalogue.effective_from.isoformat(),
        "replaces": catalogue.replaces.slug if catalogue.replaces else "",
        "restricted": catalogue.restricted,
        "verified": catalogue.verified,
        "complete": catalogue.complete,
        "note": catalogue.note,
    }

"""What an enquiry is about: named in an address by a link from the page of it, and shown with a link back."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogs.citations import Citation
from catalogs.models import About, Catalogue, CatalogueItem, Instrument, Procedure

TOKEN_MAX = 200  # characters that are read
# In an address: "van-ban:thong-tu-31:4.5", "muc:tt-31-2025:1.8", "thu-tuc:cong-nghe-so-trong-diem".
INSTRUMENT, ITEM, PROCEDURE = "van-ban", "muc", "thu-tuc"
# What a row that shows its subject is loaded with.
RELATED = ("instrument", "item__catalogue__instrument", "procedure")


@dataclass(frozen=True)
class Subject:
    """At most one of them; an article only with its instrument."""

    instrument: Instrument | None = None
    article: str = ""
    item: CatalogueItem | None = None
    procedure: Procedure | None = None

    def __bool__(self) -> bool:
        return bool(self.instrument or self.item or self.procedure)

    def columns(self) -> dict[str, Any]:
        return {
            "instrument": self.instrument,
            "article": self.article,
            "item": self.item,
            "procedure": self.procedure,
        }

    @property
    def token(self) -> str:
        if self.instrument:
            return ":".join(filter(None, (INSTRUMENT, self.instrument.slug, self.article)))
        if self.item:
            return f"{ITEM}:{self.item.catalogue.slug}:{self.item.code}"
        return f"{PROCEDURE}:{self.procedure.slug}" if self.procedure else ""

    @property
    def label(self) -> str:
        """“khoản 5 Điều 4 Thông tư 31/2025/TT-BKHCN”, “Mục 1.8 (31/2025/TT-BKHCN): Camera…”; empty for nothing."""
        if self.instrument:
            return f"{Citation('', self.article)} {self.instrument}" if self.article else str(self.instrument)
        if self.item:
            number, code = self.item.catalogue.instrument.number, self.item.shown_code
            place = _("Mục %(code)s (%(number)s)") % {"code": code, "number": number} if code else number
            return f"{place}: {self.item.name}"
        return self.procedure.name if self.procedure else ""

    @property
    def url(self) -> str:
        if self.instrument:
            url = reverse("instrument_detail", args=[self.instrument.slug])
            return f"{url}#dieu-{self.article}" if self.article else url
        if self.item:
            return reverse("catalogue_item", args=[self.item.catalogue.slug, self.item.code])
        return reverse("procedure_detail", args=[self.procedure.slug]) if self.procedure else ""


NOTHING = Subject()


def of(row: About) -> Subject:
    """The subject of a row that was loaded with RELATED: no query."""
    return Subject(row.instrument, row.article, row.item, row.procedure)


def read(token: str) -> Subject:
    """What the address names, of what everybody may know of; NOTHING where it names nothing of that. One query."""
    kind, _colon, rest = token[:TOKEN_MAX].replace("\x00", "").partition(":")
    slug, _colon, inner = rest.partition(":")
    if kind == INSTRUMENT:
        instrument = Instrument.objects.visible_to(None).filter(slug=slug).first()
        if instrument is None or (inner and not instrument.provisions.filter(key=inner).exists()):
            return NOTHING
        return Subject(instrument=instrument, article=inner)
    if kind == ITEM:
        items = CatalogueItem.objects.filter(
            catalogue__in=Catalogue.objects.public(), catalogue__slug=slug, code=inner
        )
        return Subject(item=items.select_related("catalogue__instrument").first())
    if kind == PROCEDURE:
        return Subject(procedure=Procedure.objects.filter(slug=slug).first())
    return NOTHING

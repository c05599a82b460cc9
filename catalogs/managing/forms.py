"""What a catalogue manager types. Forms check the input; the services decide."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.plaintext import check_readable
from catalogs.managing.checking import EARLIEST, LATEST
from catalogs.managing.drafting import Details, Faulty, NewInstrument, owns_instrument
from catalogs.managing.importing import clean
from catalogs.managing.publishing import REASON_MAX
from catalogs.models import Catalogue, CatalogueFamily, Instrument, InstrumentKind, RelationKind, Stage

# Digits are those of ASCII: addresses are made of them.
NUMBER = r"\A[0-9]{1,6}(/[0-9]{4})?/[A-ZĐ][A-Za-zĐđ0-9]*(-[A-ZĐ][A-Za-zĐđ]*)*\Z"
DATE_HELP = gettext_lazy("Ví dụ: 24/11/2026")


class Text(forms.CharField):
    """A text in composed form, in which only what can be seen may stand."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Alone: Django's own word on the null character does not name the place.
        self.validators = [v for v in self.validators if not isinstance(v, ProhibitNullCharactersValidator)]
        self.validators.append(check_readable)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text or text.isascii() or (self.max_length and len(text) > 4 * self.max_length):
            return text  # what is far too long is only refused
        return clean(text)[0].strip()


class Day(forms.DateField):
    default_error_messages = {"invalid": gettext_lazy("Ngày này không có trong lịch. Hãy nhập như 24/11/2026.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(
            help_text=DATE_HELP,
            input_formats=["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"],
            widget=forms.DateInput(format="%d/%m/%Y", attrs={"class": "date", "inputmode": "numeric"}),
            **options,
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, date) and not EARLIEST <= value.year <= LATEST:
            raise ValidationError(
                _("Hãy kiểm tra lại năm: từ %(first)s đến %(last)s.") % {"first": EARLIEST, "last": LATEST}
            )


def _long(label: Any, *, rows: int, most: int, required: bool = True, **options: Any) -> Text:
    return Text(
        label=label,
        required=required,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "data-count": "", "maxlength": most}),
        **options,
    )


class DetailsForm(forms.Form):
    """A version's instrument and days. `user` decides which instruments and versions there are to choose from."""

    OF_NEW = ("number", "kind", "instrument_title", "issuer", "signer", "signed_on", "instrument_effective_from")
    REQUIRED_OF_NEW = ("number", "kind", "instrument_title", "signed_on", "instrument_effective_from")

    family = forms.ChoiceField(label=gettext_lazy("Loại danh mục"), choices=CatalogueFamily.choices)
    title = _long(gettext_lazy("Tên danh mục"), rows=2, most=500)
    effective_from = Day(label=gettext_lazy("Danh mục áp dụng từ ngày"))
    replaces = forms.ChoiceField(
        label=gettext_lazy("Thay thế phiên bản"),
        required=False,
        help_text=gettext_lazy("Phiên bản ấy hết hiệu lực vào ngày danh mục này áp dụng."),
    )
    replaces_instrument = forms.BooleanField(
        label=gettext_lazy("Văn bản mới cũng thay thế văn bản của phiên bản ấy"), required=False
    )
    restricted = forms.BooleanField(
        label=gettext_lazy("Danh mục hạn chế: chỉ người được phép mới biết là có"), required=False
    )
    instrument = forms.ChoiceField(
        label=gettext_lazy("Văn bản ban hành"),
        required=False,
        help_text=gettext_lazy("Chọn văn bản đã có, hoặc để “Văn bản mới” và khai các ô tiếp theo."),
    )
    number = forms.RegexField(
        NUMBER,
        label=gettext_lazy("Số, ký hiệu"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Như in trên văn bản: 31/2025/TT-BKHCN"),
        error_messages={
            "invalid": gettext_lazy("Số, ký hiệu có dạng 31/2025/TT-BKHCN, 1131/QĐ-TTg hoặc 71/2025/QH15.")
        },
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Loại văn bản"), required=False, choices=[("", "—"), *InstrumentKind.choices]
    )
    instrument_title = _long(gettext_lazy("Trích yếu"), rows=2, most=1000, required=False)
    issuer = Text(label=gettext_lazy("Cơ quan ban hành"), required=False, max_length=200)
    signer = Text(label=gettext_lazy("Người ký"), required=False, max_length=150)
    signed_on = Day(label=gettext_lazy("Ngày ký"), required=False)
    instrument_effective_from = Day(label=gettext_lazy("Văn bản có hiệu lực từ ngày"), required=False)
    verified = forms.BooleanField(
        label=gettext_lazy("Lời văn đã được đối chiếu với Công báo"),
        required=False,
        help_text=gettext_lazy("Nếu chưa, mọi trang có danh mục này sẽ ghi rõ như vậy."),
    )
    incomplete = forms.BooleanField(
        label=gettext_lazy("Nội dung nhập ở đây chưa đầy đủ so với văn bản"),
        required=False,
        help_text=gettext_lazy(
            "Khi đó mọi trang nói rõ: không tìm thấy một sản phẩm không có nghĩa là văn bản không có."
        ),
    )
    note = _long(gettext_lazy("Ghi chú hiển thị cho mọi người"), rows=3, most=2000, required=False)

    def __init__(self, *args: Any, user: User, catalogue: Catalogue | None = None, **options: Any) -> None:
        if catalogue is not None:
            options.setdefault("initial", _initial(catalogue))
        super().__init__(*args, **options)
        for name in ("instrument", *self.REQUIRED_OF_NEW):
            self.fields[name].widget.attrs["data-sometimes"] = "1"
        cleared = user.reads_restricted()
        if not cleared:
            del self.fields["restricted"]
        known = Instrument.objects.visible_to(user) | Instrument.objects.filter(
            drafted=True, restricted__in=[False, cleared]
        )
        own = catalogue.instrument_id if catalogue is not None and owns_instrument(catalogue) else None
        self.instruments = {i.slug: i for i in known.exclude(pk=own).order_by("-signed_on", "number", "pk")}
        self.fields["instrument"].choices = [
            ("", _("Văn bản mới")),
            *((slug, f"{i}: {_short(i.title)}") for slug, i in self.instruments.items()),
        ]
        # Of those that were replaced only the one that the draft has named: the page says what is wrong with it.
        named = Q(pk=catalogue.replaces_id) if catalogue is not None else Q(pk=None)
        replaced = Catalogue.objects.published().exclude(replaces=None).values("replaces")
        versions = Catalogue.objects.visible_to(user).filter(~Q(pk__in=replaced) | named).select_related("instrument")
        self.versions = {
            c.slug: c for c in versions.exclude(pk=catalogue and catalogue.pk).order_by("-effective_from", "pk")
        }
        self.fields["replaces"].choices = [
            ("", _("Không thay thế phiên bản nào")),
            *((slug, f"{c.instrument.number}: {_short(c.title)}") for slug, c in self.versions.items()),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("instrument"):
            for name in self.OF_NEW:
                if given.get(name):
                    text = _("Bạn đã chọn một văn bản có sẵn: hãy để trống ô này, hoặc chọn “Văn bản mới”.")
                    self.add_error(name, text)
        else:
            for name in self.REQUIRED_OF_NEW:
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("Với văn bản mới, ô này phải có."))
        return given

    def details(self) -> Details:
        given = self.cleaned_data
        chosen = self.instruments.get(given["instrument"])
        new = NewInstrument(
            number=given["number"],
            kind=given["kind"],
            title=given["instrument_title"],
            issuer=given["issuer"],
            signer=given["signer"],
            signed_on=given["signed_on"],
            effective_from=given["instrument_effective_from"],
        )
        return Details(
            family=given["family"],
            title=given["title"],
            effective_from=given["effective_from"],
            instrument=chosen or new,
            replaces=self.versions.get(given["replaces"]),
            replaces_instrument=given["replaces_instrument"],
            restricted=given.get("restricted", False),
            verified=given["verified"],
            complete=not given["incomplete"],
            note=given["note"],
        )

    def show(self, error: Faulty) -> None:
        for fault in error.faults:
            self.add_error(fault.field if fault.field in self.fields else None, fault.text)


def _initial(catalogue: Catalogue) -> dict[str, Any]:
    instrument = catalogue.instrument
    given = {
        "family": catalogue.family,
        "title": catalogue.title,
        "effective_from": catalogue.effective_from,
        "replaces": catalogue.replaces.slug if catalogue.replaces else "",
        "replaces_instrument": catalogue.replaces_instrument,
        "restricted": catalogue.restricted,
        "verified": catalogue.verified,
        "incomplete": not catalogue.complete,
        "note": catalogue.note,
    }
    if not owns_instrument(catalogue):
        return given | {"instrument": instrument.slug}
    return given | {
        "instrument": "",
        "number": instrument.number,
        "kind": instrument.kind,
        "instrument_title": instrument.title,
        "issuer": instrument.issuer,
        "signer": instrument.signer,
        "signed_on": instrument.signed_on,
        "instrument_effective_from": instrument.effective_from,
    }


def _short(text: str) -> str:
    return text if len(text) <= 70 else f"{text[:69].rstrip()}…"


class ContentForm(forms.Form):
    """A file, or the text that was pasted or made of it. What stands in them is checked by `importing`."""

    file = forms.FileField(
        label=gettext_lazy("Tệp bảng tính"),
        required=False,
        help_text=gettext_lazy("XLSX hoặc CSV, tối đa 1 MB. Nội dung được đưa vào ô bên dưới để bạn xem và sửa."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv", "data-sometimes": "1"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Nội dung"),
        required=False,
        strip=False,
        help_text=gettext_lazy(
            "Dán từ bảng tính, hoặc mỗi mục một dòng, các cột cách nhau bằng tab, dấu chấm phẩy hoặc dấu phẩy. "
            "Dòng đầu là tiêu đề các cột."
        ),
        widget=forms.Textarea(
            attrs={"rows": 14, "spellcheck": "false", "wrap": "off", "class": "sheet", "data-sometimes": "1"}
        ),
    )


class LinkForm(forms.Form):
    """What becomes of an item: its successors among the items of the new version, or that it is left out."""

    successors = forms.MultipleChoiceField(
        label=gettext_lazy("Mục kế tiếp trong danh mục mới"),
        required=False,
        help_text=gettext_lazy("Chọn nhiều mục nếu mục cũ được tách ra. Các mục giống nhất đứng trước."),
        widget=forms.CheckboxSelectMultiple(attrs={"data-sometimes": "1"}),
    )
    removed = forms.BooleanField(label=gettext_lazy("Bị bỏ: không mục nào kế tiếp"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Mục cũ so với mục mới"),
        choices=[
            (RelationKind.SAME, gettext_lazy("hai mục giống nhau")),
            (RelationKind.NARROWER, gettext_lazy("mục cũ hẹp hơn mục mới")),
            (RelationKind.BROADER, gettext_lazy("mục cũ rộng hơn mục mới")),
            (RelationKind.OVERLAPS, gettext_lazy("hai mục giao nhau một phần")),
        ],
    )


class ReasonForm(forms.Form):
    reason = _long(gettext_lazy("Lý do trả lại"), rows=5, most=REASON_MAX)


STAGE_TAGS = {Stage.DRAFT: "", Stage.PROPOSED: "warn", Stage.PUBLISHED: "ok"}

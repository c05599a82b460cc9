"""What the office types: reasons, points to supplement, findings, the assessment. Forms check; they move nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.plaintext import check_readable
from catalogs.models import Catalogue, CatalogueItem
from catalogs.procedures import Criterion, Definition
from intake.answers import normalise, write_number
from intake.models import REASONS_OF_ANSWERS, PointKind, PointReason
from intake.states import Outcome
from workflow.models import Verdict
from workflow.transitions import MAX_TEXT, Point

# The largest id that either database holds.
MAX_ID = 2**63 - 1


class OpenField:
    """A field that has to be filled in the end, and may be empty until then: nothing calls it optional."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:  # type: ignore[attr-defined]
            super().validate(value)  # type: ignore[misc]


class OpenChoice(OpenField, forms.ChoiceField):
    pass


class LongText(forms.CharField):
    """Several lines for a paper or the record, where only what can be seen may stand."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_TEXT, **options)
        # Django also checks for the null character, in words that do not name the place.
        self.validators = [_fits, check_readable]

    def to_python(self, value: Any) -> str:
        return normalise(str(value or ""), limit=MAX_TEXT).strip()


class OpenText(OpenField, LongText):
    pass


def _fits(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise ValidationError(
            _("Nội dung dài %(length)s ký tự; tối đa %(limit)s ký tự. Hãy rút gọn."),
            code="max_length",
            params={"length": write_number(len(text)), "limit": write_number(MAX_TEXT)},
        )


def long_text(
    label: Any, *, required: bool = True, rows: int = 5, field: type[LongText] = LongText, **options: Any
) -> LongText:
    widget = forms.Textarea(attrs={"rows": rows, "data-count": ""})
    return field(label=label, required=required, widget=widget, **options)


class ConfirmForm(forms.Form):
    """A move that needs nothing but a yes."""

    def arguments(self) -> dict[str, Any]:
        return {}


class RefusalForm(forms.Form):
    reason = long_text(
        _("Lý do từ chối"),
        help_text=_("Ghi rõ căn cứ và nội dung không đáp ứng. Lý do được in trong phiếu gửi bên nộp."),
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class VerifyForm(forms.Form):
    reason = long_text(
        _("Căn cứ xác minh"),
        help_text=_("Giấy tờ bạn đã đối chiếu, ví dụ giấy chứng nhận đăng ký doanh nghiệp, số và ngày cấp."),
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class ReturnForm(forms.Form):
    reason = long_text(_("Lý do trả lại"), help_text=_("Chuyên viên đọc lý do này để sửa phiếu thẩm định."))

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


# --- supplements -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PointRow:
    """One line of the checklist: a box to tick, a reason, an explanation."""

    kind: str
    key: str
    label: str
    form: "SupplementForm"
    note: str = ""

    @property
    def prefix(self) -> str:
        return f"{self.kind}.{self.key}" if self.key else self.kind

    @property
    def on(self) -> forms.BoundField:
        return self.form[f"{self.prefix}.on"]

    @property
    def reason(self) -> forms.BoundField:
        return self.form[f"{self.prefix}.reason"]

    @property
    def explanation(self) -> forms.BoundField:
        return self.form[f"{self.prefix}.explanation"]

    @property
    def errors(self) -> bool:
        return bool(self.on.errors or self.reason.errors or self.explanation.errors)


@dataclass(frozen=True)
class PointGroup:
    title: Any
    rows: list[PointRow]


class SupplementForm(forms.Form):
    """Everything that a dossier may lack, drawn from its procedure: documents, questions, items, something else."""

    def __init__(
        self,
        *args: Any,
        definition: Definition,
        answers: dict[str, Any],
        missing: frozenset[str] = frozenset(),
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        asked = {question.key for question in definition.asked_questions(answers)}
        documents = [
            PointRow(PointKind.DOCUMENT, d.key, d.title, self, str(_("chưa có tệp")) if d.key in missing else "")
            for d in definition.asked_documents(answers)
        ]
        self.groups = [
            PointGroup(_("Tài liệu"), documents),
            *(
                PointGroup(
                    section.title,
                    [PointRow(PointKind.QUESTION, q.key, q.label, self) for q in section.questions if q.key in asked],
                )
                for section in definition.sections
            ),
        ]
        others = [PointRow(PointKind.OTHER, "", str(_("Nội dung khác")), self)]
        if definition.catalogue_family:
            others.insert(0, PointRow(PointKind.ITEM, "", str(_("Mục danh mục đã khai")), self))
        self.groups.append(PointGroup(_("Danh mục và nội dung khác"), others))
        for row in self.rows():
            lacks = row.kind == PointKind.DOCUMENT and row.key in missing
            self._add(row, lacks=lacks)
        self.fields["note"] = long_text(
            _("Lời nhắn chung"),
            required=False,
            rows=3,
            help_text=_("Hướng dẫn thêm cho bên nộp, in ở cuối phiếu yêu cầu."),
        )

    def _add(self, row: PointRow, *, lacks: bool) -> None:
        of_a_document = row.kind == PointKind.DOCUMENT
        reasons = [one for one in PointReason if of_a_document or one in REASONS_OF_ANSWERS]
        self.fields[f"{row.prefix}.on"] = forms.BooleanField(label=row.label, required=False, initial=lacks)
        self.fields[f"{row.prefix}.reason"] = forms.ChoiceField(
            label=row.label,
            required=False,
            choices=[("", _("Chọn lý do")), *((one.value, one.label) for one in reasons)],
            initial=PointReason.MISSING if lacks else "",
            widget=forms.Select(attrs={"aria-label": f"{_('Lý do')}: {row.label}"}),
        )
        self.fields[f"{row.prefix}.explanation"] = LongText(
            label=row.label,
            required=False,
            widget=forms.Textarea(
                attrs={
                    "rows": 2,
                    "aria-label": f"{_('Giải thích')}: {row.label}",
                    "placeholder": _("Giải thích: cần sửa, bổ sung gì"),
                }
            ),
        )

    def rows(self) -> Iterator[PointRow]:
        return (row for group in self.groups for row in group.rows)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for row in self.rows():
            on, reason, explanation = (data.get(f"{row.prefix}.{part}") for part in ("on", "reason", "explanation"))
            if on and not reason and not row.reason.errors:
                self.add_error(f"{row.prefix}.reason", _("Hãy chọn lý do."))
            if on and reason == PointReason.OTHER and not explanation:
                self.add_error(f"{row.prefix}.explanation", _("Hãy giải thích lý do khác."))
            if on and row.kind in (PointKind.OTHER, PointKind.ITEM) and not explanation:
                self.add_error(f"{row.prefix}.explanation", _("Hãy ghi rõ cần bổ sung gì."))
            if not on and explanation:
                self.add_error(f"{row.prefix}.on", _("Hãy đánh dấu nội dung này, hoặc xóa lời giải thích."))
        if not self.errors and not self.points():
            raise ValidationError(_("Hãy đánh dấu ít nhất một nội dung cần bổ sung."))
        return data

    def points(self) -> list[Point]:
        data = self.cleaned_data
        return [
            Point(row.kind, row.key, data[f"{row.prefix}.reason"], data[f"{row.prefix}.explanation"])
            for row in self.rows()
            if data.get(f"{row.prefix}.on")
        ]

    def arguments(self) -> dict[str, Any]:
        return {"points": self.points(), "note": self.cleaned_data["note"]}


# --- findings --------------------------------------------------------------------------------------


class FindingForm(forms.Form):
    """The verdict on an item that was declared, or the addition of one that was not."""

    item_id = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(label=_("Kết luận"), choices=Verdict.choices, widget=forms.HiddenInput)
    reason = long_text(
        _("Lý do"), required=False, rows=3, help_text=_("Bắt buộc khi kết luận không phù hợp hoặc thêm mục khác.")
    )
    reason.widget.attrs["data-sometimes"] = "1"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") in (Verdict.OVERRULED, Verdict.ADDED) and not data.get("reason") and not self.errors:
            self.add_error("reason", _("Hãy nêu lý do: bác một mục đã khai hoặc thêm mục khác đều cần lý do."))
        return data

    def arguments(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("item_id", "verdict", "reason")}


class AddedItemForm(FindingForm):
    """The same for an item that is picked from the whole list."""

    def __init__(self, *args: Any, catalogue: Catalogue, taken: set[int], **kw: Any) -> None:
        super().__init__(*args, **kw)
        groups: dict[str, list[tuple[int, str]]] = {}
        for item in (
            CatalogueItem.objects.filter(catalogue=catalogue).select_related("group").order_by("position", "pk")
        ):
            if item.pk not in taken:
                groups.setdefault(str(item.group), []).append((item.pk, str(item)))
        self.fields["item_id"] = forms.TypedChoiceField(
            label=_("Mục danh mục"), coerce=int, choices=[("", _("Chọn một mục")), *groups.items()]
        )
        self.fields["verdict"].initial = Verdict.ADDED
        self.fields["reason"].required = True


# --- assessment ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CriterionRow:
    criterion: Criterion
    grade: forms.BoundField | None
    comment: forms.BoundField


class AssessmentForm(forms.Form):
    """The criteria of the procedure with grade and comment, the outcome and its grounds; all may still be open."""

    use_required_attribute = False

    def __init__(self, *args: Any, definition: Definition, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.definition = definition
        for criterion in definition.criteria:
            if criterion.grades:
                self.fields[f"{criterion.key}.grade"] = OpenChoice(
                    label=criterion.label,
                    help_text=criterion.help,
                    choices=[(grade.value, grade.label) for grade in criterion.grades],
                    widget=forms.RadioSelect(attrs={"data-choices": "inline"}),
                )
            self.fields[f"{criterion.key}.comment"] = long_text(
                _("Nhận xét") if criterion.grades else criterion.label,
                required=criterion.comment_required,
                rows=2,
                field=OpenText,
                help_text="" if criterion.grades else criterion.help,
            )
        self.fields["outcome"] = OpenChoice(
            label=_("Kết quả đề xuất"),
            choices=Outcome.choices,
            widget=forms.RadioSelect(attrs={"data-choices": "inline"}),
        )
        self.fields["grounds"] = long_text(
            _("Căn cứ của kết quả đề xuất"),
            rows=6,
            field=OpenText,
            help_text=_("Nêu vì sao đề xuất như vậy. Lãnh đạo đọc phần này; nội dung có thể đưa vào quyết định."),
        )

    @cached_property
    def criteria(self) -> list[CriterionRow]:
        return [
            CriterionRow(c, self[f"{c.key}.grade"] if c.grades else None, self[f"{c.key}.comment"])
            for c in self.definition.criteria
        ]

    @staticmethod
    def initial_of(answers: dict[str, Any], outcome: str, grounds: str) -> dict[str, Any]:
        initial = {
            f"{key}.{part}": answer.get(part, "") for key, answer in answers.items() for part in ("grade", "comment")
        }
        return {**initial, "outcome": outcome, "grounds": grounds}

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "answers": {
                c.key: {"grade": data.get(f"{c.key}.grade", ""), "comment": data[f"{c.key}.comment"]}
                for c in self.definition.criteria
            },
            "outcome": data["outcome"],
            "grounds": data["grounds"],
        }


def typed_texts(form: forms.Form) -> list[tuple[str, str]]:
    """What a person wrote into a form that can no longer be sent, so that it is not lost: (label, text)."""
    texts = []
    for field in form:
        value = field.value()
        if isinstance(field.field.widget, forms.Textarea) and isinstance(value, str) and value.strip():
            texts.append((str(field.label), value.strip()))
    return texts

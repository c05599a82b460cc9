"""Forms drawn from a procedure's definition.

A draft may be saved incomplete, so nothing is required here, and a text that is still too short is saved too:
`intake.completeness` names both before filing. What is malformed is named at its field; a draft keeps it as it was
typed, a supplement does not.
"""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import provinces
from accounts.identifiers import clean_phone, write_phone
from accounts.models import Organisation, User
from accounts.plaintext import check_readable
from catalogs.procedures import Condition, Definition, Question, Section
from intake.answers import EMPTY, NO, YES, normalise, rows_of, write_date, write_number
from intake.tables import TableField

TEXT_MAX = 300  # characters, unless the question says otherwise
LONG_TEXT_MAX = 10_000
MESSAGE_MAX = 5000  # characters
# Of what is no answer; a longer one is kept nowhere but on the page.
MALFORMED_MAX = 40_000
RADIO_MAX = 7  # choices; more are easier to read in a list
DATE_FORMATS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"]
# Digits in groups of three with dots or spaces, or without groups; a comma before the decimals.
NUMBER = re.compile(
    r"(?P<sign>-?)(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:,(?P<part>[0-9]+))?"
)
NUMBER_DIGITS = 18


class _Incomplete:
    """A field that may stay empty in a draft; `required` still says whether filing needs it."""

    def validate(self, value: Any) -> None:
        if value not in EMPTY:
            super().validate(value)  # type: ignore[misc]


class TextField(_Incomplete, forms.CharField):
    def __init__(self, *, limit: int, lines: bool, **kwargs: Any) -> None:
        self.limit, self.lines = limit, lines
        super().__init__(**kwargs)
        # Django's own check says it in English and loses to ours, which names the place.
        self.validators = []

    def to_python(self, value: Any) -> str:
        text = normalise(str(value or ""), limit=self.limit)
        if not self.lines:
            text = " ".join(text.split("\n"))
        return text.strip()

    def run_validators(self, value: str) -> None:
        if len(value) > self.limit:
            raise ValidationError(
                _(
                    "Nội dung dài %(length)s ký tự; tối đa %(limit)s ký tự. "
                    "Hãy rút gọn hoặc đưa phần chi tiết vào tài liệu đính kèm."
                )
                % {"length": write_number(len(value)), "limit": write_number(self.limit)},
                code="max_length",
            )
        check_readable(value)


class EmailField(TextField):
    def run_validators(self, value: str) -> None:
        super().run_validators(value)
        if value:
            EmailValidator(message=_("Địa chỉ thư điện tử không đúng. Ví dụ: ten@congty.vn."))(value)


class PhoneField(TextField):
    def to_python(self, value: Any) -> str:
        return clean_phone(super().to_python(value))


class NumberField(_Incomplete, forms.Field):
    """A number as Vietnamese people write it: 1.250.000 or 12,5. Cleans to int, or to a decimal string."""

    widget = forms.TextInput

    def __init__(self, *, question: Question, **kwargs: Any) -> None:
        self.question = question
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | str | None:
        text = " ".join(str(value or "").replace("\u00a0", " ").replace("\u202f", " ").split())
        for unit in self._units():
            if text.lower().endswith(unit):
                text = text[: -len(unit)].strip()
                break
        if not text:
            return None
        match = NUMBER.fullmatch(text)
        if not match:
            raise ValidationError(self._malformed(text), code="invalid")
        digits = re.sub(r"[. ]", "", match["whole"])
        if len(digits.lstrip("0")) > NUMBER_DIGITS or len(match["part"] or "") > 6:
            raise ValidationError(_("Số này quá dài. Hãy kiểm tra lại."), code="too_long")
        number = Decimal(f"{match['sign']}{digits}.{match['part'] or 0}")
        if number == number.to_integral_value():
            return int(number)
        if self.question.type == "money":
            raise ValidationError(_("Ghi số tiền tròn đồng, không có phần thập phân."), code="invalid")
        return f"{number.normalize():f}"

    def run_validators(self, value: int | str | None) -> None:
        if value is None:
            return
        smallest, largest = self._bounds()
        if smallest is not None and Decimal(value) < Decimal(str(smallest)):
            raise ValidationError(_("Nhập số từ %s trở lên.") % write_number(smallest), code="min_value")
        if largest is not None and Decimal(value) > Decimal(str(largest)):
            raise ValidationError(_("Nhập số không quá %s.") % write_number(largest), code="max_value")

    def _bounds(self) -> tuple[float | None, float | None]:
        smallest, largest = self.question.min, self.question.max
        if self.question.type == "percent":
            return (0 if smallest is None else smallest, 100 if largest is None else largest)
        if self.question.type == "money":
            return (0 if smallest is None else smallest, largest)
        return smallest, largest

    def _units(self) -> list[str]:
        units = {"money": ["đồng", "vnđ", "vnd", "đ"], "percent": ["%"]}.get(self.question.type, [])
        return [*units, self.question.unit.lower()] if self.question.unit else units

    def _malformed(self, text: str) -> str:
        if self.question.type == "money":
            return _("Chưa đọc được số tiền. Ghi bằng số, đơn vị đồng, ví dụ 1.250.000.000.")
        if re.fullmatch(r"[0-9]+\.[0-9]+", text):
            return _("Dùng dấu phẩy cho phần thập phân (12,5) và dấu chấm cho hàng nghìn (1.250).")
        return _("Chưa đọc được số. Ghi bằng chữ số, ví dụ 1.250 hoặc 12,5.")


class DayField(_Incomplete, forms.DateField):
    """dd/mm/yyyy. Cleans to an ISO day."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": gettext_lazy("Chưa đọc được ngày. Ghi ngày/tháng/năm, ví dụ 05/01/2026."),
    }

    def __init__(self, *, question: Question, **kwargs: Any) -> None:
        self.question = question
        super().__init__(input_formats=DATE_FORMATS, **kwargs)

    def to_python(self, value: Any) -> str | None:  # type: ignore[override]
        try:
            day = super().to_python(str(value or "").strip())
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        return day.isoformat() if day else None

    def run_validators(self, value: str | None) -> None:
        if not value:
            return
        day = date.fromisoformat(value)
        if not 1900 <= day.year <= 2100:
            raise ValidationError(_("Kiểm tra lại năm: %s.") % day.year, code="year")
        if self.question.before and day >= self.question.before:
            raise ValidationError(
                _("Ngày này phải trước ngày %s.") % self.question.before.strftime("%d/%m/%Y"), code="before"
            )


class OneChoiceField(_Incomplete, forms.ChoiceField):
    default_error_messages = {"invalid_choice": gettext_lazy("Hãy chọn một trong các phương án đã cho.")}


class ManyChoicesField(_Incomplete, forms.MultipleChoiceField):
    """Cleans to the chosen values in the order of the question, each once."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("Hãy chọn trong các phương án đã cho."),
        "invalid_list": gettext_lazy("Hãy chọn trong các phương án đã cho."),
    }

    def __init__(self, *, question: Question, **kwargs: Any) -> None:
        self.question = question
        super().__init__(choices=[(c.value, c.label) for c in question.choices], **kwargs)

    def clean(self, value: Any) -> list[str]:
        chosen = super().clean(value)
        return [choice.value for choice in self.question.choices if choice.value in chosen]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if alone := self.question.not_alone(value):
            raise ValidationError(_("Không chọn “%s” cùng với phương án khác.") % alone.label, code="not_alone")


class AnswersForm(forms.Form):
    """Some questions of a procedure. `cleaned_answers()` is what goes into `Dossier.answers`, `malformed_answers()`
    what goes into `Dossier.malformed`."""

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        definition: Definition,
        questions: tuple[Question, ...],
        answers: dict[str, Any],
        malformed: dict[str, Any] | None = None,
        today: date,
        longer: str = "",
    ) -> None:
        """`longer` names a table that is to be drawn with one more row, if there is one of that name."""
        self.definition, self.answers, self.today = definition, answers, today
        here = {q.key for q in questions}
        # A condition on a question of another page is settled by what was saved there.
        self.questions = tuple(
            q for q in questions if not q.condition or q.condition.question in here or q.condition.holds(answers)
        )
        initial = {q.key: write_input(q, answers.get(q.key)) for q in self.questions} | (malformed or {})
        for question in self.questions:
            if question.type == "table":
                initial[question.key] = [*rows_of(initial[question.key]), *([{}] if question.key == longer else [])]
        super().__init__(data, initial=initial, label_suffix="")
        for question in self.questions:
            field = field_for(question)
            if question.condition and question.condition.question in here:
                self._explain_condition(field, question.condition)
            self.fields[question.key] = field

    def _explain_condition(self, field: forms.Field, condition: Condition) -> None:
        asked = self.definition.question(condition.question)
        labels = [_answer_label(asked, value) for value in condition.values]
        field.widget.attrs["data-show-if"] = condition.question
        field.widget.attrs["data-show-if-values"] = json.dumps(condition.values, ensure_ascii=False)
        explanation = _("Chỉ trả lời nếu “%(question)s” là “%(answers)s”.") % {
            "question": asked.label,
            "answers": _("” hoặc “").join(labels),
        }
        field.help_text = f"{explanation} {field.help_text}".strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for question in self.questions:
            if question.condition and not question.condition.holds({**self.answers, **cleaned}):
                # Not asked after all, so what stands there can be no mistake.
                self.errors.pop(question.key, None)
                continue
            if question.after and question.key in cleaned:
                self._check_after(question, cleaned)
            if question.past and str(cleaned.get(question.key) or "") > self.today.isoformat():
                self.add_error(question.key, ValidationError(_("Ngày này không được sau hôm nay."), code="past"))
            over = "" < str(cleaned.get(question.key) or "") < self.today.isoformat()
            if over and self.definition.ends_validity(question.key):
                text = _("Ngày này đã qua; kết quả chỉ có giá trị đến ngày này.")
                self.add_error(question.key, ValidationError(text, code="over"))
        return cleaned

    def _check_after(self, question: Question, cleaned: dict[str, Any]) -> None:
        earlier = cleaned.get(question.after) or self.answers.get(question.after)
        later = cleaned.get(question.key)
        if earlier and later and str(later) <= str(earlier):
            self.add_error(
                question.key,
                ValidationError(
                    _("Ngày này phải sau “%(label)s” (%(day)s).")
                    % {"label": self.definition.question(question.after).label, "day": write_date(earlier)},
                    code="after",
                ),
            )

    def cleaned_answers(self) -> dict[str, Any]:
        """Every question of the form with its answer; None where there is none."""
        cleaned = {q.key: self.cleaned_data.get(q.key) for q in self.questions}
        return {key: None if value in EMPTY else value for key, value in cleaned.items()}

    def malformed_answers(self) -> dict[str, Any]:
        """What stands in the fields that have an error, as far as it can be kept as it was typed."""
        typed = {q.key: self._typed(q) for q in self.questions if q.key in self.errors}
        return {key: value for key, value in typed.items() if value not in EMPTY}

    def _typed(self, question: Question) -> Any:
        """Nothing, if no browser would have sent it, or if no database keeps it."""
        value = self[question.key].value()
        if question.type == "table":
            return self._typed_rows(question, value)
        if offered := [value for value, _label in options_of(question)]:
            sent = value if isinstance(value, list) else [value]
            return value if set(sent) <= set(offered) else None
        text = str(value or "").replace("\r\n", "\n")
        return text if len(text) <= MALFORMED_MAX and "\x00" not in text else None

    def _typed_rows(self, question: Question, rows: list[dict[str, str]]) -> list[dict[str, str]] | None:
        offered = {
            key: {value for value, _label in cell.choices}
            for key, cell in self.fields[question.key].cells.items()  # type: ignore[attr-defined]
            if isinstance(cell, forms.ChoiceField)
        }
        texts = [(key, text) for row in rows for key, text in row.items()]
        fits = all(key not in offered or text in offered[key] for key, text in texts)
        readable = sum(len(text) for _key, text in texts) <= MALFORMED_MAX and all("\x00" not in t for _k, t in texts)
        return [row for row in rows if row] if fits and readable else None


def section_form(
    definition: Definition,
    section: Section,
    *,
    answers: dict[str, Any],
    malformed: dict[str, Any] | None = None,
    today: date,
    data: Any = None,
    longer: str = "",
) -> AnswersForm:
    return AnswersForm(
        data,
        definition=definition,
        questions=section.questions,
        answers=answers,
        malformed=malformed,
        today=today,
        longer=longer,
    )


def write_input(question: Question, value: Any) -> Any:
    """The answer as it is typed into its field."""
    if question.type == "table":
        columns = question.columns
        rows = [{c.key: write_input(c, row[c.key]) for c in columns if c.key in row} for row in rows_of(value)]
        return [row for row in rows if row]
    if value in EMPTY:
        return [] if question.type == "multi_choice" else ""
    if question.type in ("number", "percent", "money"):
        return write_number(value)
    if question.type == "date":
        return write_date(value)
    if question.type == "phone":
        return write_phone(str(value))
    return value


def field_for(question: Question, *, cell: bool = False) -> forms.Field:
    """`cell`: it has one line in the row of a table."""
    kind = question.type
    common: dict[str, Any] = {
        "label": question.label,
        "required": question.required,
        "help_text": _help(question),
    }
    if kind == "text":
        return TextField(limit=int(question.max or TEXT_MAX), lines=False, widget=_text_input(), **common)
    if kind in ("email", "phone"):
        field, mode = (EmailField, "email") if kind == "email" else (PhoneField, "tel")
        return field(limit=int(question.max or TEXT_MAX), lines=False, widget=_text_input(inputmode=mode), **common)
    if kind == "long_text":
        limit = int(question.max or LONG_TEXT_MAX)
        # Not maxlength: a browser would cut a pasted text off in silence.
        counting = {"data-count": "", "data-max": limit, **({"data-min": int(question.min)} if question.min else {})}
        widget = forms.Textarea(attrs={"rows": 8 if limit > 1000 else 4, **counting})
        return TextField(limit=limit, lines=True, widget=widget, **common)
    if kind in ("number", "percent", "money"):
        mode = "numeric" if kind == "money" else "decimal"
        unit = question.unit or {"money": _("đồng"), "percent": "%"}.get(kind, "")
        widget = _text_input(inputmode=mode, **({"data-unit": unit} if unit else {}))
        return NumberField(question=question, widget=widget, **common)
    if kind == "date":
        return DayField(question=question, widget=_text_input(placeholder="dd/mm/yyyy", inputmode="numeric"), **common)
    if kind == "multi_choice":
        return ManyChoicesField(question=question, widget=forms.CheckboxSelectMultiple, **common)
    if kind == "table":
        cells = {column.key: field_for(column, cell=True) for column in question.columns}
        return TableField(question=question, cells=cells, **common)
    if kind == "yes_no" and not cell:
        return OneChoiceField(
            choices=options_of(question), widget=forms.RadioSelect(attrs={"data-choices": "inline"}), **common
        )
    choices = options_of(question)
    if has_boxes(question) and not cell:
        return OneChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    return OneChoiceField(choices=[("", _("Chọn một phương án")), *choices], widget=forms.Select, **common)


def options_of(question: Question) -> list[tuple[str, str]]:
    """Values and labels to choose from; none of a question that is answered otherwise."""
    if question.type == "yes_no":
        return [(YES, _("Có")), (NO, _("Không"))]
    if question.type == "province":
        return provinces.choices()
    return [(choice.value, choice.label) for choice in question.choices]


def has_boxes(question: Question) -> bool:
    """Whether it is answered by ticking one or several of its choices, each a control of its own."""
    few = question.type == "choice" and len(question.choices) <= RADIO_MAX
    return few or question.type in ("yes_no", "multi_choice")


def _text_input(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


def _help(question: Question) -> str:
    parts = [question.help]
    if question.type in ("text", "long_text"):
        parts.append(_lengths(question))
    if question.type == "table":
        parts.append(_rows(question))
    if question.before:
        parts.append(_("Trước ngày %s.") % question.before.strftime("%d/%m/%Y"))
    if question.example:
        parts.append(_("Ví dụ: %s") % question.example)
    return " ".join(part for part in parts if part)


def _lengths(question: Question) -> str:
    """“Từ 50 đến 4.000 ký tự.”; nothing of a short line without a lower limit, where it would only be noise."""
    least, most = write_number(question.min or 0), write_number(question.max or 0)
    if question.min and question.max:
        return _("Từ %(least)s đến %(most)s ký tự.") % {"least": least, "most": most}
    if question.min:
        return _("Ít nhất %s ký tự.") % least
    return _("Tối đa %s ký tự.") % most if question.max and question.type == "long_text" else ""


def _rows(question: Question) -> str:
    least, most = int(question.min or 0), question.most_rows
    if least and least == most:
        return ngettext("Đúng %s dòng.", "Đúng %s dòng.", most) % most
    if least > 1:
        return _("Từ %(least)s đến %(most)s dòng.") % {"least": least, "most": most}
    return ngettext("Tối đa %s dòng.", "Tối đa %s dòng.", most) % most


def _answer_label(question: Question, value: str) -> str:
    if question.type == "yes_no":
        return _("Có") if value == YES else _("Không")
    return question.label_of(value)


class CertificationForm(forms.Form):
    """The self-certification: each statement a checkbox of its own, never ticked beforehand, and the capacity."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, definition: Definition, person: User, organisation: Organisation) -> None:
        self.definition = definition
        super().__init__(data, label_suffix="")
        for statement in definition.statements:
            self.fields[statement_field(statement.key)] = forms.BooleanField(
                label=statement.text,
                help_text=_("Căn cứ: %s") % statement.basis if statement.basis else "",
                error_messages={"required": _("Hãy đọc và đánh dấu nội dung này.")},
            )
        self.fields["certifier_capacity"] = TextField(
            label=_("Tư cách của người cam kết"),
            help_text=_("Ví dụ: Giám đốc; Phó Giám đốc theo giấy ủy quyền số 12/UQ-SM."),
            limit=150,
            lines=False,
            initial=usual_capacity(person, organisation),
            widget=_text_input(),
        )

    def clean_certifier_capacity(self) -> str:
        capacity: str = self.cleaned_data["certifier_capacity"]
        if not capacity:
            raise ValidationError(_("Hãy ghi tư cách của bạn, ví dụ Giám đốc."), code="required")
        return capacity

    def statements(self) -> list[forms.BoundField]:
        return [self[statement_field(statement.key)] for statement in self.definition.statements]

    def errors_in_one_line(self) -> dict[str, str]:
        """The statements are long, and each says at its place that it is not ticked."""
        unticked = [field.name for field in self.statements() if field.errors]
        text = ngettext(
            "Còn %s nội dung cam kết chưa được đánh dấu.", "Còn %s nội dung cam kết chưa được đánh dấu.", len(unticked)
        )
        return dict.fromkeys(unticked, text % len(unticked))

    def ticked(self) -> list[str]:
        """The keys of the statements that are ticked in what was sent, valid or not."""
        return [s.key for s in self.definition.statements if self.data.get(statement_field(s.key))]


def statement_field(key: str) -> str:
    return f"statement_{key}"


def usual_capacity(person: User, organisation: Organisation) -> str:
    """What stands in the field at first: the position of the representative, if that is who looks."""
    if person.full_name and person.full_name == organisation.representative_name:
        return organisation.representative_position
    return ""


class MessageForm(forms.Form):
    """A message on a dossier; its files are checked by `intake.conversation`."""

    text = TextField(
        limit=MESSAGE_MAX,
        lines=True,
        label=gettext_lazy("Nội dung"),
        help_text=gettext_lazy(
            "Tin nhắn đã gửi không sửa hay xóa được, và không thay cho yêu cầu bổ sung hay việc bổ sung hồ sơ."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "data-count": "", "maxlength": MESSAGE_MAX}),
    )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if not text:
            raise ValidationError(_("Hãy viết nội dung cần trao đổi."), code="required")
        return text

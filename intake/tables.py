"""Questions with rows: how a page sends one, how it is cleaned, and how it is drawn.

A cell is a field of its own, named <question>.<row>.<column>; the numbers of the rows say their order and may have
gaps. What is empty counts nowhere: a cell without a text is no cell, and a row without a cell is no row. Buttons named
<question>.add and <question>.remove add a row, or take one out, without scripts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalogs.procedures import Question
from intake.answers import EMPTY, rows_of, write_number

ADD, REMOVE = "add", "remove"
LONGER = "them"  # in an address: the table that is drawn with one more row
NEW_ROW = "__n__"  # the number of a row that a script has yet to add
Row = dict[str, str]  # what is typed in a row, by column


def read_rows(question: Question, data: Mapping[str, Any]) -> list[Row]:
    """What was typed into a table, row by row; an empty one at the end if one is to be added."""
    field = re.compile(rf"{re.escape(question.key)}\.([0-9]{{1,9}})\.(.+)")
    columns = {column.key for column in question.columns}
    removed = data.get(f"{question.key}.{REMOVE}")
    rows: dict[int, Row] = {}
    for name in data:
        found = field.fullmatch(name)
        if found and found[1] != removed and found[2] in columns:
            row = rows.setdefault(int(found[1]), {})
            if text := str(data[name]).strip():
                row[found[2]] = text
    added: list[Row] = [{}] if f"{question.key}.{ADD}" in data else []
    return [*(rows[number] for number in sorted(rows)), *added]


def write_rows(question: Question, rows: list[Row], data: MutableMapping[str, Any]) -> None:
    """Put rows where a page would send them, in place of what is there."""
    for name in [name for name in data if name.startswith(f"{question.key}.")]:
        del data[name]
    for number, row in enumerate(rows):
        for column in question.columns:
            data[f"{question.key}.{number}.{column.key}"] = str(row.get(column.key, ""))


def page_after(
    address: str, questions: Iterable[Question], data: Mapping[str, Any], answers: Mapping[str, Any]
) -> str:
    """Where to go once a page was saved: to its own address, at the table whose rows were changed by a button."""
    for question in questions:
        if question.type != "table":
            continue
        if f"{question.key}.{ADD}" in data:
            place = cell_id(question, len(rows_of(answers.get(question.key))), question.columns[0])
            return f"{address}?{LONGER}={question.key}#{place}"
        if f"{question.key}.{REMOVE}" in data:
            return f"{address}#id_{question.key}"
    return address


def typed_lines(question: Question, rows: list[Row]) -> str:
    """The rows as they stand in the fields, with choices in words."""
    return "\n".join(
        " · ".join(
            f"{column.label}: {_typed(column, row[column.key])}" for column in question.columns if column.key in row
        )
        for row in rows
        if row
    )


def _typed(column: Question, text: str) -> str:
    if column.type == "yes_no":
        return {"yes": _("Có"), "no": _("Không")}.get(text, text)
    return column.label_of(text)


def cell_id(question: Question, row: int | str, column: Question) -> str:
    return f"id_{question.key}.{row}.{column.key}"


class CellError(ValidationError):
    """What is wrong with one cell; `message` is for the cell itself, `str` of the error names the place."""

    def __init__(self, error: str, *, question: Question, row: int, column: Question) -> None:
        text = _("Dòng %(row)s, %(column)s: %(error)s") % {"row": row + 1, "column": column.label, "error": error}
        super().__init__(text, code="cell")
        self.error, self.row, self.column, self.place = error, row, column.key, cell_id(question, row, column)


class TableWidget(forms.Widget):
    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__()

    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        return read_rows(self.question, data)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not read_rows(self.question, data)

    def id_for_label(self, id_: str | None) -> str:
        return cell_id(self.question, 0, self.question.columns[0])


@dataclass(frozen=True)
class Cell:
    """A field of a row, ready to be drawn."""

    id: str
    label: str
    required: bool
    help: str
    unit: str
    control: SafeString
    errors: list[str]


@dataclass(frozen=True)
class DrawnRow:
    number: int | str  # in the names of its fields
    shown: int | str  # what it is called on the page
    cells: list[Cell]


class BoundTable(forms.BoundField):
    """A table on its page. `rows` are those that are drawn, `own_errors` what is wrong with the table as a whole."""

    field: "TableField"

    def rows(self) -> list[DrawnRow]:
        typed = list(self.value() or [])
        fewest = max(1, int(self.field.question.min or 0))
        typed += [{}] * (fewest - len(typed))
        return [self._row(number, number + 1, row) for number, row in enumerate(typed)]

    def new_row(self) -> DrawnRow:
        """For a script to copy."""
        return self._row(NEW_ROW, NEW_ROW, {})

    def may_add(self) -> bool:
        return len(self.value() or []) < self.field.question.most_rows

    def own_errors(self) -> list[str]:
        return [str(message) for error in self._errors() if not isinstance(error, CellError) for message in error]

    def error_places(self) -> Iterator[tuple[str, str]]:
        """The id to jump to, and the text, of each thing that is wrong."""
        for error in self._errors():
            for message in error:
                yield (error.place if isinstance(error, CellError) else self.auto_id), str(message)

    def _errors(self) -> list[ValidationError]:
        return self.errors.as_data() if self.errors else []

    def _row(self, number: int | str, shown: int | str, row: Row) -> DrawnRow:
        cells = [self._cell(number, column, row.get(column.key, "")) for column in self.field.question.columns]
        return DrawnRow(number, shown, cells)

    def _cell(self, number: int | str, column: Question, typed: str) -> Cell:
        field = self.field.cells[column.key]
        place = cell_id(self.field.question, number, column)
        found = [e for e in self._errors() if isinstance(e, CellError) and (e.row, e.column) == (number, column.key)]
        described = [f"{place}_error"] if found else []
        described += [f"{place}_help"] if field.help_text else []
        attrs: dict[str, Any] = {"id": place}
        attrs |= {"aria-describedby": " ".join(described)} if described else {}
        attrs |= {"aria-invalid": "true"} if found else {}
        return Cell(
            id=place,
            label=column.label,
            required=column.required,
            help=str(field.help_text),
            unit=field.widget.attrs.get("data-unit", ""),
            control=format_html(
                "{}", field.widget.render(f"{self.field.question.key}.{number}.{column.key}", typed, attrs)
            ),
            errors=[error.error for error in found],
        )


class TableField(forms.Field):
    """Cleans to the rows that have an answer, each with the answers of its cells.

    Like other questions of a draft it may stay empty or have gaps; `intake.completeness` names them before filing.
    """

    def __init__(self, *, question: Question, cells: dict[str, forms.Field], **kwargs: Any) -> None:
        self.question, self.cells = question, cells
        super().__init__(widget=TableWidget(question), template_name="components/table_field.html", **kwargs)

    def get_bound_field(self, form: Any, field_name: str) -> BoundTable:
        return BoundTable(form, self, field_name)

    def clean(self, value: list[Row]) -> list[dict[str, Any]]:
        errors: list[ValidationError] = []
        cleaned = [self._clean_row(number, row, errors) for number, row in enumerate(value)]
        rows = [row for row in cleaned if row]
        if len(rows) > self.question.most_rows:
            text = _("Bảng có %(rows)s dòng; tối đa %(most)s dòng. Hãy đưa phần còn lại vào tài liệu đính kèm.")
            numbers = {"rows": write_number(len(rows)), "most": write_number(self.question.most_rows)}
            errors.insert(0, ValidationError(text % numbers, code="max_rows"))
        if errors:
            raise ValidationError(errors)
        return rows

    def _clean_row(self, number: int, row: Row, errors: list[ValidationError]) -> dict[str, Any]:
        cleaned = {}
        for column in self.question.columns:
            try:
                answer = self.cells[column.key].clean(row.get(column.key, ""))
            except ValidationError as error:
                text = " ".join(str(message) for message in error)
                errors.append(CellError(text, question=self.question, row=number, column=column))
            else:
                if answer not in EMPTY:
                    cleaned[column.key] = answer
        return cleaned

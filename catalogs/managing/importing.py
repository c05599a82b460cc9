"""The text of a list, as it was pasted or made of a file: what stands in it, and what is wrong with it.

It is read into groups and items (`read`), with every problem named by line and column: so what a file got wrong is
mended in the text, without uploading again.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter

from catalogs.exporting import COLUMNS as EXPORTED
from catalogs.models import UNNUMBERED, GroupKind
from catalogs.search import words_of
from catalogs.text import composed, fold

MAX_CHARACTERS = 1024 * 1024  # of the text
MAX_ROWS = 2000
MAX_CODE = 10
MAX_NAME = 1000
PROBLEMS_SHOWN = 100
MAX_PROBLEMS = 1000  # after so many nothing more is read
QUOTED = 60  # characters of what was brought that a message repeats

_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z][0-9A-Za-z.\-]*")
_SEPARATORS = "\t;,"


@dataclass(frozen=True)
class Column:
    key: str
    label: str | Promise
    required: bool
    names: frozenset[str]  # folded headings by which it is known


def _column(key: str, label: Any, *names: str, required: bool = False) -> Column:
    return Column(key, label, required, frozenset(names))


COLUMNS = (
    _column("group_code", gettext_lazy("Mã nhóm"), "ma nhom", "so nhom", "group code", required=True),
    _column("group_name", gettext_lazy("Tên nhóm"), "ten nhom", "nhom", "group name", "group", required=True),
    _column("code", gettext_lazy("Mã mục"), "ma muc", "ma san pham", "ma", "item code", "code", required=True),
    _column(
        "name",
        gettext_lazy("Tên mục"),
        *("ten muc", "ten san pham", "ten san pham, dich vu", "ten", "item name", "name"),
        required=True,
    ),
    _column(
        "printed_code",
        gettext_lazy("Số in trong văn bản"),
        *("so in trong van ban", "so in trong phu luc", "so in", "printed code"),
    ),
    _column("succeeds", gettext_lazy("Thay cho"), "thay cho", "ke thua", "succeeds"),
    _column("group_kind", gettext_lazy("Loại nhóm"), "loai nhom", "group kind"),
    _column(
        "name_en",
        gettext_lazy("Tên tiếng Anh"),
        *("ten tieng anh", "ten tieng anh (khong chinh thuc)", "english name", "name in english"),
    ),
    _column(
        "group_name_en",
        gettext_lazy("Tên nhóm tiếng Anh"),
        *("ten nhom tieng anh", "ten nhom tieng anh (khong chinh thuc)", "group name in english"),
    ),
)
HEADINGS = ("Mã nhóm", "Tên nhóm", "Mã mục", "Tên mục", "Số in trong văn bản", "Thay cho")
MORE_HEADINGS = ("Loại nhóm", "Tên tiếng Anh", "Tên nhóm tiếng Anh")  # that few lists need
_READ = ", ".join((*HEADINGS, *MORE_HEADINGS))
# Of the tables that the product itself gives; they are no content.
_NOT_READ = frozenset(fold(heading) for heading in EXPORTED) - {name for one in COLUMNS for name in one.names}
KINDS = {
    "": GroupKind.PRODUCT,
    **dict.fromkeys(("san pham", "nhom san pham", "product"), GroupKind.PRODUCT),
    **dict.fromkeys(("cong nghe", "nhom cong nghe", "technology"), GroupKind.TECHNOLOGY),
}


@dataclass(frozen=True)
class Problem:
    line: int  # 0: the whole
    column: str  # "C (Mã mục)"; empty: the whole line
    text: str


@dataclass(frozen=True)
class ReadItem:
    line: int
    code: str
    printed_code: str
    name: str
    name_en: str
    succeeds: tuple[str, ...]  # codes of the version before


@dataclass
class ReadGroup:
    line: int
    kind: str
    code: str
    name: str
    name_en: str = ""
    items: list[ReadItem] = field(default_factory=list)


@dataclass
class Reading:
    """What the text says. Groups are whole only where there are no problems."""

    text: str  # cleaned of what cannot be seen
    lines: int = 0  # that were read: without the headings and what is empty
    groups: list[ReadGroup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def shown_problems(self) -> list[Problem]:
        return self.problems[:PROBLEMS_SHOWN]

    def more_problems(self) -> int:
        return max(0, len(self.problems) - PROBLEMS_SHOWN)

    def items(self) -> Iterator[ReadItem]:
        return (item for group in self.groups for item in group.items)


def text_of_rows(rows: list[list[str]]) -> str:
    """Tab-separated, a line for each row, so that an empty row keeps its line."""
    out = StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells) if len(cells) != 1 or cells[0] else out.write("\n")
    return out.getvalue().rstrip("\n")


def clean(text: str) -> tuple[str, list[int]]:
    """The text in composed form, without what cannot be seen; and the lines that had such signs.

    Signs that turn the reading direction, joiners and soft hyphens go; every kind of space becomes a plain one.
    """
    for line_end in ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"):
        text = text.replace(line_end, "\n")
    lines, hidden = [], []
    for number, line in enumerate(composed(text).split("\n"), 1):
        kept = "".join(" " if unicodedata.category(c) == "Zs" else c for c in line if _visible(c))
        if len(kept) != len(line):
            hidden.append(number)
        lines.append(kept)
    return "\n".join(lines), hidden


def _visible(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")


def read(text: str, *, known: frozenset[str] | None) -> Reading:
    """Groups and items of the text, and every problem. `known`: codes of the version before; None: there is none."""
    if len(text) > MAX_CHARACTERS:
        reason = _(
            "Nội dung dài hơn 1 MB nên ô bên dưới chỉ giữ phần đầu. Một danh mục nhỏ hơn nhiều: hãy kiểm tra lại."
        )
        return Reading(text=clean(text[:MAX_CHARACTERS])[0], problems=[Problem(0, "", reason)])
    cleaned, hidden = clean(text)
    reading = Reading(text=cleaned.rstrip("\n"))
    if hidden:
        reading.notes.append(_("Đã bỏ ký tự ẩn ở dòng %(lines)s.") % {"lines": _some(hidden)})
    if not cleaned.strip():
        reading.problems.append(Problem(0, "", _("Chưa có nội dung. Hãy dán danh mục vào đây, hoặc tải tệp lên.")))
        return reading
    _Reader(reading, known).run(_records(cleaned, reading))
    reading.problems.sort(key=lambda problem: problem.line)
    return reading


def _some(lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:10])
    return f"{shown}…" if len(lines) > 10 else shown


def separator_of(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    if "\t" in first:
        return "\t"
    known = {name for column in COLUMNS for name in column.names}

    def recognised(separator: str) -> tuple[int, int]:
        headings = [fold(part.strip(' "')) for part in first.split(separator)]
        return sum(heading in known for heading in headings), len(headings)

    return max(_SEPARATORS[1:], key=recognised)


def _records(text: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of each line that is not empty."""
    reader = csv.reader(StringIO(text), delimiter=separator_of(text), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            reading.problems.append(
                Problem(line, "", _('Dấu ngoặc kép (") mở mà không đóng, hoặc đóng sai chỗ; không đọc tiếp được.'))
            )
            return
        cells = [" ".join(cell.split()) for cell in cells]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


class _Reader:
    def __init__(self, reading: Reading, known: frozenset[str] | None) -> None:
        self.reading, self.known = reading, known
        self.places: dict[str, int] = {}  # where each column stands
        self.width = 0
        self.groups: dict[tuple[str, str], ReadGroup] = {}  # by kind and code
        self.first_seen: dict[str, int] = {}  # line of each item's code

    def run(self, records: Iterator[tuple[int, list[str]]]) -> None:
        header = next(records, None)
        if header is None:  # separators alone: saved, they would leave the draft without its content
            self._problem(0, "", _("Chưa có nội dung. Hãy dán danh mục vào đây, hoặc tải tệp lên."))
            return
        if not self._read_header(*header):
            return
        count = 0
        for line, cells in records:
            count += 1
            if count > MAX_ROWS:
                self._problem(line, "", _("Quá nhiều dòng: tối đa %(most)s dòng.") % {"most": MAX_ROWS})
                break
            self.reading.lines += 1
            self._read_row(line, cells)
            if len(self.reading.problems) >= MAX_PROBLEMS:
                break
        for group in self.groups.values():
            # Groups of technologies may stand beside the products: QĐ 21/2026/QĐ-TTg has such.
            if not group.items and group.kind == GroupKind.PRODUCT:
                text = _("Nhóm “%(group)s” không có mục nào.") % {"group": group.code[:QUOTED]}
                self._problem(group.line, "group_code", text)
        if not count:
            self._problem(header[0], "", _("Chỉ có dòng tiêu đề, chưa có mục nào."))
        self.reading.groups = list(self.groups.values())

    def _problem(self, line: int, key: str, text: str) -> None:
        if len(self.reading.problems) >= MAX_PROBLEMS:
            return
        column = next((column for column in COLUMNS if column.key == key), None)
        where = ""
        if column and key in self.places:
            where = f"{get_column_letter(self.places[key] + 1)} ({column.label})"
        elif column:
            where = str(column.label)
        self.reading.problems.append(Problem(line, where, text))

    def _read_header(self, line: int, cells: list[str]) -> bool:
        unknown, twice, ignored = [], [], []
        for place, cell in enumerate(cells):
            heading = fold(cell[:MAX_NAME]).strip(" .:*")
            column = next((column for column in COLUMNS if heading in column.names), None)
            if column is None and heading in _NOT_READ:
                ignored.append(cell)
            elif column is None:
                unknown += [cell] if cell else []
            elif column.key in self.places:
                twice.append(cell)
            else:
                self.places[column.key] = place
        self.width = len(cells)
        lacking = [str(column.label) for column in COLUMNS if column.required and column.key not in self.places]
        if not self.places:
            text = _("Dòng đầu phải là tiêu đề các cột: %(columns)s. Không nhận ra cột nào trong “%(found)s”.")
            self._problem(line, "", text % {"columns": _READ, "found": " | ".join(cells)[:120]})
        elif lacking:
            self._problem(line, "", _("Tiêu đề thiếu cột: %(columns)s.") % {"columns": ", ".join(lacking)})
        for heading in unknown[:MAX_PROBLEMS] if self.places else ():
            text = _("Không nhận ra cột “%(column)s”. Các cột được đọc: %(columns)s.")
            self._problem(line, "", text % {"column": heading[:60], "columns": _READ})
        for heading in twice[:MAX_PROBLEMS]:
            self._problem(line, "", _("Cột “%(column)s” có hai lần.") % {"column": heading[:60]})
        if ignored:
            self.reading.notes.append(_("Không đọc các cột: %(columns)s.") % {"columns": ", ".join(ignored)})
        return not self.reading.problems

    def _read_row(self, line: int, cells: list[str]) -> None:
        if any(cells[self.width :]):
            text = _(
                'Dòng có %(found)s ô, tiêu đề chỉ có %(expected)s cột. Nếu tên có dấu phân cách, hãy đặt trong “"”.'
            )
            self._problem(line, "", text % {"found": len(cells), "expected": self.width})
            return
        if len(cells) == 1 and self.width > 1:
            self._problem(line, "", _("Dòng chỉ có 1 ô, cần %(expected)s ô.") % {"expected": self.width})
            return
        row = {key: cells[place] if place < len(cells) else "" for key, place in self.places.items()}
        formulas = [key for key, text in row.items() if text.startswith("=")]
        for key in formulas:
            self._problem(line, key, _("Ô chứa công thức. Hãy thay bằng giá trị (chữ) của nó."))
        if formulas:
            return
        group = self._group_of(line, row)
        if group is not None:
            self._name_in_english(line, group, row.get("group_name_en", ""))
        if any(row.get(key) for key in ("code", "name", "printed_code", "succeeds", "name_en")):
            item = self._item_of(line, row)
            if group is not None:
                group.items.append(item)

    def _group_of(self, line: int, row: dict[str, str]) -> ReadGroup | None:
        code, name = row["group_code"].rstrip("."), row["group_name"]
        kind = KINDS.get(fold(row.get("group_kind", "")))
        if kind is None:
            text = _("Loại nhóm là “sản phẩm” hoặc “công nghệ”, không phải “%(found)s”.")
            self._problem(line, "group_kind", text % {"found": row["group_kind"][:QUOTED]})
            return None
        if not code:
            self._problem(line, "group_code", _("Thiếu mã nhóm."))
            return None
        if (kind, code) in self.groups:
            group = self.groups[kind, code]
            if name and name != group.name:
                text = _("Nhóm “%(code)s” có hai tên: “%(one)s” ở dòng %(line)s và “%(other)s”.")
                one, other = group.name[:QUOTED], name[:QUOTED]
                values = {"code": code[:QUOTED], "one": one, "line": group.line, "other": other}
                self._problem(line, "group_name", text % values)
            return group
        self._check_code(line, "group_code", code)
        if not name:
            self._problem(line, "group_name", _("Thiếu tên nhóm."))
        else:
            self._check_name(line, "group_name", name)
        self.groups[kind, code] = ReadGroup(line, kind, code, name)
        return self.groups[kind, code]

    def _name_in_english(self, line: int, group: ReadGroup, name: str) -> None:
        if len(name) > MAX_NAME:
            self._problem(line, "group_name_en", _too_long(name, MAX_NAME))
        elif name and group.name_en and name != group.name_en:
            text = _("Nhóm “%(code)s” có hai tên: “%(one)s” ở dòng %(line)s và “%(other)s”.")
            one, other = group.name_en[:QUOTED], name[:QUOTED]
            values = {"code": group.code[:QUOTED], "one": one, "line": group.line, "other": other}
            self._problem(line, "group_name_en", text % values)
        group.name_en = group.name_en or name

    def _item_of(self, line: int, row: dict[str, str]) -> ReadItem:
        given, name = row["code"], row["name"]
        code = given.rstrip(".")
        if not code:
            text = _(
                "Thiếu mã mục. Nếu văn bản không đánh số, hãy ghi %(handle)s1, %(handle)s2…: mã ấy không hiển thị."
            )
            self._problem(line, "code", text % {"handle": UNNUMBERED})
        elif self._check_code(line, "code", code) and code in self.first_seen:
            text = _("Mã “%(code)s” đã có ở dòng %(line)s.") % {"code": code, "line": self.first_seen[code]}
            self._problem(line, "code", text)
        self.first_seen.setdefault(code, line)
        if not name:
            self._problem(line, "name", _("Thiếu tên mục."))
        else:
            self._check_name(line, "name", name)
        # Left empty, it is the code: only what begins with the handle is an item that the text does not number.
        printed = row.get("printed_code", "") or ("" if code.startswith(UNNUMBERED) else given)
        if len(printed) > MAX_CODE:
            self._problem(line, "printed_code", _too_long(printed, MAX_CODE))
        if printed and code.startswith(UNNUMBERED):
            text = _("Mã bắt đầu bằng “%(handle)s” nghĩa là văn bản không đánh số: hãy để trống ô này.")
            self._problem(line, "printed_code", text % {"handle": UNNUMBERED})
        name_en = row.get("name_en", "")
        if len(name_en) > MAX_NAME:
            self._problem(line, "name_en", _too_long(name_en, MAX_NAME))
        return ReadItem(line, code, printed, name, name_en, self._succeeds(line, row.get("succeeds", "")))

    def _succeeds(self, line: int, text: str) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(c.rstrip(".") for c in re.split(r"[\s,;]+", text) if c.rstrip(".")))
        if codes and self.known is None:
            self._problem(
                line, "succeeds", _("Dự thảo không thay thế phiên bản nào: hãy chọn phiên bản, hoặc để trống.")
            )
            return ()
        for code in codes:
            if self.known is not None and code not in self.known:
                text = _("Phiên bản trước không có mục “%(code)s”.") % {"code": code[:30]}
                self._problem(line, "succeeds", text)
        return codes

    def _check_code(self, line: int, key: str, code: str) -> bool:
        if len(code) > MAX_CODE:
            self._problem(line, key, _too_long(code, MAX_CODE))
        elif "/" in code:
            text = _("“%(code)s” giống ngày tháng: Excel có thể đã đổi mã. Hãy gõ lại mã, kiểu “Văn bản”.")
            self._problem(line, key, text % {"code": code})
        elif not _CODE.fullmatch(code):
            text = _("Mã “%(code)s” chỉ được gồm chữ không dấu, chữ số, dấu chấm, gạch nối, và phải có chữ số.")
            self._problem(line, key, text % {"code": code})
        else:
            return True
        return False

    def _check_name(self, line: int, key: str, name: str) -> None:
        if len(name) > MAX_NAME:
            self._problem(line, key, _too_long(name, MAX_NAME))
        elif not words_of(name):
            self._problem(line, key, _("“%(name)s” không có chữ nào đọc được.") % {"name": name[:30]})
        elif mixed := _mixed_word(name):
            text = _("“%(word)s” lẫn chữ cái của bảng chữ khác nhìn giống chữ Latinh. Hãy gõ lại.")
            self._problem(line, key, text % {"word": mixed[:QUOTED]})


def _too_long(text: str, most: int) -> str:
    return _("Dài %(length)s ký tự, tối đa %(most)s.") % {"length": len(text), "most": most}


def _mixed_word(text: str) -> str:
    """A word with Latin letters and with Cyrillic ones, which look alike and are never found by a search."""
    for word in re.findall(r"\w+", text):
        names = {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()}
        if {"LATIN", "CYRILLIC"} <= names:
            return word
    return ""

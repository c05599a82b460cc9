"""What a later filing of a dossier says otherwise than an earlier one: field by field, file by file.

Compared are the contents as they were frozen (`filing.content_of`), so that it stays true whatever becomes of the
procedure, the list or the applicant afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from accounts.models import ApplicantKind
from catalogs.wording import Piece
from catalogs.wording import differences as word_differences

# Longer answers are shown one above the other: word by word, two texts of thousands of words take seconds.
COMPARED_WORD_BY_WORD = 4_000  # characters of both together


@dataclass(frozen=True)
class FieldChange:
    """An answer, or a datum of the applicant. Empty where there was or is none."""

    label: str
    before: str
    after: str
    wording: tuple[Piece, ...] = ()  # both in one, if they are short enough to be compared word by word


@dataclass(frozen=True)
class Part:
    """What changed in one section, in its words."""

    title: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class FileChange:
    """The files of one document: what was taken out, and what came in. Each as the content has it."""

    title: str
    removed: tuple[dict[str, Any], ...]
    added: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Differences:
    parts: tuple[Part, ...]
    items_removed: tuple[dict[str, Any], ...]
    items_added: tuple[dict[str, Any], ...]
    files: tuple[FileChange, ...]

    def __bool__(self) -> bool:
        return bool(self.parts or self.items_removed or self.items_added or self.files)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Between the contents of two revisions of one dossier."""
    old_items, new_items = _by(before["items"], "catalogue", "code"), _by(after["items"], "catalogue", "code")
    return Differences(
        parts=tuple(_parts(before, after)),
        items_removed=tuple(item for key, item in old_items.items() if key not in new_items),
        items_added=tuple(item for key, item in new_items.items() if key not in old_items),
        files=tuple(_files(before, after)),
    )


def _by(rows: Iterable[dict[str, Any]], *names: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[name] for name in names): row for row in rows}


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Part]:
    titles = {section["key"]: section["title"] for section in (*before["sections"], *after["sections"])}
    old, new = _answers(before), _answers(after)
    for key, title in titles.items():
        found = _changes(old.get(key, {}), new.get(key, {}))
        if found:
            yield Part(title, found)
    if found := _changes(_organisation(before), _organisation(after)):
        yield Part(_("Đứng tên hồ sơ"), found)


class Said(NamedTuple):
    label: str
    text: str
    in_rows: bool = False  # a table, with each row on a line


Labelled = dict[str, Said]


def _answers(content: Mapping[str, Any]) -> dict[str, Labelled]:
    return {
        section["key"]: {a["key"]: Said(a["label"], a["display"], "table" in a) for a in section["answers"]}
        for section in content["sections"]
    }


def _organisation(content: Mapping[str, Any]) -> Labelled:
    found = content["organisation"]
    labels = {
        "name": _("Tên"),
        "kind": _("Đối tượng"),
        "tax_code": _("Mã số thuế"),
        "personal_id": _("Số định danh cá nhân"),
        "address": _("Địa chỉ"),
        "province_name": _("Tỉnh, thành phố"),
        "representative_name": _("Người đại diện"),
        "representative_position": _("Chức vụ"),
        "phone": _("Điện thoại"),
        "email": _("Thư điện tử"),
    }
    said = {**found, "kind": str(ApplicantKind(found["kind"]).label)}
    return {key: Said(label, said.get(key, "")) for key, label in labels.items()}


def _changes(before: Labelled, after: Labelled) -> tuple[FieldChange, ...]:
    found = []
    for key in dict.fromkeys([*before, *after]):
        said = after.get(key) or before[key]
        old, new = before.get(key, Said("", "")), after.get(key, Said("", ""))
        if old.text != new.text:
            found.append(FieldChange(said.label, old.text, new.text, _wording(old, new)))
    return tuple(found)


def _wording(old: Said, new: Said) -> tuple[Piece, ...]:
    if not (old.text and new.text):
        return ()
    if old.in_rows and new.in_rows:
        return tuple(_row_differences(old.text.split("\n"), new.text.split("\n")))
    return _word_differences(old.text, new.text)


def _word_differences(old: str, new: str) -> tuple[Piece, ...]:
    return word_differences(old, new) if len(old) + len(new) <= COMPARED_WORD_BY_WORD else ()


def _row_differences(before: list[str], after: list[str]) -> Iterable[Piece]:
    """Row by row, so that a new one moves no other; where as many rows became others, each word by word."""
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            yield from (Piece("same", f"{row}\n") for row in after[c:d])
        elif b - a == d - c and all(map(_word_differences, before[a:b], after[c:d])):
            for old, new in zip(before[a:b], after[c:d], strict=True):
                yield from (*_word_differences(old, new), Piece("same", "\n"))
        else:
            yield from (Piece("out", f"{row}\n") for row in before[a:b])
            yield from (Piece("in", f"{row}\n") for row in after[c:d])


def _files(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[FileChange]:
    titles = {document["key"]: document["title"] for document in (*before["documents"], *after["documents"])}
    # The same bytes under another name are another file to whoever looks for it.
    old = _by(before["attachments"], "document_key", "sha256", "name")
    new = _by(after["attachments"], "document_key", "sha256", "name")
    for key, title in titles.items():
        removed = tuple(file for place, file in old.items() if place not in new and place[0] == key)
        added = tuple(file for place, file in new.items() if place not in old and place[0] == key)
        if removed or added:
            yield FileChange(title, removed, added)

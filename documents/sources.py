"""The texts of papers: versioned files, loaded into rows that are never changed.

A file `<key>.v<number>.html` starts with a head between two lines of `---`, which names what the text needs:

    office.name = tên cơ quan ban hành     a value that must be there and not empty
    points[].what = nội dung cần bổ sung   the same in each element of a list
    items? = các mục được xác định         the key must be there; the value may be empty

A text may extend another one by its file name; that one is pinned the same way.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from documents.models import Template

FOLDER = Path(__file__).parent / "templates_data"
_FILE_NAME = re.compile(r"(?P<key>[a-z][a-z_]*)\.v(?P<number>[1-9]\d*)\.html")
_HEAD = re.compile(r"---\n(?P<head>.*?)---\n(?P<body>.*)", re.DOTALL)
_EXTENDS = re.compile(r'{%\s*extends\s+"(?P<name>[^"]+)"\s*%}')
# What would make a paper depend on more than its data, or let data become markup.
_REFUSED = re.compile(r"{%\s*(?:now|lorem|load|include|debug|url|csrf_token|autoescape)\b|\|\s*safe(?:seq)?\b")


class TemplateChanged(Exception):
    """A file differs from the version that was loaded under the same number."""


class InvalidTemplate(ValueError):
    """A file is not a paper's text; the message names the file and the mistake."""


class UnknownTemplate(LookupError):
    """No text is known by this key."""


@dataclass(frozen=True)
class Need:
    """A value that the text needs, and what it is called when it is missing."""

    path: str
    label: str

    @property
    def may_be_empty(self) -> bool:
        return self.path.endswith("?")

    def missing_from(self, data: dict[str, Any]) -> bool:
        return any(_is_missing(value, self.may_be_empty) for value in _values(data, self.path.rstrip("?").split(".")))


_ABSENT = object()


def _values(data: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield data
        return
    name, rest = path[0], path[1:]
    value = data.get(name.removesuffix("[]"), _ABSENT) if isinstance(data, dict) else _ABSENT
    if not name.endswith("[]"):
        yield from _values(value, rest)
    elif isinstance(value, list):
        for part in value:
            yield from _values(part, rest)


def _is_missing(value: Any, may_be_empty: bool) -> bool:
    if value is _ABSENT:
        return True
    if may_be_empty:
        return False
    if isinstance(value, list):
        return not value or any(_is_missing(part, False) for part in value)
    return value is None or value in ("", {})


def split(source: str) -> tuple[tuple[Need, ...], str]:
    """What the text needs, and the text without its head."""
    found = _HEAD.match(source)
    if not found:
        raise InvalidTemplate("no head between two lines of ---")
    needs = []
    for line in found["head"].splitlines():
        path, separator, label = (part.strip() for part in line.partition("="))
        if not separator or not path or not label:
            raise InvalidTemplate(f"head: “{line}” is not “path = label”")
        needs.append(Need(path, label))
    return tuple(needs), found["body"]


def parent_name(source: str) -> str | None:
    found = _EXTENDS.search(source)
    return found["name"] if found else None


def row_named(name: str) -> Template:
    """The row of a file name such as `sheet.v1.html`. Raises UnknownTemplate."""
    found = _FILE_NAME.fullmatch(name)
    row = found and Template.objects.filter(key=found["key"], number=found["number"]).first()
    if not row:
        raise UnknownTemplate(name)
    return row


def newest(key: str) -> Template:
    """The version of the text in use. Loads the files first if none is there. Raises UnknownTemplate."""
    try:
        return in_use(key)
    except UnknownTemplate:
        ensure_templates()
        return in_use(key)


def in_use(key: str) -> Template:
    """Like `newest`, and writes nothing."""
    row = Template.objects.filter(key=key).order_by("number").last()
    if row is None:
        raise UnknownTemplate(_("Không có mẫu văn bản “%(key)s”.") % {"key": key})
    return row


@transaction.atomic
def ensure_templates(folder: Path = FOLDER) -> list[Template]:
    """Load every file that is not loaded yet; returns the new rows. Safe to run again and at the same time.

    Raises TemplateChanged if a file was edited under its old number: papers that were issued with that
    version must stay what they are, so a new wording is a new file. Raises InvalidTemplate.
    """
    texts = dict(_read(path) for path in sorted(folder.glob("*.html")))
    known = {(row.key, row.number): row.sha256 for row in Template.objects.all()}
    new = []
    for (key, number), source in texts.items():
        digest = hashlib.sha256(source.encode()).hexdigest()
        if (key, number) not in known:
            new.append(Template(key=key, number=number, source=source, sha256=digest))
        elif known[key, number] != digest:
            raise TemplateChanged(
                f"{key}.v{number}.html differs from the version that was loaded: save the new wording as"
                f" {key}.v{number + 1}.html"
            )
    return Template.objects.bulk_create(new, ignore_conflicts=True)


def _read(path: Path) -> tuple[tuple[str, int], str]:
    name = _FILE_NAME.fullmatch(path.name)
    if not name:
        raise InvalidTemplate(f"{path.name}: the name is not <key>.v<number>.html")
    source = path.read_text(encoding="utf-8")
    try:
        check(source)
    except InvalidTemplate as error:
        raise InvalidTemplate(f"{path.name}: {error}") from error
    return (name["key"], int(name["number"])), source


def check(source: str) -> None:
    """Raises InvalidTemplate for what a paper's text may not do."""
    _needs, body = split(source)
    if refused := _REFUSED.search(body):
        raise InvalidTemplate(f"“{refused[0]}” is not allowed")

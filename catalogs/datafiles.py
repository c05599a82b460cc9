"""Reading data files so that every mistake is named by file, line and place.

`x.json: line 40: groups[2].name: is missing`
"""

import json
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from catalogs.jsonplaces import line_of, line_of_failure


class InvalidData(ValueError):
    """A data file cannot be loaded; the text names the file, the place and the mistake."""


class Node:
    """A value of a data file together with where it stands."""

    def __init__(self, value: Any, file: str, steps: tuple[str | int, ...] = (), *, text: str = "") -> None:
        """`steps` are the keys and positions that lead to the value in `text`, the content of the file."""
        self.value, self.file, self.steps, self._text = value, file, steps, text

    @property
    def path(self) -> str:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps).removeprefix(".")

    def error(self, message: str, *, key: str | None = None) -> InvalidData:
        """Names the place, and the line on which it, or the key in it, stands."""
        steps = self.steps if key is None else (*self.steps, key)
        line = line_of(self._text, steps) if self._text else None
        where = [self.file, f"line {line}" if line else "", self.path]
        return InvalidData(": ".join(part for part in (*where, message) if part))

    def at(self, key: str) -> "Node":
        """The value under the key; None stands for a missing one."""
        return self._inner(self.value.get(key), key)

    def _inner(self, value: Any, *steps: str | int) -> "Node":
        return Node(value, self.file, (*self.steps, *steps), text=self._text)

    def only(self, *keys: str) -> "Node":
        """Itself, if it is an object with no other keys than these."""
        if not isinstance(self.value, dict):
            raise self.error(f"an object is expected, found {_kind(self.value)}")
        for key in self.value:
            if key not in keys:
                raise self.error(f"unknown key “{key}”", key=key)
        return self

    def each(self, key: str) -> Iterator["Node"]:
        """The elements of the list under the key; a missing list is empty."""
        node = self.at(key)
        if node.value is None:
            return
        if not isinstance(node.value, list):
            raise node.error(f"a list is expected, found {_kind(node.value)}")
        for n, value in enumerate(node.value):
            yield node._inner(value, n)

    def text(self, key: str, *, blank: bool = False, most: int | None = None) -> str:
        return self.at(key).as_text(blank=blank, most=most)

    def as_text(self, *, blank: bool = False, most: int | None = None) -> str:
        value = "" if self.value is None and blank else self.value
        if value is None:
            raise self.error("is missing")
        if not isinstance(value, str):
            raise self.error(f"text is expected, found {_kind(value)}")
        if not value.strip() and not blank:
            raise self.error("is empty")
        if value != value.strip():
            raise self.error("begins or ends with white space")
        if value != unicodedata.normalize("NFC", value):
            raise self.error("is not composed Unicode (NFC)")
        if most is not None and len(value) > most:
            raise self.error(f"has {len(value)} characters, {most} fit")
        return value

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        node = self.at(key)
        value = node.as_text()
        if value not in allowed:
            raise node.error(f"“{value}” is none of {', '.join(sorted(allowed))}")
        return value

    def whole(self, key: str, *, optional: bool = False) -> int | None:
        node = self.at(key)
        if node.value is None and optional:
            return None
        if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 0:
            raise node.error(f"a whole number is expected, found {_kind(node.value)}")
        return node.value

    def flag(self, key: str) -> bool:
        node = self.at(key)
        if not isinstance(node.value, bool):
            raise node.error(f"true or false is expected, found {_kind(node.value)}")
        return node.value

    def day(self, key: str, *, optional: bool = False) -> date | None:
        node = self.at(key)
        if node.value is None and optional:
            return None
        try:
            return date.fromisoformat(node.value)
        except (TypeError, ValueError):
            raise node.error(f"a day like 2026-01-31 is expected, found {node.value!r}") from None


class Unique:
    """Refuses a value that stood before: `Unique("code")(node, value)`."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.seen: dict[Any, Node] = {}

    def __call__(self, node: Node, value: Any) -> Any:
        if value in self.seen:
            first = self.seen[value]
            where = first.path if first.file == node.file else f"{first.file}: {first.path}".rstrip(": ")
            raise node.error(f"{self.what} “{value}” stands twice, first at {where}")
        self.seen[value] = node
        return value


def read_folder(root: Path, folder: str) -> list[Node]:
    """The JSON files of the folder, by name; a missing folder holds none."""
    return [read_file(root, path) for path in sorted((root / folder).glob("*.json"))]


def read_file(root: Path, path: Path) -> Node:
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidData(f"{name}: byte {error.start}: not UTF-8") from error
    try:
        value = json.loads(text, object_pairs_hook=_without_repeated_keys)
    except json.JSONDecodeError as error:
        raise InvalidData(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except _RepeatedKey as error:
        raise _failure(name, text, f"the key “{error}” stands twice in one object") from error
    except RecursionError as error:
        raise _failure(name, text, "too many objects and lists in each other") from error
    except ValueError as error:  # Python reads no number of more than 4300 digits
        raise _failure(name, text, "a number has too many digits") from error
    node = Node(value, name, text=text)
    try:
        _refuse_what_no_database_keeps(node)
    except RecursionError as error:
        raise _failure(name, text, "too many objects and lists in each other") from error
    return node


def _refuse_what_no_database_keeps(node: Node) -> None:
    """U+0000, which PostgreSQL does not keep, and halves of characters, which UTF-8 does not hold."""
    if isinstance(node.value, dict):
        for key, value in node.value.items():
            _refuse_what_no_database_keeps(node._inner(key, key))
            _refuse_what_no_database_keeps(node._inner(value, key))
    elif isinstance(node.value, list):
        for n, value in enumerate(node.value):
            _refuse_what_no_database_keeps(node._inner(value, n))
    elif isinstance(node.value, str):
        for character in node.value:
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise node.error(f"holds U+{ord(character):04X}, which no database keeps")


def _failure(name: str, text: str, message: str) -> InvalidData:
    return InvalidData(f"{name}: line {line_of_failure(text)}: {message}")


class _RepeatedKey(ValueError):
    pass


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKey(key)
        found[key] = value
    return found


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), "a number")

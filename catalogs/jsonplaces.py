"""At which line of a JSON text a value stands: for the text of an error only, since it reads slowly."""

import contextlib
import json
from collections.abc import Callable, Sequence
from json import scanner
from typing import Any

Scan = Callable[[str, int], tuple[Any, int]]


def line_of(text: str, steps: Sequence[str | int]) -> int | None:
    """The line of the value to which the keys and positions lead, or of what should hold it.

    `text` is sound JSON. None if it is nested too deep to be read this way.
    """
    try:
        value = _Placing().decode(text)
    except RecursionError:
        return None
    at = 0
    for step in steps:
        try:
            at, value = value[step]
        except (LookupError, TypeError):
            break
    return _line(text, at)


def line_of_failure(text: str) -> int:
    """The line of the repeated key, the number that is too long, or where the text is nested too deep."""
    decoder = _Placing()
    with contextlib.suppress(ValueError, RecursionError):
        decoder.decode(text)
    return _line(text, decoder.at)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


class _Placing(json.JSONDecoder):
    """Gives each member and element as a pair: the character at which it begins, and its value."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=self._object)
        self.at = 0  # where it is reading
        # The decoder's parts in Python: the ones in C tell no places.
        read_object, read_array = json.decoder.JSONObject, json.decoder.JSONArray  # type: ignore[attr-defined]
        self.parse_object = lambda start, strict, scan, *rest: read_object(start, strict, self._placed(scan), *rest)
        self.parse_array = lambda start, scan: read_array(start, self._placed(scan))
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    def _placed(self, scan: Scan) -> Scan:
        def placed(text: str, at: int) -> tuple[Any, int]:
            self.at = at
            value, end = scan(text, at)
            return (at, value), end

        return placed

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, (at, value) in members:
            if key in found:
                self.at = at
                raise ValueError(key)
            found[key] = at, value
        return found

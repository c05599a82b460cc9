"""A registry that is a file: for the demonstration, and for an office that gets its data as an extract."""

import json
from functools import lru_cache
from pathlib import Path

from accounts.taxcodes.registry import Answer, NoAnswer, Taxpayer, Unknown

# Invented companies: those of `accounts.demo`, and some that are there to be tried.
DEMONSTRATION = Path(__file__).resolve().parent.parent / "data" / "taxpayers.json"


class Malformed(ValueError):
    """The file is no table of taxpayers; the text says why."""


class RecordedTable:
    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self.source = f"table:{Path(path).name}"[:100]

    def look_up(self, tax_code: str, *, seconds: float) -> Answer:
        try:
            return read(self.path).get(tax_code, Unknown())
        except Malformed as error:
            return NoAnswer(str(error))


@lru_cache(4)
def read(path: str) -> dict[str, Taxpayer]:
    """The table by tax code. Raises Malformed."""
    try:
        listed = json.loads(Path(path).read_text(encoding="utf-8"))["taxpayers"]
        return {
            row["tax_code"]: Taxpayer(
                row["name"], row.get("address", ""), {"active": True, "ceased": False}[row["status"]]
            )
            for row in listed
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{path} is no table of taxpayers: {error!r}") from error

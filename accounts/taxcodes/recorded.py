"""A registry that is a file: for the demonstration, and for an office that gets its data as an extract."""

import json
from dataclasses import dataclass
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

    @property
    def waited_for(self) -> bool:
        """Of a code that a part of the register does not hold, it will never say more."""
        try:
            return read(self.path).whole
        except Malformed:
            return True

    def look_up(self, tax_code: str, *, seconds: float) -> Answer:
        try:
            table = read(self.path)
        except Malformed as error:
            return NoAnswer(str(error))
        return table.taxpayers.get(tax_code) or (Unknown() if table.whole else NoAnswer("the table holds a part only"))


@dataclass(frozen=True)
class Table:
    taxpayers: dict[str, Taxpayer]  # by tax code
    whole: bool  # whether it holds every taxpayer there is


@lru_cache(4)
def read(path: str) -> Table:
    """Raises Malformed."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        taxpayers = {
            row["tax_code"]: Taxpayer(
                row["name"], row.get("address", ""), {"active": True, "ceased": False}[row["status"]]
            )
            for row in content["taxpayers"]
        }
        return Table(taxpayers, {True: True, False: False}[content.get("whole", True)])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{path} is no table of taxpayers: {error!r}") from error

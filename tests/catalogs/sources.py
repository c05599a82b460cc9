"""The sources as they were read, line by line: tests/catalogs/fixtures. Nothing here looks at catalogs/data."""

import re
import unicodedata
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


def lines(name: str) -> list[str]:
    text = unicodedata.normalize("NFC", (FIXTURES / name).read_text(encoding="utf-8"))
    return [line.strip() for line in text.splitlines() if line.strip()]


def joined(name: str) -> str:
    """The text with its line breaks taken out, also the one inside "130/QĐ-" "TTg"."""
    return " ".join(" ".join(lines(name)).split()).replace("QĐ- TTg", "QĐ-TTg")


def numbered_groups(name: str) -> list[tuple[str, str, list[str]]]:
    """(number, name, products) where a line holds either a number, or a group, or one of its products."""
    groups: list[tuple[str, str, list[str]]] = []
    fresh = ""
    for line in lines(name):
        if re.fullmatch(r"\d+", line):
            fresh = line
        elif fresh:
            groups.append((fresh, line, []))
            fresh = ""
        else:
            groups[-1][2].append(line)
    return groups


def numbered_pairs(name: str) -> list[tuple[str, str]]:
    """(number, wording) where the lines take turns."""
    found = lines(name)
    return list(zip(found[::2], found[1::2], strict=True))

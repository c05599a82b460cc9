"""What speaks against an item, in the words of whoever reads it.

The engine says it in kinds and quotations; the labels come from the data files, with their English beside them.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from textwrap import shorten

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.plaintext import harmless
from catalogs.datafiles import read_file
from catalogs.matching.engine import LABEL_SHOWN, Against
from catalogs.reading import DATA

# What a suggestion may be told to be near to. Never the name of the product: it is somebody else's.
NONE_FITTED = "sản phẩm đã được kết luận không thuộc mục nào của danh mục"


@dataclass(frozen=True)
class Said:
    """Worded when it is shown: one answer may be read in two languages."""

    against: Against

    def __str__(self) -> str:
        quoted = ", ".join(f"“{harmless(words)}”" for words in self.against.quotes)
        label = _label(self.against.label)
        match self.against.kind:
            case "cue":
                return f"{quoted}: {label}"
            case "nearer":
                return _("Giống những sản phẩm không thuộc danh mục: %(label)s (%(quoted)s)") % {
                    "label": shorten(label, LABEL_SHOWN, placeholder="…").rstrip("."),
                    "quoted": quoted,
                }
            case "opening":
                return _("Phần mở đầu %(quoted)s nói về nội dung ngoài danh mục nhiều hơn về mục này") % {
                    "quoted": quoted
                }
            case "loose":
                return _("Không có cụm từ nào của mục, chỉ có từ rời")
            case "lone":
                return _("Gần như chỉ một từ nói cho mục này")


def _label(label: str) -> str:
    """The wording of an item of another list has no English here: the law's words are quoted as they are."""
    if label == NONE_FITTED:
        return _("sản phẩm đã được kết luận không thuộc mục nào của danh mục")
    return _in_english(DATA).get(label, label) if get_language() == "en" else label


@lru_cache(maxsize=2)
def _in_english(folder: Path) -> dict[str, str]:
    kinds = read_file(folder, folder / "matching" / "cues.json").each("kinds")
    trades = read_file(folder, folder / "matching" / "elsewhere.json").each("trades")
    return {one.text("label"): one.text("label_en") for one in (*kinds, *trades)}

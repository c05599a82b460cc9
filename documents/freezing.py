"""Turning a paper's data into what is kept for good: JSON, in one Unicode form, without invisible characters."""

import json
import unicodedata
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from catalogs.text import composed


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if isinstance(o, datetime):
            # With the office's own offset, so that the day can be read off the text.
            return timezone.localtime(o, timezone.get_default_timezone()).isoformat(timespec="seconds")
        return super().default(o)


def frozen(data: dict[str, Any]) -> dict[str, Any]:
    """A deep copy as JSON holds it; its texts are clean. Dates and times become ISO 8601."""
    return _clean(json.loads(json.dumps(data, cls=_Encoder)))


def clean_text(text: str) -> str:
    """NFC; no control or formatting characters (they could reorder what a reader sees); line breaks are kept."""
    lines = composed(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in lines if char == "\n" or not _is_invisible(char)).strip()


def _is_invisible(char: str) -> bool:
    # Cc, Cf, Cs: controls, bidirectional overrides, joiners, surrogates. FE00-FE0F choose a picture's style.
    return unicodedata.category(char) in ("Cc", "Cf", "Cs") or "\ufe00" <= char <= "\ufe0f"


def _clean(value: Any) -> Any:
    match value:
        case str():
            return clean_text(value)
        case list():
            return [_clean(part) for part in value]
        case dict():
            return {key: _clean(part) for key, part in value.items()}
        case _:
            return value

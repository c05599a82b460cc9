"""Draws an untrusted picture anew: `python -I redraw.py IN OUT BYTES` prints a finding, or nothing if OUT is written.

Like `intake.pdfcheck` a process of its own: little memory and time, and settings of Pillow that nobody else has
touched (WeasyPrint lets it load truncated pictures). OUT has the pixels alone: turned as the metadata says, then
without metadata, profile or trailing bytes. The findings are: damaged, too_large.
"""

import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

MEMORY = 2 * 1024**3  # bytes, what a caller grants
SECONDS = 30
MAX_PIXELS = 50_000_000


def redraw(source: str, target: str) -> str:
    """What is wrong with the picture, or an empty string."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        picture: Any = Image.open(source, formats=["PNG", "JPEG"])
        kind = picture.format
        if picture.width * picture.height > MAX_PIXELS:
            return "too_large"
        picture.load()
        picture = ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return "too_large"
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return "damaged"
    if kind == "PNG":
        _bare(picture, ("1", "L", "LA", "I;16", "P", "RGB", "RGBA"), "RGBA").save(target, "PNG")
    else:
        _bare(picture, ("L", "RGB"), "RGB").save(target, "JPEG", quality=90)
    return ""


def _bare(picture: Any, modes: tuple[str, ...], otherwise: str) -> Any:
    if picture.mode not in modes:
        picture = picture.convert(otherwise)
    transparency = picture.info.get("transparency")
    # Pillow writes much of `info` back: comments, text, profile, EXIF. Only transparency belongs to the picture.
    picture.info = {} if transparency is None else {"transparency": transparency}
    return picture


if __name__ == "__main__":
    granted = int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (granted, granted))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(redraw(sys.argv[1], sys.argv[2]))

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static/css/hoso.css").read_text()

# WCAG 2.2: 1.4.3 asks 4.5 for text, 1.4.11 asks 3 for edges of controls, signs and the focus.
TEXT, SIGN = 4.5, 3.0
GROUNDS = ("paper", "card", "soft", "sunk", "sel")
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS],
    *[("link", ground, TEXT) for ground in ("paper", "card", "soft", "info-wash")],
    *[("red-ink", ground, TEXT) for ground in ("paper", "card", "red-wash")],
    *[(name, ground, TEXT) for name in ("ok", "warn", "late", "info") for ground in ("paper", "card", f"{name}-wash")],
    *[(name, "sel", TEXT) for name in ("warn", "late")],
    *[("ink", f"{name}-wash", TEXT) for name in ("ok", "warn", "late", "info", "red", "plain")],
    ("ink-2", "plain-wash", TEXT),
    ("ink-2", "red-wash", TEXT),
    ("on-red", "red", TEXT),
    ("on-red", "red-dark", TEXT),
    ("paper", "ink", TEXT),
    ("mark-ink", "mark", TEXT),
    *[("edge", ground, SIGN) for ground in ("paper", "card", "soft")],
    ("focus-ring", "focus", SIGN),
]


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):(#[0-9A-Fa-f]{6})", block))


LIGHT = tokens(CSS[CSS.index(":root{") : CSS.index("}", CSS.index(":root{"))])
_dark = CSS.index("@media (prefers-color-scheme:dark)")
DARK = LIGHT | tokens(CSS[_dark : CSS.index("}", _dark)])


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colours_is_readable(scheme):
    palette = {"light": LIGHT, "dark": DARK}[scheme]
    poor = [
        f"{front} on {back}: {ratio:.2f}, needs {least}"
        for front, back, least in PAIRS
        if (ratio := contrast(palette[front], palette[back])) < least
    ]
    assert not poor


def test_black_on_white_measures_21():
    assert round(contrast("#000000", "#FFFFFF")) == 21


def test_colours_come_from_the_tokens_only():
    """A colour written elsewhere escapes the test above and the dark scheme."""
    outside = CSS[CSS.index("/* 3 elements") : CSS.index("/* 17 dark")] + CSS[CSS.index("/* 18 print") :]
    rules = re.sub(r"/\*.*?\*/|:root\{[^}]*\}", "", outside, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9A-Fa-f]{3,8}\b(?![^{}]*\{)", rules)) <= {"#000"}

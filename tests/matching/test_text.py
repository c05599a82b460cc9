import unicodedata

import pytest

from catalogs.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Điện toán đám mây", "dien toan dam may"),
        ("ĐƯỜNG SẮT tốc độ cao", "duong sat toc do cao"),
        ("Ữ ỡ ậ ẵ ỹ ị", "u o a a y i"),
        ("  hai\u00a0khoảng \t\n trắng  ", "hai khoang trang"),
        ("Robot\u200b \u200ftự hành\u200e", "robot tu hanh"),
        ("５Ｇ", "5g"),
        ("linh\u00adkiện", "linhkien"),
        ("CO₂", "co2"),
        ("", ""),
        ("🚁🚁", "🚁🚁"),
    ],
)
def test_text_is_folded_for_comparison(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_composed_and_decomposed_text_fold_alike() -> None:
    text = "Trợ lý ảo, đặc biệt cho người Việt: Ấ Ề Ổ Ữ Ỵ"
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_folding_twice_changes_nothing() -> None:
    once = fold("Hệ thống truy xuất NGUỒN gốc ﬁne ½ İstanbul")
    assert fold(once) == once


def test_a_broken_surrogate_does_not_stop_the_folding() -> None:
    assert fold("ca\ud800mera") == "camera"

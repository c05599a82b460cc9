"""`several.jsonl` holds declarations with the items of their products in order; none for a text about one product."""

import json
import time
import unicodedata
from pathlib import Path
from unittest.mock import Mock

import pytest

from catalogs.matching.engine import Index
from catalogs.matching.products import MOST_ASKED, products_in
from catalogs.matching.service import index_from, items_in
from catalogs.reading import DATA

LINES = (Path(__file__).parent / "several.jsonl").read_text("utf-8").splitlines()
TEXTS = [(record["name"], record["description"], record["codes"]) for record in map(json.loads, LINES)]
SEVERAL = [text for text in TEXTS if text[2]]
ONE = [text[:2] for text in TEXTS if not text[2]]


@pytest.fixture(scope="module")
def index() -> Index:
    return index_from(DATA, "tt-31-2025", items_in(DATA, "tt-31-2025"))


@pytest.mark.parametrize(("name", "description", "codes"), SEVERAL)
def test_several_products_in_one_text_are_told_apart(
    index: Index, name: str, description: str, codes: list[str]
) -> None:
    found = products_in(index, name, description)
    assert [product.result.ranked[0].code for product in found] == codes
    for product in found:
        text = name if product.in_name else description
        assert text[product.start : product.end] == product.text


@pytest.mark.parametrize(("name", "description"), ONE)
def test_a_text_about_one_product_stays_one(index: Index, name: str, description: str) -> None:
    (product,) = products_in(index, name, description)
    assert (product.start, product.end) == (0, len(description))
    assert product.result == index.match(name, description, limit=3)


@pytest.mark.parametrize(
    "text",
    [
        "Bộ giải pháp gồm: camera AI nhận diện khuôn mặt; trạm gốc 5G; phần mềm quản lý bệnh viện.",
        "Công ty kê khai ba sản phẩm: camera AI nhận diện khuôn mặt; trạm gốc 5G; phần mềm quản lý bệnh viện.",
    ],
)
def test_of_several_products_one_may_be_of_no_item(index: Index, text: str) -> None:
    found = products_in(index, "", text)
    assert [product.result.decision for product in found] == ["match", "match", "none"]
    assert [product.result.ranked[0].code for product in found[:2]] == ["1.8", "4.1"]


def test_parts_of_a_system_are_no_products_where_one_is_of_no_item(index: Index) -> None:
    assert len(products_in(index, "", "Hệ thống gồm: camera AI nhận diện khuôn mặt; trạm gốc 5G; bàn ghế.")) == 1


def test_a_product_that_fits_is_not_lost_in_a_text_that_fits_nothing(index: Index) -> None:
    text = "Bàn ghế gỗ xuất khẩu.\nRobot công nghiệp 6 trục.\nNền tảng chuỗi khối cho ngân hàng."
    assert index.match("", text).decision == "none"
    found = products_in(index, "", text)
    assert [product.text for product in found] == ["Robot công nghiệp 6 trục", "Nền tảng chuỗi khối cho ngân hàng"]
    assert [product.result.decision for product in found] == ["match", "match"]


def test_what_somebody_only_uses_or_teaches_is_not_found_sentence_by_sentence(index: Index) -> None:
    for text in (
        "Công ty may mặc. Nhà máy dùng robot công nghiệp để cắt vải. Kho dùng robot tự hành AMR.",
        "Trung tâm dạy nghề. Học viên học robot công nghiệp. Học viên học điện toán đám mây.",
    ):
        assert len(products_in(index, "", text)) == 1


def test_places_count_in_decomposed_text_as_it_was_given(index: Index) -> None:
    text = unicodedata.normalize("NFD", "Công ty sản xuất robot công nghiệp 6 trục và trợ lý ảo tiếng Việt.")
    found = products_in(index, "", text)
    assert [product.result.ranked[0].code for product in found] == ["5.2", "1.2"]
    assert [text[product.start : product.end] for product in found] == [product.text for product in found]


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("Camera AI nhận diện khuôn mặt, đếm người và cảnh báo xâm nhập.", 2),
        ("Công ty sản xuất robot công nghiệp 6 trục, nền tảng chuỗi khối cho ngân hàng và trợ lý ảo tiếng Việt.", 4),
        ("Chúng tôi có robot hàn. Chúng tôi cũng có nền tảng điện toán đám mây. " * 60, MOST_ASKED + 1),
        ("Công ty sản xuất robot hàn sơn, camera AI, trợ lý ảo, " * 80, MOST_ASKED + 1),
    ],
)
def test_a_text_is_not_matched_more_often_than_it_has_parts(
    index: Index, text: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = Mock(wraps=index.match)
    monkeypatch.setattr(index, "match", match)
    products_in(index, "", text)
    assert match.call_count <= most


HOSTILE = [
    "🚁; 🤖; 🔥",
    "\u200f1. \u202e2. 3.",
    "- \n- \n- ",
    "camera AI; " * 90_000,
    "sản phẩm: " * 100_000,
    ". " * 500_000,
    "Công ty có " * 90_000,
    "ngoài ra công ty còn làm robot hàn. " * 30_000,
    "Công ty sản xuất, chế tạo, " * 40_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gives_an_answer_in_bounded_time(index: Index, text: str) -> None:
    begun = time.process_time()
    assert products_in(index, text, text)
    assert time.process_time() - begun < 4

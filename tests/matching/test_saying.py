"""What speaks against an item is told in the reader's language."""

import pytest
from django.utils import translation

from catalogs.matching.engine import Against
from catalogs.matching.saying import NONE_FITTED, Said

TOLD = [
    (
        Against("cue", ("Khóa học",), "đào tạo, sách báo hoặc sự kiện về công nghệ, không phải chính công nghệ"),
        "“Khóa học”: đào tạo, sách báo hoặc sự kiện về công nghệ, không phải chính công nghệ",
        "“Khóa học”: training, books or events about technology, not the technology itself",
    ),
    (
        Against("nearer", ("gạo", "cà phê"), "Ăn uống, thực phẩm chức năng"),
        "Giống những sản phẩm không thuộc danh mục: Ăn uống, thực phẩm chức năng (“gạo”, “cà phê”)",
        "Like products that are not in the list: Catering, food supplements (“gạo”, “cà phê”)",
    ),
    (
        Against("nearer", ("tem",), NONE_FITTED),
        "Giống những sản phẩm không thuộc danh mục: "
        "sản phẩm đã được kết luận không thuộc mục nào của danh mục (“tem”)",
        "Like products that are not in the list: a product that was found to fall under no item of the list (“tem”)",
    ),
    (
        Against("opening", ("bán vé",)),
        "Phần mở đầu “bán vé” nói về nội dung ngoài danh mục nhiều hơn về mục này",
        "The opening “bán vé” speaks more of something outside the list than of this item",
    ),
    (
        Against("loose"),
        "Không có cụm từ nào của mục, chỉ có từ rời",
        "No phrase of the item is met, only single words",
    ),
    (Against("lone"), "Gần như chỉ một từ nói cho mục này", "Hardly more than one word speaks for this item"),
]


@pytest.mark.parametrize(("against", "vietnamese", "english"), TOLD, ids=[one[0].kind for one in TOLD])
def test_each_kind_is_told_in_both_languages(against, vietnamese, english):
    said = Said(against)
    assert str(said) == vietnamese
    with translation.override("en"):
        assert str(said) == english


def test_an_item_of_another_list_is_named_in_the_words_of_the_law():
    with translation.override("en"):
        assert "Pin lithium-ion" in str(Said(Against("nearer", ("pin",), "Pin lithium-ion")))

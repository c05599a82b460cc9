"""Whoever describes several products is told so, by the lists that come with the product."""

import pytest
from django.urls import reverse

from catalogs.loading import load

pytestmark = pytest.mark.django_db

TEXT = (
    "Công ty có hai sản phẩm. Sản phẩm thứ nhất: Robot tự hành AMR vận chuyển hàng trong kho. "
    "Sản phẩm thứ hai: Nền tảng truy xuất nguồn gốc nông sản trên blockchain."
)


def test_several_products_in_one_text_are_told_apart(client):
    load()
    page = client.post(reverse("matching_page"), {"name": "", "description": TEXT}).content.decode()
    assert "Mô tả dường như nói đến nhiều sản phẩm" in page
    question = {"description": TEXT, "catalogues": ["tt-31-2025"]}
    [found] = client.post(reverse("matching_api"), question, content_type="application/json").json()["results"]
    assert [part["code"] for part in found["products"]] == ["5.1", "3.2"]


def test_where_only_the_whole_fits_nothing_each_product_is_told_with_its_item(client):
    load()
    text = "Công ty sản xuất robot công nghiệp 6 trục, nền tảng chuỗi khối cho ngân hàng và trợ lý ảo tiếng Việt."
    page = client.post(reverse("matching_page"), {"name": "", "description": text}).content.decode()
    assert "Cả đoạn gộp lại thì chưa thấy mục nào phù hợp" in page
    question = {"description": text, "catalogues": ["tt-31-2025"]}
    [found] = client.post(reverse("matching_api"), question, content_type="application/json").json()["results"]
    assert found["decision"] == "none"
    assert [part["code"] for part in found["products"]] == ["5.2", "3.3", "1.2"]

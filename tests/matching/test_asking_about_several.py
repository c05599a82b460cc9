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

from datetime import date

import pytest
from django.db.models import Count

from catalogs.loading import Correction, load
from catalogs.matching import service
from catalogs.models import Catalogue, CatalogueItem, ItemAlias
from tests.factories import NOW, rewording

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue() -> Catalogue:
    load()
    return Catalogue.objects.get(slug="tt-31-2025")


def test_suggestions_carry_their_item_and_reasons(catalogue: Catalogue) -> None:
    text = "Phần mềm phân tích hình ảnh từ camera giao thông, đọc biển số xe"
    result = service.suggest(catalogue, name="Mắt Đường", description=text)
    best = result.ranked[0]
    assert result.decision == "match"
    assert best.code == "1.8"
    assert best.item == CatalogueItem.objects.get(catalogue=catalogue, code="1.8")
    assert best.item.group.name
    assert [text[r.start : r.end] for r in best.reasons if r.field == "description"]


def test_only_as_many_as_asked_for_come_back(catalogue: Catalogue) -> None:
    assert len(service.suggest(catalogue, name="", description="robot camera AI", limit=3).ranked) == 3


def test_what_nothing_speaks_for_is_not_suggested(catalogue: Catalogue) -> None:
    assert service.suggest(catalogue, name="", description="🚁").ranked == ()


def test_a_second_question_costs_no_query(catalogue: Catalogue, django_assert_num_queries) -> None:
    service.suggest(catalogue, name="", description="robot")
    with django_assert_num_queries(0):
        service.suggest(catalogue, name="", description="drone")


def test_a_changed_alias_is_seen_when_the_list_is_looked_at_again(catalogue: Catalogue) -> None:
    def best() -> str:
        service.forget(catalogue)
        return service.suggest(catalogue, name="", description="Máy zorblax quang tử").ranked[0].code

    assert best() != "5.2"
    item = CatalogueItem.objects.get(catalogue=catalogue, code="5.2")
    alias = ItemAlias.objects.create(
        item=item, text="zorblax quang tử", language="vi", origin="thử", added_on=date(2026, 1, 1), search_text=""
    )
    assert best() == "5.2"
    alias.delete()
    assert best() != "5.2"


def test_an_item_of_another_list_fits_nothing_here(catalogue: Catalogue) -> None:
    text = "Cell pin lithium-ion LFP cho xe điện và hệ thống lưu trữ năng lượng"
    result = service.suggest(catalogue, name="Pin Sao", description=text)
    assert result.decision == "none"
    assert any("Pin lithium-ion" in str(said) for said in result.ranked[0].against)
    strategic = Catalogue.objects.get(slug="qd-1131-2025")
    assert service.suggest(strategic, name="Pin Sao", description=text).ranked[0].code == "8.2"


def test_every_list_has_aliases_for_each_item(catalogue: Catalogue) -> None:
    items = CatalogueItem.objects.filter(catalogue=catalogue).annotate(alias_count=Count("aliases"))
    poor = [str(item) for item in items.order_by("pk") if item.alias_count < 8]
    assert poor == []


def test_what_was_said_of_a_list_is_not_said_of_a_changed_one(catalogue: Catalogue) -> None:
    def suggest():
        return service.suggest_for_filing(catalogue, name="", description="Robot hút bụi", limit=5)

    before = suggest()
    assert suggest() is before
    with rewording(catalogue):
        CatalogueItem.objects.filter(catalogue=catalogue, code=before.ranked[0].code).update(name="Tên khác")
    service.forget(catalogue)
    assert "Tên khác" in [suggestion.item.name for suggestion in suggest().ranked]


def test_loading_makes_the_next_answer_look_again(catalogue: Catalogue) -> None:
    before = service.suggest(catalogue, name="", description="Robot hút bụi")
    with rewording(catalogue):
        CatalogueItem.objects.filter(catalogue=catalogue, code=before.ranked[0].code).delete()
    load(correct=Correction("Đưa lại mục bị xóa.", NOW))
    item = service.suggest(catalogue, name="", description="Robot hút bụi").ranked[0].item
    assert CatalogueItem.objects.filter(pk=item.pk).exists()


def test_the_older_list_can_be_asked_too(catalogue: Catalogue) -> None:
    old = Catalogue.objects.get(slug="tt-19-2021")
    result = service.suggest(old, name="", description="Camera AI nhận diện khuôn mặt và phần mềm quản lý video")
    assert (result.decision, result.ranked[0].item.name) == ("match", "Camera thông minh/camera AI và phần mềm")


def test_a_camera_that_thinks_on_board_is_a_camera(catalogue: Catalogue) -> None:
    text = "Camera giám sát có chip AI, xử lý tại biên, nhận diện khuôn mặt ngay trong thân máy"
    assert service.suggest(catalogue, name="Mắt Biên", description=text).ranked[0].code == "1.8"


def test_the_products_of_one_text_carry_their_items(catalogue: Catalogue) -> None:
    text = "Chúng tôi đăng ký các sản phẩm gồm: camera AI đọc biển số xe; robot tự hành chở hàng trong kho"
    found = service.products_in(catalogue, name="", description=text)
    assert [part.best.item.code for part in found] == ["1.8", "5.1"]
    assert all(part.text in text for part in found)

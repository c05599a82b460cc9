"""Where else a product may belong, on the pages on which its items are chosen and looked over."""

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogs.loading import load
from catalogs.models import CatalogueItem, ItemRelation, ProcedureRevision
from intake.models import DeclaredItem
from tests.factories import ANSWERS, NOW, DossierFactory, unpublish

pytestmark = pytest.mark.django_db
HEADING = "Sản phẩm này có thể cũng thuộc"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def dossier():
    load()
    revision = ProcedureRevision.objects.get(procedure__slug="cong-nghe-so-trong-diem")
    return DossierFactory(revision_of_procedure=revision, answers=dict(ANSWERS))


def declare(dossier, code: str) -> CatalogueItem:
    item = CatalogueItem.objects.get(catalogue__slug="tt-31-2025", code=code)
    DeclaredItem.objects.create(dossier=dossier, item=item)
    return item


def section(client, dossier, name: str) -> str:
    client.force_login(dossier.created_by)
    html = client.get(reverse(name, args=[dossier.public_id])).content.decode()
    found = re.search(r'<section[^>]*aria-labelledby="cung-thuoc".*?</section>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


@pytest.mark.parametrize("name", ["dossier_items", "dossier_summary"])
def test_other_lists_in_force_are_named_with_the_procedure_that_uses_them(client, dossier, name):
    declare(dossier, "1.8")
    text = section(client, dossier, name)
    assert HEADING in text
    assert "(21/2026/QĐ-TTg)" in text
    assert "2 AI camera xử lý tại biên" in text
    assert "hẹp hơn mục đã chọn" in text
    assert "Thủ tục dùng danh mục này: Công nghệ chiến lược" in text
    assert "không phải quy định của pháp luật" in text
    assert "1131" not in text  # no longer in force
    assert "19/2021" not in text


def test_before_anything_is_chosen_the_suggestions_lead_there(client, dossier):
    assert HEADING in section(client, dossier, "dossier_items")
    assert section(client, dossier, "dossier_summary") == ""


@pytest.mark.parametrize("name", ["dossier_items", "dossier_summary"])
def test_without_a_related_item_nothing_is_said(client, dossier, name):
    declare(dossier, "1.6")
    assert section(client, dossier, name) == ""


@pytest.mark.parametrize("name", ["dossier_items", "dossier_summary"])
def test_a_restricted_list_is_not_named(client, dossier, name):
    declare(dossier, "1.8")
    unpublish("qd-21-2026", restricted=True)
    assert section(client, dossier, name) == ""


@pytest.mark.parametrize("name", ["dossier_items", "dossier_summary"])
def test_it_costs_the_same_however_much_is_related(client, dossier, name):
    client.force_login(dossier.created_by)
    url = reverse(name, args=[dossier.public_id])
    declare(dossier, "1.8")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for code in ("1.1", "8.2", "8.4", "9.1"):
        declare(dossier, code)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) <= len(few)
    ItemRelation.objects.all().delete()
    with CaptureQueriesContext(connection) as none:
        client.get(url)
    assert len(few) - len(none) <= 3

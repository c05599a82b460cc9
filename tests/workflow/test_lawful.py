"""The page of an instrument says where each of its articles is applied."""

import pytest
from django.urls import reverse

from catalogs.citations import citations_in, nearest, uses, uses_of
from catalogs.loading import load
from catalogs.models import Instrument, Procedure
from catalogs.services import definition_of
from workflow import lawful
from workflow.policy import ACTIONS

# Who has to carry the instrument out, and what a ministry has to propose: nothing that a product does.
NOT_OURS = {"31/2025/TT-BKHCN": {"4.4"}, "1131/QĐ-TTg": {"2", "3", "5"}}


def test_every_line_names_a_move_or_a_page_and_an_article():
    assert set(lawful.OF_MOVES) <= set(ACTIONS)
    for basis in [*lawful.OF_MOVES.values(), *(one.basis for one in lawful.APPLIED)]:
        assert citations_in(basis), basis


@pytest.mark.django_db
@pytest.mark.parametrize("number", NOT_OURS)
def test_each_article_that_the_product_applies_says_where(client, number):
    load()
    procedures = [
        (procedure, definition_of(procedure.revisions.order_by("-number")[0]))
        for procedure in Procedure.objects.order_by("position")
    ]
    instrument = Instrument.objects.get(number=number)
    provisions = list(instrument.provisions.order_by("pk"))
    applied = {nearest(use.citation.key, provisions) for use in uses_of(number, uses(procedures))}
    assert {one.key for one in provisions} - {one.key for one in applied if one} == NOT_OURS[number]
    page = client.get(reverse("instrument_detail", args=[instrument.slug])).content.decode()
    assert "Danh mục áp dụng theo ngày nộp hồ sơ" in page

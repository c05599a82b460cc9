"""A question with rows in the browser: with and without scripts, saved while somebody types, offered again."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import people
from tests.journeys.conftest import Site, sign_in
from tests.journeys.test_drafting import COMPANY, CUT, is_saved, kill, state

PROCEDURE = "bang-thiet-bi"
# A procedure that asks for rows, in front of the questions of another one.
SHELL = """
from catalogs.models import Procedure, ProcedureRevision
like = ProcedureRevision.objects.filter(procedure__slug="cong-nghe-so-trong-diem").order_by("number").last()
procedure, made = Procedure.objects.get_or_create(slug="{slug}", defaults={{"name": "Có bảng", "position": 90}})
if made:
    first, *others = like.definition["sections"]
    table = {{"key": "equipment", "label": "Thiết bị chính", "type": "table", "max": 3, "columns": [
        {{"key": "name", "label": "Tên thiết bị", "type": "text"}},
        {{"key": "count", "label": "Số lượng", "type": "number", "unit": "cái"}},
        {{"key": "price", "label": "Đơn giá", "type": "money", "required": False}},
        {{"key": "place", "label": "Nơi đặt", "type": "province"}}]}}
    sections = [{{**first, "questions": [table, *first["questions"]]}}, *others]
    ProcedureRevision.objects.create(procedure=procedure, number=1, effective_from=like.effective_from,
        definition={{**like.definition, "name": "Có bảng", "sections": sections}}, sha256="b" * 64)
"""


@pytest.fixture
def section(site: Site, open_page: Callable[..., Page]) -> Callable[..., tuple[Page, str]]:
    """A page of the company with a new draft's first section, and its address."""
    site.manage("shell", "-c", SHELL.format(slug=PROCEDURE))

    def opened(**options: Any) -> tuple[Page, str]:
        page = open_page(expects=CUT, **options)
        sign_in(page, COMPANY)
        people.start_dossier(page, PROCEDURE)
        return page, page.url

    return opened


def cell(page: Page, row: int, column: str):
    return page.locator("[data-rows-list] [data-row]").nth(row).locator(f"[name$='.{column}']")


def rows(page: Page):
    return page.locator("[data-rows-list] [data-row]")


def test_rows_come_and_go_and_are_saved_while_somebody_types(section, open_page):
    page, address = section()
    cell(page, 0, "name").fill("Máy đo")
    cell(page, 0, "count").fill("2")
    cell(page, 0, "place").select_option("79")
    is_saved(page)
    page.get_by_role("button", name="Thêm dòng").click()
    expect(cell(page, 1, "name")).to_be_focused()
    page.keyboard.type("Lò nung")
    cell(page, 1, "count").fill("1")
    cell(page, 1, "place").select_option("01")
    page.get_by_role("button", name="Thêm dòng").click()
    cell(page, 2, "name").fill("Thừa")
    expect(page.get_by_role("button", name="Thêm dòng")).to_be_hidden()
    is_saved(page)
    people.is_well_made(page)
    page.get_by_role("button", name="Bỏ dòng 1").click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Bỏ dòng 1")).to_be_visible()
    is_saved(page)
    telephone = open_page(width=390)
    sign_in(telephone, COMPANY)
    telephone.goto(address)
    expect(cell(telephone, 0, "name")).to_have_value("Lò nung")
    expect(cell(telephone, 0, "place")).to_have_value("01")
    expect(cell(telephone, 1, "name")).to_have_value("Thừa")
    people.is_well_made(telephone)


def test_the_enter_key_takes_out_no_row(section):
    page, address = section()
    cell(page, 0, "name").fill("Máy đo")
    cell(page, 0, "name").press("Enter")
    page.wait_for_url(lambda url: url != address)
    page.goto(address)
    expect(cell(page, 0, "name")).to_have_value("Máy đo")


def test_rows_that_were_not_saved_are_offered_again(section):
    page, address = section()
    context = page.context
    context.set_offline(True)
    cell(page, 0, "name").fill("Máy đo")
    cell(page, 0, "place").select_option("79")
    page.get_by_role("button", name="Thêm dòng").click()
    cell(page, 1, "name").fill("Lò nung")
    expect(state(page)).to_contain_text("mất kết nối")
    kill(page)
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    offer = page.locator("[data-offer]")
    expect(offer).to_contain_text("Máy đo · TP. Hồ Chí Minh")
    offer.get_by_role("button", name="Đưa lại vào các ô").click()
    expect(cell(page, 1, "name")).to_have_value("Lò nung")
    is_saved(page)
    page.reload()
    expect(rows(page)).to_have_count(2)


def test_without_scripts_rows_come_and_go_by_buttons(section):
    page, _address = section(javascript=False, width=390)
    cell(page, 0, "name").fill("Máy đo")
    cell(page, 0, "count").fill("hai")
    page.get_by_role("button", name="Thêm dòng").click()
    assert "Dòng 1, Số lượng: Chưa đọc được số" in page.locator(".errors").inner_text()
    cell(page, 0, "count").fill("2")
    cell(page, 1, "name").fill("Lò nung")
    page.get_by_role("button", name="Bỏ dòng 1").click()
    page.wait_for_url(re.compile("#id_equipment"))
    assert cell(page, 0, "name").input_value() == "Lò nung"
    page.get_by_role("button", name="Thêm dòng").click()
    page.wait_for_url(re.compile("them=equipment"))
    assert rows(page).count() == 2

import re

import pytest
from django import forms

from tests.site.gallery import SampleForm, wrong_form


def drawn(form: forms.Form, name: str) -> str:
    return str(form[name].as_field_group())


def test_label_belongs_to_its_control_and_help_describes_it():
    html = drawn(SampleForm(), "name")
    assert '<label for="id_name">Tên sản phẩm, dịch vụ</label>' in html
    assert 'id="id_name_helptext"' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert "aria-invalid" not in html


def test_only_what_may_stay_empty_is_marked():
    assert "không bắt buộc" in drawn(SampleForm(), "site")
    assert "không bắt buộc" not in drawn(SampleForm(), "name")


def test_error_stands_at_the_field_and_the_control_points_to_it():
    html = drawn(wrong_form(), "name")
    assert 'id="id_name_error"' in html
    assert "Tên quá ngắn, mời ghi đầy đủ." in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'class="field bad"' in html
    assert 'value="x"' in html, "what was typed stays"


def test_choices_are_a_group_with_a_legend_that_carries_help_and_error():
    html = drawn(wrong_form(), "stage")
    assert re.search(r'<fieldset class="field bad"\s+aria-describedby="id_stage_helptext id_stage_error">', html)
    assert "<legend>Giai đoạn phát triển</legend>" in html
    assert html.count('type="radio"') == 3
    assert 'id="id_stage_error"' in html


def test_checkbox_stands_inside_its_label():
    html = drawn(SampleForm(), "agree")
    assert re.search(r'<label for="id_agree"><input type="checkbox"[^>]*><span>Tôi cam kết', html)


def test_file_field_is_a_drop_zone_and_money_shows_its_unit():
    assert '<div class="drop" data-drop>' in drawn(SampleForm(), "paper")
    assert '<span class="unit">đồng</span>' in drawn(SampleForm(), "revenue")


@pytest.mark.parametrize("name", [name for name in SampleForm().fields if name != "token"])
def test_every_id_that_a_control_names_exists_once(name):
    html = drawn(wrong_form(), name)
    named = " ".join(re.findall(r'aria-describedby="([^"]*)"', html)).split()
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert set(named) <= set(ids)
    assert len(ids) == len(set(ids))


def test_form_as_a_whole_uses_the_template_and_keeps_hidden_fields():
    html = str(SampleForm())
    assert html.count('class="field') == 10
    assert '<input type="hidden" name="token"' in html


def test_error_summary_links_to_each_field(rf):
    from tests.site.gallery import render

    html = render(rf.get("/"))
    for target in ("id_name", "id_stage_0", "id_agree", "id_paper"):
        assert f'href="#{target}"' in html
        assert f'id="{target}"' in html

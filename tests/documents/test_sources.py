import hashlib

import pytest
from django.core.management import CommandError, call_command

from documents import rendering, sources
from documents.models import DocumentKind, Template

pytestmark = pytest.mark.django_db


def write(folder, name="note.v1.html", head="a = một giá trị\n", body="<p>{{ a }}</p>"):
    (folder / name).write_text(f"---\n{head}---\n{body}", encoding="utf-8")


def test_every_kind_of_paper_has_its_text():
    sources.ensure_templates()
    assert set(DocumentKind.values) <= set(Template.objects.values_list("key", flat=True))


def test_loading_twice_changes_nothing():
    assert sources.ensure_templates()
    assert sources.ensure_templates() == []


def test_a_row_holds_the_source_and_its_digest(tmp_path):
    write(tmp_path)
    sources.ensure_templates(tmp_path)
    row = Template.objects.get(key="note", number=1)
    assert row.sha256 == hashlib.sha256(row.source.encode()).hexdigest()


def test_a_file_that_was_edited_under_its_old_number_is_refused(tmp_path):
    write(tmp_path)
    sources.ensure_templates(tmp_path)
    write(tmp_path, body="<p>Khác {{ a }}</p>")
    with pytest.raises(sources.TemplateChanged, match=r"note\.v2\.html"):
        sources.ensure_templates(tmp_path)
    assert "Khác" not in Template.objects.get(key="note").source


def test_a_new_wording_is_a_new_version_and_becomes_the_one_in_use(tmp_path):
    write(tmp_path)
    sources.ensure_templates(tmp_path)
    assert sources.newest("note").number == 1
    write(tmp_path, "note.v2.html", body="<p>Khác {{ a }}</p>")
    sources.ensure_templates(tmp_path)
    assert sources.newest("note").number == 2


def test_the_first_paper_loads_the_texts_itself():
    assert not Template.objects.exists()
    assert sources.newest("decision").key == "decision"


def test_an_unknown_key_is_an_error_with_its_name():
    with pytest.raises(sources.UnknownTemplate, match="khong-co"):
        sources.newest("khong-co")


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        ("a = b\n", '{% now "Y" %}', "now"),
        ("a = b\n", "{% load static %}", "load"),
        ("a = b\n", "{% debug %}", "debug"),
        ("a = b\n", '{% include "x" %}', "include"),
        ("a = b\n", "{% autoescape off %}{{ a }}{% endautoescape %}", "autoescape"),
        ("a = b\n", "{{ a|safe }}", "safe"),
        ("a\n", "{{ a }}", "head"),
    ],
)
def test_a_text_may_use_nothing_but_its_data(tmp_path, head, body, reason):
    write(tmp_path, head=head, body=body)
    with pytest.raises(sources.InvalidTemplate, match=rf"note\.v1\.html: .*{reason}"):
        sources.ensure_templates(tmp_path)


def test_a_file_without_a_version_is_named(tmp_path):
    (tmp_path / "note.html").write_text("x")
    with pytest.raises(sources.InvalidTemplate, match=r"note\.html"):
        sources.ensure_templates(tmp_path)


def test_a_text_without_a_head_is_refused(tmp_path):
    (tmp_path / "note.v1.html").write_text("<p>x</p>")
    with pytest.raises(sources.InvalidTemplate, match="no head"):
        sources.ensure_templates(tmp_path)


def test_a_text_reads_no_template_of_the_product(tmp_path):
    write(tmp_path, body='{% extends "base.html" %}')
    sources.ensure_templates(tmp_path)
    with pytest.raises(sources.UnknownTemplate):
        rendering.draw_html(Template.objects.get(key="note"), {"a": "x"})


def test_a_misspelt_value_stops_the_drawing(tmp_path):
    write(tmp_path, body="<p>{{ b.c }}</p>")
    sources.ensure_templates(tmp_path)
    with pytest.raises(rendering.UndefinedValue, match=r"b\.c"):
        rendering.draw_html(Template.objects.get(key="note"), {"a": "x"})


def test_values_are_escaped(tmp_path):
    write(tmp_path)
    sources.ensure_templates(tmp_path)
    html = rendering.draw_html(Template.objects.get(key="note"), {"a": "<script>'\"&"})
    assert "&lt;script&gt;&#x27;&quot;&amp;" in html


def test_the_command_loads_and_says_what(capsys):
    call_command("load_templates")
    assert "decision v1" in capsys.readouterr().out
    call_command("load_templates")
    assert "no new templates" in capsys.readouterr().out


def test_the_command_fails_in_words(tmp_path, monkeypatch):
    Template.objects.create(key="decision", number=1, source="", sha256="0")
    with pytest.raises(CommandError, match=r"decision\.v2\.html"):
        call_command("load_templates")


@pytest.mark.parametrize(
    ("path", "data", "missing"),
    [
        ("a", {"a": "x"}, False),
        ("a", {"a": 0}, False),
        ("a", {"a": False}, False),
        ("a", {"a": ""}, True),
        ("a", {"a": None}, True),
        ("a", {"a": []}, True),
        ("a", {"a": ["x", ""]}, True),
        ("a", {}, True),
        ("a.b", {"a": {"b": "x"}}, False),
        ("a.b", {"a": {}}, True),
        ("a.b", {"a": "x"}, True),
        ("a?", {"a": ""}, False),
        ("a?", {}, True),
        ("a[].b", {"a": []}, False),
        ("a[].b", {"a": [{"b": "x"}, {"b": ""}]}, True),
        ("a[].b", {"a": [{"b": "x"}]}, False),
        ("a[].b?", {"a": [{"b": ""}]}, False),
        ("a[].b?", {"a": [{}]}, True),
    ],
)
def test_what_counts_as_missing(path, data, missing):
    assert sources.Need(path, "x").missing_from(data) is missing

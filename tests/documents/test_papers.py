from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError

from documents import papers, sources
from documents.models import DocumentKind, IssuedDocument, NumberBook, Template
from tests.documents.builders import AT, DATA, dossier, issue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "symbol"),
    [
        (DocumentKind.DECISION, "01/QĐ-CNCNTT"),
        (DocumentKind.ACKNOWLEDGEMENT, "01/XNHS-CNCNTT"),
        (DocumentKind.RECEIPT, "01/GTN-CNCNTT"),
        (DocumentKind.SUPPLEMENT_REQUEST, "01/HDHS"),
        (DocumentKind.REFUSAL, "01/PTC"),
    ],
)
def test_a_paper_gets_the_next_number_of_its_own_book(kind, symbol):
    document = issue(kind)
    assert (document.symbol, document.number, document.year) == (symbol, 1, 2026)
    assert document.data["paper"]["symbol"] == symbol


@pytest.mark.parametrize(("last", "printed"), [(4, "05/QĐ-CNCNTT"), (9, "10/QĐ-CNCNTT"), (1233, "1234/QĐ-CNCNTT")])
def test_numbers_below_ten_get_a_zero(last, printed):
    NumberBook.objects.create(book="decision", year=2026, last_number=last)
    assert issue().symbol == printed


def test_the_year_of_a_paper_is_that_of_hanoi():
    assert issue(at=datetime(2026, 12, 31, 18, 0, tzinfo=UTC)).year == 2027


def test_a_dossier_gets_one_decision():
    of = dossier()
    first = issue(of=of)
    with pytest.raises(papers.AlreadyDecided, match="đã có Quyết định số 01/QĐ-CNCNTT"):
        issue(of=of)
    assert list(of.documents.all()) == [first]
    assert NumberBook.objects.get(book="decision").last_number == 1


def test_the_database_holds_it_when_two_try_at_once(monkeypatch):
    """Both have looked before either has written: the loser gets the same words, and its number is not used up."""
    of = dossier()
    issue(of=of)
    looks = iter([False, True])
    monkeypatch.setattr(papers, "_has_decision", lambda _dossier: next(looks))
    with pytest.raises(papers.AlreadyDecided, match="01/QĐ-CNCNTT"):
        issue(of=of)
    assert NumberBook.objects.get(book="decision").last_number == 1


def test_other_papers_may_come_more_than_once():
    of = dossier()
    issue(DocumentKind.SUPPLEMENT_REQUEST, of=of)
    assert issue(DocumentKind.SUPPLEMENT_REQUEST, of=of).number == 2


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_paper_is_not_issued_while_a_value_is_missing(kind):
    """Every value that the text names as needed, taken away one at a time."""
    of = dossier()
    needs = [need for row in papers.rendering._lineage(sources.newest(kind)) for need in sources.split(row.source)[0]]
    for need in needs:
        if need.path.startswith(("demo", "office")):
            continue  # filled from the settings
        data = without(DATA[kind], need.path)
        with pytest.raises(papers.MissingValues, match="còn thiếu") as caught:
            papers.issue_paper(of, kind, by=None, at=AT, data=data)
        assert need.label in str(caught.value)
    assert not of.documents.exists()
    assert not NumberBook.objects.exists()


def without(data, path):
    name, _dot, rest = path.partition(".")
    copy = dict(data)
    key = name.rstrip("?").removesuffix("[]")
    if not rest:
        del copy[key]
    elif name.endswith("[]"):
        copy[key] = [without(part, rest) for part in copy[key]]
    else:
        copy[key] = without(copy[key], rest)
    return copy


def test_everything_that_is_missing_is_named_at_once():
    with pytest.raises(papers.MissingValues) as caught:
        issue(subject="", signer={"role_line": "CỤC TRƯỞNG", "name": " "}, legal_basis=[])
    assert caught.value.labels == ["trích yếu nội dung", "căn cứ pháp lý", "họ tên người ký"]


def test_a_text_that_cannot_be_drawn_uses_up_no_number():
    sources.ensure_templates()
    Template.objects.create(key="note", number=1, source="---\n---\n{{ khong_co }}", sha256="x")
    with pytest.raises(papers.MissingValues, match="khong_co"):
        papers.issue_paper(dossier(), DocumentKind.REFUSAL, by=None, at=AT, data={}, template_key="note")
    assert not NumberBook.objects.exists()


def test_the_data_are_frozen_in_the_row():
    data = {**DATA[DocumentKind.DECISION], "subject": "Về viê\u0323c\u202e thử"}
    document = papers.issue_paper(dossier(), DocumentKind.DECISION, by=None, at=AT, data=data)
    data["subject"] = "khác"
    kept = IssuedDocument.objects.get(pk=document.pk)
    assert kept.data["subject"] == "Về việc thử"
    assert kept.data["paper"]["issued_at"] == "2026-11-24T14:05:00+07:00"


def test_the_version_of_the_text_is_pinned():
    document = issue()
    Template.objects.create(
        key="decision", number=2, source=document.template.source.replace("Căn cứ", "Theo"), sha256="2"
    )
    assert "Căn cứ Luật" in papers.rendering.draw_html(document.template, document.data)
    assert issue().template.number == 2


def test_the_code_leads_to_this_site(settings):
    settings.SITE_URL = "https://hoso.example"
    document = issue()
    assert document.data["paper"]["url"] == f"https://hoso.example/kiem-tra/{document.verification_code}/"


def test_the_office_of_the_settings_fills_what_the_data_leave_out(settings):
    settings.OFFICE = {**settings.OFFICE, "head_title": "Viện trưởng"}
    assert issue().data["office"]["head_title"] == "Viện trưởng"
    assert issue().data["office"]["name"] == "Cục Công nghiệp công nghệ thông tin"


def test_the_end_of_validity_comes_from_the_call_or_from_the_data():
    end = date(2031, 5, 1)
    assert issue(valid_until="2031-05-01").valid_until == end
    data = DATA[DocumentKind.DECISION]
    assert (
        papers.issue_paper(dossier(), DocumentKind.DECISION, by=None, at=AT, data=data, valid_until=end).valid_until
        == end
    )


def test_rendering_is_asked_for_after_the_commit(monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr(papers.tasks.render_document, "apply_async", lambda args, **options: asked.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        document = issue()
        assert asked == []
    assert asked == [(document.pk,)]


def test_a_queue_that_is_down_does_not_undo_the_paper(monkeypatch, django_capture_on_commit_callbacks):
    def refuse(*args, **options):
        raise ConnectionError

    monkeypatch.setattr(papers.tasks.render_document, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        document = issue()
    assert IssuedDocument.objects.to_render(at=document.render_due_at).get() == document


def test_a_number_cannot_be_given_twice_even_by_hand():
    document = issue()
    document.pk, document.public_id, document.verification_code = None, None, "2" * 12
    document.dossier = dossier()
    with pytest.raises(IntegrityError):
        document.save()

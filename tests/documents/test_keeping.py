import hashlib
import threading
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from audit.models import Entry
from documents import keeping, rendering, tasks
from documents.models import DocumentKind, IssuedDocument
from notifications.models import Event
from tests.documents.builders import AT, dossier, issue, rendered


@pytest.fixture(autouse=True)
def quick(request):
    """Only the first test and the one with threads need real pages."""
    if "real" not in request.fixturenames:
        request.getfixturevalue("quick_pdf")


@pytest.fixture
def real():
    """The pages are laid out."""


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.django_db
def test_a_rendered_paper_has_its_file_and_the_files_digest(storage, real):
    document = rendered()
    (path,) = files(storage)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.7")
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert document.size == len(content)
    assert document.rendered_at == AT


@pytest.mark.django_db
def test_rendering_twice_keeps_the_first_file(storage):
    document = rendered()
    assert keeping.render_and_keep(document.pk, at=AT + timedelta(hours=1))
    again = IssuedDocument.objects.get(pk=document.pk)
    assert (again.file.name, again.rendered_at) == (document.file.name, AT)
    assert len(files(storage)) == 1


@pytest.mark.django_db
def test_whoever_comes_second_overwrites_nothing_and_leaves_no_file(storage, monkeypatch):
    """The other run finishes while this one is still drawing, with other bytes."""
    document = issue()
    draw = rendering.render

    def overtaken(paper):
        result = draw(paper)
        default_storage.save("documents/other.pdf", ContentFile(b"the other run's file"))
        IssuedDocument.objects.filter(pk=paper.pk).update(
            file="documents/other.pdf", sha256="f" * 64, size=20, rendered_at=AT
        )
        return result

    monkeypatch.setattr(rendering, "render", overtaken)
    keeping.render_and_keep(document.pk, at=AT + timedelta(minutes=1))
    kept = IssuedDocument.objects.get(pk=document.pk)
    assert (kept.file.name, kept.sha256) == ("documents/other.pdf", "f" * 64)
    assert [path.name for path in files(storage)] == ["other.pdf"]
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_file_that_a_crashed_run_left_is_adopted(storage, monkeypatch):
    document = issue()
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_settle", crash)
        assert not keeping.render_and_keep(document.pk, at=AT)
    assert len(files(storage)) == 1
    assert keeping.render_and_keep(document.pk, at=AT)
    assert len(files(storage)) == 1


@pytest.mark.django_db
def test_half_a_file_that_a_crashed_run_left_is_not_adopted(storage):
    document = rendered()
    path = files(storage)[0]
    path.write_bytes(path.read_bytes()[:100])
    IssuedDocument.objects.update(file="", sha256="", size=None, rendered_at=None)
    assert keeping.render_and_keep(document.pk, at=AT)
    kept = IssuedDocument.objects.get(pk=document.pk)
    assert hashlib.sha256(kept.file.read()).hexdigest() == kept.sha256 == document.sha256
    kept.file.close()


def crash(*args, **options):
    raise RuntimeError("worker lost")


@pytest.mark.django_db
def test_a_failure_is_written_on_the_row_and_tried_again_later(monkeypatch):
    document = issue()
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "draw_pdf", crash)
        assert not keeping.render_and_keep(document.pk, at=AT)
        failed = IssuedDocument.objects.get(pk=document.pk)
        assert failed.render_error == "RuntimeError: worker lost"
        assert failed.render_attempts == 1
        assert failed.render_due_at == AT + timedelta(minutes=1)
        keeping.render_and_keep(document.pk, at=AT)
        assert IssuedDocument.objects.get(pk=document.pk).render_due_at == AT + timedelta(minutes=2)
        IssuedDocument.objects.update(render_attempts=40)
        keeping.render_and_keep(document.pk, at=AT)
        assert IssuedDocument.objects.get(pk=document.pk).render_due_at == AT + timedelta(hours=1)
    assert keeping.render_due(at=AT + timedelta(minutes=59), limit=10) == 0
    assert keeping.render_due(at=AT + timedelta(minutes=60), limit=10) == 1
    mended = IssuedDocument.objects.get(pk=document.pk)
    assert mended.rendered_at
    assert mended.render_error == ""


@pytest.mark.django_db
def test_a_text_that_fetches_is_a_failure_like_any_other(real, monkeypatch):
    document = issue()
    monkeypatch.setattr(rendering, "draw_html", lambda *args: '<img alt="x" src="http://127.0.0.1/x">')
    assert not keeping.render_and_keep(document.pk, at=AT)
    assert "ForbiddenFetch" in IssuedDocument.objects.get(pk=document.pk).render_error


@pytest.mark.django_db
def test_one_paper_that_fails_does_not_hold_up_the_others(monkeypatch):
    bad, good = issue(DocumentKind.REFUSAL), issue(DocumentKind.RECEIPT)
    draw = rendering.draw_html

    def draw_all_but_one(template, data):
        return crash() if template.key == "refusal" else draw(template, data)

    monkeypatch.setattr(rendering, "draw_html", draw_all_but_one)
    assert keeping.render_due(at=AT + timedelta(minutes=1), limit=1) == 0
    assert keeping.render_due(at=AT + timedelta(minutes=1, seconds=1), limit=1) == 1
    assert not IssuedDocument.objects.get(pk=bad.pk).rendered_at
    assert IssuedDocument.objects.get(pk=good.pk).rendered_at


@pytest.mark.django_db
def test_the_sweep_leaves_a_fresh_paper_to_its_own_task():
    issue()
    assert keeping.render_due(at=AT + timedelta(seconds=30), limit=10) == 0


@pytest.mark.django_db
def test_a_decision_is_announced_once_with_what_the_message_needs():
    document = rendered()
    keeping.render_and_keep(document.pk, at=AT)
    event = Event.objects.get(kind="decision_issued")
    assert event.subject_id == str(document.dossier_id)
    assert event.context == {
        "code": document.dossier.code,
        "title": "Camera EdgeSight S2",
        "organisation": "Công ty Cổ phần Thị giác Sao Mai",
        "symbol": "01/QĐ-CNCNTT",
        "outcome": "granted",
        "document": str(document.public_id),
    }


@pytest.mark.django_db
def test_other_papers_are_not_announced_here():
    rendered(DocumentKind.RECEIPT)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_the_digest_goes_into_the_audit_chain():
    document = rendered()
    entry = Entry.objects.get(action="document_rendered")
    assert entry.data == {"symbol": document.symbol, "sha256": document.sha256, "size": document.size}
    assert entry.actor is None


@pytest.mark.django_db
def test_the_tasks_render_what_they_are_asked_for(eager_tasks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = issue()
    assert IssuedDocument.objects.get(pk=document.pk).rendered_at
    other = issue(DocumentKind.REFUSAL, at=timezone.now())  # too new to have been forgotten
    tasks.render_pending()
    assert not IssuedDocument.objects.get(pk=other.pk).rendered_at
    tasks.render_document(other.pk)
    assert IssuedDocument.objects.get(pk=other.pk).rendered_at


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_time_make_one_file_one_announcement_one_entry(storage, real):
    document = issue(of=dossier())
    start = threading.Barrier(4)

    def run():
        start.wait(timeout=30)
        try:
            keeping.render_and_keep(document.pk, at=AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _run in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = IssuedDocument.objects.get(pk=document.pk)
    assert Event.objects.filter(kind="decision_issued").count() == 1
    assert Entry.objects.filter(action="document_rendered").count() == 1
    with kept.file.open() as file:
        assert hashlib.sha256(file.read()).hexdigest() == kept.sha256
    assert len(files(storage)) == 1

"""Scanning of uploads: what is known of a file, who opens it meanwhile, and what happens when the scanner fails."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import Role
from audit.models import Entry
from intake import clamd, drafts, scanning
from intake.completeness import missing
from intake.models import Attachment, Dossier, FileScan, MessageFile, ScanState, SupplementPoint
from intake.states import State
from intake.views import loading
from notifications import expansion, texts
from notifications.models import Delivery, Event
from tests.factories import (
    NOW,
    PDF,
    AttachmentFactory,
    MessageFileFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    pdf,
    revision_of,
    said,
)
from tests.intake.daemons import EICAR, cutting, daemon
from tests.intake.daemons import scanning as scans_well
from tests.intake.test_attachments import send, stored_files
from tests.intake.test_pages import ask_for_supplement
from tests.intake.test_submission import submit
from workflow.models import Case

pytestmark = pytest.mark.django_db
VIRUS = pdf(catalog=b"/N<" + EICAR.hex().encode() + b">") + b"%" + EICAR + b"\n"
# Nobody listens there: the port of the discard service, which needs more rights than a test has.
AWAY = "127.0.0.1:9"


@pytest.fixture
def clam(settings):
    with daemon(scans_well) as one:
        settings.CLAMD = one.address
        yield one


@pytest.fixture
def draft():
    return complete_dossier()


def scan_of(kept, state=ScanState.WAITING, **fields) -> FileScan:
    given = {
        ScanState.CLEAN: {"ended_at": NOW},
        ScanState.INFECTED: {"ended_at": NOW, "found": "Eicar"},
        ScanState.FAILED: {"failing_since": NOW, "attempts": 1},
    }.get(state, {})
    return FileScan.objects.create(
        **FileScan.of(kept), **{"state": state, "asked_at": NOW, "next_attempt_at": NOW} | given | fields
    )


def sweep(at=NOW) -> int:
    return scanning.sweep(clock=lambda: at)


def open_file(client, kept, **query):
    name = "message_file_open" if isinstance(kept, MessageFile) else "attachment_open"
    answer = client.get(reverse(name, args=[kept.pk]), query)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, content


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def officer(sign_in, role=Role.INTAKE_OFFICER):
    return sign_in(StaffFactory(role=role))


# --- asking and finding ------------------------------------------------------------------------------


def test_without_a_scanner_nothing_is_asked_and_the_office_opens_as_before(sign_in, draft):
    send(sign_in(draft.created_by), draft, pdf(catalog=b"/N 1"))
    assert not FileScan.objects.exists()
    assert scanning.sweep(clock=lambda: NOW) == scanning.enlist(clock=lambda: NOW) == 0
    case = case_in(State.SCREENING)
    client = officer(sign_in)
    assert open_file(client, case.attachments.get()) == (200, PDF)
    assert "Hệ thống này không quét mã độc trong tệp." in words(
        client.get(reverse("case_detail", args=[case.public_id]))
    )
    page = sign_in(draft.created_by).get(reverse("dossier_documents", args=[draft.public_id]))
    assert "Hệ thống này không quét mã độc trong tệp." in words(page)


def test_an_upload_is_scanned_as_soon_as_it_is_committed(
    sign_in, draft, clam, eager_tasks, django_capture_on_commit_callbacks
):
    content = pdf(catalog=b"/N 1")
    with django_capture_on_commit_callbacks(execute=True):
        send(sign_in(draft.created_by), draft, content)
    kept = draft.attachments.get(scan__isnull=False)
    assert clam.received == [content]
    assert (kept.scan.state, kept.scan.attempts, kept.scan.claim) == (ScanState.CLEAN, 1, None)
    assert kept.scan.ended_at == NOW
    page = words(sign_in(draft.created_by).get(reverse("dossier_documents", args=[draft.public_id])))
    assert "Đã quét, không có mã độc" in page


def test_a_file_in_which_something_is_found_is_kept_from_everybody_and_told(
    sign_in, draft, clam, eager_tasks, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert send(sign_in(draft.created_by), draft, VIRUS, name="mau.pdf").status_code == 302
    kept = draft.attachments.get(name="mau.pdf")
    assert (kept.scan.state, kept.scan.found) == (ScanState.INFECTED, "Eicar-Test-Signature")
    status, content = open_file(sign_in(draft.created_by), kept)
    assert status == 403
    assert EICAR not in content
    assert "Tệp có mã độc nên không mở được" in content.decode()
    entry = Entry.objects.about(draft).get(action="file_infected")
    assert entry.data == {"name": "mau.pdf", "sha256": kept.sha256, "found": "Eicar-Test-Signature"}
    (told,) = Event.objects.filter(kind__startswith="file_infected")
    assert (told.kind, told.context["file"]) == ("file_infected", "mau.pdf")
    assert Delivery.objects.filter(event=told, recipient=draft.created_by, channel="in_app").exists()


def test_who_drafts_is_asked_to_replace_it_and_cannot_file_before(sign_in, draft, clam):
    scan_of(draft.attachments.get(), ScanState.INFECTED)
    client = sign_in(draft.created_by)
    page = words(client.get(reverse("dossier_documents", args=[draft.public_id])))
    assert "Hãy gỡ tệp, kiểm tra máy của bạn rồi tải lên một tệp sạch." in page
    assert '<span class="tag late">Có mã độc</span>' in page
    assert '<span class="tag late">Cần thay tệp</span>' in page
    assert "Tệp có mã độc, hãy thay tệp khác: Thuyết minh kỹ thuật.pdf" in words(submit(client, draft))
    assert Dossier.objects.get(pk=draft.pk).state == State.DRAFT
    client.post(reverse("attachment_remove", args=[draft.attachments.get().pk]))
    send(client, draft, pdf(catalog=b"/N 1"))
    submit(client, draft)
    assert Dossier.objects.get(pk=draft.pk).state == State.SUBMITTED


def test_a_file_that_waits_does_not_keep_anybody_from_filing(sign_in, draft, settings):
    settings.CLAMD = AWAY
    scan_of(draft.attachments.get(), ScanState.FAILED)
    submit(sign_in(draft.created_by), draft)
    assert Dossier.objects.get(pk=draft.pk).state == State.SUBMITTED


def test_a_filed_file_that_cannot_be_replaced_now_does_not_block_the_answer_to_a_request(clam):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    ask_for_supplement(case, points=1)
    asked = SupplementPoint.objects.get()
    scan_of(case.attachments.get(), ScanState.INFECTED)

    def lacks():
        dossier = Dossier.objects.get(pk=case.pk)
        return [one.message for one in missing(dossier) if one.section_key == "documents"]

    assert lacks() == ["Tệp có mã độc, hãy thay tệp khác: Thuyết minh kỹ thuật.pdf"]
    SupplementPoint.objects.filter(pk=asked.pk).update(kind="other", key="")
    assert lacks() == []


def test_what_is_found_after_filing_is_told_to_both_sides(clam):
    case = case_in(State.SCREENING)
    hand = StaffFactory(role=Role.INTAKE_OFFICER)
    AttachmentFactory(dossier=case, content=VIRUS, name="sau.pdf")
    filed = AttachmentFactory(dossier=case, content=VIRUS + b"\n", name="da-nop.pdf")
    revision_of(case)
    Attachment.objects.filter(name="sau.pdf").delete()
    scan_of(filed)
    assert sweep() == 1
    assert set(Event.objects.values_list("kind", flat=True)) == {"file_infected", "file_infected_staff"}
    expansion.expand_due(at=NOW + timedelta(minutes=1))
    told = {d.recipient: d.url for d in Delivery.objects.filter(channel="in_app")}
    assert told == {
        case.created_by: reverse("dossier_detail", args=[case.public_id]),
        hand: reverse("case_detail", args=[case.public_id]),
    }


def test_of_a_file_that_is_not_filed_yet_the_office_hears_nothing(clam):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    scan_of(AttachmentFactory(dossier=case, content=VIRUS, name="them.pdf"))
    sweep()
    assert set(Event.objects.values_list("kind", flat=True)) == {"file_infected"}


def test_what_was_found_of_a_draft_deleted_meanwhile_is_told_to_nobody(clam, draft):
    scan_of(AttachmentFactory(dossier=draft, content=VIRUS, name="mau.pdf"))
    sweep()
    draft.delete()
    expansion.expand_due(at=NOW + timedelta(minutes=1))
    assert Event.objects.get().expanded_at
    assert not Delivery.objects.exists()
    assert not FileScan.objects.exists()


# --- who opens what ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "office", "applicant"),
    [
        (None, 409, 200),
        (ScanState.WAITING, 409, 200),
        (ScanState.FAILED, 409, 200),
        (ScanState.CLEAN, 200, 200),
        (ScanState.INFECTED, 403, 403),
    ],
)
@pytest.mark.parametrize("query", [{}, {"tai": "1"}], ids=["opened", "downloaded"])
def test_the_office_opens_nothing_that_is_not_known_to_be_clean(sign_in, settings, state, office, applicant, query):
    settings.CLAMD = AWAY
    case = case_in(State.SCREENING)
    kept = case.attachments.get()
    if state:
        scan_of(kept, state)
    for person, expected in ((StaffFactory(role=Role.INTAKE_OFFICER), office), (case.created_by, applicant)):
        status, content = open_file(sign_in(person), kept, **query)
        assert status == expected
        assert (content == PDF) is (status == 200)


@pytest.mark.parametrize(
    ("state", "office", "sender", "of_office"),
    [(None, 409, 200, 409), (ScanState.CLEAN, 200, 200, 200), (ScanState.INFECTED, 403, 403, 403)],
)
def test_of_a_messages_file_the_other_side_waits_too(sign_in, settings, state, office, sender, of_office):
    settings.CLAMD = AWAY
    case = case_in(State.IN_REVIEW)
    theirs = MessageFileFactory(message=said(case))
    ours = MessageFileFactory(message=said(case, by=StaffFactory(role=Role.SPECIALIST)))
    for kept in (theirs, ours):
        if state:
            scan_of(kept, state)
    client = officer(sign_in)
    assert [open_file(client, kept)[0] for kept in (theirs, ours)] == [office, office]
    client = sign_in(case.created_by)
    assert [open_file(client, kept)[0] for kept in (theirs, ours)] == [sender, of_office]


def test_a_file_of_a_message_is_scanned_and_both_sides_see_how_it_stands(
    sign_in, clam, eager_tasks, django_capture_on_commit_callbacks
):
    case = case_in(State.IN_REVIEW)
    client = sign_in(case.created_by)
    url = reverse("dossier_messages", args=[case.public_id])
    files = [SimpleUploadedFile("sach.pdf", PDF), SimpleUploadedFile("mau.pdf", VIRUS)]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"text": "Gửi kèm.", "seen": 0, "files": files})
    assert dict(MessageFile.objects.values_list("name", "scan__state")) == {
        "sach.pdf": ScanState.CLEAN,
        "mau.pdf": ScanState.INFECTED,
    }
    for page in (
        client.get(url),
        officer(sign_in, Role.SPECIALIST).get(reverse("case_messages", args=[case.public_id])),
    ):
        infected = MessageFile.objects.get(name="mau.pdf")
        assert '<span class="tag late">Có mã độc</span>' in words(page)
        assert reverse("message_file_open", args=[infected.pk]) not in words(page)
        clean = MessageFile.objects.get(name="sach.pdf")
        assert reverse("message_file_open", args=[clean.pk]) in words(page)
    assert Entry.objects.about(case).filter(action="file_infected").count() == 1


def test_a_page_of_messages_costs_no_query_more_for_the_scans(sign_in, settings):
    case = case_in(State.IN_REVIEW)
    message = said(case)
    client = officer(sign_in, Role.AUDITOR)
    url = reverse("case_messages", args=[case.public_id])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    MessageFileFactory(message=message)
    cost()  # what is kept for the process is read now
    before = cost()
    settings.CLAMD = AWAY
    for position in (2, 3):
        scan_of(MessageFileFactory(message=message, position=position))
    assert cost() == before


@pytest.mark.parametrize(
    ("state", "tag"),
    [
        (ScanState.WAITING, '<span class="tag info">Đang chờ quét mã độc</span>'),
        (ScanState.FAILED, '<span class="tag warn">Chưa quét được, sẽ thử lại</span>'),
        (ScanState.INFECTED, '<span class="tag late">Có mã độc</span>'),
        (ScanState.CLEAN, "Đã quét, không có mã độc"),
    ],
)
def test_every_page_of_the_office_says_how_it_stands_and_links_only_what_opens(sign_in, settings, state, tag):
    settings.CLAMD = AWAY
    case = case_in(State.IN_REVIEW)
    kept = case.attachments.get()
    scan_of(kept, state)
    revision_of(case)
    specialist = StaffFactory(role=Role.SPECIALIST)
    Case.objects.filter(pk=case.pk).update(specialist=specialist)
    client = sign_in(specialist)
    pages = [
        client.get(reverse("case_detail", args=[case.public_id])),
        client.get(reverse("case_detail", args=[case.public_id]), {"tep": kept.pk}),
        client.get(reverse("case_assessment", args=[case.public_id])),
        client.get(reverse("case_filing", args=[case.public_id, 1])),
    ]
    link = reverse("attachment_open", args=[kept.pk])
    for page in pages:
        assert page.status_code == 200
        assert tag in words(page)
    assert [link in words(page) for page in pages[1:]] == [state == ScanState.CLEAN] * 3
    if state == ScanState.INFECTED:
        assert "cần thay bằng một tệp khác" in words(pages[1])


def test_a_required_document_with_nothing_but_an_infected_file_counts_as_missing(sign_in, clam):
    case = case_in(State.SCREENING)
    scan_of(case.attachments.get(), ScanState.INFECTED)
    page = words(officer(sign_in).get(reverse("case_detail", args=[case.public_id])))
    assert "0/1 tài liệu bắt buộc" in page
    assert '<span class="tag late">Thiếu</span>' in page


def test_the_applicant_sees_it_on_what_was_filed(sign_in, clam):
    case = case_in(State.SUBMITTED)
    scan_of(case.attachments.get(), ScanState.INFECTED)
    client = sign_in(case.created_by)
    for url in (
        reverse("dossier_detail", args=[case.public_id]),
        reverse("dossier_filing", args=[case.public_id, 1]),
    ):
        page = words(client.get(url))
        assert '<span class="tag late">Có mã độc</span>' in page
        assert reverse("attachment_open", args=[case.attachments.get().pk]) not in page


def test_the_record_of_the_office_tells_of_it(sign_in, clam):
    case = case_in(State.IN_REVIEW)
    filed = AttachmentFactory(dossier=case, content=VIRUS, name="mau.pdf")
    scan_of(filed)
    sweep()
    page = words(officer(sign_in).get(reverse("case_detail", args=[case.public_id]), {"xem": "nhat-ky"}))
    assert "Phát hiện mã độc trong tệp" in page
    assert "mau.pdf" in page


# --- when it fails -----------------------------------------------------------------------------------


def test_a_failure_is_kept_and_tried_again_later_each_time(settings, draft):
    with daemon(cutting) as one:
        settings.CLAMD = one.address
        kept = AttachmentFactory(dossier=draft, content=b"x" * 300_000)
        scan = scan_of(kept)
        at = NOW
        for attempts, minutes in enumerate([1, 2, 4, 8, 15, 15], start=1):
            assert sweep(at) == 1
            scan.refresh_from_db()
            assert (scan.state, scan.attempts, scan.claim) == (ScanState.FAILED, attempts, None)
            assert scan.next_attempt_at == at + timedelta(minutes=minutes)
            assert scan.failing_since == NOW
            assert "ngắt kết nối" in scan.last_error
            assert sweep(scan.next_attempt_at - timedelta(seconds=1)) == 0
            at = scan.next_attempt_at
    with daemon(scans_well) as one:
        settings.CLAMD = one.address
        assert sweep(at) == 1
    scan.refresh_from_db()
    assert (scan.state, scan.failing_since, scan.last_error) == (ScanState.CLEAN, None, "")


def test_a_scanner_that_is_away_is_asked_about_one_file_and_not_about_the_others(settings, draft):
    settings.CLAMD = AWAY
    for n in range(3):
        scan_of(AttachmentFactory(dossier=draft), next_attempt_at=NOW - timedelta(minutes=3 - n))
    assert sweep() == 1
    assert sorted(FileScan.objects.values_list("state", flat=True)) == ["failed", "waiting", "waiting"]


def test_after_an_outage_the_files_that_waited_are_scanned_in_one_sweep(settings, draft, clam):
    for n in range(5):
        state = ScanState.FAILED if n % 2 else ScanState.WAITING
        scan_of(AttachmentFactory(dossier=draft, content=pdf(catalog=b"/N %d" % n)), state)
    assert sweep() == 5
    assert set(FileScan.objects.values_list("state", flat=True)) == {ScanState.CLEAN}


def test_a_mistyped_address_fails_and_calls_nothing_clean(settings, draft):
    settings.CLAMD = "clamav"
    scan_of(draft.attachments.get())
    sweep()
    scan = FileScan.objects.get()
    assert (scan.state, scan.last_error.split(":")[0]) == (ScanState.FAILED, "Malformed")


def test_a_file_that_is_gone_or_changed_in_the_store_is_not_called_clean(clam, draft):
    gone, changed = AttachmentFactory(dossier=draft), AttachmentFactory(dossier=draft, sha256="0" * 64)
    for kept in (gone, changed):
        scan_of(kept)
    gone.file.storage.delete(gone.file.name)
    assert sweep() == 2
    assert set(FileScan.objects.values_list("state", flat=True)) == {ScanState.FAILED}
    assert "không còn là tệp đã nhận" in FileScan.objects.get(attachment=changed).last_error


def test_two_workers_never_scan_the_same_file(clam, draft):
    scan_of(draft.attachments.get())
    first = scanning._claim(FileScan.objects.all(), at=NOW)
    assert first is not None
    assert scanning._claim(FileScan.objects.all(), at=NOW) is None
    # The worker died: somebody else has it when the lease is over.
    assert scanning._claim(FileScan.objects.all(), at=NOW + scanning.LEASE) == first


def test_a_worker_that_overran_its_lease_has_nothing_to_say(clam, draft):
    scan_of(AttachmentFactory(dossier=draft, content=VIRUS))
    late = scanning._claim(FileScan.objects.all(), at=NOW)
    assert scanning._claim(FileScan.objects.all(), at=NOW + scanning.LEASE)
    scanning._scan(late, clock=lambda: NOW)
    assert FileScan.objects.get().state == ScanState.WAITING
    assert not Event.objects.exists()
    assert not Entry.objects.filter(action="file_infected").exists()


def test_a_file_whose_draft_is_deleted_while_it_is_scanned_leaves_nothing(clam, draft):
    scan_of(draft.attachments.get())
    scan = scanning._claim(FileScan.objects.all(), at=NOW)
    draft.delete()
    scanning._scan(scan, clock=lambda: NOW)
    assert not FileScan.objects.exists()


def test_a_task_that_comes_twice_scans_once(clam, draft):
    scan = scan_of(draft.attachments.get())
    for _n in range(2):
        scanning.scan_one(str(scan.pk), clock=lambda: NOW)
    assert clam.connections == 1


def test_an_upload_that_is_rolled_back_leaves_no_scan(sign_in, draft, clam, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the trail is down")

    before = len(stored_files())
    monkeypatch.setattr("intake.attachments.trail.record", fail)
    with pytest.raises(RuntimeError):
        send(sign_in(draft.created_by), draft, pdf(catalog=b"/N 1"))
    assert not FileScan.objects.exists()
    assert len(stored_files()) == before


def test_files_from_before_the_scanner_are_asked_about(clam, draft, monkeypatch):
    monkeypatch.setattr(scanning, "SWEEP_SIZE", 2)
    for _n in range(4):
        AttachmentFactory(dossier=draft)
    MessageFileFactory(message=said(case_in(State.IN_REVIEW)))
    assert scanning.enlist(clock=lambda: NOW) == Attachment.objects.count() + 1
    assert scanning.enlist(clock=lambda: NOW) == 0
    monkeypatch.setattr(scanning, "SWEEP_SIZE", 100)
    assert sweep() == FileScan.objects.filter(state=ScanState.CLEAN).count() == Attachment.objects.count() + 1


def test_what_waits_is_open_again_where_the_scanner_is_taken_away_but_not_what_was_found(sign_in):
    case = case_in(State.SCREENING)
    kept = case.attachments.get()
    scan = scan_of(kept)
    client = officer(sign_in)
    assert open_file(client, kept)[0] == 200
    FileScan.objects.filter(pk=scan.pk).update(state=ScanState.INFECTED, ended_at=NOW, found="Eicar")
    assert open_file(client, kept)[0] == 403


# --- telling the administrators ----------------------------------------------------------------------


@pytest.fixture
def administrator():
    return StaffFactory(role=Role.ADMINISTRATOR)


def alerts() -> int:
    return Event.objects.filter(kind="scanning_fails").count()


def test_administrators_are_told_when_it_fails_for_long_once_and_again_while_it_goes_on(
    settings, draft, administrator, clock
):
    settings.CLAMD = AWAY
    scan_of(draft.attachments.get())
    sweep(NOW)
    sweep(NOW + scanning.ALERT_AFTER - timedelta(seconds=1))
    assert alerts() == 0
    sweep(NOW + scanning.ALERT_AFTER)
    sweep(NOW + scanning.ALERT_AFTER + timedelta(hours=1))
    assert alerts() == 1
    # Another file that has failed for long is part of the same outage.
    scan_of(AttachmentFactory(dossier=draft), ScanState.FAILED)
    sweep(NOW + scanning.ALERT_AFTER + timedelta(hours=2))
    assert alerts() == 1
    sweep(NOW + scanning.ALERT_AFTER + scanning.ALERT_AGAIN)
    assert alerts() == 2
    expansion.expand_due(at=NOW + timedelta(days=1))
    assert {delivery.recipient for delivery in Delivery.objects.all()} == {administrator}


def test_a_new_outage_is_told_though_the_last_was_told_an_hour_ago(settings, draft, administrator, clam):
    first = scan_of(draft.attachments.get(), ScanState.FAILED, alerted_at=NOW)
    scanning.scan_one(str(first.pk), clock=lambda: NOW)
    settings.CLAMD = AWAY
    scan_of(AttachmentFactory(dossier=draft), ScanState.FAILED)
    sweep(NOW + timedelta(hours=1))
    assert alerts() == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_notice_says_how_many_since_when_and_why(settings, draft, administrator, client, language):
    settings.CLAMD = AWAY
    scan_of(draft.attachments.get(), ScanState.FAILED, last_error="Không kết nối được bộ quét mã độc")
    # Due later, so that what stands there is the error from before.
    FileScan.objects.update(next_attempt_at=NOW + timedelta(days=1))
    sweep(NOW + timedelta(hours=1))
    expansion.expand_due(at=NOW + timedelta(hours=2))
    notice = Delivery.objects.get(channel="in_app")
    with translation.override(language):
        mail = texts.render(notice, "mail", language="vi")
    assert "Có 1 tệp chưa quét được mã độc. Tệp lâu nhất chưa quét được từ 18/11/2026, 09:12." in mail
    assert "Lỗi gần nhất: Không kết nối được bộ quét mã độc" in mail
    assert "None" not in mail
    client.force_login(administrator)
    assert "Quét mã độc không hoạt động: 1 tệp chưa quét được." in words(client.get(reverse("notification_list")))
    opened = client.post(reverse("notification_open", args=[notice.pk]))
    assert opened.url == reverse("notification_list")


# --- what the table refuses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "clean"},
        {"state": "infected", "ended_at": NOW},
        {"state": "clean", "ended_at": NOW, "found": "Eicar"},
        {"state": "failed"},
        {"state": "waiting", "failing_since": NOW},
        {"state": "off"},
        {"attachment": None},
    ],
)
def test_a_scan_that_contradicts_itself_is_refused(draft, wrong):
    given = {"attachment": draft.attachments.get(), "asked_at": NOW, "next_attempt_at": NOW} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        FileScan.objects.create(**given)


def test_a_page_of_a_draft_costs_no_query_more_for_the_scans(draft, clam, rf, django_assert_num_queries):
    for _n in range(3):
        scan_of(AttachmentFactory(dossier=draft), ScanState.CLEAN)
    (dossier,) = loading.with_parts(Dossier.objects.filter(pk=draft.pk))
    with django_assert_num_queries(0):
        assert [kept.is_infected() for kept in dossier.attachments.all()] == [False] * 4
        assert not [one for one in missing(dossier) if one.section_key == "documents"]


def test_deleting_a_draft_takes_its_scans_with_it(draft, clam):
    scan_of(draft.attachments.get())
    drafts.delete(draft, by=draft.created_by, at=NOW)
    assert not FileScan.objects.exists()
    assert clamd.is_configured()

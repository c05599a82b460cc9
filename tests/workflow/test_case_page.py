"""The page of one dossier as members of staff read it."""

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import DOSSIER_READERS, Role
from audit import trail
from catalogs.models import CatalogueItem
from documents.models import DocumentKind, IssuedDocument, Template
from documents.sources import ensure_templates
from intake.models import Attachment, Revision, SupplementPoint, SupplementRequest
from intake.states import Outcome, State
from notifications.models import Channel, Delivery, DeliveryState, Event
from tests.factories import NOW, AttachmentFactory, DossierFactory, StaffFactory, case_in, member_of, revision_of, said
from workflow import casefile, contents
from workflow.casefile import comparison_of, filing_of
from workflow.models import Assessment, Capacity, Deadline, ItemFinding, Participation, Verdict

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    cache.clear()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def signed_in(client, role: str):
    user = StaffFactory(role=role)
    client.force_login(user)
    return user


def get(client, case, **query) -> str:
    response = client.get(reverse("case_detail", args=[case.public_id]), query)
    assert response.status_code == 200
    return response.content.decode()


def assess(case, author, **fields) -> Assessment:
    fields = {
        "answers": {"novelty": {"grade": "high", "comment": "Tự phát triển."}},
        "outcome": Outcome.GRANTED,
        "grounds": "Đáp ứng mô tả của mục.",
        **fields,
    }
    return Assessment.objects.create(case_id=case.pk, author=author, saved_at=NOW, **fields)


def paper(case, kind, number: int, **fields) -> IssuedDocument:
    ensure_templates()
    template = Template.objects.order_by("pk").first()
    return IssuedDocument.objects.create(
        dossier_id=case.pk,
        kind=kind,
        book=kind,
        year=2026,
        number=number,
        symbol=f"{number:02}/QĐ-CNCNTT",
        issued_at=NOW,
        render_due_at=NOW,
        template=template,
        data={},
        verification_code=f"{number:012}",
        **fields,
    )


def record_history(case, people: list, *, rounds: int) -> None:
    """A dossier with a long past: entries, periods, papers, findings, requests."""
    for n in range(rounds):
        for action in ("take", "save_assessment", "propose", "send_back"):
            trail.record(case, action, by=people[n % len(people)], at=NOW, data={"reason": f"lần {n}"})
        Deadline.objects.create(
            case=case,
            rule="assessment",
            amount=20,
            unit="working_days",
            basis="Quy chế",
            started_at=NOW - timedelta(days=n + 1),
            due_at=NOW,
            ended_at=NOW,
        )


# --- who may open it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(DOSSIER_READERS))
def test_whoever_handles_dossiers_may_read_each(client, role):
    case = case_in(State.IN_REVIEW)
    signed_in(client, role)
    page = get(client, case)
    assert case.title in page
    assert case.code in page


@pytest.mark.parametrize("role", [Role.CATALOGUE_MANAGER, Role.ADMINISTRATOR])
def test_others_of_the_staff_get_404(client, role):
    case = case_in(State.IN_REVIEW)
    signed_in(client, role)
    assert client.get(reverse("case_detail", args=[case.public_id])).status_code == 404


def test_a_draft_is_not_there(client):
    draft = DossierFactory(title="Bản nháp")
    signed_in(client, Role.AUDITOR)
    for address in (
        reverse("case_detail", args=[draft.public_id]),
        reverse("case_action", args=[draft.public_id, "take"]),
    ):
        assert client.get(address).status_code == 404


def test_an_unknown_dossier_and_an_applicant_get_404(client):
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.AUDITOR)
    assert client.get(reverse("case_detail", args=[uuid.uuid4()])).status_code == 404
    client.force_login(member_of(case.organisation))
    assert client.get(reverse("case_detail", args=[case.public_id])).status_code == 404


# --- what it shows -----------------------------------------------------------------------------------


def test_the_declaration_is_shown_as_it_was_filed_not_as_it_stands_now(client):
    case = case_in(State.IN_REVIEW)
    type(case).objects.filter(pk=case.pk).update(answers={"description": "Đã đổi sau khi nộp."})
    signed_in(client, Role.SPECIALIST)
    page = get(client, case)
    assert "tự nhận diện biển số" in page.replace("<mark>", "").replace("</mark>", "")
    assert "Đã đổi sau khi nộp." not in page
    assert "1.250.000.000 đồng" in page


def test_the_latest_filing_is_shown_and_the_earlier_ones_are_named(client):
    case = case_in(State.IN_REVIEW)
    case.answers = {**case.answers, "description": "Mô tả đã bổ sung theo yêu cầu."}
    case.save()
    revision_of(case, at=NOW + timedelta(days=2))
    signed_in(client, Role.SPECIALIST)
    page = get(client, case)
    assert "Mô tả đã bổ sung theo yêu cầu." in page
    assert "lần 1: 18/11/2026, 09:12" in page


def test_what_somebody_typed_is_text_never_markup(client):
    case = case_in(State.IN_REVIEW, title="<b>Camera</b> <script>alert(1)</script>")
    signed_in(client, Role.SPECIALIST)
    page = get(client, case)
    assert "<script>alert" not in page
    assert "&lt;b&gt;Camera" in page


def test_the_certification_names_person_and_statements_and_that_nothing_changed(client):
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.INTAKE_OFFICER)
    page = get(client, case)
    assert "Nội dung khai báo là chính xác, trung thực." in page
    assert "Giám đốc, cam kết lúc 18/11/2026, 09:12" in page
    assert "Không đổi từ khi nộp" in page


def test_a_filing_that_no_longer_fits_its_certificate_is_called_out(client):
    case = case_in(State.IN_REVIEW)
    revision = Revision(
        dossier_id=case.pk, number=2, filed_at=NOW, content=case.revisions.get().content, digest="0" * 64
    )
    revision.save(force_insert=True)
    certification = case.revisions.get(number=1).certification
    certification.pk, certification.revision = None, revision
    certification.save(force_insert=True)
    signed_in(client, Role.INTAKE_OFFICER)
    assert "Nội dung khác với lúc cam kết" in get(client, case)


def test_documents_open_in_the_page_of_whoever_screens(client):
    case = case_in(State.SCREENING)
    attachment = Attachment.objects.get()
    signed_in(client, Role.INTAKE_OFFICER)
    page = get(client, case)
    assert "Thành phần hồ sơ" in page
    assert "1/1 tài liệu bắt buộc" in page
    assert f'<iframe src="{reverse("attachment_open", args=[attachment.pk])}"' in page


def test_a_link_switches_the_document_without_script(client):
    case = case_in(State.IN_REVIEW)
    image = AttachmentFactory(dossier=case, document_key="hinh-anh", name="anh.png", content_type="image/png")
    revision_of(case)
    signed_in(client, Role.SPECIALIST)
    assert "<iframe" not in get(client, case)
    assert f'<img src="{reverse("attachment_open", args=[image.pk])}"' in get(client, case, tep=str(image.pk))


@pytest.mark.parametrize("file", ["", "x", "0fe584f5-f729-44ce-9250-ce5d35e5856b", "\x00", "../../etc/passwd"])
def test_a_file_that_is_not_of_the_dossier_gives_way_to_the_first_one(client, file):
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.SPECIALIST)
    own = Attachment.objects.get()
    assert f'src="{reverse("attachment_open", args=[own.pk])}"' in get(client, case, tep=file)


def test_a_file_of_another_dossier_is_never_framed(client):
    other = Attachment.objects.filter(dossier=case_in(State.IN_REVIEW)).get()
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.SPECIALIST)
    assert reverse("attachment_open", args=[other.pk]) not in get(client, case, tep=str(other.pk))


def test_a_missing_required_document_is_named(client):
    case = case_in(State.SCREENING)
    Attachment.objects.filter(dossier=case).update(removed_at=NOW)
    revision_of(case)
    signed_in(client, Role.INTAKE_OFFICER)
    page = get(client, case)
    assert "0/1 tài liệu bắt buộc" in page
    assert "Còn thiếu 1 tài liệu bắt buộc." in page


def test_items_show_their_verdict_and_reason(client):
    specialist = StaffFactory(full_name="Phạm Quốc Bảo")
    case = case_in(State.IN_REVIEW, specialist=specialist)
    items = {item.code: item for item in CatalogueItem.objects.all()}
    ItemFinding.objects.create(
        case_id=case.pk, item=items["1.8"], verdict=Verdict.OVERRULED, reason="Chỉ là ống kính.", by=specialist, at=NOW
    )
    ItemFinding.objects.create(
        case_id=case.pk, item=items["4.1"], verdict=Verdict.ADDED, reason="Có bộ thu phát.", by=specialist, at=NOW
    )
    signed_in(client, Role.HEAD_OF_UNIT)
    page = get(client, case)
    assert "Không phù hợp" in page
    assert "Chỉ là ống kính." in page
    assert "Thiết bị mạng viễn thông 5G" in page
    assert "Phạm Quốc Bảo, 18/11/2026, 09:12" in page


def test_words_that_speak_for_an_item_are_marked_in_the_declaration(client):
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.SPECIALIST)
    page = get(client, case)
    declaration = page.split('id="khai-bao"')[1]
    assert "<mark>" in declaration


def test_the_assessment_is_there_for_those_who_decide(client):
    author = StaffFactory(full_name="Nguyễn Minh Anh")
    case = case_in(State.ENDORSEMENT, specialist=author)
    assess(case, author, proposed_at=NOW)
    signed_in(client, Role.HEAD_OF_UNIT)
    page = get(client, case)
    assert "Tự phát triển." in page
    assert "Đáp ứng mô tả của mục." in page
    assert "Đề xuất: Đồng ý" in page


def test_the_timeline_tells_what_happened_and_what_comes(client):
    officer = StaffFactory(role=Role.INTAKE_OFFICER, full_name="Nguyễn Thị Hạnh")
    case = case_in(State.IN_REVIEW)
    trail.record(case, "receive", by=officer, at=NOW, data={"appointment": "2026-12-16T17:00:00+07:00"})
    signed_in(client, Role.AUDITOR)
    page = get(client, case)
    assert "Tiếp nhận hồ sơ" in page
    assert "Nguyễn Thị Hạnh · hẹn trả 16/12/2026" in page
    assert "Ký ban hành" in page


def test_a_return_is_told_to_the_specialist_until_something_else_happens(client):
    me = signed_in(client, Role.SPECIALIST)
    head = StaffFactory(role=Role.HEAD_OF_UNIT, full_name="Đỗ Thị Lan")
    case = case_in(State.IN_REVIEW, specialist=me)
    trail.record(case, "send_back", by=head, at=NOW, data={"reason": "Thiếu kết quả thử nghiệm."})
    assert "Hồ sơ được trả lại" in get(client, case)
    trail.record(case, "propose", by=me, at=NOW)
    assert "Hồ sơ được trả lại" not in get(client, case)


def test_requests_for_supplements_show_points_and_answers(client):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    request = SupplementRequest.objects.create(
        dossier_id=case.pk, stage="intake", requested_by=StaffFactory(), requested_at=NOW, due_at=case.due_at
    )
    SupplementPoint.objects.create(
        request=request,
        kind="document",
        key="thuyet-minh",
        reason="unreadable",
        explanation="Trang 2 bị mờ.",
        answer="Đã quét lại.",
    )
    signed_in(client, Role.INTAKE_OFFICER)
    page = get(client, case)
    assert "dừng tính hạn, chờ bổ sung đến" in page
    for words in ("Thuyết minh kỹ thuật", "Không đọc được", "Trang 2 bị mờ.", "Đã quét lại."):
        assert words in page


def test_deadlines_name_the_article_they_come_from(client):
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.AUDITOR)
    page = get(client, case)
    assert "Giải quyết hồ sơ" in page
    assert "Quy chế của Cục" in page


def test_papers_and_earlier_decisions_of_the_organisation(client):
    case = case_in(State.IN_REVIEW)
    paper(case, DocumentKind.RECEIPT, 1)
    for n in range(8):
        earlier = case_in(State.DELIVERED, title=f"Sản phẩm {n}", organisation=case.organisation)
        paper(earlier, DocumentKind.DECISION, 10 + n)
    stranger = case_in(State.DELIVERED, title="Của công ty khác")
    paper(stranger, DocumentKind.DECISION, 30)
    signed_in(client, Role.SPECIALIST)
    page = get(client, case)
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in page
    assert "đang lập văn bản" in page
    assert "Sản phẩm 7" in page
    assert "Của công ty khác" not in page
    assert page.count("/QĐ-CNCNTT · ") <= 1 + 6


def test_a_mail_that_failed_shows_on_the_dossier(client):
    case = case_in(State.IN_REVIEW)
    event = Event.objects.create(
        kind="dossier_received",
        subject_type="intake.dossier",
        subject_id=str(case.pk),
        happened_at=NOW,
        next_attempt_at=NOW,
        context={
            "code": case.code,
            "title": case.title,
            "organisation": case.organisation.name,
            "due": NOW.isoformat(),
        },
    )
    signed_in(client, Role.INTAKE_OFFICER)
    assert "Có thư không gửi được" not in get(client, case)
    Delivery.objects.create(
        event=event,
        recipient=member_of(case.organisation),
        channel=Channel.EMAIL,
        happened_at=NOW,
        state=DeliveryState.FAILED,
        attempts=8,
        next_attempt_at=NOW,
        last_error="550 no such user",
    )
    assert "Có thư không gửi được" in get(client, case)
    assert "550 no such user" in get(client, case, xem="nhat-ky")


def test_the_record_shows_every_entry(client):
    person = StaffFactory(full_name="Phạm Quốc Bảo")
    case = case_in(State.IN_REVIEW, specialist=person)
    trail.record(case, "record_finding", by=person, at=NOW, data={"item": "1.8 Camera", "verdict": "confirmed"})
    trail.record(case, "save_assessment", by=person, at=NOW, data={"outcome": "granted"})
    signed_in(client, Role.AUDITOR)
    page = get(client, case, xem="nhat-ky")
    for words in ("Kết luận về mục danh mục", "1.8 Camera, Phù hợp", "Lưu phiếu thẩm định", "kết quả: đồng ý"):
        assert words in page


# --- what somebody can do ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "role", "offered", "not_offered"),
    [
        (State.SUBMITTED, Role.INTAKE_OFFICER, ["Bắt đầu kiểm tra"], ["Từ chối tiếp nhận"]),
        (State.SCREENING, Role.INTAKE_OFFICER, ["Tiếp nhận hồ sơ", "Yêu cầu bổ sung", "Từ chối"], ["Nhận xử lý"]),
        (State.IN_REVIEW, Role.SPECIALIST, ["Nhận xử lý"], ["Trình lãnh đạo phòng</a>"]),
        (State.ENDORSEMENT, Role.HEAD_OF_UNIT, ["Đồng ý và trình ký", "Trả lại chuyên viên"], ["Phê duyệt"]),
        (State.APPROVAL, Role.SIGNATORY, ["Phê duyệt", "Trả lại chuyên viên"], ["Đồng ý và trình ký"]),
        (State.ISSUING, Role.CLERK, ["Phát hành quyết định"], ["Phê duyệt"]),
    ],
)
def test_only_what_the_person_may_do_is_offered(client, state, role, offered, not_offered):
    author = StaffFactory()
    case = case_in(state, **({"specialist": author} if state not in (State.SUBMITTED, State.SCREENING) else {}))
    if state == State.IN_REVIEW:
        type(case).objects.filter(pk=case.pk).update(specialist=None)
    elif state not in (State.SUBMITTED, State.SCREENING):
        assess(case, author)
    signed_in(client, role)
    todo = get(client, case).split('id="viec"')[1].split("</section>")[0]
    assert "Việc của bạn" in todo
    for words in offered:
        assert words in todo
    for words in not_offered:
        assert words not in todo


def test_an_auditor_only_reads(client):
    case = case_in(State.IN_REVIEW)
    signed_in(client, Role.AUDITOR)
    page = get(client, case)
    assert "Việc của bạn" not in page
    assert "Đang chờ:" in page
    assert 'name="version"' not in page


def test_who_acted_in_another_capacity_is_told_why_there_is_nothing_to_do(client):
    me = signed_in(client, Role.SIGNATORY)
    author = StaffFactory()
    case = case_in(State.APPROVAL, specialist=author)
    assess(case, author)
    Participation.objects.create(case=case, person=me, capacity=Capacity.ENDORSER, since=NOW)
    page = get(client, case)
    assert "Việc của bạn" not in page
    assert "Bạn đã tham gia hồ sơ này ở vai trò “Lãnh đạo phòng”" in page


# --- what it costs -----------------------------------------------------------------------------------


def test_the_page_costs_the_same_whatever_the_history(client):
    me = signed_in(client, Role.SPECIALIST)
    case = case_in(State.IN_REVIEW, specialist=me)
    assess(case, me)
    people = [StaffFactory() for _n in range(3)]
    get(client, case)
    record_history(case, people, rounds=12)
    request = SupplementRequest.objects.create(
        dossier_id=case.pk, stage="intake", requested_by=people[0], requested_at=NOW, due_at=NOW, ended_at=NOW
    )
    for n in range(6):
        SupplementPoint.objects.create(request=request, kind="other", reason="unclear", explanation=f"{n}")
        item = CatalogueItem.objects.exclude(code="1.8").order_by("pk")[n % 3]
        ItemFinding.objects.update_or_create(
            case_id=case.pk, item=item, defaults={"verdict": "added", "reason": "x", "by": people[0], "at": NOW}
        )
        earlier = case_in(State.DELIVERED, organisation=case.organisation)
        paper(earlier, DocumentKind.DECISION, 50 + n)
        paper(case, DocumentKind.RECEIPT, 70 + n)
    for _n in range(3):
        revision_of(case)
        said(case)
    with CaptureQueriesContext(connection) as queries:
        get(client, case)
    assert len(queries) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in queries)
    with CaptureQueriesContext(connection) as queries:
        get(client, case, xem="nhat-ky")
    assert len(queries) <= MOST_QUERIES


def test_a_period_is_told_in_the_readers_language_and_on_paper_in_vietnamese(client):
    case = case_in(State.IN_REVIEW)
    with translation.override("en"):
        assert casefile.periods_of(case, at=NOW)[0].length == "20 working days"
        deadline = Deadline.objects.get(case_id=case.pk)
        assert contents.receipt(case, deadline, officer=StaffFactory())["duration"] == "20 ngày làm việc"


def test_what_speaks_against_is_told_once_in_a_comparison(client):
    case = case_in(State.IN_REVIEW)
    for item in CatalogueItem.objects.exclude(code="1.8"):
        case.declared_items.create(item=item)
    content = case.revisions.get().content
    title, text = content["title"], "Bán gạo thơm đóng túi, rau củ quả tươi, cà phê rang xay; lắp camera cho cửa hàng"
    for section in content["sections"]:
        for answer in section["answers"]:
            if answer["key"] == "description":
                answer["display"] = text
    filing = filing_of(case)
    filing.revision.content.update(content)
    comparison = comparison_of(case, filing)
    said = [line for row in (*comparison.rows, *comparison.others) for line in row.against]
    assert len(said) == len(set(said)) >= 1, title

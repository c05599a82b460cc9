"""The list and the page of a filed dossier."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import MembershipRole, Role
from intake.models import SupplementPoint, SupplementRequest
from intake.states import State
from tests.factories import (
    NOW,
    AttachmentFactory,
    DossierFactory,
    OrganisationFactory,
    StaffFactory,
    UnitFactory,
    UserFactory,
    case_in,
    complete_dossier,
    member_of,
    revision_of,
    said,
)

pytestmark = pytest.mark.django_db
LIST = "/ho-so/"


def text(page):
    return page.content.decode()


def ask_for_supplement(case, *, points=2):
    request = SupplementRequest.objects.create(
        dossier_id=case.pk, stage="intake", requested_by=StaffFactory(), requested_at=NOW, due_at=case.due_at
    )
    for n in range(points):
        SupplementPoint.objects.create(
            request=request, kind="document", key="thuyet-minh", reason="missing", explanation=f"Điểm {n}"
        )
    return request


def test_a_new_person_is_told_what_to_do(sign_in):
    page = text(sign_in(member_of(OrganisationFactory())).get(LIST))
    assert "Bạn chưa có hồ sơ nào" in page
    assert reverse("dossier_new") in page


def test_somebody_without_an_organisation_makes_one_first(sign_in):
    answer = sign_in(UserFactory()).get(reverse("dossier_new"), {"thu-tuc": "x"})
    assert answer.url == reverse("organisation_create") + "?next=%2Fho-so%2Fmoi%2F%3Fthu-tuc%3Dx"


def test_a_viewer_is_not_offered_to_start(sign_in):
    person = member_of(OrganisationFactory(), MembershipRole.VIEWER)
    page = text(sign_in(person).get(LIST))
    assert "Lập hồ sơ" not in page


def test_a_viewer_who_starts_all_the_same_is_told_why_not(sign_in):
    person = member_of(OrganisationFactory(), MembershipRole.VIEWER)
    answer = sign_in(person).get(reverse("dossier_new"), follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "chỉ được xem" in text(answer)


def test_the_list_says_what_each_dossier_needs(sign_in):
    draft = complete_dossier(title="Bản soạn đủ")
    client = sign_in(draft.created_by)
    DossierFactory(organisation=draft.organisation, title="Bản soạn thiếu")
    asked = case_in(State.SUPPLEMENT_REQUESTED, organisation=draft.organisation, due_at=NOW + timedelta(days=5))
    ask_for_supplement(asked)
    case_in(State.IN_REVIEW, organisation=draft.organisation, title="Đang thẩm định đây")
    page = text(client.get(LIST))
    assert "Đã đủ, bạn có thể nộp" in page
    assert "Còn thiếu 8 nội dung" in page
    assert "Cần bạn bổ sung 2 tài liệu" in page
    assert "Còn 5 ngày" in page
    assert "ngày làm việc" in page
    assert page.index("Cần bạn làm") < page.index("Đang thẩm định đây")


def test_the_list_is_read_page_by_page(sign_in):
    organisation = OrganisationFactory()
    client = sign_in(member_of(organisation))
    for n in range(45):
        # Several share a moment: the key has to tell them apart.
        DossierFactory(organisation=organisation, title=f"Hồ sơ {n:02}", edited_at=NOW - timedelta(days=n // 3))
    seen, url = [], LIST
    while url:
        page = client.get(url)
        seen.append([row["dossier"].title for row in page.context["rows"]])
        url = page.context["older_url"]
    assert [len(rows) for rows in seen] == [20, 20, 5]
    assert len({title for rows in seen for title in rows}) == 45
    back = client.get(page.context["newer_url"])
    assert [row["dossier"].title for row in back.context["rows"]] == seen[1]
    assert client.get(back.context["newer_url"]).context["newer_url"] == ""


@pytest.mark.parametrize("key", ["x", "", "\x00", "a:b:c", "1" * 5000])
def test_a_broken_page_key_shows_the_first_page(sign_in, key):
    draft = DossierFactory(title="Của tôi")
    assert "Của tôi" in text(sign_in(draft.created_by).get(LIST, {"sau": key, "truoc": key}))


def queries(client, url):
    with CaptureQueriesContext(
        connection,
    ) as context:
        assert client.get(url).status_code == 200
    return len(context)


def test_the_list_asks_no_more_of_the_database_when_it_is_full(sign_in):
    organisation = OrganisationFactory()
    client = sign_in(member_of(organisation))
    ask_for_supplement(case_in(State.SUPPLEMENT_REQUESTED, organisation=organisation))
    complete_dossier(organisation=organisation)
    client.get(LIST)
    few = queries(client, LIST)
    for _n in range(8):
        complete_dossier(organisation=organisation)
        case_in(State.IN_REVIEW, organisation=organisation)
        ask_for_supplement(case_in(State.SUPPLEMENT_REQUESTED, organisation=organisation), points=5)
        said(case_in(State.IN_REVIEW, organisation=organisation), by=StaffFactory())
    assert queries(client, LIST) == few
    assert few <= 13


def test_the_page_of_a_dossier_asks_no_more_when_its_history_is_long(sign_in):
    case = case_in(State.IN_REVIEW)
    client = sign_in(case.created_by)
    url = reverse("dossier_detail", args=[case.public_id])
    client.get(url)
    few = queries(client, url)
    for n in range(5):
        AttachmentFactory(dossier=case, uploaded_at=NOW + timedelta(minutes=n))
        revision_of(case)
        said(case)
        said(case, by=StaffFactory())
    assert queries(client, url) == few
    assert few <= 12


@pytest.mark.parametrize(
    "state", [state for state in State.values if state not in (State.DRAFT, State.SUPPLEMENT_REQUESTED)]
)
def test_the_page_of_a_filed_dossier_says_where_it_is_in_every_state(sign_in, state):
    case = case_in(state)
    page = sign_in(case.created_by).get(reverse("dossier_detail", args=[case.public_id]))
    assert page.status_code == 200
    words = text(page)
    assert case.code in words
    assert str(State(state).label) in words
    assert "Không đổi từ khi nộp" in words
    assert "1.250.000.000 đồng" in words
    kinds = [step["kind"] for step in page.context["timeline"]]
    assert kinds[0] == "done"
    assert kinds.count("now") == (1 if case.due_at or state == State.ISSUED else 0)
    assert ("stop" in kinds) == bool(case.ended_at)
    waits = state in (State.SUBMITTED, State.SCREENING)
    assert ("Trong 20 ngày làm việc kể từ khi tiếp nhận" in words) == waits, "when the result comes"


def test_who_has_the_dossier_is_said_by_unit(sign_in):
    specialist = StaffFactory(role=Role.SPECIALIST, unit=UnitFactory(name="Phòng Công nghiệp số"))
    case = case_in(State.IN_REVIEW, specialist=specialist)
    page = text(sign_in(case.created_by).get(reverse("dossier_detail", args=[case.public_id])))
    assert "Phòng Công nghiệp số" in page
    assert specialist.full_name not in page


def test_a_draft_leads_to_where_it_is_filled_in(sign_in):
    draft = DossierFactory()
    answer = sign_in(draft.created_by).get(reverse("dossier_detail", args=[draft.public_id]))
    assert answer.url.endswith("/khai/san-pham/")


def test_what_is_shown_is_what_was_filed_not_what_was_changed_since(sign_in):
    case = case_in(State.IN_REVIEW)
    case.answers = {**case.answers, "description": "Sửa sau khi nộp"}
    case.save()
    page = text(sign_in(case.created_by).get(reverse("dossier_detail", args=[case.public_id])))
    assert "Sửa sau khi nộp" not in page
    assert "tự nhận diện biển số" in page

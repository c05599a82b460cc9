"""The queue as members of staff see it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import DOSSIER_READERS, Role
from catalogs.models import CatalogueItem
from intake.models import DeclaredItem
from intake.states import State
from tests.factories import NOW, DossierFactory, StaffFactory, case_in, member_of, said
from workflow import desk

pytestmark = pytest.mark.django_db

# The sum of the office's goals: docs of the queue page.
MOST_QUERIES = 6
MOST_BYTES = 60 * 1024


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    cache.clear()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def queued(state: str, title: str, *, days: float = 5, **fields):
    return case_in(state, title=title, due_at=NOW + timedelta(days=days), **fields)


def signed_in(client, role: str):
    user = StaffFactory(role=role)
    client.force_login(user)
    return user


def get(client, **query):
    response = client.get(reverse("queue"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_queue_is_closed_to_applicants_and_strangers(client):
    assert client.get(reverse("queue")).status_code == 302
    client.force_login(member_of(DossierFactory().organisation))
    assert client.get(reverse("queue")).status_code == 404


def test_a_role_that_handles_no_dossiers_is_told_so(client):
    case_in(State.SUBMITTED, title="Camera")
    signed_in(client, Role.CATALOGUE_MANAGER)
    page = get(client)
    assert "Vai trò của bạn không xử lý hồ sơ" in page
    assert "Camera" not in page


@pytest.mark.parametrize(
    ("role", "state", "tab"),
    [
        (Role.INTAKE_OFFICER, State.SUBMITTED, "Chờ tiếp nhận"),
        (Role.INTAKE_OFFICER, State.SCREENING, "Chờ tiếp nhận"),
        (Role.INTAKE_OFFICER, State.SUPPLEMENT_REQUESTED, "Chờ bổ sung"),
        (Role.SPECIALIST, State.IN_REVIEW, "Chờ thẩm định"),
        (Role.HEAD_OF_UNIT, State.ENDORSEMENT, "Trình lãnh đạo"),
        (Role.SIGNATORY, State.APPROVAL, "Trình ký"),
        (Role.CLERK, State.ISSUING, "Chờ phát hành"),
        (Role.CLERK, State.ISSUED, "Đã có kết quả"),
    ],
)
def test_the_first_tab_with_work_opens_by_itself(client, role, state, tab):
    case = queued(state, "Camera EdgeSight S2")
    signed_in(client, role)
    page = get(client)
    assert f"<title>{tab} " in page
    assert "Camera EdgeSight S2" in page
    assert case.code in page
    assert case.organisation.name in page
    assert "1.8 · TT 31" in page


def test_a_draft_is_on_no_tab(client):
    DossierFactory(title="Bản nháp bí mật")
    for role in DOSSIER_READERS:
        user = signed_in(client, role)
        for tab in desk.tabs_for(user):
            assert "Bản nháp bí mật" not in get(client, tab=tab.key)


@pytest.mark.parametrize(
    ("state", "days", "label"),
    [
        (State.IN_REVIEW, 7, "Còn 4 ngày làm việc"),
        (State.IN_REVIEW, 0.08, "Còn 2 giờ làm việc"),
        (State.IN_REVIEW, -5, "Quá hạn 3 ngày làm việc"),
        (State.SUPPLEMENT_REQUESTED, 5, "Dừng tính hạn"),
        (State.DELIVERED, 5, "Nộp 18/11/2026"),
    ],
)
def test_a_row_says_what_is_left(client, state, days, label):
    queued(state, "Camera", days=days)
    signed_in(client, Role.AUDITOR)
    assert label in get(client, tab="tat-ca")


def test_an_empty_tab_says_so(client):
    signed_in(client, Role.SIGNATORY)
    assert "Không có hồ sơ nào chờ ký." in get(client)


def test_a_search_without_hits_offers_to_look_everywhere(client):
    case_in(State.DELIVERED, title="Nền tảng truy xuất")
    signed_in(client, Role.SIGNATORY)
    page = get(client, tab="trinh-ky", q="nen tang")
    assert "Tìm trong tất cả" in page
    assert "tab=tat-ca" in page
    assert "Nền tảng truy xuất" in get(client, tab="tat-ca", q="nen tang")


def test_filters_stay_in_the_links(client, monkeypatch):
    monkeypatch.setattr(desk, "PAGE_SIZE", 1)
    case = queued(State.APPROVAL, "Camera A")
    queued(State.APPROVAL, "Camera B", days=6)
    signed_in(client, Role.SIGNATORY)
    slug = case.revision_of_procedure.procedure.slug
    page = get(client, q="camera", **{"thu-tuc": slug, "tab": "trinh-ky"})
    assert "Camera A" in page
    assert "Camera B" not in page
    link = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert {"q", "thu-tuc", "tab", "sau"} <= set(parse_qs(urlsplit(link).query))
    second = client.get(link).content.decode()
    assert "Camera B" in second
    back = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Camera A" in client.get(back).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"sau": "rubbish"},
        {"truoc": "9" * 60},
        {"sau": "1-" + "9" * 18},
        {"tab": "no-such-tab"},
        {"trang-thai": "draft"},
        {"thu-tuc": "../../etc"},
        {"q": "\x00"},
        {"q": "a" * 10_000},
        {"q": "%' OR 1=1 --"},
        {"q": "<script>alert(1)</script>"},
    ],
)
def test_hostile_input_shows_a_page(client, query):
    queued(State.APPROVAL, "Camera")
    signed_in(client, Role.SIGNATORY)
    page = get(client, **query)
    assert "<script>alert" not in page


def test_a_draft_cannot_be_filtered_for(client):
    DossierFactory(title="Bản nháp")
    queued(State.APPROVAL, "Camera")
    signed_in(client, Role.AUDITOR)
    assert "Bản nháp" not in get(client, tab="tat-ca", **{"trang-thai": "draft"})


def test_the_next_dossier_opens(client):
    case = queued(State.APPROVAL, "gấp", days=1)
    queued(State.APPROVAL, "sau", days=2)
    signed_in(client, Role.SIGNATORY)
    response = client.get(reverse("queue"), {"tiep": "1"})
    assert response.url == reverse("case_detail", args=[case.public_id])


def test_when_nothing_waits_the_next_dossier_is_the_queue(client):
    signed_in(client, Role.SIGNATORY)
    response = client.get(reverse("queue"), {"tiep": "1"}, follow=True)
    assert "Không còn hồ sơ nào chờ bạn xử lý." in response.content.decode()


def test_fifty_rows_cost_few_queries_and_few_bytes(client):
    items = list(CatalogueItem.objects.order_by("pk"))
    case = queued(State.SUBMITTED, "Nền tảng truy xuất nguồn gốc nông sản TraceViet 0")
    items = list(CatalogueItem.objects.order_by("pk"))
    for n in range(55):
        case = queued(
            [State.SUBMITTED, State.SCREENING][n % 2],
            f"Nền tảng truy xuất nguồn gốc nông sản TraceViet {n}",
            days=n / 3,
            organisation=case.organisation,
        )
        DeclaredItem.objects.get_or_create(dossier=case, item=items[n % 3])
        said(case)
    signed_in(client, Role.INTAKE_OFFICER)
    get(client)
    with CaptureQueriesContext(connection) as queries:
        page = get(client)
    assert page.count('<td class="item"') == 50
    assert page.count("1 tin nhắn mới") >= 49
    assert len(queries) <= MOST_QUERIES, [q["sql"][:120] for q in queries]
    assert len(page.encode()) <= MOST_BYTES


def test_whoever_may_take_can_do_so_from_the_row(client):
    case = queued(State.IN_REVIEW, "Camera")
    me = signed_in(client, Role.SPECIALIST)
    page = get(client, tab="cho-tham-dinh")
    address = reverse("case_action", args=[case.public_id, "take"])
    assert address in page
    response = client.post(address, {"version": case.version})
    assert response.url == reverse("case_detail", args=[case.public_id])
    case = type(case).objects.get(pk=case.pk)
    assert case.specialist == me

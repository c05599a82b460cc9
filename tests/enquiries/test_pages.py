"""The pages of questions outside a dossier, for those who ask and those who answer."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from catalogs.enquiries import answering
from catalogs.models import Enquiry, UnconfirmedEnquiry
from tests.enquiries.builders import TEXT, TITLE, answered, confirmed, enquiry, taken, waiting
from tests.factories import (
    NOW,
    CatalogueFactory,
    MembershipFactory,
    OrganisationFactory,
    ProcedureRevisionFactory,
    StaffFactory,
    UserFactory,
    member_of,
)

pytestmark = pytest.mark.django_db
NEW = "/hoi-dap/gui/"
DESK = "/tra-loi-hoi-dap/"
MOST_QUERIES = 9


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(client):
    made = member_of(OrganisationFactory())
    client.force_login(made)
    return made


def words(answer):
    return answer.content.decode()


def send(client, **fields):
    data = {"id": uuid.uuid4(), "title": TITLE, "text": TEXT, "ve": "", **fields}
    return client.post(NEW, data)


def send_as_visitor(client, **fields):
    return send(client, **{"name": "Phạm Thị Lan", "email": "lan@congty.example", **fields})


# --- asking ----------------------------------------------------------------------------------


def test_a_link_from_an_item_says_what_the_question_is_about(client, person):
    CatalogueFactory()
    page = words(client.get(NEW, {"ve": "muc:tt-31-2025:1.8"}))
    assert "Mục 1.8 (31/2025/TT-BKHCN): Camera thông minh" in page
    assert 'name="ve" value="muc:tt-31-2025:1.8"' in page
    answer = send(client, ve="muc:tt-31-2025:1.8")
    one = Enquiry.objects.get()
    assert one.item.code == "1.8"
    assert answer.url == reverse("enquiry_detail", args=[one.public_id])
    page = words(client.get(answer.url))
    assert "Đã tiếp nhận câu hỏi, mã HD-2026-0001." in page
    assert "/danh-muc/tt-31-2025/1.8/" in page


def test_whoever_belongs_to_several_says_for_whom(client, person):
    other = MembershipFactory(user=person).organisation
    page = words(client.get(NEW))
    assert other.name in page
    assert "Không thay cho tổ chức nào" in page
    send(client, organisation=other.pk)
    send(client, organisation="")
    assert [one.organisation for one in Enquiry.objects.order_by("pk")] == [other, None]
    stranger = OrganisationFactory()
    for wrong in (stranger.pk, "x", "\x00"):
        assert send(client, organisation=wrong).status_code == 422
    assert Enquiry.objects.count() == 2


def test_whoever_belongs_to_one_need_not_say_so(client, person):
    assert "Hỏi thay cho" not in words(client.get(NEW))
    send(client)
    assert Enquiry.objects.get().organisation == person.memberships.get().organisation


def test_each_page_leads_to_a_question_about_it(client):
    catalogue = CatalogueFactory()
    catalogue.instrument.provisions.create(key="4.5", citation="khoản 5 Điều 4", text="Vướng mắc…", position=1)
    procedure = ProcedureRevisionFactory().procedure
    slug = catalogue.instrument.slug
    for address, about in {
        "/danh-muc/tt-31-2025/1.8/": "muc%3Att-31-2025%3A1.8",
        f"/van-ban/{slug}/": f"van-ban%3A{slug}",
        f"/thu-tuc/{procedure.slug}/": f"thu-tuc%3A{procedure.slug}",
    }.items():
        link = f'href="{NEW}?ve={about}"'
        assert link in words(client.get(address)), address
        client.force_login(StaffFactory())
        assert link not in words(client.get(address)), "officials do not ask"
        client.logout()
    page = words(client.get(f"/van-ban/{slug}/"))
    assert f'href="{NEW}?ve=van-ban%3A{slug}%3A4.5"' in page
    assert "khoản 5 Điều 4 Thông tư" in words(client.get(NEW, {"ve": f"van-ban:{slug}:4.5"}))


def test_the_asker_follows_the_question(client, person, clock):
    one = enquiry(by=person)
    url = reverse("enquiry_detail", args=[one.public_id])
    assert "chưa đến bước này" in words(client.get(url))
    held = taken(one)
    assert '<li class="now" aria-current="step"><b>Đang trả lời</b>' in words(client.get(url))
    text = "Có, nếu <b>phân tích</b> hình ảnh."
    answering.answer(held.pk, text=text, by=held.taken_by, at=NOW, expected_version=held.version)
    page = words(client.get(url))
    assert "Có, nếu &lt;b&gt;phân tích" in page
    assert held.taken_by.full_name in page
    assert "Đã trả lời" in words(client.get(reverse("enquiry_mine")))


def test_a_visitor_confirms_and_follows_by_the_link_in_the_mail(client):
    answer = send_as_visitor(client)
    assert answer.url == reverse("enquiry_sent")
    assert "Hãy mở thư để xác nhận" in words(client.get(answer.url))
    kept = UnconfirmedEnquiry.objects.get()
    url = reverse("enquiry_follow", args=[kept.key])
    page = client.get(url)
    assert "Xác nhận gửi câu hỏi này?" in words(page)
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "same-origin"
    assert not Enquiry.objects.exists(), "opening the link is not yet confirming: mail scanners open links too"
    for _twice in range(2):
        assert client.post(url).url == url
    page = words(client.get(url))
    assert "HD-2026-0001" in page
    answered(Enquiry.objects.get())
    assert "Có, nếu phân tích hình ảnh." in words(client.get(url))


def test_the_page_after_asking_tells_nobody_the_key(client):
    answer = send_as_visitor(client)
    kept = UnconfirmedEnquiry.objects.get()
    assert str(kept.key) not in words(client.get(answer.url)) + answer.url


def test_a_key_that_names_nothing_is_not_found(client, person):
    own = enquiry(by=person)
    for key in (uuid.uuid4(), own.follow_key, own.public_id):
        url = reverse("enquiry_follow", args=[key])
        assert client.get(url).status_code == 404
    assert client.post(reverse("enquiry_follow", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"title": ""}, "Hãy tóm tắt câu hỏi."),
        ({"title": " \n "}, "Hãy tóm tắt câu hỏi."),
        ({"title": "a" * 201}, "Nhiều nhất 200 ký tự; bạn đã nhập 201."),
        ({"text": ""}, "Hãy viết nội dung"),
        ({"text": "a" * 5001}, "Nhiều nhất 5000 ký tự"),
        ({"text": "nul \x00"}, "ký tự ẩn"),
        ({"title": "nul \x00"}, "ký tự ẩn"),
        ({"name": ""}, "Hãy nhập họ và tên."),
        ({"name": "123"}, "phải có chữ cái"),
        ({"email": "khong-phai"}, "Địa chỉ thư điện tử không đúng"),
        ({"email": "a@b.example\nBcc: x@y.example"}, "Địa chỉ thư điện tử không đúng"),
        ({"email": "a" * 300 + "@b.example"}, "Nhiều nhất 254 ký tự"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(client, fields, why):
    answer = send_as_visitor(client, **fields)
    assert answer.status_code == 422
    page = words(answer)
    assert why in page
    if "text" not in fields:
        assert TEXT in page
    assert not UnconfirmedEnquiry.objects.exists()


def test_lines_are_kept_and_signs_that_nobody_sees_are_not(client, person):
    send(client, text="First line\r\nsecond line\r\n", title="Hướng\u202e chữ\nhai dòng")
    one = Enquiry.objects.get()
    assert one.text == "First line\nsecond line"
    assert one.title == "Hướng chữ hai dòng"


@pytest.mark.parametrize("about", ["x", "muc:a:b", "\x00", "<script>alert(1)</script>", "a" * 10_000])
def test_a_subject_that_is_none_is_left_out(client, about):
    page = client.get(NEW, {"ve": about})
    assert "Không gắn với nội dung cụ thể" in words(page)
    assert "<script>alert" not in words(page)
    assert send_as_visitor(client, ve=about).status_code == 302


@pytest.mark.parametrize("sent", ["", "x", "\x00", "1" * 400])
def test_a_page_without_a_sensible_id_still_asks(client, person, sent):
    assert send(client, id=sent).status_code == 302
    assert Enquiry.objects.count() == 1


def test_two_clicks_ask_once(client, person):
    same = uuid.uuid4()
    assert send(client, id=same).url == send(client, id=same).url
    assert Enquiry.objects.count() == 1


def test_an_old_page_keeps_what_was_typed(client, person):
    theirs = enquiry()
    answer = send(client, id=theirs.public_id)
    assert answer.status_code == 409
    assert TEXT in words(answer)
    assert str(theirs.public_id) not in words(answer)


def test_a_flood_from_one_place_is_held_up(client, settings):
    settings.ENQUIRIES_PER_MINUTE = 2
    for n in range(2):
        assert send_as_visitor(client, email=f"nguoi-{n}@congty.example").status_code == 302
    answer = send_as_visitor(client, email="nguoi-3@congty.example")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert TEXT in words(answer)
    assert UnconfirmedEnquiry.objects.count() == 2


def test_one_address_is_not_written_to_without_end(client, settings):
    settings.ENQUIRIES_PER_MINUTE = 99
    for _n in range(3):
        send_as_visitor(client)
    answer = send_as_visitor(client)
    assert answer.status_code == 429
    assert "Hãy gửi tiếp vào ngày mai" in words(answer)


def test_officials_do_not_ask(client):
    client.force_login(StaffFactory())
    assert client.get(NEW).status_code == 404
    assert send(client).status_code == 404
    assert "Gửi câu hỏi" not in words(client.get("/hoi-dap/"))


def test_the_first_page_leads_to_the_form(client):
    page = words(client.get("/hoi-dap/"))
    assert f'href="{NEW}"' in page
    assert "Câu hỏi của tôi" not in page


def test_ones_own_questions_are_listed_and_nobody_elses(client, person):
    mine = enquiry(by=person, title="Của tôi")
    enquiry(title="Của người khác")
    page = words(client.get(reverse("enquiry_mine")))
    assert mine.code in page
    assert "Của tôi" in page
    assert "Của người khác" not in page


def test_an_empty_list_says_what_to_do(client, person):
    assert "Bạn chưa gửi câu hỏi nào" in words(client.get(reverse("enquiry_mine")))


def test_a_strangers_question_is_not_found(client, person):
    for theirs in (enquiry(), confirmed()):
        assert client.get(reverse("enquiry_detail", args=[theirs.public_id])).status_code == 404


# --- answering -------------------------------------------------------------------------------


@pytest.fixture
def officer(client):
    made = StaffFactory(role=Role.SPECIALIST, full_name="Nguyễn Minh Anh")
    client.force_login(made)
    return made


def work(one):
    return reverse("enquiry_work", args=[one.public_id])


def test_an_officer_takes_and_answers_from_the_list(client, officer):
    one = enquiry(title="Hỏi về camera")
    page = words(client.get(DESK))
    assert "Hỏi về camera" in page
    assert one.organisation.name in page
    assert f'href="{work(one)}"' in page
    assert "Nhận trả lời" in words(client.get(work(one)))
    assert client.post(work(one), {"viec": "nhan", "version": one.version}).url == work(one)
    page = words(client.get(work(one)))
    assert "Bạn đã nhận trả lời câu hỏi này." in page
    assert "Gửi trả lời" in page
    assert client.post(work(one), {"viec": "tra-loi", "version": 1, "text": "Có."}).url == work(one)
    page = words(client.get(work(one)))
    assert "Đã gửi trả lời cho người hỏi." in page
    assert "Gửi trả lời</button>" not in page
    assert "Hỏi về camera" in words(client.get(DESK, {"tab": "da-tra-loi"}))


def test_the_list_says_of_a_visitor_that_the_address_is_confirmed(client, officer):
    confirmed()
    waiting("khac@congty.example", title="Chưa xác nhận")
    page = words(client.get(DESK))
    assert "Phạm Thị Lan" in page
    assert "đã xác nhận" in page
    assert "Chưa xác nhận" not in page


@pytest.mark.parametrize(
    ("text", "why"), [("", "Hãy viết nội dung trả lời."), ("a" * 10_001, "Nhiều nhất 10000"), ("nul \x00", "ký tự ẩn")]
)
def test_an_answer_that_is_none_comes_back(client, officer, text, why):
    held = taken(enquiry(), by=officer)
    answer = client.post(work(held), {"viec": "tra-loi", "version": held.version, "text": text})
    assert answer.status_code == 422
    assert why in words(answer)
    assert Enquiry.objects.get().state == "taken"


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "99999999999999"])
def test_a_stale_page_keeps_the_answer_that_was_typed(client, officer, version):
    held = taken(enquiry(), by=officer)
    answer = client.post(work(held), {"viec": "tra-loi", "version": version, "text": "Câu trả lời dài"})
    assert answer.status_code == 409
    page = words(answer)
    assert "đã thay đổi từ khi bạn mở trang" in page
    assert "Câu trả lời dài</textarea>" in page
    assert f'name="version" value="{held.version}"' in page


def test_whoever_lost_it_to_a_colleague_keeps_the_answer_to_copy(client, officer):
    held = taken(enquiry(), by=officer)
    taken(held)
    answer = client.post(work(held), {"viec": "tra-loi", "version": held.version, "text": "Viết gần xong"})
    assert answer.status_code == 409
    assert "Viết gần xong</blockquote>" in words(answer)
    assert "Chỉ nhận thay khi đã thống nhất." in words(answer)


def test_an_auditor_reads_and_does_nothing(client):
    client.force_login(StaffFactory(role=Role.AUDITOR))
    one = enquiry()
    page = words(client.get(work(one)))
    assert TEXT in page
    assert "Nhận trả lời" not in page
    assert client.post(work(one), {"viec": "nhan", "version": one.version}).status_code == 409


@pytest.mark.parametrize("role", [Role.CLERK, Role.SIGNATORY, Role.ADMINISTRATOR, Role.CLEARED])
def test_other_roles_find_nothing(client, role):
    client.force_login(StaffFactory(role=role))
    assert client.get(DESK).status_code == 404
    assert client.get(work(enquiry())).status_code == 404


@pytest.mark.parametrize("query", [{"tab": "x"}, {"sau": "x"}, {"truoc": "\x00"}, {"tab": "<script>"}])
def test_hostile_addresses_show_a_page(client, officer, query):
    enquiry()
    page = client.get(DESK, query)
    assert page.status_code == 200
    assert "<script>x" not in words(page)


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_lists_cost_the_same_when_they_are_full(client, officer):
    CatalogueFactory()
    asker = UserFactory()

    def fill(n):
        for k in range(n):
            enquiry(by=asker, about="muc:tt-31-2025:1.8", at=NOW - timedelta(days=k + n))
            confirmed(f"nguoi-{n}-{k}@congty.example")

    fill(1)
    client.get(DESK)
    few = queries(client, DESK)
    client.force_login(asker)
    mine = queries(client, reverse("enquiry_mine"))
    fill(7)
    assert queries(client, reverse("enquiry_mine")) == mine
    client.force_login(officer)
    assert queries(client, DESK) == few
    assert max(few, mine) <= MOST_QUERIES

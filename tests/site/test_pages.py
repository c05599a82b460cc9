import re

import pytest
from django.template import loader
from django.test import Client

from accounts.models import Role
from tests.notifications.builders import notices
from tests.site import builders

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def links(response) -> list[str]:
    nav = re.search(r'<nav class="nav".*?</nav>', response.content.decode(), re.DOTALL)
    return re.findall(r"<a [^>]*>([^<]+)</a>", nav[0])


def test_home_answers_before_anything_is_loaded(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "Nộp hồ sơ ưu đãi công nghệ, theo dõi đến khi có kết quả" in text_of(response)
    assert "Chưa có thủ tục nào được mở" in text_of(response)


def test_home_offers_each_procedure_with_its_period(client):
    builders.procedure("nhanh", days=20)
    builders.procedure("cham", days=40)
    text = text_of(client.get("/"))
    assert "Thủ tục nhanh" in text
    assert "40 ngày làm việc" in text
    assert "20 đến 40 ngày làm việc" in text
    assert "trong 8 giờ làm việc" in text
    assert "1 tài liệu phải có" in text


def test_home_asks_few_questions_of_the_database(client, django_assert_max_num_queries):
    for number in range(4):
        builders.procedure(f"p{number}", days=20 + number)
    with django_assert_max_num_queries(12):
        client.get("/")


def test_guide_gives_documents_periods_and_every_state(client):
    builders.procedure("nhanh")
    text = text_of(client.get("/huong-dan/"))
    for words in (
        "Thuyết minh kỹ thuật",
        "Khoản 5 Điều 19",
        "Trình lãnh đạo phòng",
        "Đã đóng",
        "Tự cam kết nghĩa là gì?",
    ):
        assert words in text


def test_every_page_forbids_inline_code(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_missing_page_says_in_vietnamese_what_to_do(client):
    response = client.get("/khong-co-trang-nay/")
    assert response.status_code == 404
    assert "Không tìm thấy trang này" in text_of(response)
    assert "Về trang đầu" in text_of(response)


def test_stale_form_says_how_to_send_it_again():
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/ngon-ngu/", {"language": "en"})
    assert response.status_code == 403
    assert "Biểu mẫu đã hết hạn" in text_of(response)
    assert "CSRF" not in text_of(response)


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_last_resort_pages_need_nothing(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        html = loader.get_template(name).render()
    assert "Về trang đầu" in html
    assert "<h1>" in html


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_last_resort_pages_say_that_they_are_a_demonstration(name, demo, settings):
    settings.DEMO_MODE = demo
    html = loader.get_template(name).render()
    assert ("kết quả không có giá trị pháp lý" in html) is demo
    assert ("results have no legal value" in html) is demo


def test_the_page_of_an_error_is_drawn_though_nobody_can_be_read_from_the_session(client, monkeypatch, settings):
    def fail(*args, **options):
        raise RuntimeError("nothing works")

    settings.DEMO_MODE = True
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.auth.get_user", fail)
    response = client.get("/")
    assert response.status_code == 500
    assert "Hệ thống gặp lỗi" in text_of(response)
    assert "kết quả không có giá trị pháp lý" in text_of(response)


def test_forbidden_page_is_drawn(rf):
    assert "không có quyền" in loader.get_template("403.html").render({}, rf.get("/"))


def test_page_is_vietnamese_whatever_the_browser_prefers(client):
    response = client.get("/", headers={"accept-language": "en-US,en;q=0.9"})
    assert response.headers["Content-Language"] == "vi"
    assert '<html lang="vi">' in response.content.decode()
    assert "Cookie" in response.headers["Vary"]


def test_language_switch_is_remembered_and_comes_back_to_the_page(client):
    response = client.post("/ngon-ngu/", {"language": "en", "next": "/huong-dan/"})
    assert response.url == "/huong-dan/"
    assert '<html lang="en">' in client.get("/huong-dan/").content.decode()
    client.post("/ngon-ngu/", {"language": "vi", "next": "/huong-dan/"})
    assert '<html lang="vi">' in client.get("/huong-dan/").content.decode()


def test_unknown_language_is_ignored(client):
    client.cookies["django_language"] = "xx"
    assert client.get("/").headers["Content-Language"] == "vi"


def test_demonstration_says_so_on_every_page(client, settings):
    words = "kết quả không có giá trị pháp lý"
    settings.DEMO_MODE = True
    assert words in text_of(client.get("/"))
    assert words in text_of(client.get("/khong-co/"))
    settings.DEMO_MODE = False
    assert words not in text_of(client.get("/"))


def test_navigation_is_for_whoever_looks(client):
    assert "Hướng dẫn" in links(client.get("/"))
    assert "Đăng nhập" in links(client.get("/"))
    client.force_login(builders.person("ha@saomai.example", full_name="Trần Thu Hà"))
    page = client.get("/")
    assert "Đăng nhập" not in links(page)
    assert "Trần Thu Hà" in text_of(page)
    client.force_login(builders.person("lan@bo.example", Role.HEAD_OF_UNIT))
    assert "Hồ sơ của tôi" not in links(client.get("/"))


def test_navigation_marks_where_the_person_is(client):
    assert re.search(r'<a href="/huong-dan/" aria-current="page">', client.get("/huong-dan/").content.decode())
    assert 'aria-current="page"' not in client.get("/").content.decode()


def test_the_header_is_right_whoever_looked_before(client):
    """Texts and addresses are kept for the process; who looks, in which language and with how much unread is not."""
    head = builders.person("lan@bo.example", Role.HEAD_OF_UNIT, full_name="Đỗ Thị Lan")
    keeper = builders.person("tu@bo.example", Role.ADMINISTRATOR, full_name="Phạm Tú")
    notices(head, 2)
    for _round in range(2):
        client.cookies["django_language"] = "vi"
        client.force_login(head)
        page = client.get("/danh-muc/")
        assert links(page)[:2] == ["Hàng đợi", "Danh mục"]
        assert "Đỗ Thị Lan" in text_of(page)
        assert "2 chưa đọc" in text_of(page)
        client.cookies["django_language"] = "en"
        page = client.get("/danh-muc/")
        assert links(page)[:2] == ["Queue", "Catalogues"]
        assert "2 unread" in text_of(page)
        client.force_login(keeper)
        page = client.get("/danh-muc/")
        assert "Working calendar" in links(page)
        assert "Phạm Tú" in text_of(page)
        assert "unread" not in text_of(page)


def test_health_answers_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/suc-khoe/").content == b"ok"

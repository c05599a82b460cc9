"""The base design in a real browser: axe, widths, keys, and what still works without JavaScript."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.forms import RegistrationForm
from accounts.models import Role
from config.context import navigation
from tests.conftest import CHROMIUM
from tests.site import builders, gallery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"wide": 1280, "narrow": 390}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, in which Django would refuse the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    """Opens a page of the running product, or the gallery; fails if the page reports an error of its own."""
    contexts: list[BrowserContext] = []

    def opened(path: str, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts, locale="en-US"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"{path}: {error}"))
        page.route(
            "**/mau/", lambda route: route.fulfill(body=gallery_page(), content_type="text/html; charset=utf-8")
        )
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


UPLOAD = """{% extends "base.html" %}{% block content %}{{ above }}<section id="paper">
<form method="post" action="/gui-tep/" enctype="multipart/form-data" data-upload data-upload-now>{% csrf_token %}
<div class="drop" data-drop><label for="f">Tệp</label>
<input type="file" id="f" name="f" data-max-bytes="2000000"></div>
</form></section>{% endblock %}"""
SUGGEST = """{% extends "base.html" %}{% block content %}<form method="post" id="khai" data-unsaved>{% csrf_token %}
<label>Tên <input name="name"></label><label>Mô tả <textarea name="description"></textarea></label></form>
<div data-suggest="/goi-y/" data-suggest-from="#khai" data-suggest-fields="name description"
 data-suggest-method="post">Chưa có gợi ý</div>{% endblock %}"""


def drawn(template: str, **context: str) -> str:
    request = RequestFactory().get("/thu/")
    request.user = AnonymousUser()
    request.resolver_match = None
    return engines["django"].from_string(template).render(context, request)


def test_chosen_file_is_sent_in_the_background_and_the_answer_takes_the_place_of_the_page(open_page):
    page = open_page("/huong-dan/")
    sent = []

    def answer(route):
        sent.append(route.request.post_data_buffer)
        route.fulfill(body=drawn(UPLOAD, above="Đã nhận tệp"), content_type="text/html; charset=utf-8")

    page.route(
        "**/thu/", lambda route: route.fulfill(body=drawn(UPLOAD, above=""), content_type="text/html; charset=utf-8")
    )
    page.route("**/gui-tep/", answer)
    page.goto(page.url.replace("/huong-dan/", "/thu/"))
    page.set_input_files("#f", {"name": "thuyet-minh.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    expect(page.get_by_text("Đã nhận tệp")).to_be_visible()
    assert page.url.endswith("/thu/"), "the page itself stays"
    assert b"%PDF-1.7 x" in sent[0]
    assert b"csrfmiddlewaretoken" in sent[0]
    page.set_input_files("#f", {"name": "lon.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2_500_000})
    expect(page.get_by_text("Tệp lớn hơn 1,9 MB")).to_be_visible()
    assert len(sent) == 1, "what is too large is not sent at all"


def test_failed_upload_says_so_and_can_be_tried_again(open_page):
    page = open_page("/huong-dan/")
    page.route(
        "**/thu/", lambda route: route.fulfill(body=drawn(UPLOAD, above=""), content_type="text/html; charset=utf-8")
    )
    page.route("**/gui-tep/", lambda route: route.abort())
    page.goto(page.url.replace("/huong-dan/", "/thu/"))
    for _ in range(2):
        page.set_input_files("#f", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
        expect(page.get_by_role("alert")).to_contain_text("Chưa tải lên được")
    expect(page.locator(".upload-error")).to_have_count(1)


def test_suggestions_follow_what_is_typed(open_page):
    page = open_page("/huong-dan/")
    asked = []

    def answer(route):
        asked.append(route.request.post_data)
        route.fulfill(body="<p>1.8 Camera thông minh</p>", content_type="text/html; charset=utf-8")

    page.route("**/thu/", lambda route: route.fulfill(body=drawn(SUGGEST), content_type="text/html; charset=utf-8"))
    page.route("**/goi-y/", answer)
    page.goto(page.url.replace("/huong-dan/", "/thu/"))
    page.get_by_label("Tên").fill("Camera")
    page.get_by_label("Mô tả").fill("nhận diện biển số")
    expect(page.get_by_text("1.8 Camera thông minh")).to_be_visible()
    assert len(asked) == 1, "one question for a burst of keys"
    assert "nhận diện biển số" in asked[0]
    assert "csrfmiddlewaretoken" in asked[0]


def test_leaving_with_unsaved_words_asks_first(open_page):
    page = open_page("/huong-dan/")
    page.route("**/thu/", lambda route: route.fulfill(body=drawn(SUGGEST), content_type="text/html; charset=utf-8"))
    page.goto(page.url.replace("/huong-dan/", "/thu/"))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Tên").press_sequentially("C")
    page.get_by_role("link", name="Hồ Sơ").first.click()
    page.wait_for_url("**/")
    assert asked == ["beforeunload"]


AUTOSAVE = """{% extends "base.html" %}
{% block head %}<script src="{% static 'js/autosave.js' %}" defer></script>{% endblock %}
{% block content %}<form method="post" action="/luu/" data-autosave="1.2.3">{% csrf_token %}
<input type="hidden" name="seen"><input type="hidden" name="draft.page" value="0123456789ab">
<div data-question="name"><label>Tên <input name="name"></label><div data-conflict></div></div>
<span data-save-state data-unsaved="Chưa lưu" data-saving="Đang lưu…" data-failed="Máy chủ chưa trả lời"
 data-offline="Mất kết nối" data-signedout="Hãy đăng nhập lại" data-kept="Được giữ ở đây"></span></form>
<div data-news hidden><p></p></div>
<section data-offer hidden><span data-offer-at></span><dl data-offer-texts></dl>
<button data-offer-take>Đưa lại</button><button data-offer-drop>Bỏ</button></section>{% endblock %}"""


def saves_tried(page: Page, *, said: str, reply) -> list[str]:
    """Types twice into a draft whose saves are answered like this, and sees `said` each time; what was sent."""
    page.clock.install()
    sent = []

    def answer(route):
        if route.request.method == "POST":
            sent.append(route.request.post_data)
        reply(route)

    page.route("**/thu/", lambda route: route.fulfill(body=drawn(AUTOSAVE), content_type="text/html; charset=utf-8"))
    page.route("**/luu/", answer)
    page.goto(page.url.replace("/huong-dan/", "/thu/"))
    for letters in ("Cam", "Camera"):
        page.get_by_label("Tên").fill(letters)
        page.clock.run_for(10_000)
        expect(page.get_by_text(said)).to_be_visible()
    return sent


def kept(page: Page) -> str:
    return page.evaluate("JSON.stringify(Object.values(localStorage))")


@pytest.mark.parametrize("status", [404, 409, 410])
def test_a_draft_that_is_gone_is_said_so_and_saving_in_the_background_ends(open_page, status):
    gone = "Hồ sơ này đã được nộp"
    page = open_page("/huong-dan/")
    sent = saves_tried(page, said=gone, reply=lambda route: route.fulfill(status=status, json={"error": gone}))
    assert len(sent) == 1
    assert "Camera" in kept(page)


@pytest.mark.parametrize(
    ("status", "words"), [(502, "Máy chủ chưa trả lời"), (429, "Máy chủ chưa trả lời"), (403, "Hãy đăng nhập lại")]
)
def test_a_save_in_the_background_that_fails_is_tried_again_and_the_text_kept_meanwhile(open_page, status, words):
    page = open_page("/huong-dan/")
    said = f"{words} Được giữ ở đây"
    sent = saves_tried(page, said=said, reply=lambda route: route.fulfill(status=status, body="<h1>?</h1>"))
    assert len(sent) >= 2
    assert "Camera" in sent[-1]
    assert "Camera" in kept(page)


def test_a_page_that_says_ok_and_is_no_answer_is_no_saving(open_page):
    page = open_page("/huong-dan/")
    said = "Máy chủ chưa trả lời Được giữ ở đây"
    saves_tried(page, said=said, reply=lambda route: route.fulfill(body="<p>Wi-Fi</p>"))
    assert "Camera" in kept(page)


def test_what_the_server_has_confirmed_is_kept_here_no_longer(open_page):
    page = open_page("/huong-dan/")
    told = {"seen": {"name": "a" * 16}, "saved": "Đã lưu", "unsaved": [], "values": {}, "conflicts": {}, "news": ""}
    sent = saves_tried(page, said="Đã lưu", reply=lambda route: route.fulfill(json=told))
    assert len(sent) == 2
    assert kept(page) == "[]"
    assert page.locator("[name=seen]").get_attribute("value") == f"name.{'a' * 16}"


def gallery_page() -> str:
    request = RequestFactory().get("/mau/")
    request.user = AnonymousUser()
    request.resolver_match = None
    return gallery.render(request)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("path", ["/", "/huong-dan/", "/khong-co/", "/mau/"])
def test_page_is_accessible_and_fits_the_screen(open_page, path, width):
    builders.procedure("nhanh")
    look_over(open_page(path, width=width), width)


@pytest.mark.parametrize("path", ["/", "/mau/"])
def test_page_is_accessible_in_the_dark(open_page, path):
    builders.procedure("nhanh")
    look_over(open_page(path, scheme="dark"), 1280)


def look_over(page: Page, width: int) -> None:
    findings = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"][:200]) for f in findings] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_everything_one_presses_is_large_enough(open_page, width):
    """WCAG 2.2, 2.5.8: 24 by 24 px, links within a sentence excepted."""
    small = open_page("/mau/", width=width).evaluate(
        """[...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select')]
           .filter(e => e.checkVisibility() && !e.matches('.skip, p a, li a'))
           .map(e => [e.outerHTML.slice(0, 80), e.closest('label') || e])
           .map(([html, e]) => [html, e.getBoundingClientRect()])
           .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_narrow_menu_opens_without_javascript(open_page, rf):
    page = open_page("/", width=390, scripts=False)
    nav = page.get_by_role("navigation", name="Chính")
    expect(nav).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(nav).to_be_visible()
    nav.get_by_role("link", name="Hướng dẫn").click()
    expect(page).to_have_title("Hướng dẫn · Hồ Sơ")


ROLES = {
    "applicant": [],
    "officer": [Role.INTAKE_OFFICER],
    "head": [Role.HEAD_OF_UNIT],
    "manager": [Role.CATALOGUE_MANAGER, Role.CLEARED],
    "administrator": [Role.ADMINISTRATOR, Role.CATALOGUE_MANAGER],
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("roles", ROLES.values(), ids=ROLES)
def test_header_fits_every_width(open_page, rf, roles, language):
    request = rf.get("/thu/")
    request.user = builders.person("rong@bo.example", *roles, full_name="Nguyễn Hoàng Phương Quỳnh Thảo")
    request.resolver_match = None
    with translation.override(language):
        empty = engines["django"].from_string('{% extends "base.html" %}')
        body = empty.render({}, request)
    page = open_page("/huong-dan/")
    page.route("**/thu/", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    page.goto(page.url.replace("huong-dan", "thu"))
    wider = []
    for width in (320, 390, 600, 800, 1020, 1100, 1180, 1181, 1240, 1366, 1440, 1600):
        page.set_viewport_size({"width": width, "height": 600})
        page.wait_for_function("width => innerWidth === width", arg=width)
        wider += [width] * (page.evaluate("document.documentElement.scrollWidth") > width)
    assert wider == []


def test_work_to_do_comes_first_on_a_narrow_screen(open_page):
    page = open_page("/mau/", width=390)
    headings = page.get_by_role("heading").all_inner_texts()
    # Measured in one go: the error summary takes the focus meanwhile, which moves the page under the window.
    tops = page.get_by_role("heading").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    top = dict(zip(headings, tops, strict=True))
    assert top["Việc của bạn"] < top["Biểu mẫu"] < top["Tiến trình"]


def test_error_summary_takes_the_focus_and_leads_to_the_field(open_page):
    page = open_page("/mau/")
    expect(page.get_by_role("alert").filter(has_text="Chưa lưu được")).to_be_focused()
    page.get_by_role("link", name="Giai đoạn phát triển").click()
    assert page.evaluate("location.hash") == "#id_stage_0"


def test_rows_are_walked_with_j_and_k_and_the_keys_can_be_switched_off(open_page):
    page = open_page("/mau/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Camera EdgeSight S3")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Camera EdgeSight S2")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Tìm hồ sơ")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("searchbox", name="Tìm hồ sơ")).to_have_value("j")
    page.get_by_role("link", name="Camera EdgeSight S2").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    expect(dialog).to_contain_text("Tìm hồ sơ")
    dialog.get_by_role("button", name="Tắt phím tắt").click()
    dialog.get_by_role("button", name="Đóng").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Camera EdgeSight S2")).to_be_focused()


def test_dangerous_button_asks_first_and_goes_back_to_itself(open_page):
    page = open_page("/mau/")
    sent = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.fill("#id_name", "Camera")
    page.get_by_role("button", name="Xóa", exact=True).first.evaluate("button => button.formNoValidate = true")
    page.get_by_role("button", name="Xóa", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Hồ sơ nháp sẽ bị xóa hẳn.")
    expect(dialog.get_by_role("button", name="Quay lại")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Xóa", exact=True)).to_be_focused()
    assert sent == []


def test_counter_says_what_is_missing_and_what_is_too_much(open_page):
    page = open_page("/mau/")
    field, line = page.locator("textarea").first, page.locator("#id_text_count").first
    field.fill("a" * 40)
    expect(line).to_have_text("Cần thêm ít nhất 60 ký tự")
    field.fill("a" * 4003)
    expect(line).to_have_text("Thừa 3 ký tự")


def test_message_can_be_dismissed(open_page):
    page = open_page("/mau/")
    message = page.get_by_text("Thư xác nhận đã được gửi.")
    page.locator("li", has=message).get_by_role("button", name="Đóng").click()
    expect(message).to_be_hidden()


def test_navigation_of_a_person_costs_one_query(rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = builders.person("ha@saomai.example")
    request.resolver_match = None
    with django_assert_num_queries(1):
        navigation(request)


@pytest.mark.parametrize("scripts", [True, False])
def test_registering_asks_only_for_what_the_chosen_kind_has(open_page, scripts):
    page = open_page("/huong-dan/", scripts=scripts)
    request = RequestFactory().get("/thu/")
    request.user = AnonymousUser()
    request.resolver_match = None
    template = engines["django"].get_template("accounts/organisation_create.html")
    body = template.render({"form": RegistrationForm(), "next": ""}, request)
    page.route("**/thu/", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    page.goto(page.url.replace("huong-dan", "thu"))
    fields = {name: page.locator(f"[name={name}]") for name in ("tax_code", "personal_id", "representative_name")}

    def shown() -> set[str]:
        return {name for name, field in fields.items() if field.is_visible()}

    assert shown() == (set() if scripts else set(fields))
    page.get_by_label("Cá nhân", exact=True).check()
    assert shown() == ({"personal_id"} if scripts else set(fields))
    page.get_by_label("Doanh nghiệp").check()
    assert shown() == ({"tax_code", "representative_name"} if scripts else set(fields))

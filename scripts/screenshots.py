"""Pictures of every page, wide and narrow, and of the papers: var/screenshots.

    make screenshots                              # a product of its own, with demonstration data
    make screenshots ARGS="--url http://localhost:8000 --only queue --mail var/mail"

Pages are reached as a person reaches them: by signing in and following links, so that no dossier is named here.
A page that cannot be reached, answers with an error, is wider than its screen or reports a script error is
named at the end, and the exit code says so. What is done on a page before its picture is refused by the product, or
ends before it is sent; only the pages that begin with a mail leave something, an account of the demonstration. On a
product that is running they are left out unless --mail names the folder of its mails.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts.services import die_with_parent, free_port, stop  # noqa: E402

PASSWORD = "hoso-demo-2026"
WIDTHS = (1280, 390)
HEIGHT = 900
PATIENCE = 120  # seconds for a product of its own to come up with its demonstration data
MAKING = 300  # seconds for the worker to have made the papers of the demonstration data
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]

COMPANY, OTHER_COMPANY = "ha@saomai.example", "bao@lachong.example"
INTAKE, SPECIALIST = "mot-cua@bo.example", "chuyen-vien@bo.example"
HEAD, SIGNATORY = "truong-phong@bo.example", "lanh-dao@bo.example"
CLERK, AUDITOR = "van-thu@bo.example", "kiem-tra@bo.example"
ADMINISTRATOR = "quan-tri@bo.example"
MANAGER = "danh-muc@bo.example"

UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
DOSSIER = rf"/ho-so/{UUID}/$"
CASE = rf"/xu-ly/{UUID}/$"


@dataclass(frozen=True)
class Place:
    """Where the product is, and where its mails are if that is known."""

    url: str
    mail: Path | None


# What a person does on the page before the picture is taken; the answer is the last page's.
Act = Callable[[Page, Place], Response | None]


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    # Patterns of addresses to follow from there, one after another; each may ask for words in the link's row.
    follow: tuple[str | tuple[str, str], ...] = ()
    status: int = 200
    act: Act | None = None
    by_mail: bool = False  # taken only where the mails can be read


@dataclass(frozen=True)
class Visit:
    who: str  # e-mail address; empty: nobody signs in
    shots: tuple[Shot, ...]
    language: str = "vi"


class Unreachable(Exception):
    """A link that the plan follows is not on the page; the text says which."""


def press(page: Page) -> Response | None:
    """The page's first form, as it stands."""
    with page.expect_navigation() as after:
        page.locator("main form .btn.primary, main form button.btn").first.click()
    return after.value


def press_many(page: Page, place: Place) -> Response | None:
    """With nothing ticked."""
    with page.expect_navigation() as after:
        page.locator(".sticky-actions button").first.click()
    return after.value


def ask_matching(page: Page, place: Place) -> Response | None:
    page.fill("[name=name]", "EdgeSight S2")
    page.fill("[name=description]", "Camera ngoài trời tự nhận diện biển số, suy luận ngay trên thiết bị bằng AI.")
    return press(page)


def send(page: Page, place: Place) -> Response | None:
    """What has to be filled in is named, by the product and not by the browser."""
    page.evaluate("document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
    return press(page)


def send_an_old_page(page: Page, place: Place) -> Response | None:
    """As if somebody had been faster."""
    page.evaluate("document.querySelectorAll('main [name=version]').forEach(i => i.value = '0')")
    return press(page)


def mark_nothing(page: Page, place: Place) -> Response | None:
    with page.expect_navigation() as after:
        page.locator("main form[data-unsaved] .btn.primary").click()
    return after.value


def look_again(page: Page, place: Place) -> Response | None:
    """Has somebody found who is affected, and waits for it."""
    with page.expect_navigation() as after:
        page.locator("main .page-head form .btn").click()
    return after.value


def send_from_elsewhere(page: Page, place: Place) -> Response | None:
    page.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(i => i.value = 'x'.repeat(64))")
    return press(page)


def send_too_much(page: Page, place: Place) -> Response | None:
    page.evaluate(
        """() => { const form = document.querySelector('main form');
            for (let n = 0; n < 3000; n++) {
                const field = document.createElement('input');
                field.type = 'hidden'; field.name = 'x' + n; form.append(field);
            } }"""
    )
    return press(page)


def open_menu(page: Page, place: Place) -> None:
    buttons = page.locator(".nav-open:visible, .menu > summary:visible")
    if buttons.count():  # on a wide screen a visitor has no menu
        buttons.first.click()


def show_keys(page: Page, place: Place) -> None:
    page.keyboard.press("?")


def pick_a_file(page: Page, place: Place) -> None:
    latest = time.monotonic() + MAKING  # a paper that is not made yet cannot be compared
    while not page.locator("main input[type=file]").count() and time.monotonic() < latest:
        time.sleep(2)
        page.reload()
    page.locator("main input[type=file]").first.set_input_files(
        {"name": "quyet-dinh.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + b" " * 30_000}
    )


def paste_nonsense(page: Page, place: Place) -> Response | None:
    page.fill("main [name=text]", "Mã nhóm\tTên nhóm\tMã mục\tTên mục\n1\tA\t1.1\tMột\n1\tA\t1.1\t")
    return press(page)


def register(page: Page, place: Place) -> Response | None:
    email = f"thu-{time.time_ns()}@congty.example"
    password = "mot-mat-khau-dai-2026"  # of an account that nobody keeps
    for name, text in (("full_name", "Lý Thị Kim Oanh"), ("email", email), ("password1", password)):
        page.fill(f"main [name={name}]", text)
    page.fill("main [name=password2]", password)
    return press(page)


def forget(page: Page, place: Place) -> Response | None:
    page.fill("main [name=email]", COMPANY)
    return press(page)


def mailed(before: Act, part: str) -> Act:
    """What was done first has sent a mail; its link is opened."""

    def act(page: Page, place: Place) -> Response | None:
        since = time.time()
        before(page, place)
        latest = time.monotonic() + 30
        while time.monotonic() < latest:
            files = [f for f in (place.mail or Path()).glob("*") if f.stat().st_mtime >= since]
            found = next((m for f in files if (m := re.search(rf"http://\S+{part}\S+", f.read_text()))), None)
            if found:
                return page.goto(found.group(0))
            time.sleep(0.5)
        raise Unreachable(f"no mail with a link to {part}")

    return act


LISTS, DRAFT_LIST = "/quan-ly/danh-muc/", (r"/quan-ly/danh-muc/[^/]+/$", "Đang soạn")
DRAFT = (DOSSIER, "Đang soạn")
ASKED = (DOSSIER, "bổ sung")
CHECKING = (CASE, "Đang kiểm tra hồ sơ")
REVIEWED = (CASE, "Đang thẩm định")

PLAN = (
    Visit(
        "",
        (
            Shot("home", "/"),
            Shot("home-menu", "/", act=open_menu),
            Shot("guide", "/huong-dan/"),
            Shot("not-found", "/khong-co-trang-nay/", status=404),
            Shot("form-expired", "/tai-khoan/login/", act=send_from_elsewhere, status=403),
            Shot("not-understood", "/tai-khoan/login/", act=send_too_much, status=400),
            Shot("sign-in", "/tai-khoan/login/"),
            Shot("sign-in-wrong", "/tai-khoan/login/", act=send),
            Shot("sign-up", "/tai-khoan/signup/"),
            Shot("sign-up-wrong", "/tai-khoan/signup/", act=send),
            Shot("sign-up-sent", "/tai-khoan/confirm-email/"),
            Shot("sign-up-confirm", "/tai-khoan/signup/", act=mailed(register, "confirm-email"), by_mail=True),
            Shot("sign-up-link-used", "/tai-khoan/confirm-email/da-dung-roi/"),
            Shot("password-reset", "/tai-khoan/password/reset/"),
            Shot("password-reset-sent", "/tai-khoan/password/reset/done/"),
            Shot("password-reset-new", "/tai-khoan/password/reset/", act=mailed(forget, "key"), by_mail=True),
            Shot("password-reset-link-used", "/tai-khoan/password/reset/key/1-da-dung-roi/"),
            Shot("password-reset-done", "/tai-khoan/password/reset/key/done/"),
            Shot("account-locked", "/tai-khoan/inactive/"),
            Shot("catalogues", "/danh-muc/"),
            Shot("catalogue-circular-31", "/danh-muc/tt-31-2025/"),
            Shot("catalogue-decision-1131", "/danh-muc/qd-1131-2025/"),
            Shot("catalogue-decision-21", "/danh-muc/qd-21-2026/"),
            Shot("catalogue-changes", "/danh-muc/qd-21-2026/so-sanh/"),
            Shot("catalogue-item", "/danh-muc/tt-31-2025/", (r"/danh-muc/tt-31-2025/[^/#?]+/$",)),
            Shot("catalogue-item-history", "/danh-muc/qd-21-2026/7/"),
            Shot("catalogue-item-9-1", "/danh-muc/tt-31-2025/9.1/"),
            Shot("catalogue-matrix", "/danh-muc/qd-1131-2025/ma-tran/"),
            Shot("reference-list", "/danh-muc-tham-chieu/nen-tang-so-dung-chung/"),
            Shot("instruments", "/van-ban/"),
            Shot("instrument-decree-118", "/van-ban/nghi-dinh-118-2025-nd-cp/"),
            Shot("catalogue-search", "/danh-muc/tim/?q=camera"),
            Shot("catalogue-search-reference", "/danh-muc/tim/?q=trợ+lý+ảo"),
            Shot("questions", "/hoi-dap/"),
            Shot("question", "/hoi-dap/", (r"^/hoi-dap/\d+/$",)),
            Shot("question-new", "/hoi-dap/gui/"),
            Shot("matching", "/danh-muc/doi-chieu/"),
            Shot("matching-answer", "/danh-muc/doi-chieu/", act=ask_matching),
            Shot("catalogue-search-nothing", "/danh-muc/tim/?q=khongcogi"),
            Shot("instrument", "/van-ban/thong-tu-31-2025-tt-bkhcn/"),
            Shot("procedure", "/thu-tuc/cong-nghe-so-trong-diem/"),
            Shot("programme", "/danh-muc/", (r"/chuong-trinh/[^/#?]+/$",)),
            Shot("verify", "/kiem-tra/"),
            Shot("verify-wrong", "/kiem-tra/?ma=12"),
            Shot("verify-unknown", "/kiem-tra/AAAA-BBBB-CCCC/", status=404),
        ),
    ),
    Visit(
        COMPANY,
        (
            Shot("company-menu", "/ho-so/", act=open_menu),
            Shot("company-dossiers", "/ho-so/"),
            Shot("company-new", "/ho-so/moi/"),
            Shot("company-draft", "/ho-so/", (DRAFT,)),
            Shot("company-section", "/ho-so/", (DRAFT, r"/khai/[^/]+/$")),
            Shot("company-items", "/ho-so/", (DRAFT, r"/muc/$")),
            Shot("company-documents", "/ho-so/", (DRAFT, r"/tai-lieu/$")),
            Shot("company-summary", "/ho-so/", (DRAFT, r"/tom-tat/$")),
            Shot("company-summary-refused", "/ho-so/", (DRAFT, r"/tom-tat/$"), act=send, status=422),
            Shot("company-delete", "/ho-so/", (DRAFT, r"/xoa/$")),
            Shot("company-in-review", "/ho-so/", ((DOSSIER, "Đang thẩm định"),)),
            Shot("company-result", "/ho-so/", ((DOSSIER, "quả"),)),
            Shot("verify-genuine", "/ho-so/", ((DOSSIER, "quả"), r"/kiem-tra/[^/]+/$"), act=pick_a_file),
            Shot("company-notices", "/thong-bao/"),
            Shot("company-notices-unread", "/thong-bao/?loc=chua-doc"),
            Shot("company-profile", "/tai-khoan/toi/"),
            Shot("company-organisation", "/tai-khoan/toi/", (r"/to-chuc/\d+/$",)),
            Shot("company-password", "/tai-khoan/password/change/"),
            Shot("company-sign-out", "/tai-khoan/logout/"),
        ),
    ),
    Visit(
        OTHER_COMPANY,
        (
            Shot("company-waiting", "/ho-so/"),
            Shot("company-supplement", "/ho-so/", (ASKED,)),
            Shot("company-answer", "/ho-so/", (ASKED, r"/bo-sung/$")),
            Shot("company-withdraw", "/ho-so/", (ASKED, r"/rut/$")),
            Shot("company-withdraw-stale", "/ho-so/", (ASKED, r"/rut/$"), act=send_an_old_page, status=422),
        ),
    ),
    Visit(
        INTAKE,
        (
            Shot("intake-queue", "/xu-ly/"),
            Shot("intake-queue-keys", "/xu-ly/", act=show_keys),
            Shot("intake-queue-nothing", "/xu-ly/?q=khongcogi"),
            Shot("intake-case", "/xu-ly/", (CASE,)),
            Shot("intake-record", "/xu-ly/", (CASE, r"\?xem=")),
            Shot("intake-receive", "/xu-ly/", (CHECKING, r"/receive/$")),
            Shot("intake-receive-stale", "/xu-ly/", (CHECKING, r"/receive/$"), act=send_an_old_page, status=409),
            Shot("intake-ask", "/xu-ly/", (CHECKING, r"/request_supplement/$")),
            Shot("intake-refuse", "/xu-ly/", (CHECKING, r"/refuse/$")),
            Shot("intake-refuse-wrong", "/xu-ly/", (CHECKING, r"/refuse/$"), act=send, status=422),
        ),
    ),
    Visit(
        SPECIALIST,
        (
            Shot("specialist-queue", "/xu-ly/"),
            Shot("specialist-case", "/xu-ly/?tab=tat-ca", (REVIEWED,)),
            Shot("specialist-own-case", "/xu-ly/", (REVIEWED,)),
            Shot("specialist-file", "/xu-ly/", (REVIEWED, r"\?tep=")),
            Shot("specialist-finding", "/xu-ly/", (REVIEWED, r"/muc/(\?muc=\d+)?$")),
            Shot("specialist-assessment", "/xu-ly/", (REVIEWED, r"/tham-dinh/$")),
            Shot("specialist-propose", "/xu-ly/", (REVIEWED, r"/propose/$")),
            Shot("specialist-notices", "/thong-bao/"),
        ),
    ),
    Visit(
        HEAD,
        (
            Shot("head-queue", "/xu-ly/"),
            Shot("head-case", "/xu-ly/?tab=trinh-lanh-dao", (CASE,)),
            Shot("head-endorse", "/xu-ly/?tab=trinh-lanh-dao", (CASE, r"/endorse/$")),
            Shot("head-send-back", "/xu-ly/?tab=trinh-lanh-dao", (CASE, r"/send_back/$")),
        ),
    ),
    Visit(
        SIGNATORY,
        (
            Shot("signatory-queue", "/xu-ly/"),
            Shot("signatory-case", "/xu-ly/", (CASE,)),
            Shot("signatory-approve", "/xu-ly/", (CASE, r"/approve/$")),
        ),
    ),
    Visit(
        CLERK,
        (
            Shot("clerk-queue", "/xu-ly/"),
            Shot("clerk-case", "/xu-ly/", (CASE,)),
            Shot("clerk-issue", "/xu-ly/", (CASE, r"/issue/$")),
        ),
    ),
    Visit(
        AUDITOR,
        (
            Shot("auditor-queue", "/xu-ly/"),
            Shot("auditor-indicators", "/danh-muc/", (r"/chuong-trinh/[^/#?]+/$", r"/bao-cao/chuong-trinh/")),
        ),
    ),
    Visit(
        MANAGER,
        (
            Shot("lists-managed", "/quan-ly/danh-muc/"),
            Shot("list-new", "/quan-ly/danh-muc/moi/"),
            Shot("list-new-wrong", "/quan-ly/danh-muc/moi/", act=send, status=422),
            Shot("list-draft", LISTS, (DRAFT_LIST,)),
            Shot("list-content", LISTS, (DRAFT_LIST, r"/noi-dung/$")),
            Shot("list-content-checked", LISTS, (DRAFT_LIST, r"/noi-dung/$"), act=send),
            Shot("list-content-wrong", LISTS, (DRAFT_LIST, r"/noi-dung/$"), act=paste_nonsense, status=422),
            Shot("list-links", LISTS, (DRAFT_LIST, r"/noi-muc/$")),
            Shot("list-link", LISTS, (DRAFT_LIST, r"/noi-muc/$", r"/noi-muc/[^/]+/$")),
            Shot("list-comparison", LISTS, (DRAFT_LIST, r"/danh-muc/[^/]+/so-sanh/$")),
            Shot("list-delete", LISTS, (DRAFT_LIST, r"/xoa/$")),
            Shot("evidence", "/quan-ly/doi-chieu/"),
            Shot("evidence-in-force", "/quan-ly/doi-chieu/?trang-thai=live"),
            Shot("evidence-nothing-chosen", "/quan-ly/doi-chieu/", status=422, act=press_many),
            Shot("candidate", "/quan-ly/doi-chieu/cau-hinh/"),
            Shot("evaluation", "/quan-ly/doi-chieu/cau-hinh/", (r"/cau-hinh/\d+/$",)),
            Shot("aliases", "/quan-ly/doi-chieu/ten-goi/"),
            Shot("aliases-of-an-item", "/quan-ly/doi-chieu/ten-goi/tt-31-2025/1.8/"),
            Shot("alias-refused", "/quan-ly/doi-chieu/ten-goi/tt-31-2025/1.8/", status=422, act=send),
            Shot("manager-affected", "/danh-muc-anh-huong/"),
            Shot("manager-affected-list", "/danh-muc-anh-huong/qd-21-2026/"),
            Shot("manager-affected-transition", "/danh-muc-anh-huong/tt-31-2025/"),
            Shot("manager-affected-case", "/danh-muc-anh-huong/qd-21-2026/", (r"/qd-21-2026/\d+/$",)),
            Shot("manager-affected-wrong", "/danh-muc-anh-huong/qd-21-2026/", act=mark_nothing, status=422),
            Shot("manager-affected-none", "/danh-muc-anh-huong/qd-21-2026/?loai=open"),
            Shot("manager-job", "/danh-muc-anh-huong/qd-21-2026/", act=look_again),
        ),
    ),
    Visit(
        ADMINISTRATOR,
        (
            Shot("administrator-queue", "/xu-ly/"),
            Shot("administrator-calendar", "/lich-lam-viec/"),
            Shot("administrator-calendar-wrong", "/lich-lam-viec/", act=send, status=422),
            Shot("administrator-notices", "/thong-bao/"),
        ),
    ),
    Visit(
        "",
        (
            Shot("english-home", "/"),
            Shot("english-guide", "/huong-dan/"),
            Shot("english-catalogues", "/danh-muc/"),
            Shot("english-catalogue", "/danh-muc/qd-21-2026/"),
            Shot("english-search", "/danh-muc/tim/?q=virtual+assistant"),
            Shot("english-matrix", "/danh-muc/qd-1131-2025/ma-tran/"),
            Shot("english-item", "/danh-muc/tt-31-2025/1.8/"),
            Shot("english-procedure", "/thu-tuc/cong-nghe-so-trong-diem/"),
            Shot("english-sign-in", "/tai-khoan/login/"),
            Shot("english-sign-up", "/tai-khoan/signup/", act=send),
            Shot("english-verify", "/kiem-tra/"),
            Shot("english-verify-unknown", "/kiem-tra/AAAA-BBBB-CCCC/", status=404),
            Shot("english-not-found", "/khong-co-trang-nay/", status=404),
        ),
        language="en",
    ),
    Visit(
        COMPANY,
        (
            Shot("english-dossiers", "/ho-so/"),
            Shot("english-new", "/ho-so/moi/"),
            Shot("english-section", "/ho-so/", ((DOSSIER, "Draft"), r"/khai/[^/]+/$")),
            Shot("english-items", "/ho-so/", ((DOSSIER, "Draft"), r"/muc/$")),
            Shot("english-documents", "/ho-so/", ((DOSSIER, "Draft"), r"/tai-lieu/$")),
            Shot("english-summary", "/ho-so/", ((DOSSIER, "Draft"), r"/tom-tat/$")),
            Shot("english-dossier", "/ho-so/", ((DOSSIER, "Under review"),)),
            Shot("english-result", "/ho-so/", ((DOSSIER, "esult"),)),
            Shot("english-verify-genuine", "/ho-so/", ((DOSSIER, "esult"), r"/kiem-tra/[^/]+/$")),
            Shot("english-notices", "/thong-bao/"),
            Shot("english-profile", "/tai-khoan/toi/"),
        ),
        language="en",
    ),
    Visit(
        SPECIALIST,
        (
            Shot("english-queue", "/xu-ly/"),
            Shot("english-case", "/xu-ly/", ((CASE, "Under review"),)),
            Shot("english-record", "/xu-ly/", ((CASE, "Under review"), r"\?xem=")),
            Shot("english-assessment", "/xu-ly/", ((CASE, "Under review"), r"/tham-dinh/$")),
        ),
        language="en",
    ),
)


@dataclass
class Report:
    taken: int = 0
    trouble: list[str] = field(default_factory=list)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/suc-khoe/", timeout=2) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def product() -> Iterator[Place]:
    """Yields a product of its own, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hoso-screens-") as folder:
        port = free_port()
        url = f"http://localhost:{port}"
        environment = os.environ | {"HOSO_VAR": folder, "PORT": str(port), "HOSO_SITE_URL": url}
        process = subprocess.Popen(
            [sys.executable, ROOT / "scripts/run.py"],
            env=environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        try:
            latest = time.monotonic() + PATIENCE
            while not answers(url):
                if process.poll() is not None or time.monotonic() > latest:
                    raise SystemExit("The product did not come up; try `make run` to see why.")
                time.sleep(0.5)
            yield Place(url, Path(folder) / "mail")
        finally:
            stop(process)


def sign_in(page: Page, url: str, who: str) -> None:
    page.goto(url + "/tai-khoan/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")
    if "/login/" in page.url:
        raise Unreachable(f"{who} cannot sign in")


def link(page: Page, step: str | tuple[str, str]) -> str:
    """The first address on the page that fits the pattern, in a row or card with the words if any are asked for."""
    pattern, words = step if isinstance(step, tuple) else (step, "")
    found = page.evaluate(
        """() => [...document.querySelectorAll('main a[href], .nav a[href]')].map(
            a => [a.pathname + a.search, (a.closest('tr, li, article, section, .card') || a).textContent])"""
    )
    for path, text in found:
        if re.search(pattern, path) and words in text:
            return path
    raise Unreachable(f"no link {pattern}" + (f" beside “{words}”" if words else ""))


def take(page: Page, place: Place, shot: Shot, target: Path, report: Report) -> None:
    """One picture; what is wrong with the page goes into the report."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        response = page.goto(place.url + shot.path)
        for step in shot.follow:
            response = page.goto(place.url + link(page, step))
        if shot.act:
            response = shot.act(page, place) or response
    except Unreachable as missing:
        report.trouble.append(f"{shot.name}: {missing}")
        return
    except BrowserError as failed:
        report.trouble.append(f"{shot.name}: {failed.message.splitlines()[0]}")
        return
    width = page.viewport_size["width"] if page.viewport_size else 0
    if response and response.status != shot.status:
        report.trouble.append(f"{shot.name}: answered {response.status} at {page.url}")
    if page.evaluate("document.documentElement.scrollWidth") > width:
        report.trouble.append(f"{shot.name}: wider than {width} px")
    report.trouble += [f"{shot.name}: {error}" for error in errors]
    # In a window as tall as the page, a bar that sticks to the window's edge lies where it belongs.
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=target, full_page=True)
    report.taken += 1


def walk(browser: Browser, place: Place, out: Path, only: str, report: Report) -> None:
    for visit in PLAN:
        shots = [shot for shot in visit.shots if only in shot.name and (place.mail or not shot.by_mail)]
        for width in WIDTHS if shots else ():
            context = browser.new_context(
                viewport={"width": width, "height": HEIGHT}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
            )
            try:
                context.set_default_timeout(15_000)
                arrive(context, place.url, visit)
                for shot in shots:
                    page = context.new_page()
                    take(page, place, shot, out / f"{shot.name}-{width}.png", report)
                    page.close()
            except Unreachable as missing:
                report.trouble.append(str(missing))
            context.close()


def arrive(context: BrowserContext, url: str, visit: Visit) -> None:
    if visit.who:
        sign_in(context.new_page(), url, visit.who)
    context.add_cookies([{"name": "django_language", "value": visit.language, "url": url}])


def papers(browser: Browser, url: str, out: Path, report: Report) -> None:
    """The PDFs of one finished dossier, page by page. The auditor fetches them: that delivers nothing."""
    if not shutil.which("pdftoppm"):
        report.trouble.append("papers: pdftoppm is not installed (poppler-utils)")
        return
    context = browser.new_context(locale="vi-VN")
    page = context.new_page()
    try:
        sign_in(page, url, AUDITOR)
        page.goto(url + "/xu-ly/?tab=co-ket-qua")
        page.goto(url + link(page, (CASE, "Đã có kết quả")))
        addresses = rendered(page)
    except Unreachable as missing:
        report.trouble.append(f"papers: {missing}")
        addresses = []
    for number, address in enumerate(addresses, 1):
        answer = context.request.get(url + address)
        if not answer.ok:
            report.trouble.append(f"papers: {address} answered {answer.status}")
            continue
        pdf = out / f"paper-{number}.pdf"
        pdf.write_bytes(answer.body())
        subprocess.run(["pdftoppm", "-r", "80", "-png", pdf, pdf.with_suffix("")], check=True)
        report.taken += 1
    context.close()


def rendered(page: Page) -> list[str]:
    """The addresses of the case's papers, once the worker has made them all."""
    latest = time.monotonic() + MAKING
    while "đang lập văn bản" in page.inner_text("main") and time.monotonic() < latest:
        time.sleep(2)
        page.reload()
    found = page.evaluate(
        """() => [...new Set([...document.querySelectorAll('main a[href*="/giay-to/"]')].map(a => a.pathname))]"""
    )
    if not found:
        raise Unreachable("no paper on the page of the case; is a worker running?")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a product that is running already, with demonstration data")
    parser.add_argument("--mail", type=Path, help="the folder with that product's mails")
    parser.add_argument("--out", type=Path, default=ROOT / "var/screenshots")
    parser.add_argument("--only", default="", help="only pages whose name holds this word")
    wanted = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        print("Chromium is not installed (apt-get install chromium).", file=sys.stderr)
        return 69
    wanted.out.mkdir(parents=True, exist_ok=True)
    report = Report()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if wanted.url:
            shoot(browser, Place(wanted.url.rstrip("/"), wanted.mail), wanted, report)
        else:
            with product() as place:
                shoot(browser, place, wanted, report)
        browser.close()
    print(f"{report.taken} pictures in {wanted.out}")
    for line in report.trouble:
        print(f"  {line}", file=sys.stderr)
    return 1 if report.trouble else 0


def shoot(browser: Browser, place: Place, wanted: argparse.Namespace, report: Report) -> None:
    walk(browser, place, wanted.out, wanted.only, report)
    if wanted.only in "paper":
        papers(browser, place.url, wanted.out, report)


if __name__ == "__main__":
    sys.exit(main())

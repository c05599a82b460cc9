"""Pictures of every page, wide and narrow, and of the papers: var/screenshots.

    make screenshots                              # a product of its own, with demonstration data
    make screenshots ARGS="--url http://localhost:8000 --only queue"

Pages are reached as a person reaches them: by signing in and following links, so that no dossier is named here.
A page that cannot be reached, answers with an error, is wider than its screen or reports a script error is
named at the end, and the exit code says so.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

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

UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
DOSSIER = rf"/ho-so/{UUID}/$"
CASE = rf"/xu-ly/{UUID}/$"


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    # Patterns of addresses to follow from there, one after another; each may ask for words in the link's row.
    follow: tuple[str | tuple[str, str], ...] = ()
    status: int = 200


@dataclass(frozen=True)
class Visit:
    who: str  # e-mail address; empty: nobody signs in
    shots: tuple[Shot, ...]


PLAN = (
    Visit(
        "",
        (
            Shot("home", "/"),
            Shot("guide", "/huong-dan/"),
            Shot("not-found", "/khong-co-trang-nay/", status=404),
            Shot("sign-in", "/tai-khoan/login/"),
            Shot("sign-up", "/tai-khoan/signup/"),
            Shot("password-reset", "/tai-khoan/password/reset/"),
            Shot("catalogues", "/danh-muc/"),
            Shot("catalogue-circular-31", "/danh-muc/tt-31-2025/"),
            Shot("catalogue-decision-1131", "/danh-muc/qd-1131-2025/"),
            Shot("catalogue-decision-21", "/danh-muc/qd-21-2026/"),
            Shot("catalogue-item", "/danh-muc/tt-31-2025/", (r"/danh-muc/tt-31-2025/[^/#?]+/$",)),
            Shot("catalogue-search", "/danh-muc/tim/?q=camera"),
            Shot("instrument", "/van-ban/thong-tu-31-2025-tt-bkhcn/"),
            Shot("procedure", "/thu-tuc/cong-nghe-so-trong-diem/"),
            Shot("programme", "/danh-muc/", (r"/chuong-trinh/[^/#?]+/$",)),
            Shot("verify", "/kiem-tra/"),
            Shot("verify-unknown", "/kiem-tra/AAAA-BBBB-CCCC/", status=404),
        ),
    ),
    Visit(
        COMPANY,
        (
            Shot("company-dossiers", "/ho-so/"),
            Shot("company-new", "/ho-so/moi/"),
            Shot("company-draft", "/ho-so/", ((DOSSIER, "Đang soạn"),)),
            Shot("company-section", "/ho-so/", ((DOSSIER, "Đang soạn"), r"/khai/[^/]+/$")),
            Shot("company-items", "/ho-so/", ((DOSSIER, "Đang soạn"), r"/muc/$")),
            Shot("company-documents", "/ho-so/", ((DOSSIER, "Đang soạn"), r"/tai-lieu/$")),
            Shot("company-summary", "/ho-so/", ((DOSSIER, "Đang soạn"), r"/tom-tat/$")),
            Shot("company-in-review", "/ho-so/", ((DOSSIER, "Đang thẩm định"),)),
            Shot("company-result", "/ho-so/", ((DOSSIER, "quả"),)),
            Shot("company-notices", "/thong-bao/"),
            Shot("company-profile", "/bat-dau/", (r"/tai-khoan/(?!logout|password).*",)),
        ),
    ),
    Visit(
        OTHER_COMPANY,
        (
            Shot("company-supplement", "/ho-so/", ((DOSSIER, "bổ sung"),)),
            Shot("company-answer", "/ho-so/", ((DOSSIER, "bổ sung"), r"/bo-sung/$")),
            Shot("company-withdraw", "/ho-so/", ((DOSSIER, "bổ sung"), r"/rut/$")),
        ),
    ),
    Visit(INTAKE, (Shot("intake-queue", "/xu-ly/"), Shot("intake-case", "/xu-ly/", (CASE,)))),
    Visit(
        SPECIALIST,
        (
            Shot("specialist-queue", "/xu-ly/"),
            Shot("specialist-case", "/xu-ly/?tab=tat-ca", ((CASE, "Đang thẩm định"),)),
            Shot("specialist-notices", "/thong-bao/"),
        ),
    ),
    Visit(HEAD, (Shot("head-queue", "/xu-ly/"), Shot("head-case", "/xu-ly/", (CASE,)))),
    Visit(SIGNATORY, (Shot("signatory-queue", "/xu-ly/"), Shot("signatory-case", "/xu-ly/", (CASE,)))),
    Visit(CLERK, (Shot("clerk-queue", "/xu-ly/"), Shot("clerk-case", "/xu-ly/", (CASE,)))),
    Visit(AUDITOR, (Shot("auditor-queue", "/xu-ly/"),)),
)


@dataclass
class Report:
    taken: int = 0
    trouble: list[str] = field(default_factory=list)


class Unreachable(Exception):
    """A link that the plan follows is not on the page; the text says which."""


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/suc-khoe/", timeout=2) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def product() -> Iterator[str]:
    """Yields the address of a product of its own, in a folder that is gone afterwards."""
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
            yield url
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
            a => [a.pathname, (a.closest('tr, li, article, section, .card') || a).textContent])"""
    )
    for path, text in found:
        if re.search(pattern, path) and words in text:
            return path
    raise Unreachable(f"no link {pattern}" + (f" beside “{words}”" if words else ""))


def take(page: Page, url: str, shot: Shot, target: Path, report: Report) -> None:
    """One picture; what is wrong with the page goes into the report."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        response = page.goto(url + shot.path)
        for step in shot.follow:
            response = page.goto(url + link(page, step))
    except Unreachable as missing:
        report.trouble.append(f"{shot.name}: {missing}")
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


def walk(browser: Browser, url: str, out: Path, only: str, report: Report) -> None:
    for visit in PLAN:
        shots = [shot for shot in visit.shots if only in shot.name]
        for width in WIDTHS if shots else ():
            context = browser.new_context(
                viewport={"width": width, "height": HEIGHT}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
            )
            try:
                if visit.who:
                    sign_in(context.new_page(), url, visit.who)
                for shot in shots:
                    page = context.new_page()
                    take(page, url, shot, out / f"{shot.name}-{width}.png", report)
                    page.close()
            except Unreachable as missing:
                report.trouble.append(str(missing))
            context.close()


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
            shoot(browser, wanted.url.rstrip("/"), wanted, report)
        else:
            with product() as url:
                shoot(browser, url, wanted, report)
        browser.close()
    print(f"{report.taken} pictures in {wanted.out}")
    for line in report.trouble:
        print(f"  {line}", file=sys.stderr)
    return 1 if report.trouble else 0


def shoot(browser: Browser, url: str, wanted: argparse.Namespace, report: Report) -> None:
    walk(browser, url, wanted.out, wanted.only, report)
    if wanted.only in "paper":
        papers(browser, url, wanted.out, report)


if __name__ == "__main__":
    sys.exit(main())

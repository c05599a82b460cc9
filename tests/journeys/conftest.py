"""A real Chromium against the whole product: web server and worker as `make run` starts them, in a folder of its own.

The journeys talk to it as a person would: through pages, and through the mails that it wrote to its folder.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from scripts.services import die_with_parent, free_port, stop
from tests.conftest import CHROMIUM

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "hoso-demo-2026"
START = 180  # seconds that the product has, demonstration data included
# Without these, Chromium asks its maker's servers at every start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every journey: one that ran among the others would leave its event loop to them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Site:
    url: str
    var: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Runs a management command on the product's database; returns what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def mails_to(self, address: str) -> list[EmailMessage]:
        """The mails to an address so far, oldest first."""
        found = []
        for file in sorted((self.var / "mail").glob("*"), key=lambda f: f.stat().st_mtime):
            # Django's file backend ends each mail with a line of dashes.
            for raw in re.split(rb"\n-{79}\n", file.read_bytes()):
                mail = message_from_bytes(raw.strip(), policy=policy.default)
                if address in str(mail["To"]):
                    found.append(mail)
        return found

    def wait_for_mail(self, address: str, words: str, *, seconds: float = 30) -> EmailMessage:
        """The newest mail to an address with these words in subject or text."""
        return wait_for(
            lambda: next(
                (m for m in reversed(self.mails_to(address)) if words in f"{m['Subject']}\n{text_of(m)}"), None
            ),
            f"a mail to {address} that says “{words}”",
            seconds=seconds,
        )


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain", "html"))
    return body.get_content() if body else ""


def wait_for(look: Callable[[], Any], what: str, *, seconds: float = 30) -> Any:
    """Asks again until there is an answer; what the worker does shows a moment later."""
    latest = time.monotonic() + seconds
    while time.monotonic() < latest:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"within {seconds:.0f} s there was not {what}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    var = tmp_path_factory.mktemp("var")
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HOSO_", "DJANGO_", "S3_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        environment.pop(name, None)
    environment |= {"HOSO_VAR": str(var), "PORT": str(port), "HOSO_SITE_URL": f"http://localhost:{port}"}
    log = var / "run.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def answers() -> bool:
        assert process.poll() is None, f"the product did not start:\n{log.read_text()}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/suc-khoe/", timeout=2) as page:
                return page.status == 200
        except OSError:
            return False

    try:
        wait_for(answers, "an answer of the product", seconds=START)
        yield Site(f"http://localhost:{port}", var, environment)
        assert process.poll() is None, f"the product ended during the journeys:\n{log.read_text()[-3000:]}"
    finally:
        stop(process)
        sys.stdout.write(log.read_text()[-5000:])  # pytest shows it when a journey fails


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_page(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a person of their own: cookies, downloads, window. Errors in its console fail the test.

    `open_page(width=390, javascript=False)`; the page has the product's address as its base. An answer that the
    journey provokes is named: `open_page(expects="409")`.
    """
    contexts, complaints = [], []
    visited: dict[Page, list[str]] = {}

    def open_page(*, width: int = 1280, height: int = 900, javascript: bool = True, expects: str = "") -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if javascript:
            visited[page] = []
            page.on("framenavigated", lambda frame: frame.parent_frame or visited[page].append(frame.url))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if message.type == "error" and not (expects and expects in message.text)
                else None
            ),
        )
        return page

    yield open_page
    complained = list(complaints)
    found = [line for page, urls in visited.items() for line in barriers(page, urls)]
    for context in contexts:
        context.close()
    assert complained == []
    assert found == []


LOOKED_AT: set[tuple[str, bool]] = set()  # views, each wide and narrow


def barriers(page: Page, urls: list[str]) -> list[str]:
    """What axe finds on the pages that a journey came by; each view once in all journeys, for it takes a second."""
    found = []
    for url in dict.fromkeys(urls):
        with suppress(Resolver404):
            view = resolve(urlsplit(url).path).view_name, page.viewport_size["width"] < 600
            if view in LOOKED_AT or url.startswith("about:"):
                continue
            LOOKED_AT.add(view)
            with suppress(PlaywrightError):  # a file that is downloaded; a page that is gone by now
                page.goto(url)
                found += [f"{url}: {line}" for line in breaches(page)]
    return found


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Signs in with the form, as a person does, and waits for the page after it."""
    page.goto("/tai-khoan/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) [type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def breaches(page: Page) -> list[str]:
    """What axe finds wrong with the page for people who cannot see, hear or point, as lines fit to read."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['help']} ({n['html'][:120]})" for v in found for n in v["nodes"]]

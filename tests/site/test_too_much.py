"""A body with more in it than the product reads: the answer says so and gets through to the browser."""

import http.client
import os
import re
import subprocess
import sys
import time
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from intake.models import Dossier
from intake.uploads import FILES_AT_ONCE
from scripts.services import free_port
from tests.factories import CatalogueFactory, DossierFactory
from tests.site import builders

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
FORM = "application/x-www-form-urlencoded"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def draft():
    CatalogueFactory()
    return DossierFactory()


def section_of(draft) -> str:
    return reverse("dossier_section", args=[draft.public_id, "san-pham"])


@pytest.mark.parametrize("multipart", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_a_text_beyond_the_limit_is_a_page_that_says_how_to_go_on(draft, multipart, strict):
    client = Client(enforce_csrf_checks=strict, headers={"Referer": f"http://testserver{section_of(draft)}"})
    client.cookies["csrftoken"] = "c" * 32
    client.force_login(draft.created_by)
    given = {"product_name": "Camera", "description": "x" * 5 * MEGABYTE}
    body = (given,) if multipart else (urlencode(given), FORM)
    answer = client.post(section_of(draft), *body)
    assert answer.status_code == 413
    words = text_of(answer)
    assert "Nội dung gửi đi quá lớn nên chưa được lưu" in words
    assert "4 MB" in words
    assert "quay lại" in words
    assert f'href="{section_of(draft)}"' in answer.content.decode()
    assert Dossier.objects.get().answers == {}


def test_too_many_fields_are_a_page_that_says_how_to_go_on(draft, client):
    client.force_login(draft.created_by)
    answer = client.post(section_of(draft), {f"o-{n}": "x" for n in range(2001)})
    assert answer.status_code == 400
    assert "quá nhiều ô" in text_of(answer)
    assert Dossier.objects.get().answers == {}


def test_too_many_files_are_a_page_that_says_how_to_go_on(draft, client):
    client.force_login(draft.created_by)
    url = reverse("attachment_upload", args=[draft.public_id, "thuyet-minh"])
    answer = client.post(url, {"files": [SimpleUploadedFile("a.pdf", b"x") for _n in range(101)]})
    assert answer.status_code == 400
    assert "quá nhiều tệp" in text_of(answer)


def test_files_beyond_the_limit_together_are_a_page_that_says_how_to_go_on(draft, client, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    client.force_login(draft.created_by)
    url = reverse("attachment_upload", args=[draft.public_id, "thuyet-minh"])
    files = [SimpleUploadedFile(f"{n}.pdf", b"x" * 990) for n in range(FILES_AT_ONCE + 1)]
    answer = client.post(url, {"files": files})
    assert answer.status_code == 413
    assert "9,8 KB tệp đính kèm" in text_of(answer).replace("\xa0", " ")


def test_too_many_words_in_an_address_are_a_page_too(client):
    assert client.get(reverse("catalogue_search"), {f"o-{n}": "x" for n in range(2001)}).status_code == 400


def test_a_page_of_another_site_is_no_way_back(client):
    client.defaults["HTTP_REFERER"] = 'https://khac.example/"><script>alert(1)</script>'
    answer = client.post(reverse("account_login"), urlencode({"login": "x" * 5 * MEGABYTE}), FORM)
    assert answer.status_code == 413
    assert "khac.example" not in answer.content.decode()


def test_staff_and_visitors_get_the_page_too(client):
    for person in (None, builders.person("lan@bo.example", "head_of_unit")):
        if person:
            client.force_login(person)
        answer = client.post(reverse("set_language"), urlencode({"language": "x" * 5 * MEGABYTE}), FORM)
        assert answer.status_code == 413


@pytest.fixture
def gunicorn(tmp_path):
    """The web server that the product runs with, on a database without tables: nobody signs in."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "HOSO_VAR": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                with_connection(port, "GET", "/suc-khoe/")
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def with_connection(port, method, path, body=b"", cookie=""):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": FORM, "Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("cookie", "status", "words"),
    [("csrftoken=" + "c" * 32, 413, "Nội dung gửi đi quá lớn"), ("", 403, "Biểu mẫu đã hết hạn")],
)
def test_the_answer_gets_through_to_a_browser_that_is_still_sending(gunicorn, cookie, status, words):
    body = b"login=" + b"x" * 30 * MEGABYTE
    answered, page = with_connection(gunicorn, "POST", reverse("account_login"), body, cookie)
    assert answered == status
    assert words in page

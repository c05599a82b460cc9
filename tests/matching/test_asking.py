"""Matching for anybody, by the API and by the public page."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.plaintext import harmless
from catalogs.models import Catalogue
from catalogs.views import matching
from tests.factories import unpublish
from tests.matching.builders import a_list

pytestmark = pytest.mark.django_db

CAMERA = {"name": "Mắt Phố", "description": "Camera AI nhận diện khuôn mặt, đếm người"}


@pytest.fixture(autouse=True)
def lists() -> dict[str, Catalogue]:
    digital = {
        "1.8": ("Camera thông minh, camera AI", "camera AI nhận diện khuôn mặt, đếm người"),
        "5.2": ("Robot công nghiệp", "cánh tay robot sáu trục"),
    }
    strategic = {"2": ("Thiết bị camera AI", "camera xử lý tại biên"), "7": ("Robot di động tự hành",)}
    return {
        "digital": a_list("so", "31/2025/TT-BKHCN", "key-digital", "2026-01-01", None, digital),
        "strategic": a_list("chien-luoc", "21/2026/QĐ-TTg", "strategic", "2026-01-01", None, strategic),
    }


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching.timezone, "localdate", lambda *_a: date(2026, 11, 18))


def ask(client, value: Any, **headers: str):
    body = value if isinstance(value, bytes | str) else json.dumps(value)
    return client.post(reverse("matching_api"), body, content_type="application/json", headers=headers)


def problems(response) -> dict[str | None, str]:
    return {error["field"]: error["message"] for error in response.json()["errors"]}


# --- the API ---------------------------------------------------------------------------------------


def test_each_list_in_force_answers_with_ranked_items_and_reasons(client) -> None:
    response = ask(client, CAMERA)
    assert response.status_code == 200
    results = response.json()["results"]
    assert [one["catalogue"] for one in results] == ["31/2025/TT-BKHCN", "21/2026/QĐ-TTg"]
    best = results[0]["items"][0]
    assert (results[0]["decision"], best["code"]) == ("match", "1.8")
    assert 0 < best["score"] <= 1
    assert best["strength"] == "strong"
    for reason in best["reasons"]:
        assert CAMERA[reason["field"]][reason["start"] : reason["end"]] == reason["words"]
        assert reason["meets"]
        assert reason["source"] in ("name", "alias")


def test_nothing_is_remembered_of_who_asks(client) -> None:
    response = ask(client, CAMERA)
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    assert client.cookies == {}


def test_lists_are_chosen_by_number_or_slug_and_by_day(client) -> None:
    asked = ask(client, {**CAMERA, "catalogues": ["21/2026/QĐ-TTg", "chien-luoc"], "limit": 1})
    (one,) = asked.json()["results"]
    assert one["slug"] == "chien-luoc"
    assert len(one["items"]) == 1
    assert problems(ask(client, {**CAMERA, "on": "2020-01-01"})) == {
        "on": "Không có danh mục nào có hiệu lực vào ngày này."
    }
    assert ask(client, {**CAMERA, "on": "2026-07-01"}).status_code == 200


def test_a_restricted_list_or_a_draft_is_as_unknown_as_one_that_does_not_exist(client, lists) -> None:
    missing = problems(ask(client, {**CAMERA, "catalogues": ["mat"]}))
    hidden = a_list("mat", "9/2026/QĐ-TTg", "strategic", "2026-02-01", None, {"1": ("Camera AI mật",)})
    unpublish(hidden.slug, restricted=True)
    assert problems(ask(client, {**CAMERA, "catalogues": ["mat"]})) == missing
    assert "9/2026" not in ask(client, CAMERA).content.decode()
    unpublish(hidden.slug, restricted=False, stage="draft")
    assert problems(ask(client, {**CAMERA, "catalogues": ["mat"]})) == missing


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], None),
        ("text", None),
        (None, None),
        ({}, "description"),
        ({"name": " ", "description": "\u200b\n"}, None),
        ({"name": 1}, "name"),
        ({"description": ["x"]}, "description"),
        ({**CAMERA, "limit": 0}, "limit"),
        ({**CAMERA, "limit": 21}, "limit"),
        ({**CAMERA, "limit": True}, "limit"),
        ({**CAMERA, "limit": "5"}, "limit"),
        ({**CAMERA, "on": "1/7/2026"}, "on"),
        ({**CAMERA, "on": 20260701}, "on"),
        ({**CAMERA, "on": "2026-07-01", "catalogues": ["so"]}, "on"),
        ({**CAMERA, "catalogues": []}, "catalogues"),
        ({**CAMERA, "catalogues": "so"}, "catalogues"),
        ({**CAMERA, "catalogues": [1]}, "catalogues"),
        ({**CAMERA, "catalogues": ["khong-co"]}, "catalogues"),
        ({**CAMERA, "catalogues": ["so"] * 7}, "catalogues"),
        ({**CAMERA, "ngay": "x"}, "ngay"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_by_field(client, value, field) -> None:
    response = ask(client, value)
    if value == {"name": " ", "description": "\u200b\n"}:
        # Invisible signs are text; they speak for nothing.
        assert response.status_code == 200
        assert all(one["items"] == [] for one in response.json()["results"])
        return
    assert response.status_code == 400
    assert list(problems(response)) == [field]
    assert all(problems(response).values())


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b'{"name": "x"} x',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"limit": ' + b"9" * 5000 + b"}",
        b"name=x",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_json_is_refused(client, body) -> None:
    response = ask(client, body)
    assert response.status_code == 400
    assert list(problems(response)) == [None]


def test_more_than_a_megabyte_another_kind_or_another_method_is_refused(client) -> None:
    address = reverse("matching_api")
    assert ask(client, {**CAMERA, "description": "x" * 1_100_000}).status_code == 413
    assert client.post(address, CAMERA).status_code == 415
    assert client.post(address, json.dumps(CAMERA), content_type="text/plain").status_code == 415
    for method in (client.get, client.put, client.delete, client.patch):
        response = method(address)
        assert response.status_code == 405
        assert response["Allow"] == "POST"
        assert response.json()["errors"]


def test_a_size_that_is_only_claimed_is_refused_before_anything_is_read(rf) -> None:
    request = rf.post(reverse("matching_api"), b" ", content_type="application/json")
    request.META["CONTENT_LENGTH"] = "99999999999"
    request.read = None
    assert matching.matching_api(request).status_code == 413


@pytest.mark.parametrize(
    "text",
    [
        "🚁" * 2000,
        "\u202eIA aremac\u202c camera AI",
        "камера AI 相机 كاميرا camera",
        "<script>alert(1)</script> camera AI",
        "\x00\x01 camera AI",
        "\ud800 camera AI",
        "a" * 900_000,
        "camera AI " * 90_000,
    ],
    ids=["emoji", "rtl", "mixed", "markup", "control", "surrogate", "one word", "many words"],
)
def test_any_text_is_answered(client, text) -> None:
    response = ask(client, {"name": text[:500], "description": text})
    assert response.status_code == 200
    for one in response.json()["results"]:
        for item in one["items"]:
            for reason in item["reasons"]:
                source = text[:500] if reason["field"] == "name" else text
                assert harmless(source[reason["start"] : reason["end"]]) == reason["words"]


HIDDEN = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\x1b\x07\x00"
TYPED = (
    f"Bộ gồm: camera AI nhận{HIDDEN} diện khuôn mặt; trạm gốc{HIDDEN} 5G. Khóa học{HIDDEN} lập trình về{HIDDEN} robot."
)


def test_hidden_characters_that_somebody_types_come_back_visible(client) -> None:
    answer = ask(client, {"name": TYPED, "description": TYPED, f"x{HIDDEN}": 1})
    assert not set(HIDDEN) & set(str(answer.json()))
    answer = ask(client, {"description": TYPED, "catalogues": [f"x{HIDDEN}"]})
    assert not set(HIDDEN) & set(str(answer.json()))
    for name in ("", TYPED):
        found = ask(client, {"name": name, "description": TYPED}).json()
        assert "\ufffd" in str(found)
        assert not set(HIDDEN) & set(json.dumps(found, ensure_ascii=False))


def test_the_page_shows_hidden_characters_and_keeps_them_only_in_the_field(client) -> None:
    # A NUL is refused at the field.
    page = client.post(reverse("matching_page"), {"description": TYPED.replace("\x00", "")}).content.decode()
    shown = re.sub(r"<textarea.*?</textarea>", "", page, flags=re.DOTALL)
    assert "trạm gốc\ufffd" in shown
    assert "nhận\ufffd" in "".join(re.findall("<mark>(.*?)</mark>", shown))
    assert not set(HIDDEN) & set(shown)


def test_errors_speak_english_to_those_who_ask_for_it(client) -> None:
    response = ask(client, {}, accept_language="en-GB,en;q=0.9,vi;q=0.8")
    assert response["Content-Language"] == "en"
    assert "Accept-Language" in response["Vary"]
    assert ask(client, {}, accept_language="vi,en;q=0.5")["Content-Language"] == "vi"


def test_who_asks_too_often_waits(client, settings) -> None:
    settings.MATCHINGS_PER_MINUTE = 2
    assert [ask(client, CAMERA).status_code for _n in range(3)] == [200, 200, 429]
    response = ask(client, CAMERA)
    assert response["Retry-After"] == "60"
    assert response.json()["errors"]
    page = client.post(reverse("matching_page"), CAMERA)
    assert page.status_code == 429
    assert CAMERA["description"] in page.content.decode()


def test_a_second_question_costs_only_the_look_for_the_lists(client, django_assert_max_num_queries) -> None:
    ask(client, CAMERA)
    with django_assert_max_num_queries(2):
        ask(client, CAMERA)


# --- the page --------------------------------------------------------------------------------------


def test_the_page_asks_and_answers_with_the_words_marked(client) -> None:
    address = reverse("matching_page")
    assert client.get(address).status_code == 200
    page = client.post(address, CAMERA).content.decode()
    assert "nhận diện khuôn mặt" in " ".join(re.findall("<mark>(.*?)</mark>", page))
    assert reverse("catalogue_item", args=["so", "1.8"]) in page
    assert "giống cách gọi khác:" in page


def test_one_word_over_and_over_fits_nothing(client) -> None:
    page = client.post(reverse("matching_page"), {"name": "", "description": "từ " * 100}).content.decode()
    assert page.count("Chưa thấy mục nào phù hợp") == page.count('<section class="card" aria-labelledby="dm-')


def test_what_fits_nothing_is_told_so(client) -> None:
    page = client.post(reverse("matching_page"), {"description": "Gạo thơm đóng túi"}).content.decode()
    assert "Chưa thấy mục nào phù hợp." in page


@pytest.mark.parametrize(
    "given", [{}, {"name": " ", "description": ""}, {"name": "x" * 301}, {"description": "x" * 20_001}]
)
def test_what_cannot_be_answered_is_told_at_its_field_and_kept(client, given) -> None:
    response = client.post(reverse("matching_page"), given)
    assert response.status_code == 422
    assert given.get("name", "").strip() in response.content.decode()


def test_markup_that_somebody_types_stays_text(client) -> None:
    page = client.post(reverse("matching_page"), {"description": "<b>camera AI</b> <script>x</script>"})
    assert "<script>x" not in page.content.decode()
    assert "&lt;b&gt;<mark>" in page.content.decode()


def test_without_a_list_in_force_the_page_says_so(client) -> None:
    unpublish(*Catalogue.objects.values_list("slug", flat=True), effective_from=date(2030, 1, 1))
    assert "Không có danh mục nào đang có hiệu lực" in client.get(reverse("matching_page")).content.decode()

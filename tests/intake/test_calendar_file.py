"""The due dates of a dossier as a file for calendars, RFC 5545."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import MembershipRole
from documents.models import IssuedDocument
from intake.calendar_file import LINE, calendar_of, due_dates, escape, fold_line
from intake.models import Dossier
from intake.states import State
from tests.documents.builders import issue
from tests.factories import ANSWERS, NOW, case_in, complete_dossier, member_of

pytestmark = pytest.mark.django_db


def url_of(dossier):
    return reverse("dossier_calendar", args=[dossier.public_id])


def unfolded(content: bytes) -> list[str]:
    assert content.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content), "a break is CRLF"
    lines = content[:-2].split(b"\r\n")
    assert all(len(line) <= LINE for line in lines)
    for line in lines:
        line.decode()  # no character is torn apart
    return content.decode().replace("\r\n ", "")[:-2].split("\r\n")


def fetched(client, dossier) -> list[str]:
    response = client.get(url_of(dossier))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return unfolded(response.content)


def events(lines: list[str]) -> list[dict[str, str]]:
    """The events, their properties by name; checks how the components are nested."""
    found, stack = [], []
    for line in lines:
        name, _colon, value = line.partition(":")
        if name == "BEGIN":
            stack.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            assert stack.pop() == value
        elif stack[-1] == "VEVENT":
            key = name.partition(";")[0]
            assert key not in found[-1], "once only"
            found[-1][key] = value
    assert stack == []
    return found


def test_the_file_holds_what_rfc_5545_asks_for(sign_in):
    case = case_in(State.IN_REVIEW)
    lines = fetched(sign_in(case.created_by), case)
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ho So//Dossier//VI"]
    assert lines[-1] == "END:VCALENDAR"
    (event,) = events(lines)
    assert event["UID"] == f"{case.public_id}-result@localhost"
    assert event["DTSTAMP"] == "20261118T021200Z"
    assert (event["DTSTART"], event["DTEND"]) == ("20261208", "20261209")
    assert event["SEQUENCE"] == str(case.version)
    assert event["SUMMARY"] == f"Hẹn trả kết quả hồ sơ {case.code}"
    assert event["URL"].endswith(reverse("dossier_detail", args=[case.public_id]))


@pytest.mark.parametrize("state", [State.SUBMITTED, State.SCREENING])
def test_before_it_is_received_the_answer_is_due(sign_in, state):
    case = case_in(state, due_at=NOW + timedelta(hours=8))
    (event,) = events(fetched(sign_in(case.created_by), case))
    assert event["SUMMARY"] == f"Trả lời về tiếp nhận hồ sơ {case.code}"
    assert "trước 17:12 18/11/2026" in event["DESCRIPTION"]


def test_of_supplements_the_applicant_is_reminded(sign_in):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    lines = fetched(sign_in(case.created_by), case)
    (event,) = events(lines)
    assert event["SUMMARY"] == f"Hạn bổ sung hồ sơ {case.code}"
    alarm = lines[lines.index("BEGIN:VALARM") : lines.index("END:VALARM")]
    assert alarm[1:3] == ["ACTION:DISPLAY", "TRIGGER:-PT39H"]
    assert alarm[3].startswith("DESCRIPTION:")


def test_an_hour_late_at_night_is_of_the_day_in_vietnam(sign_in):
    case = case_in(State.SUPPLEMENT_REQUESTED, due_at=NOW.replace(hour=23, minute=59))
    (event,) = events(fetched(sign_in(case.created_by), case))
    assert event["DTSTART"] == "20261118"


def test_the_end_of_a_decision_is_a_date_as_long_as_it_holds(sign_in):
    case = case_in(State.ISSUED)
    paper = issue(of=Dossier.objects.get(pk=case.pk), at=NOW)
    papers = IssuedDocument.objects.filter(pk=paper.pk)
    client = sign_in(case.created_by)
    assert client.get(url_of(case)).status_code == 404
    papers.update(valid_until=NOW.date() + timedelta(days=365))
    (event,) = events(fetched(client, case))
    assert event["SUMMARY"] == f"Quyết định {paper.symbol} hết hiệu lực"
    assert event["DTSTART"] == "20271118"
    assert 'lich.ics"' in client.get(reverse("dossier_detail", args=[case.public_id])).content.decode()
    for over in ({"validity": "revoked"}, {"validity": "valid", "valid_until": NOW.date() - timedelta(days=1)}):
        papers.update(**over)
        assert client.get(url_of(case)).status_code == 404
        page = client.get(reverse("dossier_detail", args=[case.public_id])).content.decode()
        assert "lich.ics" not in page


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.CLOSED, State.DELIVERED])
def test_where_nothing_is_due_there_is_no_file_and_no_link(sign_in, state):
    case = case_in(state)
    client = sign_in(case.created_by)
    assert client.get(url_of(case)).status_code == 404
    assert "lich.ics" not in client.get(reverse("dossier_detail", args=[case.public_id])).content.decode()


def test_a_draft_has_no_dates(sign_in):
    draft = complete_dossier()
    assert sign_in(draft.created_by).get(url_of(draft)).status_code == 404


def test_a_viewer_gets_it_from_the_page_and_nobody_changes_anything_by_it(sign_in):
    case = case_in(State.IN_REVIEW)
    client = sign_in(member_of(case.organisation, MembershipRole.VIEWER))
    assert f'href="{url_of(case)}"' in client.get(reverse("dossier_detail", args=[case.public_id])).content.decode()
    response = client.get(url_of(case))
    assert response["Content-Disposition"] == f'attachment; filename="ho-so-{case.code}.ics"'
    assert response["Cache-Control"] == "private, no-store"
    assert client.post(url_of(case)).status_code == 405


def test_the_same_date_keeps_its_identity_when_the_dossier_changes(sign_in):
    case = case_in(State.IN_REVIEW)
    client = sign_in(case.created_by)
    (before,) = events(fetched(client, case))
    moved = NOW + timedelta(days=30)
    Dossier.objects.filter(pk=case.pk).update(version=case.version + 1, due_at=moved, appointment_at=moved)
    (after,) = events(fetched(client, case))
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["DTSTART"] == "20261218"


# --- hostile, huge, empty --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR",
        "a\nATTACH:http://evil.example/",
        "a\u2028ATTACH:x\u2029\u0085ATTACH:y\x0bATTACH:z",
        "Camera; loại 2, \\n mới\\",
        "🙂" * 300,
        "ầ" * 300,
        "e\u0301" * 150,
        "\ufeff\u202e",
        "",
    ],
)
def test_no_title_breaks_the_file(title):
    case = case_in(State.SUPPLEMENT_REQUESTED, answers={**ANSWERS, "product_name": "x"})
    case.title = title
    lines = unfolded(calendar_of(case, due_dates(case, on=NOW.date()), link="https://hoso.example/ho-so/1/", at=NOW))
    (event,) = events(lines)
    assert set(event) == {
        *("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "URL", "CLASS", "TRANSP")
    }


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a;b,c\\d", "a\\;b\\,c\\\\d"),
        ("a\r\nb\rc\nd", "a\\nb\\nc\\nd"),
        ("a\\nb", "a\\\\nb"),
        ('a:"b"', 'a:"b"'),
        ("a\x00\x07\x7fb", "ab"),
        ("a\tb", "a\tb"),
    ],
)
def test_text_is_escaped(text, escaped):
    assert escape(text) == escaped


@pytest.mark.parametrize("size", [0, 73, 74, 75, 76, 149, 150, 5_000])
@pytest.mark.parametrize("char", ["a", "ầ", "🙂", "đ"])
def test_lines_are_folded_at_75_octets_and_unfold_to_the_same(size, char):
    line = f"SUMMARY:{char * size}"
    folded = fold_line(line)
    assert unfolded(folded) == [line]
    if len(line.encode()) <= LINE:
        assert folded == line.encode() + b"\r\n"


def test_the_file_costs_the_same_whatever_the_dossier_went_through(sign_in, django_assert_max_num_queries):
    case = case_in(State.IN_REVIEW)
    client = sign_in(case.created_by)
    client.get(url_of(case))
    with django_assert_max_num_queries(8):
        client.get(url_of(case))

"""What a registry says of a tax code: asked over HTTP, kept, shown, asked again after an outage."""

import importlib
import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import services, tasks
from accounts.demo import APPLICANTS, create_demo_people
from accounts.models import Organisation
from accounts.taxcodes import names, over_http, recorded, verifying
from accounts.taxcodes.recorded import DEMONSTRATION, RecordedTable
from accounts.taxcodes.registry import NoAnswer, Nobody, Taxpayer, Unknown, configured
from audit.models import Entry
from tests.accounts.builders import member
from tests.accounts.test_organisations import COMPANY, INDIVIDUAL
from tests.notifications.builders import NOON, organisation, person

CODE = "9901000001"
NAME = "Công ty Cổ phần Thị giác Sao Mai"
FIELDS = {"name": "data.name", "address": "data.address", "status": "data.status", "code": "data.id"}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def taxpayer(**changed) -> dict:
    return {"data": {"id": CODE, "name": NAME.upper(), "address": "Hà Nội", "status": "Active"} | changed}


class Server(ThreadingHTTPServer):
    """A registry; `behave` answers each question."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str]] = []
        self.over = threading.Event()
        self.answers(taxpayer())
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/nnt/{{code}}"

    def answers(self, what, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()

        def behave(handler: Handler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

        self.behave = behave

    def handle_error(self, request, client_address) -> None:
        """Whoever asks hangs up in some of these tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        self.server.behave(self)

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    serving = Server()
    yield serving
    serving.over.set()
    serving.shutdown()
    serving.server_close()
    # The threads that ask end with what they asked: none is left to the next test.
    for _number in range(over_http.AT_ONCE):
        assert over_http._asking.acquire(timeout=5)
    for _number in range(over_http.AT_ONCE):
        over_http._asking.release()


@pytest.fixture
def registry(server, settings):
    settings.TAX_REGISTRY_URL = server.url
    settings.TAX_REGISTRY_FIELDS = FIELDS
    settings.TAX_REGISTRY_ACTIVE = ["active", "Đang hoạt động"]
    settings.TAX_REGISTRY_TOKEN = "bi-mat"
    settings.TAX_REGISTRY_SECONDS = 3
    return server


@pytest.fixture
def table(settings):
    settings.TAX_TABLE = str(DEMONSTRATION)


def ask(seconds: float = 3):
    return configured().look_up(CODE, seconds=seconds)


# --- the answers of a registry -----------------------------------------------------------------------


def test_a_taxpayer_is_found_by_the_address_the_token_and_the_fields_of_the_settings(registry):
    assert ask() == Taxpayer(NAME.upper(), "Hà Nội", active=True)
    assert registry.asked == [(f"/nnt/{CODE}", "Bearer bi-mat")]
    assert configured().source == "127.0.0.1"
    assert "bi-mat" not in repr(configured())


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"status": "ĐANG HOẠT ĐỘNG"}, Taxpayer(NAME.upper(), "Hà Nội", active=True)),
        ({"status": "Ngừng hoạt động"}, Taxpayer(NAME.upper(), "Hà Nội", active=False)),
        ({"id": "9901-000-001", "address": None}, Taxpayer(NAME.upper(), "", active=True)),
        ({"name": "A\x00\u202eB  C"}, Taxpayer("A��B C", "Hà Nội", active=True)),
        ({"name": "A" * 5000}, Taxpayer("A" * 300, "Hà Nội", active=True)),
        ({"name": None}, Unknown()),
        ({"id": None}, Unknown()),
    ],
)
def test_what_an_answer_says(registry, changed, answer):
    registry.answers(taxpayer(**changed))
    assert ask() == answer


def test_null_where_the_taxpayer_would_be_and_404_say_that_there_is_none(registry):
    registry.answers({"data": None})
    assert ask() == Unknown()
    registry.answers(b"not here", status=404)
    assert ask() == Unknown()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>", b"\xff\xfe", b"[]", b"1", b"null"[:3], b'{"data": {"name"', b"[" * 60_000, b"9" * 60_000),
        *(json.dumps(one).encode() for one in ({}, {"data": []}, {"data": {"name": NAME}})),
        *(
            json.dumps(taxpayer(**one)).encode()
            for one in ({"name": 5}, {"name": " "}, {"status": None}, {"status": []}, {"id": "9901079192"}, {"id": 1})
        ),
        *(json.dumps(taxpayer(address=one)).encode() for one in (["x"], {"a": 1})),
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_nobody_understands_is_no_answer(registry, body):
    registry.answers(body)
    assert isinstance(ask(), NoAnswer)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_an_error_is_no_answer(registry, status):
    registry.answers(taxpayer(), status=status)
    assert isinstance(ask(), NoAnswer)


def test_an_answer_that_is_too_long_is_not_read_to_its_end(registry):
    registry.answers(b" " * over_http.LARGEST + json.dumps(taxpayer()).encode())
    assert "longer" in ask().why


@pytest.mark.parametrize("status", [301, 302, 307])
def test_no_redirect_is_followed(registry, status):
    elsewhere = Server()
    try:
        registry.answers(b"", status=status, headers={"Location": elsewhere.url.replace("{code}", CODE)})
        assert isinstance(ask(), NoAnswer)
        assert elsewhere.asked == []
    finally:
        elsewhere.shutdown()
        elsewhere.server_close()


def test_a_connection_that_is_cut_is_no_answer(registry):
    body = json.dumps(taxpayer()).encode()
    registry.answers(body[:20], headers={"Content-Length": str(len(body))})
    assert isinstance(ask(), NoAnswer)

    def hang_up(handler):
        handler.connection.close()

    registry.behave = hang_up
    assert isinstance(ask(), NoAnswer)


def test_nobody_at_the_address_is_no_answer(registry):
    registry.shutdown()
    registry.server_close()
    assert isinstance(ask(), NoAnswer)


def test_a_slow_registry_is_not_waited_for(registry):
    registry.behave = lambda handler: handler.server.over.wait(3)
    started = time.monotonic()
    assert isinstance(ask(0.3), NoAnswer)
    assert time.monotonic() - started < 1.5
    registry.over.set()


def test_a_registry_that_trickles_is_not_waited_for(registry):
    def trickle(handler):
        handler.send_response(200)
        handler.end_headers()
        while not handler.server.over.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    registry.behave = trickle
    started = time.monotonic()
    assert isinstance(ask(0.3), NoAnswer)
    assert time.monotonic() - started < 1.5


def test_only_so_many_questions_wait_at_once(registry):
    registry.behave = lambda handler: handler.server.over.wait(10)
    waiting = [threading.Thread(target=ask, args=[10], daemon=True) for _number in range(over_http.AT_ONCE)]
    for one in waiting:
        one.start()
    while len(registry.asked) < over_http.AT_ONCE:
        time.sleep(0.01)
    assert "waiting already" in ask().why
    registry.over.set()
    for one in waiting:
        one.join()


# --- the recorded table, and nobody ------------------------------------------------------------------


def test_the_recorded_table_knows_the_companies_of_the_demonstration(table):
    registry = configured()
    for applicant in APPLICANTS:
        if applicant.kind != "individual":
            assert registry.look_up(applicant.number, seconds=1) == Taxpayer(applicant.name, applicant.address, True)
    assert registry.look_up("9909000028", seconds=1).active is False
    # It is a part of the register only, so of other codes it says nothing.
    assert isinstance(registry.look_up("0100233488", seconds=1), NoAnswer)
    assert not registry.waited_for


def test_a_whole_table_denies_what_it_does_not_hold(settings, tmp_path):
    (tmp_path / "bang.json").write_text('{"taxpayers": []}')
    settings.TAX_TABLE = str(tmp_path / "bang.json")
    assert ask() == Unknown()
    assert configured().waited_for


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"taxpayers": [], "whole": 2}',
        '{"taxpayers": [{}]}',
        '{"taxpayers": [{"tax_code": "1", "name": "A"}]}',
    ],
)
def test_a_file_that_is_no_table_is_no_answer(settings, tmp_path, text):
    (tmp_path / "bang.json").write_text(text)
    settings.TAX_TABLE = str(tmp_path / "bang.json")
    recorded.read.cache_clear()
    assert isinstance(ask(), NoAnswer)


def test_without_a_registry_and_a_table_nobody_answers():
    assert isinstance(configured(), Nobody)
    assert isinstance(ask(), NoAnswer)


# --- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Công ty TNHH Hòa Bình", "CÔNG TY TRÁCH NHIỆM HỮU HẠN HOÀ BÌNH"),
        ("CTCP Sao Mai", "Công ty Cổ phần  Sao Mai."),
        ("Công ty TNHH MTV A&B", "CÔNG TY TNHH MỘT THÀNH VIÊN A & B"),
        ("Cty CP Đông Đô", "công ty cổ phần đông đô"),
    ],
)
def test_the_same_name_in_another_spelling(one, other):
    assert names.same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Công ty Sao Mai", "Công ty Sao Hôm"), ("CTCP Sao Mai", "Công ty TNHH Sao Mai"), ("", ""), ("—", ".")],
)
def test_another_name(one, other):
    assert not names.same(one, other)


# --- what is kept ------------------------------------------------------------------------------------


def registered(**changed) -> Organisation:
    fields = ("kind", "name", "province", "address", "representative_name")
    data = {field: COMPANY[field] for field in fields} | {"name": NAME, "tax_code": CODE} | changed
    return services.create_organisation(data, by=person(), at=NOON)


def now(company: Organisation) -> Organisation:
    return Organisation.objects.get(pk=company.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "verified"),
        ({"name": "Công ty Khác"}, "name_differs"),
        ({"status": "closed"}, "ceased"),
        ({"name": None}, "not_found"),
    ],
)
def test_a_company_is_looked_up_when_it_is_registered(registry, changed, status):
    registry.answers(taxpayer(**changed))
    company = registered()
    assert (company.tax_status, company.tax_source, company.tax_checked_at) == (status, "127.0.0.1", NOON)
    assert company.tax_next_check_at == (None if status == "verified" else NOON + DAY)
    entry = Entry.objects.about(company).get(action="tax_code_checked")
    assert entry.data["tax_status"] == ["unverified", status]


@pytest.mark.django_db
def test_a_registry_that_is_away_keeps_nobody_from_registering_for_longer_than_two_seconds(registry, settings):
    settings.TAX_REGISTRY_SECONDS = 30
    registry.behave = lambda handler: handler.server.over.wait(10)
    started = time.monotonic()
    company = registered()
    assert time.monotonic() - started < 3
    assert (company.tax_status, company.tax_attempts) == ("unverified", 1)
    assert company.tax_next_check_at == NOON + MINUTE
    assert not Entry.objects.about(company).filter(action="tax_code_checked").exists()


@pytest.mark.django_db
def test_after_an_outage_the_sweep_verifies_with_growing_pauses(registry, monkeypatch):
    registry.answers(b"", status=503)
    company = registered()
    at, pauses = NOON, []
    for _attempt in range(7):
        assert verifying.sweep(clock=lambda: at) == 0, "not due yet"  # noqa: B023
        at = now(company).tax_next_check_at
        assert verifying.sweep(clock=lambda: at) == 1  # noqa: B023
        pauses.append((now(company).tax_next_check_at - at) // MINUTE)
    assert pauses == [2, 4, 8, 16, 30, 30, 30]
    registry.answers(taxpayer())
    monkeypatch.setattr("django.utils.timezone.now", lambda: at + DAY)
    tasks.check_waiting_tax_codes()
    company = now(company)
    assert (company.tax_status, company.tax_attempts, company.tax_next_check_at) == ("verified", 0, None)
    asked = len(registry.asked)
    tasks.check_waiting_tax_codes()
    assert len(registry.asked) == asked, "what is known is not asked again"


@pytest.mark.django_db
def test_a_sweep_gives_up_on_a_registry_that_is_away_and_one_that_fails_stops_no_other(registry):
    for number in range(5):
        organisation(tax_code=f"990000{number:04d}", tax_next_check_at=NOON + timedelta(seconds=number))
    registry.answers(b"", status=500)
    assert verifying.sweep(clock=lambda: NOON + MINUTE) == verifying.FAILURES
    assert verifying.sweep(clock=lambda: NOON + MINUTE) == 2, "those that failed wait, the others come first"


@pytest.mark.django_db
def test_what_the_registry_denied_is_asked_again_the_next_day(registry):
    registry.answers({"data": None})
    company = registered()
    registry.answers(taxpayer())
    assert verifying.sweep(clock=lambda: NOON + DAY) == 1
    assert now(company).tax_status == "verified"
    assert [
        e.data["tax_status"][1]
        for e in Entry.objects.about(company).filter(action="tax_code_checked").order_by("number")
    ] == [
        "not_found",
        "verified",
    ]


@pytest.mark.django_db
def test_a_name_that_was_changed_meanwhile_is_compared_as_it_stands(registry):
    company = organisation(name="Tên cũ", tax_code=CODE, tax_next_check_at=NOON)

    class Renames:
        source = "x"

        def look_up(self, tax_code, *, seconds):
            Organisation.objects.filter(pk=company.pk).update(name=NAME)
            return Taxpayer(NAME, "", active=True)

    verifying.check_against(Renames(), company, at=NOON)
    assert now(company).tax_status == "verified"


@pytest.mark.django_db
def test_an_answer_that_comes_after_an_officer_changes_nothing():
    company = organisation(tax_code=CODE, tax_next_check_at=NOON)
    officer = person("mot-cua@bo.example")

    class Late:
        source = "x"

        def look_up(self, tax_code, *, seconds):
            verifying.verify_by_hand(now(company), "Giấy chứng nhận", by=officer, at=NOON)
            return Unknown()

    verifying.check_against(Late(), company, at=NOON)
    company = now(company)
    assert (company.tax_status, company.tax_source, company.tax_note) == ("verified", "manual", "Giấy chứng nhận")


@pytest.mark.django_db
def test_another_name_has_to_be_verified_anew_another_telephone_has_not(registry):
    company = registered()
    by = company.memberships.get().user
    services.edit_organisation(company, {"phone": "0901234567"}, seen=services.token_of(company), by=by, at=NOON)
    assert len(registry.asked) == 1
    registry.answers(b"", status=500)
    company = now(company)
    changed = services.edit_organisation(company, {"name": "Tên mới"}, seen=services.token_of(company), by=by, at=NOON)
    assert (changed.tax_status, changed.tax_checked_at, changed.tax_registered_name) == ("unverified", None, "")
    company = now(company)
    registry.answers(taxpayer())
    changed = services.edit_organisation(company, {"name": NAME}, seen=services.token_of(company), by=by, at=NOON)
    assert changed.tax_status == "verified"


@pytest.mark.django_db
def test_saving_again_asks_again_and_forgets_nothing_while_nobody_answers(registry):
    registry.answers(taxpayer(status="closed"))
    company = registered()
    by = company.memberships.get().user
    registry.answers(b"", status=500)
    changed = services.edit_organisation(
        company, {"phone": "0901234567"}, seen=services.token_of(company), by=by, at=NOON
    )
    assert len(registry.asked) == 2
    assert (changed.tax_status, changed.tax_registered_name) == ("ceased", NAME.upper())
    assert Entry.objects.about(company).filter(action="tax_code_checked").count() == 1


@pytest.mark.django_db
def test_an_individual_is_never_looked_up(registry):
    fields = ("kind", "name", "province", "address")
    data = {field: INDIVIDUAL[field] for field in fields} | {"personal_id": "079999000013", "representative_name": "K"}
    individual = services.create_organisation(data, by=person(), at=NOON)
    assert individual.tax_settled
    assert individual.tax_next_check_at is None
    assert registry.asked == []


@pytest.mark.django_db
def test_the_database_keeps_no_statement_without_a_time_and_a_source():
    company = organisation()
    for changed in ({"tax_status": "verified"}, {"tax_status": "known", "tax_checked_at": NOON, "tax_source": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.filter(pk=company.pk).update(**changed)


@pytest.mark.django_db
def test_who_was_registered_before_is_checked_by_the_next_sweep(table):
    company, other = (
        organisation(name=NAME, tax_code=CODE),
        organisation(kind="individual", tax_code="", personal_id="1"),
    )
    importlib.import_module("accounts.migrations.0005_known_tax_codes_are_checked").have_them_checked(apps, None)
    assert now(other).tax_next_check_at is None
    assert verifying.sweep(clock=lambda: NOON + 3650 * DAY) == 1
    assert now(company).tax_status == "verified"


@pytest.mark.django_db
def test_the_companies_of_the_demonstration_are_verified():
    people = create_demo_people(at=NOON)
    assert all(company.tax_settled for company in people.organisations)
    assert {c.tax_source for c in people.organisations if c.tax_code} == {RecordedTable(DEMONSTRATION).source}


# --- what the applicant sees -------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tax_code": "0100233488"}, "Bảng dữ liệu đang dùng không có mã số thuế này"),
        ({"tax_code": "9909000010"}, "được đăng ký dưới tên “Công ty Cổ phần Đã Đổi Tên”"),
        ({"tax_code": "9909000028"}, "không còn hoạt động"),
    ],
)
def test_whoever_registers_is_told_what_to_do_and_goes_on(client, table, changed, words):
    client.force_login(person())
    response = client.post(reverse("organisation_create"), COMPANY | changed, follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "Bạn vẫn lập và nộp hồ sơ bình thường" in page
    company = Organisation.objects.get()
    for address in ("organisation_detail", "organisation_edit"):
        page = client.get(reverse(address, args=[company.pk])).content.decode()
        assert words in page
        assert company.get_tax_status_display() in page


@pytest.mark.django_db
def test_while_nobody_answers_the_page_says_that_it_is_not_verified_yet(client):
    company = organisation()
    client.force_login(member(company))
    page = client.get(reverse("organisation_detail", args=[company.pk])).content.decode()
    assert "Chưa xác minh" in page
    assert "sẽ tự thử lại" in page


@pytest.mark.django_db
def test_a_verified_company_reads_when_and_by_which_source(client, table):
    client.force_login(person())
    response = client.post(reverse("organisation_create"), COMPANY, follow=True)
    assert "chờ xác minh" not in response.content.decode()
    page = client.get(reverse("organisation_detail", args=[Organisation.objects.get().pk])).content.decode()
    assert "Đã xác minh" in page
    assert "bảng dữ liệu đã ghi" in page


@pytest.mark.django_db
def test_what_a_registry_says_is_text_never_markup(client, registry):
    registry.answers(taxpayer(name="<script>alert(1)</script>"))
    client.force_login(person())
    page = client.post(reverse("organisation_create"), COMPANY, follow=True).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page

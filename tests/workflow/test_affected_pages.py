"""The pages of who is affected: what they show, to whom, and what they do with bad input."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse

from accounts.models import Role
from audit.models import Entry
from intake.states import State
from notifications import running
from notifications.models import Job, JobState
from tests.factories import (
    NOW,
    CatalogueFactory,
    OrganisationFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    unpublish,
)
from tests.workflow.lists import compute, declare, manager, new_version
from workflow.affected import finding, handling
from workflow.models import AffectedCase

pytestmark = pytest.mark.django_db


@pytest.fixture
def new():
    return new_version()


@pytest.fixture
def keeper():
    return manager()


@pytest.fixture
def browser(client, keeper):
    client.force_login(keeper)
    return client


def address(name: str, *arguments, **query: str) -> str:
    return reverse(name, args=["danh-muc-2027", *arguments], query=query or None)


def html_of(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


# --- the lists and the job ---


def test_a_manager_finds_the_lists_that_replace_another_in_the_header(browser, new):
    html = html_of(browser, reverse("affected_index"))
    assert reverse("affected_list", args=[new.slug]) in html
    assert ">Ảnh hưởng</a>" in html


def test_a_manager_starts_the_search_and_is_shown_its_progress(browser, new, keeper):
    assert "Chưa tính ai bị ảnh hưởng" in html_of(browser, address("affected_list"))
    response = browser.post(address("affected_compute"))
    job = Job.objects.get()
    assert response["Location"] == reverse("job_detail", args=[job.pk])
    assert job.started_by == keeper
    assert "Đang tính lại" in html_of(browser, address("affected_list"))


def test_a_list_without_a_predecessor_says_so(browser):
    alone = CatalogueFactory()
    assert "không thay thế danh mục nào" in html_of(browser, reverse("affected_list", args=[alone.slug]))
    response = browser.post(reverse("affected_compute", args=[alone.slug]), follow=True)
    assert "không thay thế danh mục nào" in response.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("slug", ["khong-co", "a" * 200])
def test_an_unknown_list_is_not_found(browser, new, slug):
    assert browser.get(f"/danh-muc-anh-huong/{slug}/").status_code == 404
    for name in ("affected_compute", "affected_handle"):
        assert browser.post(reverse(name, args=[slug])).status_code == 404


def test_a_job_that_failed_is_said_on_the_page(browser, new):
    finding.start(new, by=None, at=NOW)
    Job.objects.update(state="failed", finished_at=NOW, message="Hết chỗ.")
    assert "Hết chỗ." in html_of(browser, address("affected_list"))


def test_a_list_of_which_nobody_was_told_says_so_until_a_computation_has_told(browser, keeper):
    published = new_version(publisher=keeper)
    said = "chưa báo hết cho những người liên quan"
    compute(published, tell=False)
    html = html_of(browser, address("affected_list"))
    assert said in html
    assert address("affected_compute") in html
    browser.post(address("affected_compute"))
    job = Job.objects.get(state="queued")
    running.run(str(job.pk), clock=lambda: NOW)
    assert said not in html_of(browser, address("affected_list"))


def test_a_forecast_says_that_it_is_one(browser, new):
    unpublish(new.slug, stage="draft")
    assert "đây là dự báo" in html_of(browser, address("affected_list"))


# --- the rows ---


def test_the_rows_say_who_what_and_which_rule_in_a_fixed_number_of_queries(browser, new, django_assert_num_queries):
    case = case_in(State.IN_REVIEW)
    for _ in range(30):
        case_in(State.ISSUED)
    complete_dossier()
    compute(new)
    browser.get(address("affected_list"))
    with django_assert_num_queries(14):
        html = html_of(browser, address("affected_list"))
    assert case.code in html
    assert case.organisation.name in html
    assert "0/31 đã xem xét" in html
    assert "Giữ danh mục của ngày nộp" in html
    assert "99/2026/TT-BKHCN, hiệu lực từ 01/01/2027" in html
    assert "1 hồ sơ đang soạn" in html


def test_a_manager_gets_no_link_to_the_dossier_and_nothing_of_its_declaration(browser, client, new):
    case = case_in(State.IN_REVIEW)
    compute(new)
    link = reverse("case_detail", args=[case.public_id])
    html = html_of(browser, address("affected_list"))
    assert link not in html
    assert case.answers["description"] not in html
    client.force_login(StaffFactory(role=Role.SPECIALIST))
    html = html_of(client, address("affected_list"))
    assert link in html
    assert 'name="chon"' not in html


def test_pages_follow_by_key_and_repeat_nothing(browser, new):
    organisation = OrganisationFactory()
    for _ in range(60):
        case_in(State.IN_REVIEW, organisation=organisation)
    compute(new)
    seen, url = [], address("affected_list")
    while url:
        context = browser.get(url).context
        seen.append([row.pk for row in context["shown"]])
        url, last = context["older_url"], context
    assert [len(page) for page in seen] == [50, 10]
    assert len({pk for page in seen for pk in page}) == 60
    assert [row.pk for row in browser.get(last["newer_url"]).context["shown"]] == seen[0]


def test_filters_narrow_the_rows(browser, new):
    opened, decided = case_in(State.IN_REVIEW), case_in(State.ISSUED)
    declare(decided, "4.2")
    compute(new)
    item = CatalogueFactory().items.get(code="4.2")

    def codes(**query: str) -> set[str]:
        return {row.case.code for row in browser.get(address("affected_list", **query)).context["shown"]}

    assert codes() == codes(xem="can-lam") == {decided.code}
    assert codes(xem="de-biet") == codes(loai="open") == {opened.code}
    assert codes(**{"thay-doi": "removed"}) == {decided.code}
    assert codes(**{"quy-dinh": "filing_day"}) == {opened.code}
    assert codes(muc=str(item.pk)) == {decided.code}
    assert codes(xem="xong") == set()
    assert codes(xem="tat-ca") == {opened.code, decided.code}


@pytest.mark.parametrize(
    "query",
    [
        {"loai": "x", "thay-doi": "\x00", "quy-dinh": "'", "muc": "-1", "xem": "?", "sau": "٣"},
        {"muc": "9" * 40, "sau": "9" * 40},
        {"truoc": "0"},
    ],
)
def test_filters_and_positions_that_make_no_sense_show_the_first_page(browser, new, query):
    case_in(State.IN_REVIEW)
    compute(new)
    assert len(browser.get(address("affected_list"), query).context["shown"]) == 1


# --- handling ---


def rows() -> list[AffectedCase]:
    return list(AffectedCase.objects.order_by("pk"))


def tokens() -> list[str]:
    return [f"{row.pk}:{row.version}" for row in rows()]


def test_several_rows_are_marked_at_once_with_a_note(browser, new, keeper):
    for _ in range(3):
        case_in(State.IN_REVIEW)
    compute(new)
    response = browser.post(
        address("affected_handle", loai="open"), {"chon": tokens()[:2], "note": "Đã gọi điện."}, follow=True
    )
    html = response.content.decode()
    assert response.redirect_chain == [(address("affected_list", loai="open"), 302)]
    assert "Đã ghi 2 dòng là đã xem xét." in html
    assert "2/3 đã xem xét" in html
    assert [row.handled_by for row in rows()] == [keeper, keeper, None]
    assert "Đã gọi điện." in html_of(browser, address("affected_list", xem="xong"))


def test_one_row_is_marked_on_its_page_and_waits_again_if_wanted(browser, new):
    case_in(State.IN_REVIEW)
    compute(new)
    url = address("affected_case", rows()[0].pk)
    assert "Camera xử lý tại biên" in html_of(browser, url)
    browser.post(url, {"chon": tokens(), "note": "Ổn."})
    assert rows()[0].note == "Ổn."
    assert "Xem xét lại" in html_of(browser, url)
    browser.post(url, {"chon": tokens(), "mo-lai": "1"})
    assert rows()[0].handled_at is None


def test_a_stale_page_marks_nothing_and_keeps_what_was_typed(browser, new, keeper):
    for _ in range(2):
        case_in(State.IN_REVIEW)
    compute(new)
    sent = {"chon": tokens(), "note": "Đã gọi điện."}
    handling.handle(new, {rows()[0].pk: 1}, by=keeper, at=NOW, note="Trước")
    response = browser.post(address("affected_handle"), sent)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Có dòng đã thay đổi" in html
    assert "Đã gọi điện." in html
    assert rows()[1].handled_at is None
    single = browser.post(address("affected_case", rows()[0].pk), {"chon": sent["chon"][0], "note": ""})
    assert single.status_code == 409


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Hãy chọn ít nhất một dòng."),
        ({"chon": ["x"]}, "Lựa chọn không đọc được."),
        ({"chon": ["1:2:3", "\x00"]}, "Lựa chọn không đọc được."),
        ({"chon": [f"{n}:1" for n in range(60)]}, "tối đa 50 dòng"),
        ({"chon": ["row"], "note": "a" * 2001}, "2000"),
        ({"chon": ["row"], "note": "a" * 1_000_000}, "2000"),
        ({"chon": ["row"], "note": "a\x00b"}, "ký tự ẩn"),
        ({"chon": ["row"], "note": "a\u202eb"}, "ký tự ẩn"),
    ],
)
def test_what_cannot_be_recorded_says_why_and_keeps_what_was_typed(browser, new, sent, said):
    case_in(State.IN_REVIEW)
    compute(new)
    chosen = [tokens()[0] if one == "row" else one for one in sent.get("chon", [])]
    response = browser.post(address("affected_handle"), sent | {"chon": chosen})
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html
    assert rows()[0].handled_at is None
    if chosen == tokens():
        assert f'value="{chosen[0]}" checked' in html


# --- all rows of a filter at once ---


def mixed(new, *, known: int = 3) -> None:
    """One row to act on, and some that one need only know of."""
    declare(case_in(State.ISSUED), "4.2")
    for _ in range(known):
        case_in(State.IN_REVIEW)
    compute(new)


def confirmed(browser, note: str = "", **query: str) -> dict[str, str]:
    """What the page that asks for confirmation sends."""
    page = browser.post(address("affected_handle", **query), {"pham-vi": "tat-ca", "note": note})
    assert page.status_code == 200
    return {"pham-vi": "tat-ca", "note": note, "xac-nhan": page.context["selection"].token}


def test_what_asks_for_something_comes_first_and_the_rest_is_a_tab_away(browser, new):
    mixed(new)
    page = browser.get(address("affected_list"))
    assert [row.rule for row in page.context["shown"]] == ["recheck"]
    assert [(tab["key"], str(tab["count"])) for tab in page.context["tabs"]][:2] == [
        ("can-lam", "1"),
        ("de-biet", "3"),
    ]
    handling.handle(new, {page.context["shown"][0].pk: 1}, by=manager(), at=NOW)
    assert len(browser.get(address("affected_list")).context["shown"]) == 3


def test_a_rule_is_explained_once_however_many_rows_it_has(browser, new):
    mixed(new, known=5)
    html = html_of(browser, address("affected_list", xem="de-biet"))
    assert html.count("nên vẫn được xét theo danh mục có hiệu lực vào ngày nộp") == 1


def test_all_rows_of_a_filter_are_marked_after_a_page_that_says_how_many(browser, new, keeper, monkeypatch):
    monkeypatch.setattr("workflow.affected.views.PAGE_SIZE", 2)
    mixed(new)
    assert "Tất cả 3 dòng chờ xem xét" in html_of(browser, address("affected_list", xem="de-biet"))
    asked = browser.post(address("affected_handle", xem="de-biet"), {"pham-vi": "tat-ca", "note": "Ổn."})
    assert "Ghi 3 dòng là đã xem xét?" in asked.content.decode()
    assert "Ổn." in asked.content.decode()
    assert not AffectedCase.objects.exclude(handled_at=None).exists()
    sent = confirmed(browser, "Ổn.", xem="de-biet")
    done = browser.post(address("affected_handle", xem="de-biet"), sent, follow=True)
    assert "Đã ghi 3 dòng là đã xem xét." in done.content.decode()
    assert [(row.handled_by, row.note, row.version) for row in rows() if row.rule == "filing_day"] == [
        (keeper, "Ổn.", 2)
    ] * 3
    assert [row.handled_at for row in rows() if row.rule == "recheck"] == [None]
    entries = Entry.objects.filter(action="handle_affected").order_by("pk")
    assert [(len(entry.data["cases"]), entry.data["of"]) for entry in entries] == [(3, 3)]
    # Sent twice, as by a second click.
    assert browser.post(address("affected_handle", xem="de-biet"), sent).status_code == 409


def test_a_confirmation_that_is_stale_marks_nothing(browser, new):
    mixed(new)
    sent = confirmed(browser, xem="de-biet")
    case_in(State.IN_REVIEW)
    compute(new)
    page = browser.post(address("affected_handle", xem="de-biet"), sent)
    assert page.status_code == 409
    assert "Có dòng đã thay đổi" in page.content.decode()
    assert not AffectedCase.objects.exclude(handled_at=None).exists()


@pytest.mark.parametrize("digest", ["", "x", "\x00", "a" * 100_000])
def test_a_confirmation_of_something_else_marks_nothing(browser, new, digest):
    mixed(new)
    sent = {"pham-vi": "tat-ca", "xac-nhan": digest, "note": ""}
    assert browser.post(address("affected_handle"), sent).status_code == 409
    assert not AffectedCase.objects.exclude(handled_at=None).exists()


@pytest.fixture
def many(new, monkeypatch):
    """More rows than are marked while a person waits."""
    monkeypatch.setattr(handling, "AT_ONCE", 2)
    monkeypatch.setattr(handling, "BATCH", 2)
    mixed(new)


def marking(page) -> Job:
    job = Job.objects.get(kind=handling.KIND)
    assert page.headers["Location"] == reverse("job_detail", args=[job.pk])
    return job


def test_more_rows_are_marked_by_a_job(browser, new, keeper, many):
    sent = confirmed(browser, xem="de-biet") | {"note": "Ổn."}
    assert (
        "hơn 2 dòng" in browser.post(address("affected_handle", xem="de-biet"), {"pham-vi": "tat-ca"}).content.decode()
    )
    job = marking(browser.post(address("affected_handle", xem="de-biet"), sent))
    assert not AffectedCase.objects.exclude(handled_at=None).exists()
    running.run(str(job.pk), clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.FINISHED, 3, 3)
    assert job.result == {"url": address("affected_list")}
    assert [(row.handled_by, row.note, row.version) for row in rows() if row.rule == "filing_day"] == [
        (keeper, "Ổn.", 2)
    ] * 3
    assert [row.handled_at for row in rows() if row.rule == "recheck"] == [None]
    entries = Entry.objects.filter(action="handle_affected").order_by("pk")
    assert [(len(entry.data["cases"]), entry.data["of"]) for entry in entries] == [(2, 3), (1, 3)]


def test_a_job_that_was_killed_goes_on_and_marks_each_row_once(browser, new, many, monkeypatch):
    job = marking(browser.post(address("affected_handle", xem="de-biet"), confirmed(browser, xem="de-biet")))
    mark = handling._mark
    marked = []

    def killed(catalogue, some, **kwargs):
        if marked:
            raise KeyboardInterrupt
        marked.extend(some)
        mark(catalogue, some, **kwargs)

    monkeypatch.setattr(handling, "_mark", killed)
    with pytest.raises(KeyboardInterrupt):
        running.run(str(job.pk), clock=lambda: NOW)
    assert len(AffectedCase.objects.exclude(handled_at=None)) == 2
    monkeypatch.setattr(handling, "_mark", mark)
    [again] = running.take_back(at=NOW + 2 * running.SILENCE)
    running.run(str(again), clock=lambda: NOW)
    assert [row.version for row in rows() if row.rule == "filing_day"] == [2, 2, 2]


def test_a_job_leaves_what_was_computed_anew_since(browser, new, many):
    job = marking(browser.post(address("affected_handle", xem="de-biet"), confirmed(browser, xem="de-biet")))
    case_in(State.IN_REVIEW)
    compute(new)
    running.run(str(job.pk), clock=lambda: NOW)
    assert not AffectedCase.objects.exclude(handled_at=None).exists()


def test_a_confirmation_from_before_the_last_computation_starts_no_job(browser, new, many):
    sent = confirmed(browser, xem="de-biet")
    compute(new, at=NOW + timedelta(minutes=1))
    assert browser.post(address("affected_handle", xem="de-biet"), sent).status_code == 409
    assert not Job.objects.filter(kind=handling.KIND).exists()


def test_an_empty_filter_and_a_bad_note_ask_for_no_confirmation(browser, new):
    mixed(new)
    for given, status in (({"xem": "xong"}, 409), ({"muc": "999"}, 409)):
        assert browser.post(address("affected_handle", **given), {"pham-vi": "tat-ca"}).status_code == status
    bad = browser.post(address("affected_handle"), {"pham-vi": "tat-ca", "note": "a\x00b"})
    assert bad.status_code == 422
    assert 'value="tat-ca" checked' in bad.content.decode()


def test_a_row_that_is_gone_is_stale_not_an_error(browser, new):
    case_in(State.IN_REVIEW)
    compute(new)
    assert browser.post(address("affected_handle"), {"chon": ["999999:1"]}).status_code == 409


def test_whoever_only_reads_cannot_mark(client, new):
    case_in(State.IN_REVIEW)
    compute(new)
    for role in (Role.SPECIALIST, Role.AUDITOR):
        client.force_login(StaffFactory(role=role))
        assert client.post(address("affected_handle"), {"chon": tokens()}).status_code == 404
        assert client.post(address("affected_case", rows()[0].pk), {"chon": tokens()}).status_code == 404
        assert client.post(address("affected_compute")).status_code == 404
    assert rows()[0].handled_at is None


# --- the file ---


def test_the_file_holds_every_row_and_no_formula(browser, new, keeper, monkeypatch):
    monkeypatch.setattr("workflow.affected.exporting.EXPORTED_AT_ONCE", 2)
    for title in ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "  =1", "Bình thường"):
        case_in(State.IN_REVIEW, title=title)
    compute(new)
    handling.handle(new, {rows()[5].pk: 1}, by=keeper, at=NOW, note="\t=1")
    response = browser.get(address("affected_export", xem="tat-ca"))
    text = b"".join(response).decode()
    assert response["Content-Disposition"] == 'attachment; filename="anh-huong-danh-muc-2027.csv"'
    assert text.startswith("\ufeff")
    head, *lines = csv.reader(StringIO(text[1:]))
    assert head[:3] == ["Mã hồ sơ", "Sản phẩm, dịch vụ", "Bên nộp"]
    assert [line[1] for line in lines] == ["'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(1)", "'  =1", "Bình thường"]
    assert lines[5][9:] == ["18/11/2026 09:12", str(keeper), "'\t=1"]
    old, new_name = "1.8 Camera thông minh, camera AI và các phần mềm phân tích", "2.2 Camera xử lý tại biên"
    assert lines[0][4:7] == [old, "Thay đổi tên gọi", new_name]


# --- the note at a dossier ---


def test_a_dossiers_pages_say_that_its_list_was_replaced(client, new):
    case = case_in(State.IN_REVIEW)
    said = "Danh mục dùng cho hồ sơ này được thay thế từ ngày 01/01/2027"
    client.force_login(case.created_by)
    html = html_of(client, reverse("dossier_detail", args=[case.public_id]))
    assert said in html
    assert reverse("catalogue_detail", args=[new.slug]) in html
    assert "danh-muc-anh-huong" not in html
    for role, linked in ((Role.SPECIALIST, True), (Role.CLERK, False)):
        client.force_login(StaffFactory(role=role))
        html = html_of(client, reverse("case_detail", args=[case.public_id]))
        assert said in html
        assert (address("affected_list") in html) is linked


def test_a_decided_dossier_is_told_that_its_decision_stands(client, new):
    case = case_in(State.ISSUED)
    said = "quyết định giữ nguyên hiệu lực"
    client.force_login(case.created_by)
    assert said in html_of(client, reverse("dossier_detail", args=[case.public_id]))
    client.force_login(StaffFactory(role=Role.SPECIALIST))
    assert said in html_of(client, reverse("case_detail", args=[case.public_id]))


@pytest.mark.parametrize("fields", [{"stage": "draft"}, {"restricted": True}])
def test_a_list_that_is_not_public_is_not_mentioned_at_a_dossier(client, new, fields):
    unpublish(new.slug, **fields)
    case = case_in(State.IN_REVIEW)
    client.force_login(case.created_by)
    assert "được thay thế" not in html_of(client, reverse("dossier_detail", args=[case.public_id]))
    client.force_login(StaffFactory(role=Role.SPECIALIST))
    assert "được thay thế" not in html_of(client, reverse("case_detail", args=[case.public_id]))

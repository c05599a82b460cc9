from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from notifications import bell
from notifications.models import Delivery
from tests.notifications.builders import NOON, mails, notices, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ha():
    return person()


@pytest.fixture
def browser(client, ha):
    client.force_login(ha)
    return client


def test_the_count_is_one_query_and_stops_at_a_hundred(ha, django_assert_num_queries):
    notices(ha, 120)
    notices(person("nam@saomai.example"), 3)
    with django_assert_num_queries(1):
        count = bell.unread_count(ha)
    assert (count, bell.unread_label(count)) == (100, "99+")
    assert bell.unread_label(99) == "99"


def test_the_page_shows_only_ones_own_newest_first(browser, ha, django_assert_max_num_queries):
    notices(ha, 3)
    mails(ha, 1)
    notices(person("nam@saomai.example"), 1)
    with django_assert_max_num_queries(8):
        html = browser.get(reverse("notification_list")).content.decode()
    assert html.count('class="unread"') == 3
    assert html.index("G06-2") < html.index("G06-1") < html.index("G06-0")
    assert "18/11/2026" in html


def test_older_pages_follow_by_key_and_repeat_nothing(browser, ha):
    made = notices(ha, 45)
    Delivery.objects.update(happened_at=NOON)  # equal moments: the id decides
    seen, url = [], reverse("notification_list")
    while url:
        context = browser.get(url).context
        seen += [notice.id for notice in context["page"].notices]
        url = context["older_url"]
    assert sorted(seen) == sorted(d.pk for d in made)
    assert len(seen) == 45


NOBODY = "0" * 32


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "~",
        "2026-11-18T12:00:00~",
        f"2026-11-18T12:00:00~{NOBODY}",
        "%00~%00",
        # In UTC these lie before the first year and after the last.
        f"0001-01-01T00:00:00%2B14:00~{NOBODY}",
        f"9999-12-31T23:59:59-14:00~{NOBODY}",
    ],
)
def test_a_cursor_that_makes_no_sense_shows_the_first_page(browser, ha, cursor):
    notices(ha, 1)
    assert len(browser.get(reverse("notification_list") + f"?truoc={cursor}").context["page"].notices) == 1


def test_opening_marks_read_and_leads_to_the_dossier(browser, ha):
    (notice,) = notices(ha, 1, url=reverse("guide"))
    response = browser.post(reverse("notification_open", args=[notice.pk]))
    assert response["Location"] == reverse("guide")
    notice.refresh_from_db()
    first_read = notice.read_at
    assert first_read
    browser.post(reverse("notification_open", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == first_read
    assert bell.unread_count(ha) == 0


def test_a_notice_is_never_opened_by_a_get(browser, ha):
    (notice,) = notices(ha, 1)
    assert browser.get(reverse("notification_open", args=[notice.pk])).status_code == 405
    assert bell.unread_count(ha) == 1


def test_somebody_elses_notice_is_not_found(browser):
    (notice,) = notices(person("nam@saomai.example"), 1)
    assert browser.post(reverse("notification_open", args=[notice.pk])).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_mail_is_no_notice(browser, ha):
    (mail,) = mails(ha, 1)
    assert browser.post(reverse("notification_open", args=[mail.pk])).status_code == 404


def test_marking_all_read_spares_what_came_after_the_page_was_shown(browser, ha):
    older, newer = notices(ha, 1)[0], notices(ha, 1, at=NOON + timedelta(hours=1))[0]
    browser.post(reverse("notification_read_all"), {"until": NOON.isoformat()})
    older.refresh_from_db()
    newer.refresh_from_db()
    assert older.read_at
    assert newer.read_at is None


@pytest.mark.parametrize("until", ["", "nonsense", "2026-11-18T12:00:00", "9999-12-31T23:59:59+00:00"])
def test_marking_all_read_survives_a_tampered_moment(browser, ha, until):
    Delivery.objects.filter(pk__in=[d.pk for d in notices(ha, 2)]).update(happened_at=NOON.replace(year=2020))
    assert browser.post(reverse("notification_read_all"), {"until": until}).status_code == 302
    assert bell.unread_count(ha) == 0


def test_the_unread_tab_leaves_out_what_was_read(browser, ha):
    read, unread = notices(ha, 2)
    bell.mark_read(read, at=NOON)
    page = browser.get(reverse("notification_list") + "?loc=chua-doc").context["page"]
    assert [notice.id for notice in page.notices] == [unread.pk]


def test_an_empty_bell_says_what_will_come(browser):
    assert "Chưa có thông báo" in browser.get(reverse("notification_list")).content.decode()


def test_what_an_applicant_wrote_is_escaped(browser, ha):
    (notice,) = notices(ha, 1)
    notice.event.context["title"] = "<script>alert(1)</script>"
    notice.event.save()
    html = browser.get(reverse("notification_list")).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_an_officer_sees_the_bell_too(client):
    officer = person("mot-cua@bo.example", role=Role.INTAKE_OFFICER)
    client.force_login(officer)
    assert client.get(reverse("notification_list")).status_code == 200


@pytest.mark.parametrize("until", ["x", "2026-11-18", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_makes_no_sense_marks_what_is_there(browser, ha, until):
    notices(ha, 1)
    assert browser.post(reverse("notification_read_all"), {"until": until}).status_code == 302
    assert bell.unread_count(ha) == 0

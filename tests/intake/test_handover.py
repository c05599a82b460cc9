"""Who looks after a dossier, handing over when somebody left, and taking a draft to another organisation."""

import pytest
from django.urls import reverse

from accounts.models import ApplicantKind, MembershipRole
from audit.models import Entry
from catalogs.services import definition_of
from intake import contact, handover
from intake.filing import content_of, is_intact, search_text
from intake.models import Dossier
from intake.opening import NotOpen
from intake.states import State
from notifications import mail, recipients, texts
from notifications.models import Delivery, Event
from tests.factories import (
    DEFINITION,
    NOW,
    DossierFactory,
    MembershipFactory,
    OrganisationFactory,
    ProcedureRevisionFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    member_of,
)

pytestmark = pytest.mark.django_db

CONTACT = [
    {"key": "contact_name", "label": "Họ và tên", "type": "text"},
    {"key": "contact_position", "label": "Chức vụ", "type": "text"},
    {"key": "contact_phone", "label": "Điện thoại", "type": "phone"},
    {"key": "contact_email", "label": "Thư điện tử", "type": "email"},
]


def url(name, dossier):
    return reverse(name, args=[dossier.public_id])


def fresh(dossier):
    return Dossier.objects.select_related("created_by", "contact_person", "organisation").get(pk=dossier.pk)


def leave(person):
    person.memberships.all().delete()


def told(event):
    return {one.user: one.url for one in recipients.of(event)}


def with_contact_questions():
    section = {"key": "dau-moi", "title": "Người liên hệ", "questions": CONTACT}
    return ProcedureRevisionFactory(changes={"sections": [*DEFINITION["sections"], section]})


# --- one dossier


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.SUPPLEMENT_REQUESTED, State.DELIVERED])
def test_a_dossier_is_handed_over_to_a_colleague(sign_in, state):
    dossier = complete_dossier() if state == State.DRAFT else case_in(state)
    colleague = member_of(dossier.organisation, MembershipRole.DRAFTER, full_name="Ngô Đăng Quang")
    client = sign_in(dossier.created_by)
    page = client.get(url("dossier_handover", dossier))
    assert "Ngô Đăng Quang" in page.content.decode()
    answer = client.post(url("dossier_handover", dossier), {"person": colleague.pk, "seen": page.context["seen"]})
    assert answer["Location"] == url("dossier_detail", dossier)
    assert fresh(dossier).looked_after_by() == colleague
    entry = Entry.objects.about(fresh(dossier)).get(action="hand_over")
    assert entry.data == {"from": dossier.created_by_id, "to": colleague.pk}
    assert told(Event.objects.get()) == {colleague: url("dossier_detail", dossier)}


def test_what_was_filed_stays_as_it_was_and_no_page_of_the_office_gets_old():
    case = case_in(State.IN_REVIEW)
    colleague = member_of(case.organisation)
    handover.hand_over(case, colleague, seen=handover.token_of(case), by=case.created_by, at=NOW)
    after = fresh(case)
    assert (after.version, after.answers) == (case.version, case.answers)
    assert is_intact(after.revisions.get())
    assert content_of(after)["organisation"]["email"] == colleague.email, "what is filed next names the new one"


def test_the_office_sees_the_new_contact_person(client):
    case = case_in(State.SCREENING)
    colleague = member_of(case.organisation, full_name="Ngô Đăng Quang")
    client.force_login(StaffFactory(role="intake_officer"))
    page = reverse("case_detail", args=[case.public_id])
    assert "Người phụ trách hiện nay" not in client.get(page).content.decode()
    handover.hand_over(case, colleague, seen=handover.token_of(case), by=case.created_by, at=NOW)
    text = client.get(page).content.decode()
    assert "Người phụ trách hiện nay" in text
    assert colleague.email in text


def test_a_draft_takes_over_what_is_known_of_the_new_contact_and_keeps_what_was_typed():
    revision = with_contact_questions()
    dossier = DossierFactory(revision_of_procedure=revision, organisation__phone="02439437056")
    before = dossier.created_by
    known = contact.known(definition_of(revision), dossier.organisation, before)
    Dossier.objects.filter(pk=dossier.pk).update(answers={**known, "contact_phone": "0901234567", "kind": "product"})
    colleague = member_of(dossier.organisation, full_name="Ngô Đăng Quang")
    handover.hand_over(dossier, colleague, seen=handover.token_of(dossier), by=before, at=NOW)
    after = fresh(dossier)
    assert after.answers["contact_name"] == "Ngô Đăng Quang"
    assert after.answers["contact_email"] == colleague.email
    assert after.answers["contact_phone"] == "0901234567", "typed, not known"
    assert after.answers["kind"] == "product"
    assert after.version == dossier.version + 1, "an open page of the draft is old now"


@pytest.mark.parametrize("who", ["viewer", "stranger", "gone", "x", "", "\x00", "9" * 400])
def test_only_who_acts_for_the_organisation_can_take_it(sign_in, who):
    dossier = complete_dossier()
    people = {"viewer": member_of(dossier.organisation, "viewer"), "stranger": member_of(OrganisationFactory())}
    people["gone"] = member_of(dossier.organisation)
    leave(people["gone"])
    chosen = people[who].pk if who in people else who
    client = sign_in(dossier.created_by)
    answer = client.post(url("dossier_handover", dossier), {"person": chosen, "seen": handover.token_of(dossier)})
    assert answer.status_code == 422
    assert answer.context["form"].errors["person"]
    assert fresh(dossier).contact_person is None
    if who in people:
        with pytest.raises(handover.CannotTake):
            handover.hand_over(dossier, people[who], seen=handover.token_of(dossier), by=dossier.created_by, at=NOW)
    assert not Event.objects.exists()


@pytest.mark.parametrize("seen", ["", "1-1", "x" * 3000])
def test_a_page_that_is_old_hands_nothing_over(sign_in, seen):
    dossier = complete_dossier()
    first, second = member_of(dossier.organisation), member_of(dossier.organisation)
    handover.hand_over(dossier, first, seen=handover.token_of(dossier), by=dossier.created_by, at=NOW)
    client = sign_in(dossier.created_by)
    answer = client.post(url("dossier_handover", dossier), {"person": second.pk, "seen": seen})
    assert answer.status_code == 409
    assert "vừa được bàn giao" in answer.content.decode()
    assert str(first) in answer.content.decode()
    assert fresh(dossier).contact_person == first
    assert (
        client.post(
            url("dossier_handover", dossier), {"person": second.pk, "seen": answer.context["seen"]}
        ).status_code
        == 302
    )


def test_the_second_click_is_no_error_and_records_nothing(sign_in):
    dossier = complete_dossier()
    colleague = member_of(dossier.organisation)
    data = {"person": colleague.pk, "seen": handover.token_of(dossier)}
    client = sign_in(dossier.created_by)
    assert [client.post(url("dossier_handover", dossier), data).status_code for _click in range(2)] == [302, 302]
    assert Entry.objects.filter(action="hand_over").count() == 1


def test_who_left_between_the_page_and_the_click_hands_nothing_over():
    dossier = complete_dossier()
    colleague, by = member_of(dossier.organisation), dossier.created_by
    leave(by)
    with pytest.raises(NotOpen):
        handover.hand_over(dossier, colleague, seen=handover.token_of(dossier), by=by, at=NOW)


def test_who_left_is_not_told(sign_in):
    dossier = complete_dossier()
    colleague, third = member_of(dossier.organisation), member_of(dossier.organisation)
    leave(dossier.created_by)
    handover.hand_over(dossier, colleague, seen=handover.token_of(dossier), by=third, at=NOW)
    assert told(Event.objects.get()) == {colleague: url("dossier_detail", dossier)}


# --- everything that somebody left


def test_what_people_left_is_handed_over_at_once(sign_in):
    company = OrganisationFactory()
    stays, goes = member_of(company), member_of(company)
    mine = complete_dossier(organisation=company, created_by=stays)
    left = [
        complete_dossier(organisation=company, created_by=goes),
        case_in(State.IN_REVIEW, organisation=company, created_by=goes),
    ]
    over = case_in(State.DELIVERED, organisation=company, created_by=goes)
    other = complete_dossier()
    leave(other.created_by)
    client = sign_in(stays)
    page = reverse("organisation_handover", args=[company.pk])
    assert client.get(page).context["rows"] == []
    goes.memberships.update(role="viewer")
    assert {row.pk for row in client.get(page).context["rows"]} == {one.pk for one in left}, "a viewer acts no more"
    leave(goes)
    shown = client.get(page)
    assert {row.pk for row in shown.context["rows"]} == {one.pk for one in left}
    assert client.post(page, {}).status_code == 422
    colleague = member_of(company, MembershipRole.DRAFTER)
    assert client.post(page, {"person": colleague.pk})["Location"] == page
    assert [fresh(one).looked_after_by() for one in left] == [colleague, colleague]
    assert [fresh(one).looked_after_by() for one in (mine, over)] == [stays, goes]
    assert fresh(other).contact_person is None
    assert client.get(page).context["rows"] == []
    assert Entry.objects.filter(action="hand_over").count() == 2
    event = Event.objects.get()
    assert told(event) == {colleague: f"/ho-so/?don-vi={company.pk}"}
    assert event.context["number"] == 2


def test_the_page_asks_the_same_however_many_were_left_and_shows_a_hundred(
    sign_in, django_assert_max_num_queries, monkeypatch
):
    company = OrganisationFactory()
    stays, goes = member_of(company), member_of(company)
    for _n in range(6):
        DossierFactory(organisation=company, created_by=goes)
    leave(goes)
    monkeypatch.setattr(handover, "MOST_AT_ONCE", 4)
    client = sign_in(stays)
    page = reverse("organisation_handover", args=[company.pk])
    with django_assert_max_num_queries(9):
        shown = client.get(page)
    assert len(shown.context["rows"]) == 4
    client.post(page, {"person": stays.pk})
    assert len(client.get(page).context["rows"]) == 2


def test_after_taking_somebody_out_the_page_shows_what_they_left(sign_in):
    company = OrganisationFactory()
    representative, goes = member_of(company), member_of(company, MembershipRole.DRAFTER)
    DossierFactory(organisation=company, created_by=goes, title="Của người đi")
    gone = reverse("member_remove", args=[company.pk, goes.memberships.get().pk])
    answer = sign_in(representative).post(gone, {"seen": "drafter"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("organisation_handover", args=[company.pk])
    assert "Của người đi" in answer.content.decode()


# --- to another organisation


@pytest.fixture
def agent_of_two():
    company, other = OrganisationFactory(name="Công ty Một"), OrganisationFactory(name="Công ty Hai")
    agent = member_of(company, MembershipRole.DRAFTER)
    MembershipFactory(user=agent, organisation=other, role=MembershipRole.DRAFTER)
    return agent, company, other


def test_a_draft_is_taken_to_another_organisation(sign_in, agent_of_two):
    agent, company, other = agent_of_two
    boss, other_boss = member_of(company), member_of(other)
    dossier = complete_dossier(organisation=company, created_by=boss)
    client = sign_in(agent)
    page = client.get(url("dossier_transfer", dossier))
    assert "Công ty Hai" in page.content.decode()
    data = {"organisation": other.pk, "seen": page.context["seen"]}
    assert client.post(url("dossier_transfer", dossier), data)["Location"] == url("dossier_detail", dossier)
    after = fresh(dossier)
    assert (after.organisation, after.looked_after_by()) == (other, agent)
    assert after.search_text == search_text(after)
    assert after.version == dossier.version + 1
    assert after.attachments.count() == 1
    assert Entry.objects.about(after).get(action="transfer_draft").data == {"from": company.pk, "to": other.pk}
    assert told(Event.objects.get()) == {boss: reverse("dossier_list"), other_boss: url("dossier_detail", dossier)}
    client.force_login(boss)
    assert client.get(url("dossier_detail", dossier)).status_code == 404, "no longer theirs"
    client.force_login(other_boss)
    assert client.get(url("dossier_summary", dossier)).status_code == 200


def test_what_is_known_of_the_organisation_goes_with_it(agent_of_two):
    agent, company, other = agent_of_two
    company.phone, other.phone = "02439437056", "0901234567"
    company.save()
    other.save()
    revision = with_contact_questions()
    dossier = DossierFactory(organisation=company, created_by=agent, revision_of_procedure=revision)
    known = contact.known(definition_of(revision), company, agent)
    Dossier.objects.filter(pk=dossier.pk).update(answers=known)
    handover.transfer(dossier, other, seen=handover.token_of(dossier), by=agent, at=NOW)
    assert fresh(dossier).answers["contact_phone"] == "0901234567"


@pytest.mark.parametrize("wanted", ["viewer", "stranger", "kind", "same", "x", "", "\x00"])
def test_an_organisation_that_cannot_take_it_is_refused(sign_in, agent_of_two, wanted):
    agent, company, _other = agent_of_two
    kinds = [kind for kind in ApplicantKind.values if kind != "agency"]
    dossier = complete_dossier(
        organisation=company,
        created_by=agent,
        revision_of_procedure=ProcedureRevisionFactory(changes={"applicant_kinds": kinds}),
    )
    homes = {name: OrganisationFactory() for name in ("viewer", "stranger")} | {"same": company}
    homes["kind"] = OrganisationFactory(kind="agency")
    MembershipFactory(user=agent, organisation=homes["viewer"], role=MembershipRole.VIEWER)
    MembershipFactory(user=agent, organisation=homes["kind"])
    chosen = homes[wanted].pk if wanted in homes else wanted
    data = {"organisation": chosen, "seen": handover.token_of(dossier)}
    answer = sign_in(agent).post(url("dossier_transfer", dossier), data)
    assert answer.status_code == 422
    assert answer.context["form"].errors["organisation"]
    assert fresh(dossier).organisation == company
    if wanted in homes:
        with pytest.raises(handover.CannotTake):
            handover.transfer(dossier, homes[wanted], seen=handover.token_of(dossier), by=agent, at=NOW)


def test_what_was_filed_is_not_taken_away(sign_in, agent_of_two):
    agent, company, other = agent_of_two
    case = case_in(State.SUBMITTED, organisation=company, created_by=agent)
    client = sign_in(agent)
    assert client.get(url("dossier_transfer", case)).status_code == 404
    answer = client.post(url("dossier_transfer", case), {"organisation": other.pk, "seen": handover.token_of(case)})
    assert answer["Location"] == url("dossier_detail", case)
    with pytest.raises(NotOpen):
        handover.transfer(case, other, seen=handover.token_of(case), by=agent, at=NOW)
    assert fresh(case).organisation == company


def test_an_old_page_takes_nothing_away_and_a_second_click_finds_it_moved(sign_in, agent_of_two):
    agent, company, other = agent_of_two
    dossier = complete_dossier(organisation=company, created_by=agent)
    client = sign_in(agent)
    assert client.post(url("dossier_transfer", dossier), {"organisation": other.pk, "seen": ""}).status_code == 409
    assert fresh(dossier).organisation == company
    data = {"organisation": other.pk, "seen": handover.token_of(dossier)}
    assert client.post(url("dossier_transfer", dossier), data).status_code == 302
    assert client.post(url("dossier_transfer", dossier), data).status_code == 422
    assert fresh(dossier).organisation == other
    assert Entry.objects.filter(action="transfer_draft").count() == 1


def test_who_has_no_other_organisation_is_told_so(sign_in):
    dossier = complete_dossier()
    page = sign_in(dossier.created_by).get(url("dossier_transfer", dossier)).content.decode()
    assert "Bạn không có đơn vị nào khác" in page


# --- what is said


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("dossier_handed_over", "Từ nay Quang là người phụ trách hồ sơ này."),
        ("dossiers_handed_over", "3 hồ sơ"),
        ("draft_transferred", "từ Công ty Một sang Công ty Hai"),
    ],
)
def test_each_message_says_what_happened(kind, words):
    person = member_of(OrganisationFactory())
    context = {"title": "Camera S2", "organisation": "Công ty Một", "to_organisation": "Công ty Hai"}
    event = Event(kind=kind, context=context | {"person": "Quang", "by_name": "Hà", "number": 3}, happened_at=NOW)
    delivery = Delivery(event=event, recipient=person, url="/ho-so/", channel="email")
    message, line = mail.compose(delivery), texts.render(delivery, "line")
    assert words in message.body
    assert "None" not in message.subject + message.body + line
    assert line.endswith(".")


def test_a_draft_that_was_deleted_meanwhile_tells_nobody():
    dossier = complete_dossier()
    colleague = member_of(dossier.organisation)
    handover.hand_over(dossier, colleague, seen=handover.token_of(dossier), by=dossier.created_by, at=NOW)
    Dossier.objects.filter(pk=dossier.pk).delete()
    assert recipients.of(Event.objects.get()) == []

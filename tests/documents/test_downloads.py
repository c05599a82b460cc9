import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership, MembershipRole, Role
from documents import delivery, downloads
from documents.models import DocumentKind, Download, IssuedDocument
from intake.models import Dossier
from intake.states import State
from tests.documents.builders import AT, dossier, issue, officer, person, rendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_pdf")]


@pytest.fixture
def owner():
    return person()


@pytest.fixture
def decision(owner):
    return rendered(of=dossier(owner))


@pytest.fixture
def told(monkeypatch):
    """What the hook of the first download was called with; like the real one it ends with a delivered dossier."""
    calls = []

    def deliver(document, *, person, at):
        calls.append((document, person))
        Dossier.objects.filter(pk=document.dossier_id).update(state=State.DELIVERED, delivered_at=at)

    monkeypatch.setattr(delivery, "on_first_download", [deliver])
    return calls


def fetch(client, document, who=None, **query):
    if who:
        client.force_login(who)
    return client.get(reverse("document_download", args=[document.public_id]), query)


def test_the_applicant_downloads_the_decision(client, owner, decision):
    response = fetch(client, decision, owner)
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="quyet-dinh-01-QD-CNCNTT.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert len(response.content) == decision.size


def test_it_opens_in_the_browser_on_request(client, owner, decision):
    response = fetch(client, decision, owner, xem="1")
    assert response["Content-Disposition"] == 'inline; filename="quyet-dinh-01-QD-CNCNTT.pdf"'


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (DocumentKind.RECEIPT, "giay-tiep-nhan-01-GTN-CNCNTT.pdf"),
        (DocumentKind.ACKNOWLEDGEMENT, "xac-nhan-nop-ho-so-01-XNHS-CNCNTT.pdf"),
        (DocumentKind.SUPPLEMENT_REQUEST, "phieu-yeu-cau-bo-sung-01-HDHS.pdf"),
        (DocumentKind.REFUSAL, "phieu-tu-choi-tiep-nhan-01-PTC.pdf"),
    ],
)
def test_each_kind_has_its_file_name(client, owner, kind, name):
    response = fetch(client, rendered(kind, of=dossier(owner)), owner)
    assert f'filename="{name}"' in response["Content-Disposition"]


def test_a_stranger_gets_404(client, decision):
    stranger = person("Người khác")
    dossier(stranger)
    assert fetch(client, decision, stranger).status_code == 404
    assert not Download.objects.exists()


def test_somebody_who_has_left_the_organisation_gets_404(client, owner, decision):
    Membership.objects.filter(user=owner).delete()
    assert fetch(client, decision, owner).status_code == 404


def test_an_unknown_paper_is_404(client, owner):
    client.force_login(owner)
    assert client.get(reverse("document_download", args=[uuid.uuid4()])).status_code == 404


def test_whoever_is_not_signed_in_is_asked_to(client, decision):
    response = fetch(client, decision)
    assert response.status_code == 302
    assert response["Location"].startswith(f"{reverse('account_login')}?next=/giay-to/")


def test_staff_who_handle_dossiers_may_read_every_paper(client, decision, told):
    assert fetch(client, decision, officer()).status_code == 200
    assert told == []


@pytest.mark.parametrize("role", [Role.CATALOGUE_MANAGER, Role.ADMINISTRATOR])
def test_staff_who_handle_no_dossiers_get_404(client, decision, role):
    assert fetch(client, decision, officer(role)).status_code == 404


def test_each_download_is_recorded(client, owner, decision):
    fetch(client, decision, owner)
    fetch(client, decision, owner)
    first, second = Download.objects.order_by("pk")
    assert (first.document, first.person, first.ip_address) == (decision, owner, "127.0.0.1")
    assert second.person == owner


def test_the_applicants_first_download_of_the_decision_delivers_it_once(client, owner, decision, told):
    fetch(client, decision, officer())
    fetch(client, decision, owner)
    fetch(client, decision, owner)
    assert told == [(decision, owner)]


def test_a_colleague_who_comes_second_delivers_nothing(client, owner, decision, told):
    colleague = person("Đồng nghiệp")
    Membership.objects.create(user=colleague, organisation=decision.dossier.organisation, role="drafter")
    fetch(client, decision, owner)
    fetch(client, decision, colleague)
    assert told == [(decision, owner)]


def test_a_viewer_may_download_the_decision_and_delivers_nothing(client, owner, decision, told):
    viewer = person("Kế toán")
    membership = Membership.objects.create(
        user=viewer, organisation=decision.dossier.organisation, role=MembershipRole.VIEWER
    )
    assert fetch(client, decision, viewer).status_code == 200
    assert told == []
    assert Download.objects.get().person == viewer
    # Who may act for the applicant from now on; what they fetched as a viewer does not count.
    membership.role = MembershipRole.DRAFTER
    membership.save()
    fetch(client, decision, viewer)
    assert told == [(decision, viewer)]


@pytest.mark.parametrize("role", [MembershipRole.REPRESENTATIVE, MembershipRole.DRAFTER])
def test_whoever_acts_for_the_applicant_is_delivered_to_also_after_a_viewer(client, owner, decision, told, role):
    organisation = decision.dossier.organisation
    viewer, acting = person("Kế toán"), person("Người nhận")
    Membership.objects.create(user=viewer, organisation=organisation, role=MembershipRole.VIEWER)
    Membership.objects.create(user=acting, organisation=organisation, role=role)
    fetch(client, decision, viewer)
    fetch(client, decision, acting)
    assert told == [(decision, acting)]


def test_acting_for_another_organisation_makes_a_viewer_no_receiver(client, owner, decision, told):
    viewer = person("Kế toán")
    dossier(viewer)
    Membership.objects.create(user=viewer, organisation=decision.dossier.organisation, role=MembershipRole.VIEWER)
    assert fetch(client, decision, viewer).status_code == 200
    assert told == []


def test_other_papers_deliver_nothing(client, owner, told):
    fetch(client, rendered(DocumentKind.RECEIPT, of=dossier(owner)), owner)
    assert told == []
    assert Download.objects.count() == 1


def test_asking_for_the_headers_or_fetching_ahead_delivers_nothing(client, owner, decision, told):
    client.force_login(owner)
    url = reverse("document_download", args=[decision.public_id])
    client.head(url)
    client.get(url, headers={"Sec-Purpose": "prefetch;prerender"})
    assert told == []
    assert not Download.objects.exists()


def test_if_the_delivery_fails_the_download_is_not_recorded_either(decision, owner, monkeypatch):
    def refuse(document, *, person, at):
        raise RuntimeError

    monkeypatch.setattr(delivery, "on_first_download", [refuse])
    with pytest.raises(RuntimeError):
        downloads.record_download(decision, person=owner, at=AT, ip_address=None)
    assert not Download.objects.exists()


def test_while_the_pdf_is_made_the_page_says_so_and_looks_again(client, owner):
    document = issue(of=dossier(owner))
    response = fetch(client, document, owner)
    text = response.content.decode()
    assert response.status_code == 200
    assert "đang được tạo" in text
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in text
    assert not Download.objects.exists()


def test_a_failed_rendering_is_told_calmly_and_only_staff_see_the_error(client, owner):
    document = issue(of=dossier(owner))
    IssuedDocument.objects.update(render_error="RuntimeError: khoá máy")
    text = fetch(client, document, owner).content.decode()
    assert "đang được thực hiện lại" in text
    assert "khoá máy" not in text
    assert "khoá máy" in fetch(client, document, officer()).content.decode()


def test_a_file_that_was_exchanged_is_not_handed_out(client, owner, decision, storage):
    path = storage / decision.file.name
    path.write_bytes(path.read_bytes() + b"x")
    response = fetch(client, decision, owner)
    assert response.status_code == 500
    assert "không còn nguyên vẹn" in response.content.decode()
    assert not Download.objects.exists()


def test_a_file_that_is_gone_is_an_error_page_and_no_delivery(client, owner, decision, storage, told):
    (storage / decision.file.name).unlink()
    assert fetch(client, decision, owner).status_code == 500
    assert told == []


def test_a_paper_cannot_be_changed_through_its_address(client, owner, decision):
    client.force_login(owner)
    assert client.post(reverse("document_download", args=[decision.public_id])).status_code == 405


def test_a_download_takes_few_queries(client, owner, decision, told, django_assert_max_num_queries):
    client.force_login(owner)
    with django_assert_max_num_queries(10):
        fetch(client, decision)


def test_to_render_lists_those_whose_time_has_come_oldest_first():
    late, early = issue(at=AT + timedelta(minutes=5)), issue(at=AT)
    at = AT + timedelta(minutes=6)
    assert list(IssuedDocument.objects.to_render(at=at)) == [early, late]

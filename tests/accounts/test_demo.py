import pytest
from django.urls import reverse

from accounts.demo import APPLICANTS, OFFICIALS, PASSWORD, create_demo_people
from accounts.models import Membership, Organisation, Role, User
from tests.notifications.builders import NOON

pytestmark = pytest.mark.django_db


def test_the_demonstrations_people_are_made_once():
    people = create_demo_people(at=NOON)
    again = create_demo_people(at=NOON)
    assert [o.pk for o in people.organisations] == [o.pk for o in again.organisations]
    assert Organisation.objects.count() == len(APPLICANTS) >= 12
    assert len(people.officials[Role.SPECIALIST]) == 2
    assert Membership.objects.filter(role="representative").count() == len(APPLICANTS)
    assert User.objects.count() == len(OFFICIALS) + len(APPLICANTS) + 3


def test_what_somebody_changed_is_left_alone():
    create_demo_people(at=NOON)
    User.objects.filter(email="ha@saomai.example").update(full_name="Trần Thu Hà (đổi tên)")
    create_demo_people(at=NOON)
    assert User.objects.get(email="ha@saomai.example").full_name == "Trần Thu Hà (đổi tên)"


@pytest.mark.parametrize("email", [official.email for official in OFFICIALS] + ["ha@saomai.example"])
def test_everybody_of_the_demonstration_can_sign_in(client, email):
    create_demo_people(at=NOON)
    response = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert response["Location"] == reverse("landing")


@pytest.mark.parametrize(
    ("email", "page"),
    [
        ("mot-cua@bo.example", "queue"),
        ("kiem-tra@bo.example", "queue"),
        ("danh-muc@bo.example", "managing_index"),
        ("quan-tri@bo.example", "calendar_days"),
        ("ha@saomai.example", "dossier_list"),
    ],
)
def test_each_lands_on_a_page_that_has_something_for_them(client, email, page):
    create_demo_people(at=NOON)
    client.force_login(User.objects.get(email=email))
    response = client.get(reverse("landing"), follow=True)
    assert response.redirect_chain == [(reverse(page), 302)]
    assert response.status_code == 200

"""Who a request is from: the person is read with their staff roles, and only while they may sign in."""

import pytest
from django.urls import reverse

from accounts.backend import Backend
from accounts.models import Role, RoleAssignment, User
from tests.notifications.builders import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "roles",
    [(), (Role.CLERK,), (Role.INTAKE_OFFICER, Role.SPECIALIST, Role.AUDITOR)],
    ids=["none", "one", "several"],
)
def test_a_person_is_read_with_their_roles_in_one_query(django_assert_num_queries, roles):
    someone, other = person(), person("khac@bo.example", role=Role.ADMINISTRATOR)
    RoleAssignment.objects.bulk_create(RoleAssignment(user=someone, role=role) for role in roles)
    with django_assert_num_queries(1):
        read = User.objects.with_roles(someone.pk)
        assert read == someone
        assert read.role_set() == set(roles)
        assert read.is_staff_member() is bool(roles)
    assert User.objects.with_roles(other.pk).role_set() == {Role.ADMINISTRATOR}


def test_nobody_is_read_where_there_is_nobody(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert User.objects.with_roles(404) is None
    assert Backend().get_user(404) is None


def test_a_role_given_or_taken_counts_from_the_next_request(client):
    officer = person(role=Role.INTAKE_OFFICER)
    client.force_login(officer)
    assert client.get(reverse("landing")).url == reverse("queue")
    officer.role_assignments.all().delete()
    assert client.get(reverse("landing")).url == reverse("dossier_list")


@pytest.mark.parametrize("role", [None, Role.SPECIALIST], ids=["applicant", "staff"])
def test_the_session_of_a_deactivated_person_ends_at_once(client, role):
    someone = person(role=role)
    client.force_login(someone)
    assert client.get(reverse("profile")).status_code == 200
    User.objects.filter(pk=someone.pk).update(is_active=False)
    answer = client.get(reverse("profile"))
    assert answer.url.startswith(reverse("account_login"))
    assert client.post(reverse("profile"), {"full_name": "Tên khác", "language": "vi"}).status_code == 302
    someone.refresh_from_db()
    assert someone.full_name == "Trần Thu Hà"
    assert Backend().get_user(someone.pk) is None

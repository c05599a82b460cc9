"""Roles are given on the server, to people who are known, and on the record."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from audit.models import Entry
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def known(email: str = "lan@bo.example", *, confirmed: bool = True, **fields) -> User:
    user = UserFactory(email=email, **fields)
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": confirmed, "primary": True})
    return user


def staff(*arguments: str) -> str:
    out = StringIO()
    call_command("staff", *arguments, stdout=out)
    return out.getvalue()


def test_roles_are_given_shown_and_taken_and_each_change_is_recorded():
    user = known()
    where = ("--unit", "Phòng Công nghiệp số", "--job-title", "Chuyên viên")
    said = staff("LAN@bo.example", "--give", "specialist", "auditor", *where)
    assert "specialist (Chuyên viên), auditor (Kiểm tra, giám sát); Chuyên viên, Phòng Công nghiệp số" in said
    assert User.objects.get(pk=user.pk).role_set() == {Role.SPECIALIST, Role.AUDITOR}
    staff(user.email, "--give", "specialist", "--take", "auditor", "clerk")
    assert User.objects.get(pk=user.pk).role_set() == {Role.SPECIALIST}
    assert "specialist (Chuyên viên)" in staff(user.email)
    entries = Entry.objects.about(user).order_by("number").values_list("action", "data__role")
    assert list(entries) == [
        ("give_role", "specialist"),
        ("give_role", "auditor"),
        ("place_staff", None),
        ("take_role", "auditor"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ai@bo.example", "--give", "clerk"], "Nobody has signed up"),
        (["lan@bo.example", "--give", "clerk"], "has not confirmed"),
        (["lan@bo.example", "--give", "boss"], "invalid choice"),
        (["lan@bo.example", "--unit", "x" * 500], "At most 150 readable characters"),
        (["lan@bo.example", "--job-title", "Trưởng\u202ephòng"], "readable characters"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(arguments, words):
    user = known(confirmed=False)
    with pytest.raises(CommandError, match=words):
        staff(*arguments)
    assert not user.role_assignments.exists()
    assert not Entry.objects.exists()


def test_a_closed_account_is_given_nothing_but_loses_what_it_had():
    user = known(is_active=False)
    user.role_assignments.create(role=Role.CLERK)
    with pytest.raises(CommandError, match="closed"):
        staff(user.email, "--give", "auditor", "--take", "clerk")
    assert staff(user.email, "--take", "clerk") == f"{user.email}: no role\n"


def test_whoever_files_for_a_company_is_named():
    user = known()
    MembershipFactory(organisation__name="Công ty Sao Mai", user=user)
    assert "Công ty Sao Mai and cannot file" in staff(user.email, "--give", "clerk")


def test_a_role_is_not_given_and_taken_at_once():
    with pytest.raises(CommandError, match="Either give or take: clerk"):
        staff(known().email, "--take", "clerk", "--give", "clerk")

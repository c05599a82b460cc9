"""The desk: a filed dossier for officials whose work it may become, a draft for none of them."""

from datetime import date

from django.urls import reverse

from accounts.models import Role, User
from intake.models import Dossier
from intake.states import State
from tests import factories
from tests.access_objects import ObjectUrl, object_url
from tests.workflow.lists import compute, manager, new_version
from workflow.models import AffectedCase, CalendarDay

GET, POST = ("GET",), ("POST",)


def _others(dossier: Dossier) -> list[User]:
    """Whoever files, and an official who reads no dossiers."""
    return [dossier.created_by, factories.StaffFactory(role=Role.CATALOGUE_MANAGER)]


def _register(name: str, state: str, role: Role, *, methods: tuple[str, ...] = GET, **arguments: str) -> None:
    def filed() -> ObjectUrl:
        case = factories.case_in(state)
        path = reverse(name, kwargs={"public_id": case.public_id, **arguments})
        official = factories.StaffFactory(role=role)
        return ObjectUrl(path, admits=[official], refuses=_others(case), methods=methods)

    def draft() -> ObjectUrl:
        dossier = factories.complete_dossier()
        path = reverse(name, kwargs={"public_id": dossier.public_id, **arguments})
        officials = [factories.StaffFactory(role=each) for each in Role]
        return ObjectUrl(path, admits=[], refuses=officials, methods=methods)

    object_url(name)(filed)
    object_url(f"{name}: draft")(draft)


_register("case_detail", State.SUBMITTED, Role.INTAKE_OFFICER)
_register("case_filing", State.SUBMITTED, Role.INTAKE_OFFICER, number="1")
_register("case_messages", State.SUBMITTED, Role.INTAKE_OFFICER, methods=(*GET, *POST))
_register("case_action", State.SUBMITTED, Role.INTAKE_OFFICER, action="refuse", methods=(*GET, *POST))
_register("case_finding", State.IN_REVIEW, Role.SPECIALIST, methods=POST)
_register("case_assessment", State.IN_REVIEW, Role.SPECIALIST, methods=(*GET, *POST))


@object_url("calendar_day_remove")
def _calendar_day() -> ObjectUrl:
    CalendarDay.objects.create(day=date(2026, 12, 31), working=False, name="Nghỉ hoán đổi")
    others = [factories.StaffFactory(role=role) for role in Role if role != Role.ADMINISTRATOR]
    path = reverse("calendar_day_remove", args=["2026-12-31"])
    administrator = factories.StaffFactory(role=Role.ADMINISTRATOR)
    return ObjectUrl(
        path, admits=[administrator], refuses=[*others, factories.DossierFactory().created_by], methods=POST
    )


def _affected(name: str, *, methods: tuple[str, ...] = GET, readers: tuple[Role, ...]) -> None:
    """A restricted list: only the cleared among those who may open the address know of it."""

    def build(*, restricted: bool) -> ObjectUrl:
        new = new_version(restricted=restricted)
        case = factories.case_in(State.IN_REVIEW)
        compute(new)
        arguments = [new.slug, AffectedCase.objects.get().pk] if name == "affected_case" else [new.slug]
        people = [factories.StaffFactory(role=role) for role in readers]
        cleared = manager(cleared=True)
        others = [factories.StaffFactory(role=role) for role in Role if role not in readers]
        return ObjectUrl(
            reverse(name, args=arguments),
            admits=[cleared] if restricted else [cleared, *people],
            refuses=[*others, case.created_by, *(people if restricted else [])],
            methods=methods,
        )

    object_url(name)(lambda: build(restricted=False))
    object_url(f"{name}: restricted")(lambda: build(restricted=True))


_READERS = (Role.CATALOGUE_MANAGER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.AUDITOR)
for _name in ("affected_list", "affected_case", "affected_export"):
    _affected(_name, readers=_READERS)
_affected("affected_handle", methods=POST, readers=(Role.CATALOGUE_MANAGER, Role.HEAD_OF_UNIT))
_affected("affected_compute", methods=POST, readers=(Role.CATALOGUE_MANAGER,))

"""Dossiers, their files and their moves: for the people of the organisation that files, and nobody else's."""

from django.urls import reverse

from accounts.models import MembershipRole, Role, User
from intake.models import Dossier
from intake.states import State
from tests import factories
from tests.access_objects import ObjectUrl, object_url

GET, POST = ("GET",), ("POST",)


def _people(dossier: Dossier) -> tuple[User, list[User]]:
    """Whoever started the dossier; and one of another company, one of none, and an official."""
    stranger = factories.member_of(factories.OrganisationFactory())
    return dossier.created_by, [stranger, factories.UserFactory(), factories.StaffFactory(role=Role.INTAKE_OFFICER)]


def _register(name: str, *, state: str = State.DRAFT, methods: tuple[str, ...] = GET, **arguments: str) -> None:
    def build() -> ObjectUrl:
        dossier = factories.complete_dossier() if state == State.DRAFT else factories.case_in(state)
        owner, others = _people(dossier)
        path = reverse(name, kwargs={"public_id": dossier.public_id, **arguments})
        return ObjectUrl(path, admits=[owner], refuses=others, methods=methods)

    object_url(name)(build)


_register("dossier_detail")
_register("dossier_section", section="san-pham", methods=(*GET, *POST))
_register("dossier_items", methods=(*GET, *POST))
_register("dossier_suggestions")
_register("dossier_documents")
_register("attachment_upload", document="thuyet-minh", methods=POST)
_register("dossier_summary")
_register("dossier_delete", methods=(*GET, *POST))
_register("dossier_handover", methods=(*GET, *POST))
_register("dossier_transfer", methods=(*GET, *POST))
_register("dossier_submit", methods=POST)
_register("dossier_supplement", state=State.SUPPLEMENT_REQUESTED)
_register("dossier_filing", state=State.SUBMITTED, number="1")
_register("dossier_calendar", state=State.SUBMITTED)
_register("dossier_withdraw", state=State.SUBMITTED)


_register("dossier_messages", state=State.SUBMITTED, methods=(*GET, *POST))


@object_url("dossier_messages: draft")
def messages_of_a_draft() -> ObjectUrl:
    draft = factories.complete_dossier()
    path = reverse("dossier_messages", args=[draft.public_id])
    return ObjectUrl(path, admits=[], refuses=[draft.created_by, *_people(draft)[1]])


@object_url("message_file_open")
def message_file_open() -> ObjectUrl:
    case = factories.case_in(State.SUBMITTED)
    file = factories.MessageFileFactory(message=factories.said(case))
    owner, (stranger, newcomer, officer) = _people(case)
    viewer = factories.member_of(case.organisation, MembershipRole.VIEWER)
    manager = factories.StaffFactory(role=Role.CATALOGUE_MANAGER)
    path = reverse("message_file_open", args=[file.pk])
    return ObjectUrl(path, admits=[owner, viewer, officer], refuses=[stranger, newcomer, manager], methods=GET)


@object_url("attachment_remove")
def attachment_remove() -> ObjectUrl:
    attachment = factories.AttachmentFactory()
    owner, others = _people(attachment.dossier)
    path = reverse("attachment_remove", args=[attachment.pk])
    return ObjectUrl(path, admits=[owner], refuses=others, methods=POST)


@object_url("attachment_open")
def attachment_open_of_a_draft() -> ObjectUrl:
    attachment = factories.AttachmentFactory()
    owner, others = _people(attachment.dossier)
    return ObjectUrl(reverse("attachment_open", args=[attachment.pk]), admits=[owner], refuses=others, methods=GET)


@object_url("attachment_open: filed")
def attachment_open_once_filed() -> ObjectUrl:
    case = factories.case_in(State.SUBMITTED)
    owner, (stranger, newcomer, officer) = _people(case)
    viewer = factories.member_of(case.organisation, MembershipRole.VIEWER)
    path = reverse("attachment_open", args=[case.attachments.get().pk])
    return ObjectUrl(path, admits=[owner, viewer, officer], refuses=[stranger, newcomer], methods=GET)


def _viewer_changes_nothing(name: str, *, state: str = State.DRAFT, methods: tuple[str, ...] = GET, **arguments: str):
    """A viewer of the organisation is refused where whoever drafts for it is admitted."""

    def build() -> ObjectUrl:
        dossier = factories.complete_dossier() if state == State.DRAFT else factories.case_in(state)
        viewer = factories.member_of(dossier.organisation, MembershipRole.VIEWER)
        path = reverse(name, kwargs={"public_id": dossier.public_id, **arguments})
        return ObjectUrl(path, admits=[dossier.created_by], refuses=[viewer], methods=methods)

    object_url(f"{name}: viewer")(build)


_viewer_changes_nothing("dossier_section", section="san-pham", methods=(*GET, *POST))
_viewer_changes_nothing("dossier_items", methods=(*GET, *POST))
_viewer_changes_nothing("dossier_suggestions")
_viewer_changes_nothing("dossier_documents")
_viewer_changes_nothing("attachment_upload", document="thuyet-minh", methods=POST)
_viewer_changes_nothing("dossier_summary")
_viewer_changes_nothing("dossier_delete", methods=(*GET, *POST))
_viewer_changes_nothing("dossier_handover", methods=(*GET, *POST))
_viewer_changes_nothing("dossier_transfer", methods=(*GET, *POST))
_viewer_changes_nothing("dossier_submit", methods=POST)
_viewer_changes_nothing("dossier_supplement", state=State.SUPPLEMENT_REQUESTED)
_viewer_changes_nothing("dossier_withdraw", state=State.SUBMITTED)


@object_url("dossier_detail: viewer")
def a_viewer_reads_a_draft() -> ObjectUrl:
    dossier = factories.complete_dossier()
    viewer = factories.member_of(dossier.organisation, MembershipRole.VIEWER)
    stranger = factories.member_of(factories.OrganisationFactory(), MembershipRole.VIEWER)
    path = reverse("dossier_detail", args=[dossier.public_id])
    return ObjectUrl(path, admits=[viewer], refuses=[stranger], methods=GET)


@object_url("attachment_open: viewer of a draft")
def a_viewer_opens_the_files_of_a_draft() -> ObjectUrl:
    attachment = factories.AttachmentFactory()
    viewer = factories.member_of(attachment.dossier.organisation, MembershipRole.VIEWER)
    stranger = factories.member_of(factories.OrganisationFactory(), MembershipRole.VIEWER)
    path = reverse("attachment_open", args=[attachment.pk])
    return ObjectUrl(path, admits=[viewer], refuses=[stranger], methods=GET)


@object_url("attachment_remove: viewer")
def a_viewer_removes_no_file() -> ObjectUrl:
    attachment = factories.AttachmentFactory()
    viewer = factories.member_of(attachment.dossier.organisation, MembershipRole.VIEWER)
    path = reverse("attachment_remove", args=[attachment.pk])
    return ObjectUrl(path, admits=[attachment.dossier.created_by], refuses=[viewer], methods=POST)


@object_url("organisation_handover")
def organisation_handover() -> ObjectUrl:
    company = factories.OrganisationFactory()
    admits = [factories.member_of(company, role) for role in (MembershipRole.REPRESENTATIVE, MembershipRole.DRAFTER)]
    viewer = factories.member_of(company, MembershipRole.VIEWER)
    stranger = factories.member_of(factories.OrganisationFactory())
    path = reverse("organisation_handover", args=[company.pk])
    return ObjectUrl(path, admits=admits, refuses=[viewer, stranger], methods=(*GET, *POST))

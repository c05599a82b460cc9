"""The applicant's dossiers: the list, a new one, one that was filed, and deleting a draft."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.membership import memberships_of
from accounts.models import ApplicantKind, Organisation
from catalogs.models import Procedure
from catalogs.procedures import length_of
from catalogs.services import definition_of, revision_in_force
from intake import contact, conversation, drafts, filing, listing, scans, wording
from intake.calendar_file import last_day
from intake.completeness import missing
from intake.models import EDITING_ROLES, Dossier, DossierQuerySet, Side
from intake.states import WITH_CLOCK, State
from intake.steps import next_url
from intake.supplements import open_request, title_of
from intake.views import loading

PAGE_SIZE = 20
ATTENTION_MAX = 10
_PAGE_SALT = "intake.dossier_list"


@require_safe
def dossier_list(request: HttpRequest) -> HttpResponse:
    """First what waits for the person, then everything, the last changed first; of one organisation if chosen."""
    organisations = list(memberships_of(request.user))
    wanted = request.GET.get("don-vi", "")
    # Of an organisation that is none of one's own, or any more, nothing is said: the list is then that of all.
    chosen = next((m.organisation for m in organisations if str(m.organisation_id) == wanted), None)
    shown = [chosen.pk] if chosen else [m.organisation_id for m in organisations]
    mine = Dossier.objects.filter(organisation__in=shown)
    asked = mine.filter(state=State.SUPPLEMENT_REQUESTED).order_by("due_at", "pk")
    waiting = list(loading.rows(asked)[:ATTENTION_MAX])
    rest = mine.exclude(pk__in=[dossier.pk for dossier in waiting])
    page, newer_url, older_url = _page(rest, request, {"don-vi": chosen.pk} if chosen else {})
    loading.complete([*waiting, *page])
    if "truoc" in request.GET or "sau" in request.GET:
        waiting = []
    return render(
        request,
        "intake/dossier_list.html",
        {
            "waiting": [_row(dossier) for dossier in waiting],
            "rows": [_row(dossier) for dossier in page],
            "newer_url": newer_url,
            "older_url": older_url,
            "has_organisation": bool(organisations),
            "may_start": any(m.role in EDITING_ROLES for m in organisations),
            "several": len(organisations) > 1,
            "organisations": [m.organisation for m in organisations],
            "chosen": chosen,
            "now": timezone.now(),
        },
    )


def _row(dossier: Dossier) -> dict[str, Any]:
    need = ""
    url = reverse("dossier_detail", args=[dossier.public_id])
    if dossier.state == State.DRAFT:
        found = missing(dossier)
        need = (
            ngettext("Còn thiếu %s nội dung", "Còn thiếu %s nội dung", len(found)) % len(found)
            if found
            else _("Đã đủ, bạn có thể nộp")
        )
    elif dossier.state == State.SUPPLEMENT_REQUESTED and (request := open_request(dossier)):
        need = wording.supplement_need(request)
    elif dossier.state == State.ISSUED:
        need = _("Tải quyết định về")
    return {
        "dossier": dossier,
        "procedure": definition_of(dossier.revision_of_procedure).short_name,
        "need": need,
        "url": url,
        "clock": dossier.state in WITH_CLOCK,
        "unread": wording.unread_label(conversation.unread(dossier, Side.APPLICANT)),
        "messages_url": reverse("dossier_messages", args=[dossier.public_id]),
    }


def _page(dossiers: DossierQuerySet, request: HttpRequest, kept: dict[str, Any]) -> tuple[list[Dossier], str, str]:
    """A page by key: rows before or after the one that the address names. `kept` stays in the addresses."""
    newer_than = _key(request.GET.get("truoc"))
    older_than = _key(request.GET.get("sau"))
    if newer_than:
        at, pk = newer_than
        found = list(
            loading.rows(
                dossiers.filter(Q(edited_at__gt=at) | Q(edited_at=at, pk__gt=pk)).order_by("edited_at", "pk")
            )[: PAGE_SIZE + 1]
        )
        more = len(found) > PAGE_SIZE
        rows = found[:PAGE_SIZE][::-1]
        return (
            rows,
            _page_url("truoc", rows[0], kept) if more else "",
            _page_url("sau", rows[-1], kept) if rows else "",
        )
    if older_than:
        at, pk = older_than
        dossiers = dossiers.filter(Q(edited_at__lt=at) | Q(edited_at=at, pk__lt=pk))
    found = list(loading.rows(dossiers.order_by("-edited_at", "-pk"))[: PAGE_SIZE + 1])
    rows = found[:PAGE_SIZE]
    older_url = _page_url("sau", rows[-1], kept) if len(found) > PAGE_SIZE else ""
    return rows, _page_url("truoc", rows[0], kept) if older_than and rows else "", older_url


def _page_url(name: str, dossier: Dossier, kept: dict[str, Any]) -> str:
    key = signing.dumps([dossier.edited_at.isoformat(), dossier.pk], salt=_PAGE_SALT)
    return f"{reverse('dossier_list')}?{urlencode({**kept, name: key})}"


def _key(value: str | None) -> tuple[datetime, int] | None:
    """A broken or foreign key shows the first page."""
    try:
        moment, pk = signing.loads(value or "", salt=_PAGE_SALT)
        return datetime.fromisoformat(moment), int(pk)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def dossier_new(request: HttpRequest) -> HttpResponse:
    """Choose a procedure, and the organisation if there are several; POST starts the draft."""
    memberships = list(memberships_of(request.user).filter(role__in=EDITING_ROLES))
    if not memberships:
        if request.user.memberships.exists():
            messages.error(request, _("Bạn chỉ được xem hồ sơ của tổ chức mình, không lập được hồ sơ."))
            return redirect("dossier_list")
        return redirect(f"{reverse('organisation_create')}?{urlencode({'next': request.get_full_path()})}")
    organisations = [membership.organisation for membership in memberships]
    chosen = request.POST.get("procedure") or request.GET.get("thu-tuc", "")
    reasons: list[str] = []
    if request.method == "POST":
        started = _start(request, organisations, reasons)
        if started:
            return redirect(next_url(started, "", at=timezone.now()))
    return render(
        request,
        "intake/dossier_new.html",
        {
            "offers": _offers(organisations, chosen),
            "chosen": chosen,
            "organisations": organisations,
            "organisation_id": request.POST.get("organisation") or request.GET.get("don-vi", ""),
            "organisation_missing": bool(reasons) and not request.POST.get("organisation"),
            "public_id": uuid.uuid4(),
            "reasons": reasons,
        },
        status=422 if reasons else 200,
    )


def _start(request: HttpRequest, organisations: list[Organisation], reasons: list[str]) -> Dossier | None:
    procedure = Procedure.objects.filter(slug=request.POST.get("procedure", "").replace("\x00", "")).first()
    # Where there is a choice the person makes it: nobody files for the wrong one because it stood first.
    wanted = request.POST.get("organisation") or (str(organisations[0].pk) if len(organisations) == 1 else "")
    organisation = next((one for one in organisations if str(one.pk) == wanted), None)
    if procedure is None:
        reasons.append(_("Hãy chọn một thủ tục."))
    if organisation is None:
        reasons.append(_("Hãy chọn tổ chức, cá nhân đứng tên hồ sơ."))
    try:
        public_id = uuid.UUID(request.POST.get("public_id", ""))
    except ValueError:
        public_id = uuid.uuid4()
    if procedure is None or organisation is None:
        return None
    try:
        return drafts.start(organisation, procedure, public_id=public_id, by=request.user, at=timezone.now())
    except drafts.CannotStart as error:
        reasons.append(str(error))
        return None


def _offers(organisations: list[Organisation], chosen: str) -> list[dict[str, Any]]:
    """The procedures that can be started today; the chosen one first."""
    today = timezone.localdate()
    kinds = {organisation.kind for organisation in organisations}
    offers = []
    for procedure in Procedure.objects.order_by("position", "pk"):
        revision = revision_in_force(procedure, today)
        if revision is None:
            continue
        definition = definition_of(revision)
        offers.append(
            {
                "procedure": procedure,
                "definition": definition,
                "who": ", ".join(str(ApplicantKind(kind).label).lower() for kind in definition.applicant_kinds),
                "admitted": bool(kinds & set(definition.applicant_kinds)),
                "documents": [d for d in definition.documents if d.required and d.condition is None],
                "duration": length_of(definition.deadline("assessment")),
                "chosen": procedure.slug == chosen,
            }
        )
    return sorted(offers, key=lambda offer: not offer["chosen"])


@require_safe
def dossier_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A filed dossier: where it stands, what comes next, what was filed. A draft leads to its pages."""
    dossier = loading.of_applicant(request, public_id)
    editable = request.user.memberships.filter(
        organisation_id=dossier.organisation_id, role__in=EDITING_ROLES
    ).exists()
    if dossier.state == State.DRAFT and editable:
        at = timezone.now()
        begun = contact.begun({*dossier.answers, *dossier.malformed}, set())
        return redirect(reverse("dossier_summary", args=[public_id]) if begun else next_url(dossier, "", at=at))
    return render(request, "intake/dossier_detail.html", detail_context(dossier, editable=editable))


def detail_context(dossier: Dossier, *, editable: bool) -> dict[str, Any]:
    revision = dossier.revisions.select_related("certification").order_by("-number").first()
    requests = sorted(dossier.supplement_requests.all(), key=lambda r: r.requested_at)
    open_one = open_request(dossier)
    definition = definition_of(dossier.revision_of_procedure)
    papers = list(dossier.documents.order_by("issued_at", "pk"))
    decision = next((paper for paper in papers if paper.kind == "decision"), None)
    return {
        "dossier": dossier,
        "definition": definition,
        "decision": decision,
        # Declared, but not confirmed by a decision that confirms others.
        "overruled": decision.data.get("overruled", []) if decision else [],
        "now": timezone.now(),
        "editable": editable,
        "person": dossier.looked_after_by(),
        "holder": wording.holder(dossier),
        "explanation": wording.explanation(dossier),
        "timeline": wording.timeline(dossier, requests) if dossier.submitted_at else [],
        "revision": revision,
        **content_context(dossier, revision.content if revision else filing.content_of(dossier)),
        "intact": filing.is_intact(revision) if revision else None,
        "papers": papers,
        "newer_list": listing.newer_list_of(dossier),
        # Whether the calendar file holds anything.
        "has_due_dates": bool(dossier.due_at or (decision and last_day(decision, on=timezone.localdate()))),
        "request_open": open_one,
        "need": wording.supplement_need(open_one) if open_one else "",
        "points": [
            {"point": point, "title": title_of(point, definition)}
            for point in (open_one.points.all() if open_one else [])
        ],
        "may_withdraw": editable and dossier.state in WITH_CLOCK,
        "unread": wording.unread_label(conversation.unread(dossier, Side.APPLICANT)),
        "messages_sent": conversation.number_of(dossier),
        "may_write": editable and conversation.is_open(dossier, at=timezone.now()),
    }


def content_context(
    dossier: Dossier, content: dict[str, Any], *, before: dict[str, Any] | None = None, own: bool = True
) -> dict[str, Any]:
    """What intake/_content.html reads, and of the files of the filing before too; `own`: to the applicant's people."""
    files = [*content["attachments"], *(before["attachments"] if before else [])]
    return {
        "content": content,
        "filed_keys": {one["document_key"] for one in content["attachments"]},
        "scans": scans.of_attachments(dossier.pk, {one["id"] for one in files}, own=own),
    }


@loading.of_a_draft_that_may_go
def dossier_delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Asks first; POST deletes the draft with its files."""
    dossier = loading.draft(request, public_id)
    if request.method == "POST":
        title = dossier.title or _("chưa đặt tên")
        try:
            drafts.delete(dossier, by=request.user, at=timezone.now())
        except drafts.NotOpen:
            raise Http404 from None
        messages.success(request, _("Đã xóa bản soạn “%s”.") % title)
        return redirect("dossier_list")
    files = [a for a in dossier.attachments.all() if a.removed_at is None]
    return render(request, "intake/dossier_delete.html", {"dossier": dossier, "files": len(files)})

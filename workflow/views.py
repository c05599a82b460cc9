"""The office's pages: the queue, a dossier, and a page for each move. They translate; `transitions` decides."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts import provinces
from accounts.access import may_open
from accounts.models import Role, User
from accounts.plaintext import as_id, as_version
from accounts.taxcodes import saying
from catalogs.models import Procedure
from documents.papers import PaperError
from intake import clamd
from intake.conversation import unread
from intake.models import Side
from intake.states import State
from intake.views.filings import filing_context
from intake.wording import unread_label
from notifications.services import deliveries_of
from workflow import casefile, desk, history, policy, transitions
from workflow.evidence import beside
from workflow.forms import AddedItemForm, FindingForm, typed_texts
from workflow.models import Case, Verdict
from workflow.moves import MOVES, Move
from workflow.policy import TransitionError
from workflow.transitions import Stale
from workflow.workingdays import Calendar

MAX_QUERY = 200
PROCEDURES_KEPT_FOR = 60  # seconds
# An address is reversed once for this and then filled in for each row.
NOBODY = str(UUID(int=0))
CASE, ACTION = "case_detail", "case_action"
# The classes of hoso.css for workingdays.Remaining.urgency.
URGENCY = {"late": " late", "soon": " warn", "calm": ""}


# --- the queue -------------------------------------------------------------------------------------


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    user = request.user
    if "tiep" in request.GET:
        case = desk.next_for(user, at=at)
        if case:
            return redirect("case_detail", public_id=case.public_id)
        messages.info(request, _("Không còn hồ sơ nào chờ bạn xử lý."))
        return redirect("queue")
    tabs = desk.tabs_for(user)
    if not tabs:
        return render(request, "workflow/no_queue.html")
    counts = desk.count(tabs, user=user, at=at)
    tab = _tab(request.GET, tabs, counts)
    filters = _filters(request.GET, tab)
    page = desk.page(tab, user=user, filters=filters, at=at, cursor=_cursor(request.GET))
    kept = _kept(request.GET)
    takes = tab.specialist == "nobody" and Role.SPECIALIST in user.role_set()
    return render(
        request,
        "workflow/queue.html",
        {
            "tabs": [
                {
                    "label": each.label,
                    "count": counts[each.key],
                    "current": each is tab,
                    "url": _url({**kept, "trang-thai": "", "tab": each.key}),
                }
                for each in tabs
            ],
            "tab": tab,
            "filters": filters,
            "rows": _rows(page.rows, user=user, at=at),
            "procedures": _procedures(),
            "states": [(state.value, state.label) for state in tab.states] if len(tab.states) > 1 else [],
            "newer_url": page.previous and _url({**kept, "tab": tab.key, "truoc": page.previous.encode()}),
            "older_url": page.next and _url({**kept, "tab": tab.key, "sau": page.next.encode()}),
            "everywhere_url": "" if tab.key == "tat-ca" else _url({**kept, "trang-thai": "", "tab": "tat-ca"}),
            "clear_url": _url({"tab": tab.key}),
            "takes": takes,
            "works": desk.works(user),
        },
    )


def _tab(query: QueryDict, tabs: list[desk.Tab], counts: dict[str, desk.Count]) -> desk.Tab:
    """The one asked for; else the first of the person's own tasks with something in it."""
    asked = next((tab for tab in tabs if tab.key == query.get("tab")), None)
    return asked or next((tab for tab in tabs if counts[tab.key].number), tabs[0])


def _filters(query: QueryDict, tab: desk.Tab) -> desk.Filters:
    state = query.get("trang-thai", "")
    slugs = {slug for slug, _name in _procedures()}
    slug = query.get("thu-tuc", "")
    return desk.Filters(
        procedure=slug if slug in slugs else "",
        state=state if state in tab.states and len(tab.states) > 1 else "",
        words=query.get("q", "").replace("\x00", "")[:MAX_QUERY].strip(),
    )


def _cursor(query: QueryDict) -> desk.Cursor | None:
    return desk.Cursor.decode(query.get("sau", "")) or desk.Cursor.decode(query.get("truoc", ""), back=True)


def _kept(query: QueryDict) -> dict[str, str]:
    """What a link to another page or tab of the queue takes along."""
    return {name: query.get(name, "")[:MAX_QUERY].replace("\x00", "") for name in ("q", "thu-tuc", "trang-thai")}


def _url(query: dict[str, str]) -> str:
    return f"{reverse('queue')}?{urlencode({name: value for name, value in query.items() if value})}"


def _procedures() -> list[tuple[str, str]]:
    """(slug, name) for the filter; the same four for months, so read once a minute."""
    return cache.get_or_set(
        "workflow.procedures",
        lambda: list(Procedure.objects.order_by("position", "pk").values_list("slug", "name")),
        PROCEDURES_KEPT_FOR,
    )


def _rows(rows: list[desk.Row], *, user: User, at: datetime) -> list[dict[str, str]]:
    """The rows with everything in words; what is the same in all of them is worked out once."""
    calendar = casefile.calendar()
    labels = {str(state): str(state.label) for state in State}
    address, take, messages_at = (
        reverse(name, args=args)
        for name, args in ((CASE, [NOBODY]), (ACTION, [NOBODY, "take"]), ("case_messages", [NOBODY]))
    )
    filed, handled_by, paused = _("Nộp %(day)s"), _("Chuyên viên: %(name)s"), _("Dừng tính hạn")
    shown = []
    lefts: dict[datetime, tuple[str, str]] = {}  # most periods end with an office day, so many rows share a moment
    for row in rows:
        left, urgency = paused, " paused"
        if row.state in desk.OFFICE_CLOCK:
            if row.due_at not in lefts:
                remaining = calendar.remaining(row.due_at, at)
                lefts[row.due_at] = remaining.label(), URGENCY[remaining.urgency]
            left, urgency = lefts[row.due_at]
        elif row.due_at is None:
            left = filed % {"day": f"{timezone.localtime(row.submitted_at):%d/%m/%Y}"}
        others = row.specialist if row.specialist_id != user.pk else ""
        public_id = str(row.public_id)
        shown.append(
            {
                "url": address.replace(NOBODY, public_id),
                "take_url": take.replace(NOBODY, public_id),
                "title": row.title or row.code,
                "code": row.code,
                "organisation": row.organisation,
                "specialist": handled_by % {"name": others} if others else "",
                "numbers": "; ".join(f"{', '.join(codes)} · {name}" for name, codes in row.items.items()),
                "state": row.state,
                "label": labels[row.state],
                "left": left,
                "urgency": urgency,
                "version": str(row.version),
                "unread": unread_label(row.unread),
                "messages_url": messages_at.replace(NOBODY, public_id) if row.unread else "",
            }
        )
    return shown


def _time_left(case: Case, *, calendar: Calendar, at: datetime) -> dict[str, str]:
    """The label of what is left and its class; both empty while the office's clock does not run."""
    if case.state not in desk.OFFICE_CLOCK:
        return {"remaining": "", "urgency": ""}
    remaining = calendar.remaining(case.due_at, at)
    return {"remaining": remaining.label(), "urgency": URGENCY[remaining.urgency]}


# --- a dossier -------------------------------------------------------------------------------------


def _case(request: HttpRequest, public_id: UUID) -> Case:
    case = casefile.case_for(request.user, public_id)
    if case is None:
        raise Http404
    return case


@require_GET
def case_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    case = _case(request, public_id)
    if request.GET.get("xem") == "nhat-ky":
        return _case_record(request, case)
    standing = casefile.standing_of(request.user, case)
    actions = standing.actions()
    filing = casefile.filing_of(case)
    comparison = casefile.comparison_of(case, filing)
    judgement = casefile.judgement_of(case)
    milestones = history.milestones(case)
    periods = casefile.periods_of(case, at=timezone.now())
    supplements = casefile.supplements_of(case, filing.definition, periods)
    screening = "receive" in actions
    if casefile.was_asked(supplements, screening=screening):
        actions = [action for action in actions if action != "request_supplement"]
    return render(
        request,
        "workflow/case.html",
        {
            **header(case),
            "actions": actions,
            "moves": [move for move in MOVES.values() if move.action in actions],
            "hindrance": "" if actions else casefile.hindrance(standing),
            "works": desk.works(request.user),
            "waits_for": casefile.waits_for(case),
            "returned": _returned(milestones),
            "filing": filing,
            "intact": filing.intact(),
            "certification": filing.revision.certification,
            "organisation": filing.content["organisation"],
            "province": provinces.name_of(filing.content["organisation"]["province"]),
            "tax_tag": saying.tag_of(case.organisation),
            "tax_source": saying.source(case.organisation),
            "sections": filing.sections(comparison.highlights if comparison else None),
            "comparison": comparison,
            **beside(case, filing, comparison),
            **_replaced(request, case),
            "judgement": judgement,
            "progress": casefile.progress_of(judgement, comparison, filing.definition),
            "shown_file": _shown_file(request, filing, screening=screening),
            "screening": screening,
            "scanned": clamd.is_configured(),
            "workbench": screening or "tep" in request.GET,
            "timeline": [*milestones, *history.ahead(case)],
            "deadlines": periods,
            "papers": casefile.papers_of(case),
            "supplements": supplements,
            "form_version": case.version,
        },
    )


def _replaced(request: HttpRequest, case: Case) -> dict[str, Any]:
    """The list that takes the place of the dossier's own, and whom it affects for those who may open that."""
    newer = casefile.newer_list(case)
    may_see = newer and may_open(request.user, "affected_list")
    return {
        "newer_list": newer,
        "decided": case.decided_at,
        "affected_url": reverse("affected_list", args=[newer.slug]) if newer and may_see else "",
    }


def _case_record(request: HttpRequest, case: Case) -> HttpResponse:
    """Everything that was recorded, and the mails."""
    return render(
        request,
        "workflow/case_record.html",
        {
            "may_resend": may_open(request.user, "delivery_resend"),
            **header(case),
            "events": history.record(case),
            "deliveries": deliveries_of(case),
            "record_url": reverse("case_detail", args=[case.public_id]) + "?xem=nhat-ky",
        },
    )


@require_safe
def case_filing(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """What was filed before, as it was filed, and what was changed since."""
    case = _case(request, public_id)
    back = reverse("case_detail", args=[public_id])
    context = filing_context(case, number, page="case_filing", own=False)
    return render(request, "intake/filing.html", {**context, "back_url": back})


def header(case: Case) -> dict[str, Any]:
    """What workflow/_head.html and _views.html read."""
    return {
        "case": case,
        "paused": case.state == State.SUPPLEMENT_REQUESTED,
        "unread": unread(case, Side.OFFICE),
        **_time_left(case, calendar=casefile.calendar(), at=timezone.now()),
    }


def _returned(events: list[history.Event]) -> history.Event | None:
    """The return to the specialist, if that is the last thing that happened."""
    return events[-1] if events and events[-1].action == "send_back" else None


def _shown_file(request: HttpRequest, filing: casefile.Filing, *, screening: bool) -> casefile.File | None:
    files = filing.files()
    asked = next((file for file in files if file.id == request.GET.get("tep")), None)
    return asked or (files[0] if files and (screening or "tep" in request.GET) else None)


# --- moves -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def case_action(request: HttpRequest, public_id: UUID, action: str) -> HttpResponse:
    case = _case(request, public_id)
    move = MOVES.get(action)
    if move is None or action == "save_assessment" or not move.roles & request.user.role_set():
        raise Http404
    return _perform(request, case, move)


@require_http_methods(["GET", "POST"])
def case_assessment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    case = _case(request, public_id)
    wants_to_propose = request.method == "POST" and "trinh" in request.POST
    return _perform(request, case, MOVES["save_assessment"], then="propose" if wants_to_propose else "")


def _perform(request: HttpRequest, case: Case, move: Move, *, then: str = "") -> HttpResponse:
    """Show the page of a move, or make the move. What was typed is kept whatever comes of it."""
    at = timezone.now()
    if request.method == "GET":
        return _move_page(request, case, move, move.form(case, None))
    form = move.form(case, request.POST)
    if not form.is_valid():
        return _move_page(request, case, move, form, status=422)
    version = _version(request)
    try:
        move.run(case.pk, by=request.user, at=at, expected_version=version, **form.arguments())
    except (TransitionError, PaperError) as error:
        case = _case(request, case.public_id)
        stale = isinstance(error, Stale)
        return _move_page(
            request,
            case,
            move,
            form,
            reasons=[] if stale else getattr(error, "reasons", [str(error)]),
            changes=history.since(case, version) if stale else None,
            status=409,
        )
    messages.success(request, move.done)
    if then:
        return redirect("case_action", public_id=case.public_id, action=then)
    return redirect("case_detail", public_id=case.public_id)


def _move_page(
    request: HttpRequest,
    case: Case,
    move: Move,
    form: Form,
    *,
    reasons: list[str] | None = None,
    changes: list[history.Event] | None = None,
    status: int = 200,
) -> HttpResponse:
    refusals = _refused(request, case, move.action)
    return render(
        request,
        "workflow/move.html",
        {
            **header(case),
            **({} if refusals else move.shows(case, by=request.user, at=timezone.now())),
            "move": move,
            "form": form,
            "allowed": not refusals,
            "reasons": reasons or refusals,
            "changes": changes,
            "typed": typed_texts(form) if refusals else [],
            "form_version": case.version,
        },
        status=status,
    )


def _refused(request: HttpRequest, case: Case, action: str) -> list[str]:
    """Why the person may not take the action now; empty if they may."""
    try:
        policy.require(request.user, action, case)
    except policy.NotAllowed as error:
        return error.reasons
    return []


def _version(request: HttpRequest) -> int:
    """The version that the person saw; one that never was, if the page sends anything else."""
    shown = as_version(request.POST.get("version"))
    return -1 if shown is None else shown


# --- the items of the list -------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def case_finding(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm or overrule a declared item, add another, or take a finding back."""
    case = _case(request, public_id)
    if request.method == "GET":
        return _finding_page(request, case, _finding_form(request, case))
    version = _version(request)
    at = timezone.now()
    if "bo" in request.POST:
        form = FindingForm({"item_id": request.POST["bo"], "verdict": Verdict.CONFIRMED})
        run, done = transitions.remove_finding, _("Đã bỏ kết luận về mục này.")
    else:
        form = _finding_form(request, case)
        run, done = transitions.record_finding, _("Đã ghi kết luận về mục danh mục.")
    if not form.is_valid():
        return _finding_page(request, case, form, status=422)
    arguments = form.arguments() if run is transitions.record_finding else {"item_id": form.cleaned_data["item_id"]}
    try:
        run(case.pk, by=request.user, at=at, expected_version=version, **arguments)
    except TransitionError as error:
        case = _case(request, public_id)
        stale = isinstance(error, Stale)
        return _finding_page(
            request,
            case,
            form,
            reasons=[] if stale else error.reasons,
            changes=history.since(case, version) if stale else None,
            status=409,
        )
    messages.success(request, done)
    return redirect(reverse("case_detail", args=[public_id]) + "#doi-chieu")


def _finding_form(request: HttpRequest, case: Case) -> FindingForm:
    """For an item that was declared, its verdict; for any other, the choice of one to add."""
    declared = {row.item_id for row in casefile.item_rows(case) if row.declared}
    if request.method == "POST":
        if request.POST.get("verdict") != Verdict.ADDED:
            return FindingForm(request.POST)
        return _added_item_form(case, declared, data=request.POST)
    item_id = as_id(request.GET.get("muc", ""))
    if item_id in declared:
        return FindingForm(initial={"item_id": item_id})
    return _added_item_form(case, declared, initial={"item_id": item_id, "verdict": Verdict.ADDED})


def _added_item_form(case: Case, declared: set[int], **arguments: Any) -> AddedItemForm:
    catalogue = casefile.catalogue_of(case)
    if catalogue is None:
        raise Http404
    return AddedItemForm(arguments.pop("data", None), catalogue=catalogue, taken=declared, **arguments)


def _finding_page(
    request: HttpRequest,
    case: Case,
    form: FindingForm,
    *,
    reasons: list[str] | None = None,
    changes: list[history.Event] | None = None,
    status: int = 200,
) -> HttpResponse:
    refusals = _refused(request, case, "record_finding")
    adding = isinstance(form, AddedItemForm)
    item_id = None if adding else as_id(str(form["item_id"].value() or ""))
    return render(
        request,
        "workflow/finding.html",
        {
            **header(case),
            "form": form,
            "row": next((row for row in casefile.item_rows(case) if row.item_id == item_id), None),
            "adding": adding,
            "allowed": not refusals,
            "reasons": reasons or refusals,
            "changes": changes,
            "typed": typed_texts(form) if refusals else [],
            "form_version": case.version,
        },
        status=status,
    )

"""What an applicant sends to move a dossier: filing it, answering a request for supplements, withdrawing it.

These stand here and not in intake because they call the machine; their pages are intake's.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.plaintext import as_version
from accounts.visitors import address_of
from catalogs.services import definition_of
from intake import attachments, drafts
from intake.answers import display, effective
from intake.completeness import missing
from intake.filing import FilingError
from intake.forms import AnswersForm, CertificationForm, TextField
from intake.listing import matching_day
from intake.models import Dossier, SupplementPoint
from intake.opening import Opening
from intake.states import ENDED_WITHOUT_RESULT, WITH_CLOCK, State
from intake.supplements import open_request, title_of
from intake.tables import LONGER, page_after
from intake.views import loading
from intake.views.drafting import summary_page
from intake.views.files import document_rows, take_files
from workflow import transitions
from workflow.policy import TransitionError

MAX_REASON = 1000


@require_POST
@loading.of_a_draft_that_may_go
def dossier_submit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """File the draft. Whatever stands in the way comes back on the summary, with the ticks as they were."""
    dossier, opening = loading.to_edit(request, public_id)
    if not opening.everything:
        return _filed_before(request, dossier, opening)
    at = timezone.now()
    form = _certification(request, dossier)
    # The page shows the whole dossier as it is certified, so it must still be that one.
    version, rules = (_seen(request, name) for name in ("version", "rules"))
    version = drafts.revise(dossier, version=version, rules=rules, by=request.user, at=at)
    reasons = _move(request, form, transitions.submit, dossier, at=at, version=version)
    if not reasons and form.is_valid():
        filed = Dossier.objects.get(pk=dossier.pk)
        messages.success(
            request,
            _("Đã nộp hồ sơ. Mã hồ sơ của bạn là %s. Giấy xác nhận nộp hồ sơ có ở mục Giấy tờ sau ít phút.")
            % filed.code,
        )
        return redirect("dossier_detail", public_id)
    current, opening = loading.to_edit(request, public_id)
    if not opening.everything:
        return _filed_before(request, current, opening)
    return summary_page(request, current, at=at, form=form, reasons=reasons, status=422)


def _filed_before(request: HttpRequest, dossier: Dossier, opening: Opening) -> HttpResponse:
    """The second click of two, or a page from before: it is filed, and that is what the person wanted."""
    if dossier.state in ENDED_WITHOUT_RESULT:
        raise loading.Filed(dossier, opening)
    messages.info(request, _("Hồ sơ này đã được nộp."))
    return redirect("dossier_detail", dossier.public_id)


def dossier_supplement(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything that was asked for on one page: answers, files, explanations, and the certification again.

    What is typed and chosen is kept whichever button is pressed; only “Nộp bổ sung” sends it to the office.
    """
    dossier, opening = loading.to_edit(request, public_id)
    if dossier.state != State.SUPPLEMENT_REQUESTED:
        if "submit" in request.POST and dossier.state in (State.SCREENING, State.IN_REVIEW):
            # The second click of two, or a colleague was faster.
            messages.info(request, _("Phần bổ sung đã được nộp."))
        elif request.method == "POST":
            messages.error(request, _("Hồ sơ không còn chờ bổ sung nên nội dung vừa gửi không được lưu."))
        return redirect("dossier_detail", public_id)
    if not opening.asked.points:
        messages.error(request, _("Đã hết hạn bổ sung hồ sơ."))
        return redirect("dossier_detail", public_id)
    at = timezone.now()
    page = SupplementPage(request, dossier, opening, at=at)
    if request.method != "POST":
        return page.render()
    if "submit" in request.POST and _seen(request, "version") != page.shown_version:
        return page.render_stale()
    if not page.keep():
        return page.render(status=422)
    if "items" in request.POST:
        return redirect("dossier_items", public_id)
    if "submit" not in request.POST:
        messages.success(request, _("Đã lưu. Hồ sơ chưa được nộp lại."))
        address = reverse("dossier_supplement", args=[public_id])
        return redirect(page_after(address, page.questions_form.questions, request.POST, page.dossier.answers))
    # What was sent with this page is saved by now, so the version is the one after it.
    reasons = _move(
        request, page.certification, transitions.answer_supplement, page.dossier, at=at, version=page.dossier.version
    )
    if not reasons and page.certification.is_valid():
        messages.success(request, _("Đã nộp bổ sung. Thời hạn giải quyết được tính lại từ đầu."))
        return redirect("dossier_detail", public_id)
    return page.render(reasons=reasons, status=422)


class SupplementPage:
    """One page, several forms in one: the asked questions, the points' explanations, the files, the certification."""

    def __init__(self, request: HttpRequest, dossier: Dossier, opening: Opening, *, at: datetime) -> None:
        self.request, self.opening, self.at = request, opening, at
        self.definition = definition_of(dossier.revision_of_procedure)
        self.refused: dict[str, list[str]] = {}
        self.point_errors: dict[int, str] = {}
        self.closed: list[str] = []
        self.conflicts: list[dict[str, str]] = []
        self.dossier = dossier
        # Shown to the end, even if it closes while this is being sent.
        self.request_open = open_request(dossier)
        self.shown_version = dossier.version
        data = request.POST if request.method == "POST" else None
        questions = tuple(q for q in self.definition.questions() if opening.question(q.key))
        self.questions_form = AnswersForm(
            data,
            definition=self.definition,
            questions=questions,
            answers=dossier.answers,
            today=timezone.localdate(self.at),
            longer=request.GET.get(LONGER, ""),
        )
        self.certification = _certification(request, dossier, bound="submit" in request.POST)
        self.points = opening.asked.points
        self.explanations = {point.pk: point.answer for point in self.points}
        # What a page does not send stays as it is.
        self.sent = {p.pk: data[f"point-{p.pk}"] for p in self.points if data is not None and f"point-{p.pk}" in data}
        self.explanations |= self.sent
        # What the person has seen: a page that comes back without having shown what others wrote does not change it.
        self.seen = self._token() if data is None else data.get("seen", "")

    def keep(self) -> bool:
        """Save what was sent. False if something is malformed or the request has closed meanwhile; the files that are
        fine are kept all the same."""
        try:
            good = self._keep_parts()
        except (drafts.NotOpen, drafts.Conflict):
            good = False
        self.dossier, opening = loading.to_edit(self.request, self.dossier.public_id)
        self.points = opening.asked.points
        if good:
            self.seen = self._token()
        elif self.points:
            self._compare()
        else:
            self.closed = [
                _(
                    "Yêu cầu bổ sung không còn mở: đã hết hạn, hoặc hồ sơ vừa được nộp hay rút ở nơi khác. "
                    "Nội dung bạn nhập vẫn còn trên trang này nhưng không được lưu."
                )
            ]
        return good

    def _keep_parts(self) -> bool:
        explanations = self._clean_explanations()
        self._remove_files()
        for document in self.definition.asked_documents(effective(self.definition, self.dossier.answers)):
            field = f"files-{document.key}"
            if self.opening.document(document.key) and self.request.FILES.getlist(field):
                refused = take_files(self.request, self.dossier, document, at=self.at, field=field)
                if refused:
                    self.refused[document.key] = refused
        good = self.questions_form.is_valid() and not self.point_errors and not self.refused
        if good:
            answers = self.questions_form.cleaned_answers()
            drafts.save_supplement(
                self.dossier, answers, explanations, seen=self.seen, by=self.request.user, at=self.at
            )
        return good

    def render_stale(self) -> HttpResponse:
        """Nothing was kept: the page comes back as it was typed, beside what others have written since."""
        reasons = transitions.Stale().reasons
        if self.request.FILES or "remove" in self.request.POST:
            reasons.append(_("Các tệp bạn vừa chọn để thêm hoặc gỡ chưa được xử lý; hãy chọn lại."))
        self._compare()
        return self.render(reasons=reasons, status=422)

    def _compare(self) -> None:
        """Show both texts wherever others have written since the page was opened; saving again then replaces theirs
        knowingly. Fields that are malformed come first: until they are mended nothing counts as seen."""
        explanations = self._clean_explanations()
        if not self.questions_form.is_valid() or self.point_errors or self.seen == self._token():
            return
        typed = self.questions_form.cleaned_answers()
        stored = self.dossier.answers
        for q in self.questions_form.questions:
            if (stored.get(q.key) or None) != typed[q.key]:
                self._conflict(q.label, display(q, stored.get(q.key)), display(q, typed[q.key]))
        for point in self.points:
            if point.answer != explanations.get(point.pk, point.answer):
                title = _("Giải trình: %s") % title_of(point, self.definition)
                self._conflict(title, point.answer, explanations[point.pk])
        self.seen = self._token()

    def _conflict(self, label: str, stored: str, typed: str) -> None:
        self.conflicts.append({"label": label, "stored": stored, "typed": typed})

    def _token(self) -> str:
        return drafts.token_of(self.dossier, [q.key for q in self.questions_form.questions], self.points)

    def _remove_files(self) -> None:
        wanted = set(self.request.POST.getlist("remove"))
        for attachment in self.dossier.attachments.all():
            if str(attachment.pk) in wanted and self.opening.document(attachment.document_key):
                attachments.remove(attachment, by=self.request.user, at=self.at)

    def _clean_explanations(self) -> dict[int, str]:
        cleaned = {}
        for pk, text in self.sent.items():
            try:
                cleaned[pk] = drafts.clean_point_answer(text)
            except ValueError as error:
                self.point_errors[pk] = str(error)
        return cleaned

    def render(self, *, reasons: list[str] | None = None, status: int = 200) -> HttpResponse:
        found = missing(self.dossier, on=matching_day(self.dossier, self.at), today=timezone.localdate(self.at))
        rows = {
            row["document"].key: row
            for row in document_rows(self.dossier, refused=self.refused, only=self.opening.asked.documents)
        }
        points = [self._point(point, rows) for point in self.opening.asked.points]
        pointed = {one["point"].key for one in points}
        context = {
            "dossier": self.dossier,
            "definition": self.definition,
            # What other answers brought with them.
            "more_fields": [field for field in self.questions_form if field.name not in pointed],
            "more_rows": [row for key, row in rows.items() if key not in pointed],
            "request_open": self.request_open,
            "now": self.at,
            "seen": self.seen,
            "conflicts": self.conflicts,
            "points": points,
            "form": self.questions_form,
            "certification": self.certification,
            "reasons": [*self.closed, *self.point_errors.values(), *(reasons or [])],
            "missing": found,
            "refused_any": bool(self.refused),
            "max_bytes": settings.UPLOAD_MAX_BYTES,
        }
        return render(self.request, "workflow/filing_supplement.html", context, status=status)

    def _point(self, point: SupplementPoint, rows: dict[str, Any]) -> dict[str, Any]:
        field = None
        if point.kind == "question" and point.key in self.questions_form.fields:
            field = self.questions_form[point.key]
        return {
            "point": point,
            "title": title_of(point, self.definition),
            "field": field,
            "row": rows.get(point.key) if point.kind == "document" else None,
            "items": point.kind == "item",
            "declared": [one.item for one in self.dossier.declared_items.all()] if point.kind == "item" else [],
            "explanation": self.explanations[point.pk],
            "error": self.point_errors.get(point.pk, ""),
        }


def dossier_withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """NĐ 118/2025/NĐ-CP Đ21: until the decision issues. Asks first, with room for a reason."""
    dossier, _opening = loading.to_edit(request, public_id)
    if dossier.state not in WITH_CLOCK:
        return redirect("dossier_detail", public_id)
    reason = request.POST.get("reason", "")
    reasons: list[str] = []
    version = dossier.version
    if request.method == "POST":
        # A page without a version is stale, like one with an old version.
        version = _seen(request, "version")
        try:
            cleaned = TextField(limit=MAX_REASON, lines=True, required=False).clean(reason)
            transitions.withdraw(
                dossier.pk, by=request.user, at=timezone.now(), expected_version=version, reason=cleaned
            )
        except ValidationError as error:
            reasons = list(error.messages)
        except TransitionError as error:
            reasons = error.reasons
            version = Dossier.objects.values_list("version", flat=True).get(pk=dossier.pk)
        else:
            messages.success(request, _("Đã rút hồ sơ %s.") % dossier.code)
            return redirect("dossier_detail", public_id)
    context = {"dossier": dossier, "reason": reason, "reasons": reasons, "version": version}
    return render(request, "workflow/filing_withdraw.html", context, status=422 if reasons else 200)


def _certification(request: HttpRequest, dossier: Dossier, *, bound: bool = True) -> CertificationForm:
    definition = definition_of(dossier.revision_of_procedure)
    return CertificationForm(
        request.POST if bound else None, definition=definition, person=request.user, organisation=dossier.organisation
    )


def _move(
    request: HttpRequest,
    form: CertificationForm,
    move: Callable[..., Any],
    dossier: Dossier,
    *,
    at: datetime,
    version: int,
) -> list[str]:
    """Make the move with the certification that was sent. Returns why not; an invalid form says it itself."""
    if not form.is_valid():
        return []
    try:
        move(
            dossier.pk,
            by=request.user,
            at=at,
            expected_version=version,
            ticked=form.ticked(),
            capacity=form.cleaned_data["certifier_capacity"],
            ip_address=address_of(request),
            user_agent=request.headers.get("User-Agent", ""),
        )
    except (TransitionError, FilingError) as error:
        return list(error.reasons)
    return []


def _seen(request: HttpRequest, name: str) -> int:
    """A version that the page showed; one that never was, if it sends anything else."""
    shown = as_version(request.POST.get(name))
    return -1 if shown is None else shown

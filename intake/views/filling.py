"""A section of a draft: filled in, saved while somebody types or by its button, by several people at once."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogs.procedures import Question, Section
from catalogs.services import definition_of
from intake import contact, drafts
from intake.answers import display, rows_of, write_time
from intake.completeness import missing
from intake.duplicates import Duplicate, duplicates_of
from intake.forms import AnswersForm, options_of, section_form, write_input
from intake.models import AnswerEdit, Dossier
from intake.opening import NotOpen
from intake.steps import context_of, next_url
from intake.suggestions import SHOWN_BESIDE, advise, matching_fields
from intake.tables import LONGER, page_after, read_rows, typed_lines, write_rows
from intake.together import Given, given_at, joined, may_join, read_page, read_seen, seen_in_form, write_seen
from intake.views import loading

CHOICE = "choose."  # with the key of a question; a key has no full stop


@loading.of_a_draft_that_may_go
def dossier_section(request: HttpRequest, public_id: uuid.UUID, section: str) -> HttpResponse:
    """One section of the form. A script may save the same form in the background and gets JSON."""
    try:
        dossier = loading.draft(request, public_id)
        page = SectionPage(request, dossier, _section_of(dossier, section), at=timezone.now())
        return page.keep() if request.method == "POST" else page.render()
    except loading.Filed as error:
        if loading.in_background(request):
            raise
        return _unsaved_page(request, section, error)


def _section_of(dossier: Dossier, key: str) -> Section:
    found = next((s for s in definition_of(dossier.revision_of_procedure).sections if s.key == key), None)
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Conflict:
    """Two texts for one question: what somebody else saved, by whom and when if that is known, and what was typed."""

    key: str
    label: str
    who: str
    at: str
    theirs: str
    mine: str
    token: str
    may_join: bool


@dataclass(frozen=True)
class Earlier:
    """What somebody else had at a question before it was replaced."""

    who: str
    at: str
    text: str


class SectionPage:
    """The form of a section, and what became of what was sent with it."""

    def __init__(self, request: HttpRequest, dossier: Dossier, section: Section, *, at: datetime) -> None:
        self.request, self.dossier, self.section, self.at = request, dossier, section, at
        self.definition = definition_of(dossier.revision_of_procedure)
        self.data = request.POST.copy() if request.method == "POST" else None
        self.page = read_page(request.POST.get("draft.page", "")) or secrets.token_hex(6)
        self.seen = read_seen(request.POST.get("seen", ""))
        self.conflicts: dict[str, Conflict] = {}
        self.refused: set[str] = set()  # fields with a text that cannot be kept, not even as it was typed
        self.changed: set[str] = set()  # fields that hold another text than was sent
        self.joined: set[str] = set()  # of these, both texts were chosen
        self.news = ""
        self._choose()
        self.form = self._form()
        if self.data is None:
            self.seen = write_seen(dossier, self._keys())

    def _form(self) -> AnswersForm:
        return section_form(
            self.definition,
            self.section,
            answers=self.dossier.answers,
            malformed=self.dossier.malformed,
            today=timezone.localdate(self.at),
            data=self.data,
            longer=self.request.GET.get(LONGER, ""),
        )

    def _keys(self) -> list[str]:
        return [question.key for question in self.form.questions]

    def _choose(self) -> None:
        """Follow what was chosen between two texts, as far as the other one is still the one that was shown."""
        for question in self.section.questions:
            which, _stop, token = self.request.POST.get(f"{CHOICE}{question.key}", "").partition(".")
            now = given_at(self.dossier, question.key)
            if token != now.token() or which not in ("mine", "theirs", "both"):
                continue
            self.seen[question.key] = token
            if which == "theirs":
                self._put(question, _input_of(question, now))
            elif which == "both" and may_join(question):
                self._put(question, joined(question, _input_of(question, now), self._mine(question)))
                self.joined.add(question.key)

    def _mine(self, question: Question) -> Any:
        if question.type == "table":
            return [row for row in read_rows(question, self.data) if row]
        return self.data.getlist(question.key) if question.choices else self.data.get(question.key, "")

    def _put(self, question: Question, value: Any) -> None:
        if question.type == "table":
            write_rows(question, value, self.data)
        else:
            self.data.setlist(question.key, value if isinstance(value, list) else [value])
        self.changed.add(question.key)

    # --- saving -----------------------------------------------------------------------------------

    def keep(self) -> HttpResponse:
        """Save what can be kept, and answer."""
        self.form.is_valid()
        malformed = self.form.malformed_answers()
        answers = {key: v for key, v in self.form.cleaned_answers().items() if key not in self.form.errors}
        self.refused = set(self.form.errors) - set(malformed)
        try:
            saved = drafts.save_answers(
                self.dossier,
                answers,
                malformed=malformed,
                seen=self.seen,
                page=self.page,
                joined=self.joined,
                by=self.request.user,
                at=self.at,
            )
        except NotOpen:
            raise loading.Filed(*loading.to_edit(self.request, self.dossier.public_id)) from None
        self.dossier = saved.dossier
        self.news = self._compare(saved)
        if loading.in_background(self.request):
            return self._answer_the_script()
        if self.conflicts or self.form.errors:
            return self.render(status=409 if self.conflicts else 422)
        return self._go_on()

    def _compare(self, saved: drafts.Saved) -> str:
        """Put what others changed into the form, and beside it what they and the person both changed. Returns who
        changed what."""
        keys = saved.theirs | saved.conflicts
        found = AnswerEdit.objects.filter(dossier=saved.dossier, key__in=keys).select_related("saved_by")
        edits = {edit.key: edit for edit in found if edit.token == given_at(saved.dossier, edit.key).token()}
        questions = [question for question in self.form.questions if question.key in keys]
        for question in questions:
            if question.key in saved.conflicts:
                self.conflicts[question.key] = self._conflict(question, edits.get(question.key))
            else:
                self._put(question, _input_of(question, given_at(saved.dossier, question.key)))
        if saved.theirs:
            self.form = self._form()
        # Of what is not saved the page has still seen what it had seen.
        unsaved = saved.conflicts | self.refused
        before = {key: token for key, token in self.seen.items() if key in unsaved}
        self.seen = write_seen(saved.dossier, [key for key in self._keys() if key not in unsaved]) | before
        return self._who_changed([q for q in questions if q.key in saved.theirs], edits)

    def _conflict(self, question: Question, edit: AnswerEdit | None) -> Conflict:
        now = given_at(self.dossier, question.key)
        return Conflict(
            key=question.key,
            label=question.label,
            who=self._name_of(edit),
            at=write_time(edit.saved_at, now=self.at) if edit else "",
            theirs=_in_words(question, now),
            mine=_shown(question, self.form[question.key].value()),
            token=now.token(),
            may_join=may_join(question) and bool(now),
        )

    def _name_of(self, edit: AnswerEdit | None) -> str:
        if edit is None:
            return _("Người khác")
        return _("Bạn, ở cửa sổ khác") if edit.saved_by_id == self.request.user.pk else str(edit.saved_by)

    def _who_changed(self, questions: list[Question], edits: dict[str, AnswerEdit]) -> str:
        by_person: dict[str, list[str]] = {}
        for question in questions:
            by_person.setdefault(self._name_of(edits.get(question.key)), []).append(question.label)
        changes = [
            _("%(person)s vừa sửa: %(labels)s.") % {"person": person, "labels": ", ".join(labels)}
            for person, labels in by_person.items()
        ]
        return " ".join(changes)

    def _go_on(self) -> HttpResponse:
        if self.news:
            messages.info(self.request, self.news)
        if "next" in self.request.POST:
            return redirect(next_url(self.dossier, self.section.key, at=self.at))
        address = reverse("dossier_section", args=[self.dossier.public_id, self.section.key])
        after = page_after(address, self.form.questions, self.data, self.dossier.answers)
        if after == address:
            messages.success(self.request, f"{self._saved()}.")
        return redirect(after)

    def _answer_the_script(self) -> JsonResponse:
        unsaved = {*self.conflicts, *self.refused}
        kept = {key: token for key, token in self.seen.items() if key not in unsaved}
        questions = {question.key: question for question in self.form.questions}
        answer = {
            "seen": kept,
            "saved": self._saved_but(),
            "unsaved": sorted(unsaved),
            "values": {
                key: _input_of(questions[key], given_at(self.dossier, key))
                for key in self.changed & kept.keys() & questions.keys()
            },
            "conflicts": {
                key: render_to_string("intake/_conflict.html", {"conflict": conflict}, self.request)
                for key, conflict in self.conflicts.items()
            },
            "news": self.news,
        }
        return JsonResponse(answer, status=409 if self.conflicts else 422 if self.refused else 200)

    def _saved(self) -> str:
        return _("Đã lưu lúc %s") % write_time(self.dossier.edited_at, now=self.at)

    def _saved_but(self) -> str:
        """What is saved, and what is not and why."""
        labels = {question.key: question.label for question in self.form.questions}
        but = [f"{labels[key]} ({_('có hai bản khác nhau, hãy chọn')})" for key in self.conflicts]
        but += [f"{labels[key]} ({' '.join(self.form.errors[key]).rstrip('.')})" for key in self.refused]
        return (
            _("%(saved)s, trừ: %(labels)s.") % {"saved": self._saved(), "labels": "; ".join(but)}
            if but
            else (self._saved())
        )

    def _to_mend(self) -> str:
        """The heading of what is wrong on the page."""
        return self._saved_but() if self.refused else _("%s, kể cả ô cần sửa") % self._saved()

    # --- the page ---------------------------------------------------------------------------------

    def render(self, *, status: int = 200) -> HttpResponse:
        dossier, form = self.dossier, self.form
        begun = contact.begun({*dossier.answers, *dossier.malformed}, set())
        context = {
            **context_of(dossier, missing(dossier), current=self.section.key, at=self.at),
            "section": self.section,
            "form": form,
            "seen": seen_in_form(self.seen),
            "page": self.page,
            "advice": advise(dossier, self._as_typed(), at=self.at, limit=SHOWN_BESIDE)
            if self.section.suggests_items
            else None,
            "duplicates": self._duplicates(),
            "suggest_fields": matching_fields(dossier),
            "conflicts": self.conflicts,
            "earlier": self._earlier(),
            "saved": self._saved_but() if form.is_bound else self._saved() if begun else "",
            "to_mend": self._to_mend() if form.errors else "",
            "news": self.news,
        }
        return render(self.request, "intake/dossier_section.html", context, status=status)

    def _duplicates(self) -> list[Duplicate]:
        """Where the product is named or described."""
        about = self.section.suggests_items or self.definition.title_question in self._keys()
        return duplicates_of(self.dossier, self._as_typed(), at=self.at) if about else []

    def _earlier(self) -> dict[str, Earlier]:
        edits = AnswerEdit.objects.filter(dossier=self.dossier, replaced__isnull=False).select_related("replaced_by")
        found = {edit.key: edit for edit in edits}
        earlier = {}
        for question in self.form.questions:
            edit = found.get(question.key)
            if edit and (before := Given(**edit.replaced)).token() != given_at(self.dossier, question.key).token():
                mine = edit.replaced_by_id == self.request.user.pk
                who = _("Bản trước của bạn") if mine else _("Bản trước của %s") % edit.replaced_by
                at = write_time(edit.replaced_at, now=self.at)
                earlier[question.key] = Earlier(who, at, _in_words(question, before))
        return earlier

    def _as_typed(self) -> dict[str, Any]:
        given = {**self.dossier.answers, **self.dossier.malformed}
        if not self.form.is_bound:
            return given
        texts = [q.key for q in self.form.questions if q.type in ("text", "long_text")]
        return {**given, **{key: self.form.data.get(key) for key in texts}}


def _input_of(question: Question, given: Given) -> Any:
    """What stands there, as its field holds it."""
    return write_input(question, given.answer) if given.malformed is None else given.malformed


def _in_words(question: Question, given: Given) -> str:
    return display(question, given.answer) if given.malformed is None else _shown(question, given.malformed)


def _shown(question: Question, value: Any) -> str:
    """As it stands in the field: what it would be saved as may be less, or nothing."""
    if question.type == "table":
        return typed_lines(question, rows_of(value))
    return display(question, value) if options_of(question) else str(value or "")


def _unsaved_page(request: HttpRequest, section: str, filed: loading.Filed) -> HttpResponse:
    """What was typed into a draft that was filed meanwhile, for its author to copy. Raises Filed if the filed dossier
    has no such section."""
    definition = definition_of(filed.dossier.revision_of_procedure)
    shown = next((one for one in definition.sections if one.key == section), None)
    if shown is None:
        raise filed
    form = section_form(definition, shown, answers={}, today=timezone.localdate(), data=request.POST)
    typed = [{"label": q.label, "text": _shown(q, form[q.key].value())} for q in form.questions]
    context = {
        "dossier": filed.dossier,
        "section": shown,
        "reason": str(filed),
        "typed": [one for one in typed if one["text"]],
    }
    return render(request, "intake/dossier_unsaved.html", context, status=409)

"""The pages on which catalogue managers prepare, compare and publish lists. They translate; the services decide."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.plaintext import as_version
from audit.models import Entry
from catalogs.managing import blanks, drafting, files, importing, linking, publishing
from catalogs.managing.comparing import compare
from catalogs.managing.drafting import Faulty, Unsound
from catalogs.managing.files import Unreadable
from catalogs.managing.forms import STAGE_TAGS, ContentForm, DetailsForm, LinkForm, ReasonForm
from catalogs.managing.importing import Reading
from catalogs.managing.states import NotPossible, Stale, day_of, managed_by
from catalogs.models import Catalogue, CatalogueItem, RelationKind, Stage

# What the record of a list says of each act.
ACTIONS = {
    "draft_catalogue": gettext_lazy("lập dự thảo"),
    "change_catalogue": gettext_lazy("sửa thông tin"),
    "import_catalogue": gettext_lazy("nhập nội dung"),
    "link_catalogue": gettext_lazy("nối mục kế tiếp"),
    "propose_catalogue": gettext_lazy("trình công bố"),
    "send_back_catalogue": gettext_lazy("trả lại"),
    "publish_catalogue": gettext_lazy("công bố"),
    "correct_catalogue": gettext_lazy("đính chính lời văn"),
}
SHOWN = 200  # lists on the first page; there are a handful a year
TEMPLATES = {
    "csv": ("text/csv; charset=utf-8", blanks.template_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", blanks.template_xlsx),
}


@require_GET
def managing_index(request: HttpRequest) -> HttpResponse:
    lists = (
        managed_by(request.user)
        .select_related("instrument", "prepared_by", "published_by")
        .annotate(item_count=Count("items"))
        .order_by("-effective_from", "-pk")[:SHOWN]
    )
    rows = [(catalogue, STAGE_TAGS[Stage(catalogue.stage)]) for catalogue in lists]
    return render(
        request,
        "catalogs/managing/index.html",
        {
            "working": [row for row in rows if row[0].stage != Stage.PUBLISHED],
            "published": [row for row in rows if row[0].stage == Stage.PUBLISHED],
        },
    )


@require_GET
def managing_template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in TEMPLATES:
        raise Http404
    content_type, make = TEMPLATES[kind]
    response = HttpResponse(make(), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="mau-danh-muc.{kind}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def managing_new(request: HttpRequest) -> HttpResponse:
    form = DetailsForm(_posted(request), user=request.user, initial={"replaces_instrument": True})
    if request.method == "POST" and form.is_valid():
        try:
            catalogue = drafting.start(form.details(), by=request.user, at=timezone.now())
        except Faulty as error:
            form.show(error)
        else:
            messages.success(request, _("Đã lập dự thảo. Tiếp theo: nhập nội dung."))
            return redirect("managing_content", slug=catalogue.slug)
    status = 422 if form.is_bound else 200
    return render(request, "catalogs/managing/details.html", {"form": form, "catalogue": None}, status=status)


@require_GET
def managing_list(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    items = Prefetch("items", queryset=CatalogueItem.objects.order_by("position", "pk"))
    groups = catalogue.groups.prefetch_related(items).order_by("position", "pk")
    context = {**_overview(request, catalogue), "groups": groups}
    return render(request, "catalogs/managing/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def managing_details(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    form = DetailsForm(_posted(request), user=request.user, catalogue=catalogue)
    if request.method != "POST":
        return _draft_page(request, catalogue, "catalogs/managing/details.html", {"form": form})
    context: dict[str, Any] = {"form": form}
    status = 422
    if form.is_valid():
        try:
            catalogue = drafting.change(
                catalogue.pk, form.details(), by=request.user, at=timezone.now(), expected_version=_version(request)
            )
        except Faulty as error:
            form.show(error)
        except (Stale, NotPossible) as error:
            context["reasons"], status = _reasons(error), 409
        else:
            messages.success(request, _("Đã lưu thông tin danh mục."))
            return redirect("managing_list", slug=catalogue.slug)
    return _draft_page(request, _managed(request, slug), "catalogs/managing/details.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def managing_content(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    if request.method != "POST":
        form = ContentForm(initial={"text": drafting.text_of(catalogue)})
        return _draft_page(request, catalogue, "catalogs/managing/content.html", {"form": form, "reading": None})
    text, notes, refusal = _brought(request)
    reading = importing.read(text, known=drafting.codes_before(catalogue)) if not refusal else Reading(text)
    reading.notes = notes + reading.notes
    status, reasons = (422 if reading.problems or refusal else 200), []
    # What came as a file is looked at first: nobody has seen yet how it was read.
    if request.POST.get("action") == "save" and not request.FILES and status == 200:
        try:
            catalogue, _kept = drafting.import_content(
                catalogue.pk, text, by=request.user, at=timezone.now(), expected_version=_version(request)
            )
        except Unsound as error:
            reading, status = error.reading, 422
        except (Stale, NotPossible) as error:
            reasons, status = _reasons(error), 409
        else:
            messages.success(request, _("Đã lưu nội dung danh mục."))
            return redirect("managing_links" if catalogue.replaces_id else "managing_list", slug=catalogue.slug)
    form = ContentForm({"text": reading.text})
    form.full_clean()
    if refusal:
        form.add_error("file", refusal)
    catalogue = _managed(request, slug)
    sound = not refusal and not reading.problems
    context = {
        "form": form,
        "reading": None if refusal else reading,
        "totals": drafting.totals_of(catalogue, reading) if sound else None,
        "reasons": reasons,
    }
    return _draft_page(request, catalogue, "catalogs/managing/content.html", context, status=status)


def _brought(request: HttpRequest) -> tuple[str, list[str], str]:
    """The text to read, notes on how a file was read, and why it could not be."""
    text = request.POST.get("text", "")[: importing.MAX_CHARACTERS + 1]
    file = request.FILES.get("file")
    if file is None:
        return text, [], ""
    try:
        found, notes = files.text_of_file(file.read(files.MAX_BYTES + 1))
    except Unreadable as error:
        return text, [], str(error)
    return found, notes, ""


@require_http_methods(["GET", "HEAD", "POST"])
def managing_links(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    if request.method != "POST":
        return _links_page(request, catalogue)
    code = request.POST.get("code", "").replace("\x00", "")
    try:
        linking.confirm(catalogue.pk, code, by=request.user, at=timezone.now(), expected_version=_version(request))
    except (Stale, NotPossible) as error:
        return _links_page(request, _managed(request, slug), reasons=_reasons(error), status=409)
    messages.success(request, _("Đã xác nhận mục kế tiếp của mục %(code)s.") % {"code": code})
    return redirect("managing_links", slug=slug)


def _links_page(
    request: HttpRequest, catalogue: Catalogue, *, reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    links = linking.links_of(catalogue)
    context = {
        "links": links,
        "undecided": linking.undecided(links),
        "reasons": reasons or [],
        "origins": dict(linking.Origin.choices),
    }
    return _draft_page(request, catalogue, "catalogs/managing/links.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def managing_link(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    before = CatalogueItem.objects.filter(catalogue=catalogue.replaces_id).select_related("group")
    item = get_object_or_404(before, code=code)
    link = next(link for link in linking.links_of(catalogue) if link.item.pk == item.pk)
    new = list(catalogue.items.order_by("position", "pk"))
    likely = linking.candidates(item, new)
    ordered = likely + [other for other in new if other not in likely]
    form = LinkForm(_posted(request), initial=_decided(link))
    form.fields["successors"].choices = [(other.code, str(other)) for other in ordered]
    reasons, status = [], 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            linking.decide(
                catalogue.pk,
                code,
                **form.cleaned_data,
                by=request.user,
                at=timezone.now(),
                expected_version=_version(request),
            )
        except Stale as error:
            reasons, status = _reasons(error), 409
        except NotPossible as error:
            form.add_error("successors", str(error))
        else:
            messages.success(request, _("Đã lưu mục kế tiếp của mục %(code)s.") % {"code": item.shown_code or code})
            return redirect(f"{reverse('managing_links', args=[slug])}#muc-{code}")
    context = {"form": form, "item": item, "reasons": reasons}
    return _draft_page(request, _managed(request, slug), "catalogs/managing/link.html", context, status=status)


def _decided(link: linking.Linked) -> dict[str, Any]:
    codes = [relation.other.code for relation in link.successors]
    kinds = [relation.kind for relation in link.successors]
    return {"successors": codes, "removed": link.removed, "kind": kinds[0] if kinds else RelationKind.SAME}


@require_GET
def managing_comparison(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    comparison = None
    if catalogue.replaces:
        comparison = compare(catalogue.replaces, catalogue).narrowed(request.GET.get("thay-doi", ""))
    return render(
        request,
        "catalogs/managing/comparison.html",
        {"catalogue": catalogue, "comparison": comparison, "steps": _steps(catalogue, "managing_comparison")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def managing_send_back(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _managed(request, slug)
    form = ReasonForm(_posted(request))
    reasons: list[str] = []
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            publishing.send_back(
                catalogue.pk,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                expected_version=_version(request),
            )
        except (Stale, NotPossible) as error:
            reasons, status = _reasons(error), 409
        else:
            messages.success(request, _("Đã trả lại danh mục kèm lý do."))
            return redirect("managing_list", slug=slug)
    context = {"form": form, "catalogue": _managed(request, slug), "reasons": reasons}
    return render(request, "catalogs/managing/send_back.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def managing_propose(request: HttpRequest, slug: str) -> HttpResponse:
    done = _("Đã trình danh mục. Một người quản lý khác sẽ xem và công bố.")
    return _confirmed(request, slug, publishing.propose, done, "catalogs/managing/propose.html")


@require_http_methods(["GET", "HEAD", "POST"])
def managing_publish(request: HttpRequest, slug: str) -> HttpResponse:
    done = _("Đã công bố danh mục.")
    return _confirmed(request, slug, publishing.publish, done, "catalogs/managing/publish.html")


@require_http_methods(["GET", "HEAD", "POST"])
def managing_delete(request: HttpRequest, slug: str) -> HttpResponse:
    return _confirmed(request, slug, drafting.delete, _("Đã xóa dự thảo."), "catalogs/managing/delete.html")


def _confirmed(request: HttpRequest, slug: str, act: Any, done: str, template: str) -> HttpResponse:
    """A page that asks whether to go on, and does it."""
    catalogue = _managed(request, slug)
    if request.method != "POST":
        return render(request, template, _overview(request, catalogue))
    try:
        act(catalogue.pk, by=request.user, at=timezone.now(), expected_version=_version(request))
    except (Stale, NotPossible) as error:
        context = _overview(request, _managed(request, slug)) | {"reasons": _reasons(error)}
        return render(request, template, context, status=409)
    messages.success(request, done)
    if act is drafting.delete:
        return redirect("managing_index")
    return redirect("managing_list", slug=slug)


def _managed(request: HttpRequest, slug: str) -> Catalogue:
    lists = managed_by(request.user).select_related(
        "instrument", "replaces__instrument", "prepared_by", "published_by"
    )
    return get_object_or_404(lists, slug=slug)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _version(request: HttpRequest) -> int | None:
    """The version that the page showed; a page without one is stale, like one with an old version."""
    return as_version(request.POST.get("version"))


def _reasons(error: Exception) -> list[str]:
    return getattr(error, "reasons", None) or [str(error)]


def _draft_page(
    request: HttpRequest, catalogue: Catalogue, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of a draft that changes it; of what is no draft it says why it cannot be changed."""
    name = request.resolver_match.view_name
    given = {"reasons": [], **context, "catalogue": catalogue, "steps": _steps(catalogue, name)}
    if catalogue.stage != Stage.DRAFT:
        status = 409 if request.method == "POST" else 200
        return render(request, "catalogs/managing/locked.html", given, status=status)
    return render(request, template, given, status=status)


def _steps(catalogue: Catalogue, here: str) -> list[dict[str, str]]:
    filled = catalogue.items.exists()
    linked = filled and not linking.undecided(linking.links_of(catalogue))
    steps = [
        ("managing_details", _("Văn bản và ngày"), True),
        ("managing_content", _("Nội dung"), filled),
        ("managing_links", _("Mục kế tiếp"), linked),
        ("managing_comparison", _("So sánh"), catalogue.stage != Stage.DRAFT),
        ("managing_list", _("Trình và công bố"), catalogue.stage == Stage.PUBLISHED),
    ]
    return [
        {
            "title": title,
            "url": reverse(name, args=[catalogue.slug]),
            "kind": "now" if name == here else "done" if done else "next",
        }
        for name, title, done in steps
    ]


def _overview(request: HttpRequest, catalogue: Catalogue) -> dict[str, Any]:
    links = linking.links_of(catalogue)
    entries = Entry.objects.about(catalogue).order_by("-number")[:20]
    decided = Entry.objects.about(catalogue).filter(action__in=["send_back_catalogue", "propose_catalogue"])
    returned = decided.order_by("-number").first()
    draft = catalogue.stage == Stage.DRAFT
    today = day_of(timezone.now())
    return {
        "catalogue": catalogue,
        "tag": STAGE_TAGS[Stage(catalogue.stage)],
        "steps": _steps(catalogue, "managing_list"),
        "item_count": catalogue.items.count(),
        "group_count": catalogue.groups.count(),
        "undecided": len(linking.undecided(links)),
        "obstacles": publishing.obstacles(catalogue, on=today) if catalogue.stage != Stage.PUBLISHED else [],
        "begun": catalogue.effective_from <= today,
        "may_publish": publishing.may_publish(catalogue, request.user),
        "returned": returned if draft and returned and returned.action == "send_back_catalogue" else None,
        "entries": [(entry, ACTIONS.get(entry.action, "")) for entry in entries if entry.action in ACTIONS],
        "reasons": [],
    }

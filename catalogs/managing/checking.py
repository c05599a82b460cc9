"""What is wrong with a version of a list as it would be published: days, periods, instruments, successors.

Restricted lists and public ones are checked apart: no message about the one may tell of the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from catalogs.models import Catalogue, CatalogueItem, Instrument, ItemRelation, Stage

EARLIEST, LATEST = 1945, 2100  # years; outside them one is a slip of the hand


@dataclass(frozen=True)
class Fault:
    field: str  # of the form of details; empty: the content or the links
    text: str


def write(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def faults_of(catalogue: Catalogue, instrument: Instrument) -> list[Fault]:
    """Everything that keeps the version, saved or not, from being published; nothing about its content."""
    return [
        *_days(catalogue, instrument),
        *_instrument(catalogue, instrument),
        *_replaced(catalogue, instrument),
        *_periods(catalogue),
    ]


def _days(catalogue: Catalogue, instrument: Instrument) -> Iterator[Fault]:
    start, signed, applies = catalogue.effective_from, instrument.signed_on, instrument.effective_from
    if signed and start < signed:
        yield Fault(
            "effective_from",
            _("Danh mục áp dụng từ %(start)s, trước ngày ký văn bản %(signed)s.")
            % {"start": write(start), "signed": write(signed)},
        )
    if signed and applies and applies < signed:
        yield Fault(
            "instrument_effective_from",
            _("Văn bản có hiệu lực từ %(start)s, trước ngày ký %(signed)s.")
            % {"start": write(applies), "signed": write(signed)},
        )
    elif applies and start < applies:
        yield Fault(
            "effective_from",
            _("Danh mục áp dụng từ %(start)s, trước ngày văn bản có hiệu lực %(applies)s.")
            % {"start": write(start), "applies": write(applies)},
        )


def _instrument(catalogue: Catalogue, instrument: Instrument) -> Iterator[Fault]:
    same = Instrument.objects.filter(number__iexact=instrument.number, restricted=catalogue.restricted)
    if same.exclude(pk=instrument.pk).exists():
        yield Fault("number", _("Văn bản số %(number)s đã có. Hãy chọn văn bản đó.") % {"number": instrument.number})
    if instrument.pk:
        others = Catalogue.objects.filter(
            instrument=instrument, family=catalogue.family, restricted=catalogue.restricted
        ).exclude(pk=catalogue.pk)
        if other := others.order_by("pk").first():
            text = _("Từ văn bản này đã có danh mục “%(title)s” (%(stage)s).")
            yield Fault("instrument", text % {"title": other.title, "stage": other.get_stage_display()})
        # Either way round: a public list on a restricted instrument would tell its number and title to anybody.
        if catalogue.restricted != instrument.restricted:
            yield Fault("instrument", _("Danh mục hạn chế phải có văn bản riêng, không công khai."))


def _replaced(catalogue: Catalogue, instrument: Instrument) -> Iterator[Fault]:
    before = catalogue.replaces
    if before is None:
        return
    if before.restricted != catalogue.restricted:
        yield Fault("replaces", _("Danh mục hạn chế và danh mục công khai không thay thế nhau."))
    elif before.stage != Stage.PUBLISHED or before.family != catalogue.family:
        yield Fault("replaces", _("Chỉ thay thế được một phiên bản đã công bố của cùng danh mục."))
    elif other := _followers(before).exclude(pk=catalogue.pk).filter(stage=Stage.PUBLISHED).first():
        yield Fault("replaces", _("Phiên bản này đã được “%(title)s” thay thế.") % {"title": other.title})
    if catalogue.pk and _comes_round(catalogue.pk, before):
        yield Fault("replaces", _("Các phiên bản thay thế nhau thành vòng tròn."))
    if catalogue.replaces_instrument and instrument.pk and _leads_to(instrument, before.instrument):
        text = _("Văn bản %(old)s đã thay thế văn bản %(new)s: hai văn bản không thể thay thế lẫn nhau.")
        yield Fault("instrument", text % {"old": before.instrument.number, "new": instrument.number})


def _followers(before: Catalogue):
    return Catalogue.objects.filter(replaces=before).order_by("pk")


def _comes_round(pk: int, before: Catalogue) -> bool:
    replaced = dict(Catalogue.objects.exclude(replaces=None).order_by("pk").values_list("pk", "replaces"))
    at: int | None = before.pk
    seen: set[int] = set()
    while at is not None and at not in seen:
        if at == pk:
            return True
        seen.add(at)
        at = replaced.get(at)
    return False


def _leads_to(instrument: Instrument, before: Instrument) -> bool:
    """The new instrument was itself replaced, at once or in the end, by the one that it is to replace."""
    follower = dict(Instrument.objects.exclude(replaced_by=None).order_by("pk").values_list("pk", "replaced_by"))
    at: int | None = instrument.pk
    seen: set[int] = set()
    while at is not None and at not in seen:
        if at == before.pk:
            return True
        seen.add(at)
        at = follower.get(at)
    return False


def _periods(catalogue: Catalogue) -> Iterator[Fault]:
    """A dossier's day must pick one list of the family."""
    start = catalogue.effective_from
    published = (
        Catalogue.objects.published()
        .filter(family=catalogue.family, restricted=catalogue.restricted)
        .exclude(pk=catalogue.pk)
        .order_by("effective_from", "pk")
    )
    for other in published:
        values = {"title": other.title, "day": write(other.effective_from), "start": write(start)}
        if other.effective_from >= start:
            text = _("“%(title)s” áp dụng từ %(day)s: danh mục mới phải áp dụng sau ngày đó, không phải từ %(start)s.")
            yield Fault("effective_from", text % values)
        elif other.pk != catalogue.replaces_id and (other.effective_to is None or other.effective_to > start):
            text = _("Từ %(start)s danh mục “%(title)s” vẫn còn hiệu lực. Hãy chọn thay thế danh mục đó.")
            yield Fault("replaces", text % values)


def cycle_of_successors(catalogue: Catalogue) -> list[CatalogueItem]:
    """The items of the version that, following their successors, lead back to themselves."""
    pairs = ItemRelation.objects.filter(successor=True).order_by("pk").values_list("item", "other")
    followers: dict[int, list[int]] = {}
    for item, other in pairs:
        followers.setdefault(item, []).append(other)
    return [item for item in catalogue.items.order_by("position", "pk") if _returns(item.pk, followers)]


def _returns(start: int, followers: dict[int, list[int]]) -> bool:
    waiting, seen = [*followers.get(start, [])], set()
    while waiting:
        at = waiting.pop()
        if at == start:
            return True
        if at not in seen:
            seen.add(at)
            waiting += followers.get(at, [])
    return False

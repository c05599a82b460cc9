"""A question to matching from outside: which items of which public lists may a product fall under, and why?

The API and the public page ask the same way. Nothing of what is asked is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.plaintext import harmless
from catalogs.matching import service
from catalogs.matching.engine import Result
from catalogs.models import Catalogue, CatalogueFamily
from catalogs.services import catalogue_in_force

# What a new dossier may be matched against.
FAMILIES = (CatalogueFamily.KEY_DIGITAL, CatalogueFamily.STRATEGIC)
FIELDS = frozenset({"name", "description", "on", "catalogues", "limit"})
LIMIT, LIMIT_MAX = 5, 20
CATALOGUES_MAX = 6
NAMED_MAX = 80  # characters of a list's number or slug


class Refused(Exception):
    """The question cannot be answered; `problems` says what is wrong with which field, fit to show."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True)
class Question:
    name: str
    description: str
    catalogues: tuple[Catalogue, ...]
    limit: int = LIMIT


@dataclass(frozen=True)
class Answer:
    catalogue: Catalogue
    result: Result
    products: tuple[service.Part, ...] = ()  # of which the text speaks; one if it cannot be told


def read(value: Any, *, today: date) -> Question:
    """The question in a JSON document. Raises Refused with every problem, by field."""
    if not isinstance(value, dict):
        raise Refused({"": _("Nội dung gửi lên phải là một đối tượng JSON.")})
    problems = {
        harmless(key[:60]): _("Không có trường này. Các trường: %(names)s.") % {"names": ", ".join(sorted(FIELDS))}
        for key in sorted(set(value) - FIELDS)[:10]
    }
    texts = {key: value.get(key, "") for key in ("name", "description")}
    for key, text in texts.items():
        if not isinstance(text, str):
            problems[key] = _("Phải là văn bản.")
    if not problems and not any(text.strip() for text in texts.values()):
        problems["description"] = _("Hãy ghi tên hoặc mô tả của sản phẩm, dịch vụ.")
    limit = value.get("limit", LIMIT)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= LIMIT_MAX:
        problems["limit"] = _("Phải là số nguyên từ 1 đến %(max)s.") % {"max": LIMIT_MAX}
    on = _day(value, today, problems)
    names = _names(value, problems)
    if problems:
        raise Refused(problems)
    return Question(texts["name"], texts["description"], _lists(names, on), limit)


def answer(question: Question) -> list[Answer]:
    """What each list says, with reasons. Its cost does not grow with the texts: only their beginnings are read."""
    return [
        Answer(
            catalogue,
            service.suggest(catalogue, name=question.name, description=question.description, limit=question.limit),
            service.products_in(catalogue, name=question.name, description=question.description),
        )
        for catalogue in question.catalogues
    ]


def in_force(on: date) -> tuple[Catalogue, ...]:
    """The public lists with items that a dossier filed on the day may be matched against."""
    found = (catalogue_in_force(family, on) for family in FAMILIES)
    return tuple(catalogue for catalogue in found if catalogue)


def _day(value: dict[str, Any], today: date, problems: dict[str, str]) -> date:
    given = value.get("on")
    if given is None:
        return today
    if value.get("catalogues") is not None:
        problems["on"] = _("Chỉ dùng một trong hai trường: on hoặc catalogues.")
        return today
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        problems["on"] = _("Phải là một ngày, ghi như 2026-07-01.")
        return today


def _names(value: dict[str, Any], problems: dict[str, str]) -> list[str] | None:
    given = value.get("catalogues")
    if given is None:
        return None
    if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
        problems["catalogues"] = _("Phải là một mảng gồm số hiệu văn bản hoặc mã của danh mục.")
    elif len(given) > CATALOGUES_MAX:
        problems["catalogues"] = _("Nhiều nhất %(max)s danh mục một lần.") % {"max": CATALOGUES_MAX}
    else:
        return given
    return None


def _lists(names: list[str] | None, on: date) -> tuple[Catalogue, ...]:
    if names is None:
        found = in_force(on)
        if not found:
            raise Refused({"on": _("Không có danh mục nào có hiệu lực vào ngày này.")})
        return found
    return tuple(dict.fromkeys(_named(names)))


def _named(names: Iterable[str]) -> list[Catalogue]:
    """The newest public list for each number or slug; one that is not public is not known."""
    rows = Catalogue.objects.public().select_related("instrument").order_by("effective_from", "pk")
    known = {key: catalogue for catalogue in rows for key in (catalogue.instrument.number, catalogue.slug)}
    found = []
    for name in names:
        if name not in known:
            message = _("Không có danh mục “%(name)s”. Các danh mục: %(known)s.")
            numbers = dict.fromkeys(catalogue.instrument.number for catalogue in known.values())
            raise Refused({"catalogues": message % {"name": harmless(name[:NAMED_MAX]), "known": ", ".join(numbers)}})
        found.append(known[name])
    return found


# --- as JSON ---------------------------------------------------------------------------------------


def as_json(found: Answer) -> dict[str, Any]:
    """What one list says, as the API hands it out; docs/api.md describes each field."""
    catalogue, result = found.catalogue, found.result
    return {
        "catalogue": catalogue.instrument.number,
        "slug": catalogue.slug,
        "title": catalogue.title,
        "effective_from": catalogue.effective_from.isoformat(),
        "effective_to": catalogue.effective_to and catalogue.effective_to.isoformat(),
        "verified": catalogue.verified,
        "decision": result.decision,
        "products": [
            {"text": part.text, "code": part.best.item.shown_code if part.best else None} for part in found.products
        ],
        "items": [
            {
                "code": suggestion.item.shown_code,
                "name": suggestion.item.name,
                "group": suggestion.item.group.name,
                "score": round(suggestion.score, 4),
                "strength": suggestion.strength,
                "reasons": [
                    {
                        "words": reason.words,
                        "field": reason.field,
                        "start": reason.start,
                        "end": reason.end,
                        "meets": reason.meets,
                        "source": reason.source,
                    }
                    for reason in suggestion.reasons
                ],
                "against": [str(one) for one in suggestion.against],
            }
            for suggestion in result.ranked
        ],
    }

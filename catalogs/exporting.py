"""Lists as data: what the downloads and the public interface give. docs/api.md says what each field means.

Whoever calls says among which lists relations may be told, so that nothing leads to a list that the reader may not
see; the wording is the same for everybody.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from io import StringIO
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from catalogs.models import Catalogue, CatalogueItem, Mark, RelationKind, SectorMark
from catalogs.relations import Related, history, related_items, related_to

# Moves with the shape of what is given, so that a copy from before is fetched anew.
SHAPE = 1
NOTICE = (
    "Quan hệ giữa các mục và bản dịch tiếng Anh do cơ quan vận hành biên soạn để hướng dẫn, không phải lời văn của "
    "văn bản. Danh mục có verified là false chưa được đối chiếu với Công báo."
)
KIND_WORDS = {
    RelationKind.SAME: "giống",
    RelationKind.NARROWER: "hẹp hơn",
    RelationKind.BROADER: "rộng hơn",
    RelationKind.OVERLAPS: "giao với",
}
LIST_COLUMNS = (
    "Danh mục",
    "Văn bản",
    "Ngày ký",
    "Áp dụng từ ngày",
    "Hết áp dụng từ ngày",
    "Đã đối chiếu Công báo",
    "Đầy đủ",
)
ITEM_COLUMNS = (
    "Loại nhóm",
    "Số nhóm",
    "Nhóm",
    "Tên nhóm tiếng Anh (không chính thức)",
    "Mã mục",
    "Số mục",
    "Số in trong phụ lục",
    "Tên mục",
    "Tên tiếng Anh (không chính thức)",
)
COLUMNS = (*LIST_COLUMNS, *ITEM_COLUMNS, "Quan hệ với danh mục khác (hướng dẫn)")


# --- what is given ---------------------------------------------------------------------------------


def index_data(lists: Iterable[Catalogue]) -> dict[str, Any]:
    """The lists, each without its items; `lists` come from with_counts() with their instruments."""
    return {"notice": NOTICE, "lists": [{**_head(one), "items": one.item_count} for one in lists]}  # type: ignore[attr-defined]


def list_data(catalogue: Catalogue, *, among: QuerySet[Catalogue]) -> dict[str, Any]:
    """The whole list with its relations. Seven queries at most."""
    items = CatalogueItem.objects.order_by("position", "pk")
    groups = list(catalogue.groups.prefetch_related(Prefetch("items", items)).order_by("position", "pk"))
    related = related_to([item.pk for group in groups for item in group.items.all()], among=among)
    return {
        "notice": NOTICE,
        **_head(catalogue),
        "note": catalogue.note,
        "replaces": _slugs(among.filter(replaced_by=catalogue)),
        "replaced_by": _slugs(among.filter(replaces=catalogue)),
        "groups": [
            {
                "kind": group.kind,
                "code": group.code,
                "name": group.name,
                "name_en": group.name_en,
                "items": [_item(catalogue, item, related.get(item.pk, [])) for item in group.items.all()],
            }
            for group in groups
        ],
        "sectors": _sectors(catalogue),
    }


def item_data(item: CatalogueItem, *, among: QuerySet[Catalogue]) -> dict[str, Any]:
    """One item with its relations and its history; `item` comes with its list, instrument and group."""
    group = item.group
    return {
        "notice": NOTICE,
        **_item(item.catalogue, item, related_items(item, among=among)),
        "group": {"kind": group.kind, "code": group.code, "name": group.name, "name_en": group.name_en},
        "list": _head(item.catalogue),
        "history": [
            {
                "list": version.catalogue.slug,
                "effective_from": _day(version.catalogue.effective_from),
                "effective_to": _day(version.catalogue.effective_to),
                "change": version.change,
                "linked": version.linked,
                "items": [
                    {"code": stand.item.code, "number": stand.item.shown_code, "name": stand.item.name}
                    for stand in version.stands
                ],
            }
            for version in history(item, among=among)
        ],
    }


def _head(catalogue: Catalogue) -> dict[str, Any]:
    instrument = catalogue.instrument
    return {
        "slug": catalogue.slug,
        "title": catalogue.title,
        "family": catalogue.family,
        "url": reverse("catalogue_detail", args=[catalogue.slug]),
        "instrument": {
            "number": instrument.number,
            "kind": instrument.kind,
            "title": instrument.title,
            "issuer": instrument.issuer,
            "signed_on": _day(instrument.signed_on),
            "url": reverse("instrument_detail", args=[instrument.slug]),
        },
        "effective_from": _day(catalogue.effective_from),
        "effective_to": _day(catalogue.effective_to),
        "complete": catalogue.complete,
        "verified": catalogue.verified,
    }


def _item(catalogue: Catalogue, item: CatalogueItem, related: list[Related]) -> dict[str, Any]:
    return {
        "code": item.code,
        "number": item.shown_code,
        "printed_code": item.printed_code,
        "name": item.name,
        "name_en": item.name_en,
        "url": reverse("catalogue_item", args=[catalogue.slug, item.code]),
        "relations": [
            {
                "list": one.item.catalogue.slug,
                "code": one.item.code,
                "name": one.item.name,
                "kind": str(one.kind),
                "successor": one.succeeds,
                "predecessor": one.precedes,
                "note": one.note,
                "origin": one.origin,
                "added_on": _day(one.added_on),
            }
            for one in related
        ],
    }


def _sectors(catalogue: Catalogue) -> dict[str, Any] | None:
    sectors = list(catalogue.sectors.order_by("position", "pk"))
    if not sectors:
        return None
    marks = (
        SectorMark.objects.filter(group__catalogue=catalogue)
        .select_related("group", "sector")
        .order_by("group__position", "sector__position", "pk")
    )
    rows: dict[str, dict[str, Any]] = {}
    for mark in marks:
        row = rows.setdefault(
            mark.group.code,
            {"group": mark.group.code, "marks_in_source": mark.group.sectors_marked, "marked": [], "unknown": []},
        )
        row["marked" if mark.mark == Mark.MARKED else "unknown"].append(mark.sector.name)
    return {
        "title": catalogue.sectors_title,
        "note": catalogue.sectors_note,
        "names": [sector.name for sector in sectors],
        "names_en": [sector.name_en for sector in sectors],
        "groups": list(rows.values()),
    }


def _slugs(lists: QuerySet[Catalogue]) -> list[str]:
    return list(lists.order_by("effective_from", "pk").values_list("slug", flat=True))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- as files --------------------------------------------------------------------------------------


def as_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(data: dict[str, Any]) -> bytes:
    """One row an item, or a group without items. In UTF-8 with the mark by which spreadsheets know it; `data` is
    list_data()."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([harmless(cell) for cell in row] for row in rows_of(data))
    return "\ufeff".encode() + out.getvalue().encode()


def rows_of(data: dict[str, Any]) -> list[list[str]]:
    """The items of list_data(), and its groups without items, as rows under COLUMNS."""
    head = list_cells(data)
    return [[*head, *row, _relations(item)] for row, item in _item_rows(data)]


def item_rows_of(data: dict[str, Any]) -> list[list[str]]:
    """The same under ITEM_COLUMNS."""
    return [row for row, _item in _item_rows(data)]


def list_cells(data: dict[str, Any]) -> list[str]:
    """What is so of the whole list, under LIST_COLUMNS."""
    return [
        data["title"],
        data["instrument"]["number"],
        *(_shown(day) for day in (data["instrument"]["signed_on"], data["effective_from"], data["effective_to"])),
        *("có" if data[key] else "không" for key in ("verified", "complete")),
    ]


_NO_ITEM: dict[str, Any] = dict.fromkeys(("code", "number", "printed_code", "name", "name_en"), "") | {"relations": []}


def _item_rows(data: dict[str, Any]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    kinds = {"product": "sản phẩm", "technology": "công nghệ"}
    for group in data["groups"]:
        for item in group["items"] or [_NO_ITEM]:
            names = [kinds[group["kind"]], group["code"], group["name"], group["name_en"]]
            yield [*names, *(item[key] for key in ("code", "number", "printed_code", "name", "name_en"))], item


def _relations(item: dict[str, Any]) -> str:
    told = [f"{KIND_WORDS[RelationKind(one['kind'])]} {one['list']} {one['code']}" for one in item["relations"]]
    return "; ".join(told)


_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """The text so that no spreadsheet takes it for a formula, not even one that reads full-width signs so."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_BEGIN_FORMULAS) else cell


def _shown(day: str | None) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y") if day else ""


def digest_of(data: dict[str, Any]) -> str:
    """Changes with anything that is given: what an ETag is made of."""
    text = json.dumps([SHAPE, data], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def changed_at(catalogue: Catalogue, data: dict[str, Any]) -> datetime:
    """The newest day that the list carries: of its publication here, or of its instrument and its relations."""
    days = [catalogue.instrument.signed_on or catalogue.effective_from]
    items = [item for group in data["groups"] for item in group["items"]]
    days += [date.fromisoformat(one["added_on"]) for item in items for one in item["relations"]]
    newest = datetime.combine(max(days), time(), tzinfo=UTC)
    return max(newest, catalogue.published_at or newest)

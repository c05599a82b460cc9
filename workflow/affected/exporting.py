"""The file of who is affected: the rows as CSV, written while they are read."""

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogs.changes import Change
from catalogs.exporting import harmless
from catalogs.models import Catalogue
from workflow.affected.rules import explain
from workflow.models import AffectedCase

EXPORTED_AT_ONCE = 500


class _Echo:
    """A file that gives back what is written, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def lines(rows: QuerySet[AffectedCase], catalogue: Catalogue) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # without it Excel reads Vietnamese as something else
    yield writer.writerow(
        [
            *(
                _("Mã hồ sơ"),
                _("Sản phẩm, dịch vụ"),
                _("Bên nộp"),
                _("Loại"),
                _("Mục cũ"),
                _("Thay đổi"),
                _("Mục mới"),
            ),
            *(_("Quy định áp dụng"), _("Căn cứ"), _("Xem xét lúc"), _("Người xem xét"), _("Ghi chú")),
        ]
    )
    after = 0
    while batch := list(rows.filter(pk__gt=after).order_by("pk")[:EXPORTED_AT_ONCE]):
        for row in batch:
            yield writer.writerow([harmless(value) for value in _cells(row, catalogue)])
        after = batch[-1].pk


def _cells(row: AffectedCase, catalogue: Catalogue) -> list[str]:
    explanation = explain(row.rule, catalogue)
    handled_at = f"{timezone.localtime(row.handled_at):%d/%m/%Y %H:%M}" if row.handled_at else ""
    return [
        row.case.code,
        row.case.title,
        row.case.organisation.name,
        row.get_kind_display(),
        "; ".join(_written(item["before"]) for item in row.items),
        "; ".join(str(Change(item["change"]).label) for item in row.items),
        "; ".join(_written(after) for item in row.items for after in item["after"]),
        f"{explanation.text} {explanation.todo}",
        explanation.basis,
        handled_at,
        str(row.handled_by or ""),
        row.note,
    ]


def _written(item: dict[str, str]) -> str:
    return f"{item['code']} {item['name']}".strip()

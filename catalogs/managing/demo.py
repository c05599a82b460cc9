"""A draft for the demonstration: an invented next version of the list of key digital products, prepared half-way.

It is made by the real acts, so its record and its proposals are real; only what it says is invented.
"""

from datetime import date, datetime

from accounts.models import Role, User
from catalogs.managing import drafting
from catalogs.managing.drafting import Details, NewInstrument
from catalogs.managing.importing import HEADINGS, text_of_rows
from catalogs.managing.states import day_of
from catalogs.models import Catalogue, CatalogueFamily

NUMBER = "999/2026/TT-BKHCN"  # no circular has it
TITLE = "Dự thảo danh mục sản phẩm, dịch vụ công nghệ số trọng điểm năm 2027 (dữ liệu trình diễn)"
STARTS = date(2027, 7, 1)
NOTE = "Dữ liệu trình diễn do hệ thống tạo ra, không phải dự thảo của cơ quan nào."
# What it does with the items of the list before: other words, one in place of two, two in place of one, one left out.
RENAMED = {"1.2": "Trợ lý ảo tiếng Việt"}
MERGED = {"1.7": "1.8"}  # the first is taken in by the second
SPLIT = "4.1"
LEFT_OUT = {"1.3"}
ADDED = ("Nền tảng huấn luyện mô hình trí tuệ nhân tạo dùng chung", "Công cụ kiểm định an toàn trí tuệ nhân tạo")


def seed_draft(*, at: datetime) -> bool:
    """Whether it was made: there is one already, or no list to start from, and then nothing happens."""
    if Catalogue.objects.filter(title=TITLE).exists():
        return False
    lists = Catalogue.objects.public().filter(family=CatalogueFamily.KEY_DIGITAL)
    before = lists.order_by("-effective_from", "-pk").first()
    by = User.objects.filter(role_assignments__role=Role.CATALOGUE_MANAGER, is_active=True).order_by("pk").first()
    if before is None or by is None or before.effective_from >= STARTS:
        return False
    instrument = NewInstrument(
        number=NUMBER,
        kind="circular",
        title="Dự thảo Thông tư ban hành danh mục sản phẩm, dịch vụ công nghệ số trọng điểm (dữ liệu trình diễn)",
        issuer="Bộ Khoa học và Công nghệ",
        signer="",
        # Signed already, so that it can be published as it stands.
        signed_on=min(day_of(at), STARTS),
        effective_from=STARTS,
    )
    details = Details(
        family=CatalogueFamily.KEY_DIGITAL,
        title=TITLE,
        effective_from=STARTS,
        instrument=instrument,
        replaces=before,
        note=NOTE,
    )
    draft = drafting.start(details, by=by, at=at)
    drafting.import_content(draft.pk, _content(before), by=by, at=at, expected_version=draft.version)
    return True


def _content(before: Catalogue) -> str:
    rows: list[list[str]] = []
    items = list(before.items.select_related("group").order_by("position", "pk"))
    codes = {item.code for item in items}
    for item in items:
        group = [item.group.code, item.group.name]
        if item.code in LEFT_OUT or (item.code in MERGED and MERGED[item.code] in codes):
            continue
        taken = [item.code] + [code for code, into in MERGED.items() if into == item.code and code in codes]
        if item.code == SPLIT:
            rows.append([*group, "", f"{item.name}: thiết bị", "", item.code])
            rows.append([*group, "", f"{item.name}: phần mềm quản lý", "", item.code])
        else:
            name = RENAMED.get(item.code, item.name)
            told = ", ".join(taken) if len(taken) > 1 else ""
            rows.append([*group, "", name, "", told])
    first = rows[0][:2]
    at = max(number for number, row in enumerate(rows) if row[:2] == first) + 1
    rows[at:at] = [[*first, "", name, "", ""] for name in ADDED]
    counted: dict[str, int] = {}
    for row in rows:
        counted[row[0]] = counted.get(row[0], 0) + 1
        row[2] = f"{row[0]}.{counted[row[0]]}"
    return text_of_rows([list(HEADINGS), *rows])

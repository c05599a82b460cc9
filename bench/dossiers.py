"""Loads invented dossiers by the hundred thousand: one INSERT … SELECT, consistent with every constraint.

Dossiers are numbered in the order in which they were submitted, over five years. The last of them are in hand, in
every state; the others have ended.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils import timezone

from accounts.models import ApplicantKind, Organisation, Role, RoleAssignment, User
from catalogs.models import CatalogueItem, ProcedureRevision
from catalogs.text import fold
from intake import states
from intake.models import Dossier
from intake.states import State
from workflow.models import StateCount

YEARS = 5
IN_HAND = 0.15  # the share of dossiers that have not ended
RARE = "Quỳnh Nhai"  # in the title of seven dossiers, however many there are
RARE_TITLE = f"Thiết bị đo lượng tử {RARE}"
COMMON = "linh kiện"  # in the title of one in twenty
PRODUCTS = (
    "Thiết bị camera trí tuệ nhân tạo tại biên",
    "Nền tảng điện toán đám mây cho doanh nghiệp vừa và nhỏ",
    "Phần mềm quản lý sản xuất thông minh",
    "Chip xử lý tín hiệu cho thiết bị đeo",
    "Bộ định tuyến không dây thế hệ mới",
    "Nền tảng chuỗi khối truy xuất nguồn gốc nông sản",
    "Robot tự hành trong kho hàng",
    "Máy bay không người lái phun thuốc bảo vệ thực vật",
    "Hệ thống giám sát an toàn thông tin mạng",
    "Cảm biến đo chất lượng nước",
    "Trợ lý ảo tiếng Việt cho tổng đài",
    "Thiết bị đầu cuối 5G công nghiệp",
    "Phần mềm thiết kế vi mạch bán dẫn",
    "Linh kiện điện tử cho ô tô điện",
    "Nền tảng khám chữa bệnh từ xa",
    "Hệ thống điều khiển lưới điện thông minh",
    "Dịch vụ số hóa tài liệu bằng nhận dạng ký tự",
    "Thiết bị thực tế ảo cho đào tạo nghề",
    "Bản sao số của nhà máy",
    "Nền tảng dữ liệu lớn cho giao thông đô thị",
)
SERIES = (
    "Sao Mai",
    "Trường Giang",
    "Hoa Lư",
    "Cửu Long",
    "Phù Đổng",
    "Lạc Hồng",
    "Bạch Đằng",
    "Tam Đảo",
    "Côn Sơn",
    "Ba Vì",
)
STAFF = (
    *(role for role in Role if role not in (Role.SPECIALIST, Role.CATALOGUE_MANAGER, Role.ADMINISTRATOR)),
    *([Role.SPECIALIST] * 20),
)


def people() -> dict[str, User]:
    """A member of staff in each role, and a company's person; the specialist is the first of twenty."""
    found: dict[str, User] = {}
    for number, role in enumerate(STAFF):
        user = User.objects.create_user(
            f"staff-{number}@bench.example", full_name=f"Nguyễn Văn {number}", job_title=role.label
        )
        RoleAssignment.objects.create(user=user, role=role)
        found.setdefault(role, user)
    found["applicant"] = User.objects.create_user("applicant@bench.example", full_name="Trần Thu Hà")
    return found


def load(n: int, *, at: datetime, staff: dict[str, User]) -> None:
    """Adds `n` dossiers to what is there and brings the counts by state up to date."""
    organisations = _organisations(max(10, n // 50))
    titles = [f"{product} {series} {number}" for product in PRODUCTS for series in SERIES for number in range(1, 11)]
    _temporary("bench_title", [(title, fold(title)) for title in titles])
    _temporary("bench_organisation", [(str(pk), fold(f"{name} {tax_code}")) for pk, name, tax_code in organisations])
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(_insert_dossiers(n, at=at, staff=staff, titles=len(titles), organisations=len(organisations)))
        cursor.execute(_insert_items(), [list(CatalogueItem.objects.order_by("pk").values_list("pk", flat=True))])
        cursor.execute(f"DELETE FROM {StateCount._meta.db_table}")
        cursor.execute(
            f"INSERT INTO {StateCount._meta.db_table} (state, count)"
            f" SELECT state, count(*) FROM {Dossier._meta.db_table} GROUP BY state"
        )
        cursor.execute("RESET synchronous_commit")


def tidy() -> None:
    """Brings the planner's statistics up to date, as a database that has been used for a while has them."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _organisations(count: int) -> list[tuple[int, str, str]]:
    made = Organisation.objects.bulk_create(
        (
            Organisation(
                name=f"Công ty Cổ phần Công nghệ {SERIES[number % len(SERIES)]} số {number}",
                kind=ApplicantKind.ENTERPRISE,
                tax_code=f"98{number:08}",
                province="01",
                representative_name="Trần Thu Hà",
                representative_position="Giám đốc",
                created_at=timezone.now(),
            )
            for number in range(count)
        ),
        batch_size=5000,
    )
    return [(o.pk, o.name, o.tax_code) for o in made]


def _temporary(table: str, rows: Iterable[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (k serial PRIMARY KEY, shown text, folded text)")
        with cursor.copy(f"COPY {table} (shown, folded) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {table}")


def _list(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _array(values: Iterable[str]) -> str:
    return f"(ARRAY[{_list(values)}])"


def _insert_dossiers(n: int, *, at: datetime, staff: dict[str, User], titles: int, organisations: int) -> str:
    revisions = ",".join(map(str, ProcedureRevision.objects.order_by("pk").values_list("pk", flat=True)))
    specialists = User.objects.filter(role_assignments__role=Role.SPECIALIST, email__endswith="@bench.example")
    specialist_ids = ",".join(map(str, specialists.order_by("pk").values_list("pk", flat=True)))
    ended = [State.DELIVERED] * 12 + [State.ISSUED] * 2 + [State.REFUSED, State.REFUSED, State.WITHDRAWN, State.CLOSED]
    in_hand = [State.DRAFT, State.SUBMITTED, State.SUBMITTED, State.SCREENING, State.SUPPLEMENT_REQUESTED]
    in_hand += [State.IN_REVIEW] * 6 + [State.ENDORSEMENT, State.APPROVAL, State.ISSUING]
    decided = _list([State.ISSUING, State.ISSUED, State.DELIVERED])
    endorsed = _list([State.APPROVAL, State.ISSUING, State.ISSUED, State.DELIVERED])
    issued = _list([State.ISSUED, State.DELIVERED])
    columns = {
        "public_id": "gen_random_uuid()",
        "code": "CASE WHEN filed THEN 'G06-' || to_char(day, 'YYMMDD') || '-' || lpad(i::text, 7, '0') ELSE '' END",
        "organisation_id": "organisation_id",
        "created_by_id": str(staff["applicant"].pk),
        "contact_person_id": "NULL",
        "revision_of_procedure_id": f"(ARRAY[{revisions}])[1 + i % array_length(ARRAY[{revisions}], 1)]",
        "state": "state",
        "version": "1",
        "title": "title",
        "malformed": "'{}'",
        "answers": "jsonb_build_object('product_name', title, 'description', repeat(title || '. ', 8))",
        "search_text": "(CASE WHEN filed THEN 'g06-' || to_char(day, 'YYMMDD') || '-' || lpad(i::text, 7, '0') || ' '"
        " ELSE '' END) || title_folded || ' ' || organisation_folded",
        "outcome": f"CASE WHEN state IN ({_list(states.WITH_OUTCOME)})"
        " THEN (CASE WHEN i % 9 = 0 THEN 'not_granted' ELSE 'granted' END) ELSE '' END",
        "created_at": "day - interval '3 days'",
        "edited_at": "day",
        "submitted_at": "CASE WHEN filed THEN day END",
        "received_at": "CASE WHEN received THEN day + interval '1 day' END",
        "appointment_at": "CASE WHEN received THEN day + interval '30 days' END",
        # From ten days late to fifty days to come.
        "due_at": f"CASE WHEN state IN ({_list(states.WITH_CLOCK)})"
        " THEN moment + ((i::bigint * 7919) % 86400 - 14400) * interval '1 minute' END",
        "decided_at": f"CASE WHEN state IN ({decided}) THEN day + interval '25 days' END",
        "issued_at": f"CASE WHEN state IN ({issued}) THEN day + interval '26 days' END",
        "delivered_at": f"CASE WHEN state = '{State.DELIVERED}' THEN day + interval '27 days' END",
        "ended_at": f"CASE WHEN state IN ({_list(states.ENDED_WITHOUT_RESULT)}) THEN day + interval '5 days' END",
        "received_by_id": f"CASE WHEN received THEN {staff[Role.INTAKE_OFFICER].pk} END",
        # Half of what is under review has not been taken by anybody.
        "specialist_id": f"CASE WHEN received AND NOT (state = '{State.IN_REVIEW}' AND i % 2 = 0)"
        f" THEN (ARRAY[{specialist_ids}])[1 + i % array_length(ARRAY[{specialist_ids}], 1)] END",
        "endorsed_by_id": f"CASE WHEN state IN ({endorsed}) THEN {staff[Role.HEAD_OF_UNIT].pk} END",
        "approved_by_id": f"CASE WHEN state IN ({decided}) THEN {staff[Role.SIGNATORY].pk} END",
        "issued_by_id": f"CASE WHEN state IN ({issued}) THEN {staff[Role.CLERK].pk} END",
    }
    expected = {field.column for field in Dossier._meta.concrete_fields} - {"id"}
    if expected != set(columns):
        raise RuntimeError(f"bench/dossiers.py does not know these columns: {sorted(expected ^ set(columns))}")
    rare = f"i % greatest({n} / 7, 1) = 3"
    return f"""
        INSERT INTO {Dossier._meta.db_table} ({", ".join(columns)})
        SELECT {", ".join(columns.values())}
        FROM (
            SELECT *,
                state <> '{State.DRAFT}' AS filed,
                state IN ({_list(states.AFTER_RECEIPT)}) AS received,
                moment - ({n} - i) * (interval '{YEARS} years' / {n}) AS day
            FROM (
                SELECT i, '{at.isoformat()}'::timestamptz AS moment, o.shown::bigint AS organisation_id,
                    o.folded AS organisation_folded,
                    CASE WHEN {rare} THEN '{RARE_TITLE}' ELSE t.shown END AS title,
                    CASE WHEN {rare} THEN '{fold(RARE_TITLE)}' ELSE t.folded END AS title_folded,
                    CASE WHEN i < {int(n * (1 - IN_HAND))}
                        THEN {_array(ended)}[1 + (i * 31) % {len(ended)}]
                        ELSE {_array(in_hand)}[1 + (i * 31) % {len(in_hand)}] END AS state
                FROM generate_series(1, {n}) AS i
                JOIN bench_title t ON t.k = 1 + (i::bigint * 7907) % {titles}
                JOIN bench_organisation o ON o.k = 1 + (i::bigint * 6007) % {organisations}
            ) chosen
        ) dated
        ORDER BY i
    """


def _insert_items() -> str:
    return """
        INSERT INTO intake_declareditem (dossier_id, item_id, suggested)
        SELECT d.id, items.list[1 + d.id %% array_length(items.list, 1)], true
        FROM intake_dossier d, (SELECT %s::bigint[] AS list) items
        WHERE d.code <> '' AND NOT EXISTS (SELECT 1 FROM intake_declareditem x WHERE x.dossier_id = d.id)
    """

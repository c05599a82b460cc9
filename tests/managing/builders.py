"""A list in force, managers, and drafts of the next version at every stage."""

from datetime import date
from typing import Any

from accounts.models import Role, RoleAssignment, User
from catalogs.managing import drafting, linking, publishing
from catalogs.managing.drafting import Details, NewInstrument
from catalogs.models import Catalogue, CatalogueFamily
from tests.factories import NOW, CatalogueFactory, StaffFactory

HEADER = "Mã nhóm\tTên nhóm\tMã mục\tTên mục\tSố in trong văn bản\tThay cho"
LATER = date(2027, 6, 1)
# What the factory's list holds, with one item renamed, one left out, one split and one that is new.
CONTENT = f"""{HEADER}
1\tTrí tuệ nhân tạo\t1.1\tThiết bị thông minh xử lý AI tại biên\t1.1.
1\tTrí tuệ nhân tạo\t1.2\tCamera thông minh, camera AI và các phần mềm phân tích dữ liệu\t1.2.
1\tTrí tuệ nhân tạo\t1.3\tTrợ lý ảo tiếng Việt
2\tMạng và kết nối\t2.1\tThiết bị mạng viễn thông 5G cố định\t\t4.1
2\tMạng và kết nối\t2.2\tThiết bị mạng viễn thông 5G di động\t\t4.1
"""


def manager(*, cleared: bool = False, **fields: Any) -> User:
    person = StaffFactory(role=Role.CATALOGUE_MANAGER, **fields)
    if cleared:
        RoleAssignment.objects.create(user=person, role=Role.CLEARED)
    return person


def new_instrument(**fields: Any) -> NewInstrument:
    given = {
        "number": "12/2027/TT-BKHCN",
        "kind": "circular",
        "title": "Ban hành danh mục mới",
        "issuer": "Bộ Khoa học và Công nghệ",
        "signer": "Nguyễn Văn An",
        "signed_on": date(2026, 11, 10),
        "effective_from": date(2027, 3, 1),
    }
    return NewInstrument(**{**given, **fields})


def details(**fields: Any) -> Details:
    given: dict[str, Any] = {
        "family": CatalogueFamily.KEY_DIGITAL,
        "title": "Danh mục năm 2027",
        "effective_from": date(2027, 3, 1),
        "instrument": new_instrument(),
    }
    return Details(**{**given, **fields})


def draft(*, by: User, content: str = CONTENT, **fields: Any) -> Catalogue:
    """A draft that replaces the factory's list unless told otherwise, with its content imported."""
    if "replaces" not in fields:
        fields["replaces"] = CatalogueFactory()
    if fields["replaces"] is None:
        content = content.replace("\t\t4.1", "")
    made = drafting.start(details(**fields), by=by, at=NOW)
    if content:
        drafting.import_content(made.pk, content, by=by, at=NOW, expected_version=made.version)
    return fresh(made)


def ready(*, by: User, made: Catalogue | None = None, **fields: Any) -> Catalogue:
    """A draft, or the one given, in which what becomes of every item is said."""
    made = made or draft(by=by, **fields)
    for link in linking.undecided(linking.links_of(made)):
        if link.state == "proposed":
            linking.confirm(made.pk, link.item.code, by=by, at=NOW, expected_version=fresh(made).version)
        else:
            linking.decide(
                made.pk,
                link.item.code,
                successors=[],
                removed=True,
                kind="same",
                by=by,
                at=NOW,
                expected_version=fresh(made).version,
            )
    return fresh(made)


def proposed(*, by: User, **fields: Any) -> Catalogue:
    made = ready(by=by, **fields)
    return fresh(publishing.propose(made.pk, by=by, at=NOW, expected_version=made.version))


def published(*, by: User, publisher: User, **fields: Any) -> Catalogue:
    made = proposed(by=by, **fields)
    return fresh(publishing.publish(made.pk, by=publisher, at=NOW, expected_version=made.version))


def fresh(catalogue: Catalogue) -> Catalogue:
    return Catalogue.objects.get(pk=catalogue.pk)

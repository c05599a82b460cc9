"""Builders of everything that tests need, in the smallest form that the database accepts.

DossierFactory()                          a draft without answers
complete_dossier()                        a draft that may be submitted
case_in(State.IN_REVIEW, specialist=…)    a filed dossier in any state, with its revision and its clock
member_of(dossier.organisation)           somebody of the organisation
StaffFactory(role=Role.SPECIALIST)        a member of staff
"""

import hashlib
import uuid
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import factory
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import connection, transaction
from stdnum.vn import mst

from accounts.models import (
    ApplicantKind,
    Membership,
    MembershipRole,
    Organisation,
    Role,
    RoleAssignment,
    TaxStatus,
    Unit,
    User,
)
from catalogs import guards
from catalogs.correcting import correction
from catalogs.models import (
    Catalogue,
    CatalogueFamily,
    CatalogueGroup,
    CatalogueItem,
    Instrument,
    InstrumentKind,
    Procedure,
    ProcedureRevision,
)
from intake import conversation
from intake.filing import content_of, digest_of, search_text
from intake.models import (
    Attachment,
    Certification,
    Conversation,
    DeclaredItem,
    Dossier,
    Message,
    MessageFile,
    Revision,
    Side,
)
from intake.states import AFTER_RECEIPT, ENDED_WITHOUT_RESULT, WITH_CLOCK, WITH_OUTCOME, Outcome, State
from workflow.models import Case, Deadline, StateCount

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# A Wednesday in office hours; QĐ 21/2026 and TT 31/2025 are in force, TT 19/2021 and QĐ 1131 no longer are.
NOW = datetime(2026, 11, 18, 9, 12, tzinfo=ZONE)
PASSWORD = "mat-khau-cho-kiem-thu"


def pdf(catalog: bytes = b"", page: bytes = b"") -> bytes:
    """A one-page PDF that any reader opens; the arguments go into the dictionaries of catalogue and page."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]" + page + b">>",
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


PDF = pdf()

# One question of every type, one conditional, one document optional and one conditional.
DEFINITION: dict[str, Any] = {
    "name": "Xác nhận sản phẩm, dịch vụ công nghệ số trọng điểm",
    "short_name": "Công nghệ số trọng điểm",
    "summary": "Dành cho sản phẩm, dịch vụ thuộc danh mục của Thông tư 31/2025/TT-BKHCN.",
    "legal_basis": [{"text": "Thông tư số 31/2025/TT-BKHCN", "instrument": "31/2025/TT-BKHCN"}],
    "applicant_kinds": list(ApplicantKind.values),
    "catalogue_family": CatalogueFamily.KEY_DIGITAL,
    "items_required": True,
    "title_question": "product_name",
    "matching_questions": ["description"],
    "sections": [
        {
            "key": "san-pham",
            "title": "Sản phẩm, dịch vụ",
            "intro": "Mô tả sản phẩm như khách hàng nhìn thấy.",
            "suggests_items": True,
            "questions": [
                {"key": "product_name", "label": "Tên sản phẩm, dịch vụ", "type": "text", "max": 200},
                {"key": "description", "label": "Mô tả", "type": "long_text", "min": 20, "max": 3000},
                {
                    "key": "kind",
                    "label": "Loại",
                    "type": "choice",
                    "choices": [
                        {"value": "product", "label": "Sản phẩm"},
                        {"value": "service", "label": "Dịch vụ"},
                    ],
                },
            ],
        },
        {
            "key": "thi-truong",
            "title": "Thị trường",
            "questions": [
                {
                    "key": "markets",
                    "label": "Thị trường",
                    "type": "multi_choice",
                    "required": False,
                    "choices": [
                        {"value": "domestic", "label": "Trong nước"},
                        {"value": "export", "label": "Xuất khẩu"},
                        {"value": "none", "label": "Chưa có thị trường", "exclusive": True},
                    ],
                },
                {"key": "revenue", "label": "Doanh thu năm gần nhất", "type": "money", "unit": "đồng", "min": 0},
                {"key": "local_share", "label": "Tỷ lệ giá trị trong nước", "type": "percent", "required": False},
                {"key": "staff", "label": "Số người làm nghiên cứu", "type": "number", "min": 0, "required": False},
                {"key": "started_on", "label": "Ngày bắt đầu", "type": "date", "before": "2027-01-01"},
                {
                    "key": "ends_on",
                    "label": "Ngày kết thúc",
                    "type": "date",
                    "required": False,
                    "after": "started_on",
                },
                {"key": "has_patent", "label": "Có bằng sáng chế", "type": "yes_no"},
                {
                    "key": "patent_number",
                    "label": "Số bằng sáng chế",
                    "type": "text",
                    "condition": {"question": "has_patent", "values": ["yes"]},
                },
            ],
        },
    ],
    "documents": [
        {"key": "thuyet-minh", "title": "Thuyết minh kỹ thuật", "help": "Bản có chữ ký.", "max_files": 3},
        {"key": "hinh-anh", "title": "Hình ảnh sản phẩm", "required": False, "kinds": ["image"]},
        {
            "key": "bang-sang-che",
            "title": "Bằng sáng chế",
            "condition": {"question": "has_patent", "values": ["yes"]},
        },
    ],
    "statements": [
        {
            "key": "accurate",
            "text": "Nội dung khai báo là chính xác, trung thực.",
            "basis": "khoản 3 Điều 4 Thông tư 31/2025/TT-BKHCN",
        },
        {
            "key": "responsible",
            "text": "Chịu trách nhiệm trước pháp luật về nội dung đã khai báo.",
            "basis": "khoản 3 Điều 4 Thông tư 31/2025/TT-BKHCN",
        },
    ],
    "statements_version": "2026-1",
    "deadlines": [
        {"key": "acceptance", "amount": 8, "unit": "working_hours", "basis": "NĐ 118/2025/NĐ-CP Đ17.2"},
        {"key": "assessment", "amount": 20, "unit": "working_days", "basis": "Quy chế của Cục"},
        {"key": "supplement_answer", "amount": 15, "unit": "days", "basis": "NĐ 118/2025/NĐ-CP Đ19.5"},
    ],
    "criteria": [
        {
            "key": "novelty",
            "label": "Tính mới",
            "grades": [{"value": "high", "label": "Cao"}, {"value": "low", "label": "Thấp"}],
        }
    ],
    "outcomes": {
        "granted": {
            "subject": "Về việc công nhận {title}",
            "articles": ["Công nhận {title} của {applicant}."],
        },
        "not_granted": {
            "subject": "Về việc không công nhận {title}",
            "articles": ["Không công nhận {title} của {applicant}."],
        },
    },
}

ANSWERS: dict[str, Any] = {
    "product_name": "Camera EdgeSight S2",
    "description": "Camera ngoài trời tự nhận diện biển số, suy luận ngay trên thiết bị.",
    "kind": "product",
    "markets": ["domestic"],
    "revenue": 1250000000,
    "started_on": "2024-03-01",
    "has_patent": "no",
}


@cache
def _hashed_password() -> str:
    """Hashed once a run: hashing is slow by design."""
    return make_password(PASSWORD)


class UnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Unit
        django_get_or_create = ("name",)

    name = "Phòng Công nghiệp số"


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who signs in with PASSWORD; no organisation, no role."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"nguoi-{n}@congty.example")
    full_name = factory.Sequence(lambda n: f"Trần Thu Hà {n}")
    password = factory.LazyFunction(_hashed_password)


class StaffFactory(UserFactory):
    """A member of staff; `role=None` gives no role."""

    email = factory.Sequence(lambda n: f"can-bo-{n}@bo.example")
    full_name = factory.Sequence(lambda n: f"Nguyễn Minh Anh {n}")
    unit = factory.SubFactory(UnitFactory)

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        RoleAssignment.objects.create(user=self, role=extracted or Role.SPECIALIST)


def tax_code(n: int) -> str:
    """A tax code of 10 digits with the right check digit; another for every n."""
    for base in range(n * 10, n * 10 + 10):
        digits = f"{100000000 + base:09d}"
        code = digits + str(mst.calc_check_digit(digits))
        if mst.is_valid(code):
            return code
    raise ValueError(f"No tax code for {n}.")


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Công ty Cổ phần Thị giác Sao Mai {n}")
    kind = ApplicantKind.ENTERPRISE
    tax_code = factory.Sequence(tax_code)
    province = "Thành phố Hà Nội"
    address = "Số 1 phố Thử Nghiệm"
    phone = "024 1234 5678"
    representative_name = "Trần Thu Hà"
    representative_position = "Giám đốc"
    tax_status = TaxStatus.VERIFIED
    tax_source = "table:test"
    tax_checked_at = NOW


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = MembershipRole.REPRESENTATIVE


def member_of(organisation: Organisation, role: str = MembershipRole.REPRESENTATIVE, **fields: Any) -> User:
    return MembershipFactory(organisation=organisation, role=role, user=UserFactory(**fields)).user


class InstrumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Instrument
        django_get_or_create = ("number",)

    number = "31/2025/TT-BKHCN"
    slug = factory.LazyAttribute(lambda o: "van-ban-" + o.number.lower().replace("/", "-").replace("đ", "d"))
    kind = InstrumentKind.CIRCULAR
    title = "Danh mục sản phẩm, dịch vụ công nghệ số trọng điểm"
    signed_on = date(2025, 11, 14)
    effective_from = date(2026, 1, 1)
    verified = True


class CatalogueFactory(factory.django.DjangoModelFactory):
    """Two groups with two items each. `slug` tells lists apart; asking for the same one twice gives one.

    A published list is read-only, so it gets its items first. What a test changes or adds afterwards stands in
    `with rewording(catalogue):`.
    """

    class Meta:
        model = Catalogue
        django_get_or_create = ("slug",)
        skip_postgeneration_save = True

    slug = "tt-31-2025"
    family = CatalogueFamily.KEY_DIGITAL
    instrument = factory.SubFactory(InstrumentFactory)
    title = "Danh mục sản phẩm, dịch vụ công nghệ số trọng điểm"
    effective_from = date(2026, 1, 1)
    verified = True
    stage = "published"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        last = {name: kwargs.pop(name) for name in ("stage", "published_by", "published_at") if name in kwargs}
        catalogue = super()._create(model_class, *args, **kwargs)
        catalogue._last = last
        return catalogue

    @classmethod
    def _after_postgeneration(cls, instance, create, results=None):
        if instance.stage == "draft" and instance._last["stage"] != "draft":
            for name, value in instance._last.items():
                setattr(instance, name, value)
            instance.save()

    @factory.post_generation
    def items(self, create, extracted, **kwargs):
        if extracted is False or self.groups.exists():
            return
        vision = CatalogueGroup.objects.create(catalogue=self, code="1", name="Trí tuệ nhân tạo", position=1)
        network = CatalogueGroup.objects.create(catalogue=self, code="4", name="Mạng và kết nối", position=2)
        for position, (group, code, name, folded) in enumerate(
            [
                (vision, "1.7", "Thiết bị thông minh xử lý AI tại biên", "thiet bi thong minh xu ly ai tai bien"),
                (
                    vision,
                    "1.8",
                    "Camera thông minh, camera AI và các phần mềm phân tích",
                    "camera thong minh, camera ai va cac phan mem phan tich",
                ),
                (network, "4.1", "Thiết bị mạng viễn thông 5G", "thiet bi mang vien thong 5g"),
                (network, "4.2", "Phần mềm nền tảng IoT", "phan mem nen tang iot"),
            ]
        ):
            CatalogueItem.objects.create(
                catalogue=self,
                group=group,
                code=code,
                printed_code=f"{code}.",
                name=name,
                position=position,
                search_text=folded,
            )


def rewording(catalogue: Catalogue):
    """A context in which the wording of a published list may change."""
    return correction(catalogue, reason="Đính chính lỗi đánh máy.", at=NOW)


def unpublish(*slugs: str, **fields) -> None:
    """Make published lists restricted, or drafts again, which the database refuses to everybody else."""
    guards.unprotect(connection)
    Catalogue.objects.filter(slug__in=slugs).update(**fields)
    guards.protect(connection)


class ProcedureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Procedure
        django_get_or_create = ("slug",)

    slug = "cong-nghe-so-trong-diem"
    name = DEFINITION["name"]
    position = 1


class ProcedureRevisionFactory(factory.django.DjangoModelFactory):
    """`definition=` replaces DEFINITION, `changes=` replaces some of its keys."""

    class Meta:
        model = ProcedureRevision
        exclude = ("changes",)

    changes: dict[str, Any] = {}
    procedure = factory.SubFactory(ProcedureFactory)
    number = factory.LazyAttribute(lambda o: o.procedure.revisions.count() + 1)
    effective_from = date(2026, 1, 1)
    definition = factory.LazyAttribute(lambda o: {**DEFINITION, **o.changes})
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


def the_revision() -> ProcedureRevision:
    """The one revision that dossiers share unless a test gives another."""
    return ProcedureRevision.objects.order_by("pk").first() or ProcedureRevisionFactory()


class DossierFactory(factory.django.DjangoModelFactory):
    """A draft without answers, of an organisation with one representative who started it."""

    class Meta:
        model = Dossier

    organisation = factory.SubFactory(OrganisationFactory)
    created_by = factory.LazyAttribute(lambda o: _first_member(o.organisation))
    revision_of_procedure = factory.LazyFunction(the_revision)
    created_at = NOW
    edited_at = NOW


def _first_member(organisation: Organisation) -> User:
    membership = organisation.memberships.order_by("pk").first()
    return membership.user if membership else member_of(organisation)


class CaseFactory(DossierFactory):
    """Like DossierFactory, as `workflow.models.Case`."""

    class Meta:
        model = Case


class AttachmentFactory(factory.django.DjangoModelFactory):
    """A stored file; `content` are its bytes."""

    class Meta:
        model = Attachment
        exclude = ("content",)

    content = PDF
    id = factory.LazyFunction(uuid.uuid4)
    dossier = factory.SubFactory(DossierFactory)
    document_key = "thuyet-minh"
    name = "Thuyết minh kỹ thuật.pdf"
    content_type = "application/pdf"
    file = factory.LazyAttribute(lambda o: ContentFile(o.content, name="x"))
    size = factory.LazyAttribute(lambda o: len(o.content))
    sha256 = factory.LazyAttribute(lambda o: hashlib.sha256(o.content).hexdigest())
    uploaded_by = factory.LazyAttribute(lambda o: o.dossier.created_by)
    uploaded_at = NOW


class MessageFileFactory(factory.django.DjangoModelFactory):
    """A stored file of a message; `content` are its bytes."""

    class Meta:
        model = MessageFile
        exclude = ("content",)

    content = PDF
    id = factory.LazyFunction(uuid.uuid4)
    position = 1
    name = "Phụ lục.pdf"
    content_type = "application/pdf"
    file = factory.LazyAttribute(lambda o: ContentFile(o.content, name="x"))
    size = factory.LazyAttribute(lambda o: len(o.content))
    sha256 = factory.LazyAttribute(lambda o: hashlib.sha256(o.content).hexdigest())


def complete_dossier(*, model: type[Dossier] = Dossier, **fields: Any) -> Dossier:
    """A draft with all answers, one declared item and the required document: it may be submitted."""
    fields.setdefault("answers", dict(ANSWERS))
    fields.setdefault("title", fields["answers"].get("product_name", ""))
    dossier = (CaseFactory if model is Case else DossierFactory)(**fields)
    dossier.search_text = search_text(dossier)
    dossier.save(update_fields=["search_text"])
    DeclaredItem.objects.create(dossier=dossier, item=CatalogueFactory().items.get(code="1.8"), suggested=True)
    AttachmentFactory(dossier=dossier)
    return dossier


def case_in(state: str, *, at: datetime = NOW, **fields: Any) -> Case:
    """A filed dossier in any state but draft, complete, with revision, certification and the clock that runs.

    It is put there directly, not walked there, so it has no audit entries, papers or messages.
    """
    number = Dossier.objects.exclude(code="").count() + 1
    received = state in AFTER_RECEIPT
    due_at = fields.pop("due_at", None) or at + timedelta(days=20)
    given: dict[str, Any] = {
        "code": f"G06-{at.astimezone(ZONE):%y%m%d}-{number:04d}",
        "submitted_at": at,
        "edited_at": at,
        "due_at": due_at if state in WITH_CLOCK else None,
        "received_at": at if received else None,
        "appointment_at": due_at if received else None,
        "outcome": Outcome.GRANTED if state in WITH_OUTCOME else "",
        "decided_at": at if state in (State.ISSUING, State.ISSUED, State.DELIVERED) else None,
        "issued_at": at if state in (State.ISSUED, State.DELIVERED) else None,
        "delivered_at": at if state == State.DELIVERED else None,
        "ended_at": at if state in ENDED_WITHOUT_RESULT else None,
    }
    case = complete_dossier(model=Case, state=state, **{**given, **fields})
    revision_of(case, at=at)
    StateCount.objects.update_or_create(state=state, defaults={"count": Dossier.objects.filter(state=state).count()})
    if case.due_at:
        rule = _rule_in(state)
        Deadline.objects.create(
            case=case,
            rule=rule["key"],
            amount=rule["amount"],
            unit=rule["unit"],
            basis=rule["basis"],
            started_at=at,
            due_at=case.due_at,
        )
    return Case.objects.get(pk=case.pk)


def _rule_in(state: str) -> dict[str, Any]:
    key = {
        State.SUBMITTED: "acceptance",
        State.SCREENING: "acceptance",
        State.SUPPLEMENT_REQUESTED: "supplement_answer",
    }.get(State(state), "assessment")
    return next(rule for rule in DEFINITION["deadlines"] if rule["key"] == key)


def revision_of(dossier: Dossier, *, at: datetime = NOW) -> Revision:
    """Freeze what the dossier declares, certified by whoever started it."""
    content = content_of(dossier)
    revision = Revision.objects.create(
        dossier_id=dossier.pk,
        number=Revision.objects.filter(dossier_id=dossier.pk).count() + 1,
        filed_at=at,
        content=content,
        digest=digest_of(content),
    )
    Certification.objects.create(
        revision=revision,
        person=dossier.created_by,
        person_name=str(dossier.created_by),
        capacity="Giám đốc",
        statements_version=DEFINITION["statements_version"],
        statements=[{"key": s["key"], "text": s["text"]} for s in DEFINITION["statements"]],
        certified_at=at,
        digest=revision.digest,
    )
    return revision


def said(dossier: Dossier, text: str = "Xin hỏi về hồ sơ.", *, by: User | None = None, at: datetime = NOW) -> Message:
    """A message on a dossier, of the office's side if an official writes it, with all that follows from it."""
    by = by or dossier.created_by
    role, side = ("specialist", Side.OFFICE) if by.is_staff_member() else ("representative", Side.APPLICANT)
    known = Conversation.objects.filter(dossier=dossier.pk).first()
    written = conversation.Written(uuid.uuid4(), text, known.last_number if known else 0)
    with transaction.atomic():
        locked = conversation.lock(dossier.pk)
        return conversation.append(locked, written, by=conversation.Author(by, side, role), at=at, stored=[])

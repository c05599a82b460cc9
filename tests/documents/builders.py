"""What papers are made of: data as `workflow.contents` builds it, and the rows they hang on."""

import itertools
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Membership, Organisation, Role, RoleAssignment, User
from catalogs.models import Procedure, ProcedureRevision
from documents import keeping, papers
from documents.models import DocumentKind, IssuedDocument
from intake.models import Dossier
from intake.states import State
from workflow.models import Case

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2026, 11, 24, 14, 5, tzinfo=ZONE)
_numbers = itertools.count(1)

COMMON: dict[str, Any] = {
    "office": {
        "parent": "Bộ Khoa học và Công nghệ",
        "name": "Cục Công nghiệp công nghệ thông tin",
        "symbol": "CNCNTT",
        "place": "Hà Nội",
        "phone": "024 0000 0000",
        "email": "motcua@bo.example",
    },
    "dossier": {
        "code": "G06-261118-0042",
        "title": "Camera EdgeSight S2",
        "procedure": "Xác định sản phẩm, dịch vụ công nghệ số trọng điểm",
        "submitted_at": "2026-11-18T09:12:00+07:00",
    },
    "applicant": {
        "name": "Công ty Cổ phần Thị giác Sao Mai",
        "identifier": "0109876541",
        "identifier_label": "mã số thuế",
        "address": "Số 12, ngõ 34, phố Trần Thái Tông, phường Cầu Giấy",
        "province": "Hà Nội",
        "phone": "0912 000 000",
        "email": "ha@saomai.example",
        "representative": "Trần Thu Hà",
        "position": "Giám đốc",
    },
    "demo": True,
}
ITEM = {
    "code": "1.8",
    "name": "Camera thông minh, camera AI và các phần mềm phân tích, xử lý và quản lý dữ liệu thu được từ camera",
    "group": "Nhóm sản phẩm, dịch vụ trí tuệ nhân tạo",
    "catalogue": "31/2025/TT-BKHCN",
}
DATA: dict[DocumentKind, dict[str, Any]] = {
    DocumentKind.DECISION: {
        **COMMON,
        "outcome": "granted",
        "subject": "Về việc xác định sản phẩm, dịch vụ công nghệ số trọng điểm",
        "legal_basis": [
            "Luật Công nghiệp công nghệ số số 71/2025/QH15 ngày 14 tháng 6 năm 2025",
            "Thông tư số 31/2025/TT-BKHCN ngày 14 tháng 11 năm 2025 của Bộ trưởng Bộ Khoa học và Công nghệ ban hành"
            " Danh mục sản phẩm, dịch vụ công nghệ số trọng điểm;",
        ],
        "considering": [
            "Xét hồ sơ G06-261118-0042 và bản tự cam kết ngày 18 tháng 11 năm 2026 của Công ty Cổ phần Thị giác"
            " Sao Mai"
        ],
        "articles": [
            "Sản phẩm sau đây của Công ty Cổ phần Thị giác Sao Mai, mã số thuế 0109876541, thuộc Danh mục sản phẩm,"
            " dịch vụ công nghệ số trọng điểm:",
            "Công ty Cổ phần Thị giác Sao Mai tự chịu trách nhiệm về tính chính xác, trung thực của thông tin đã khai"
            " báo theo khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN.",
            "Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng Cục, thủ trưởng các đơn vị liên quan và Công ty"
            " Cổ phần Thị giác Sao Mai chịu trách nhiệm thi hành Quyết định này.",
        ],
        "items": [ITEM],
        "signer": {"role_line": "CỤC TRƯỞNG", "name": "Lê Hoàng Nam"},
        "recipients": ["Như Điều 3", "Thứ trưởng phụ trách (để b/c)", "Lưu: VT, CNS (02)"],
        "valid_until": None,
    },
    DocumentKind.RECEIPT: {
        **COMMON,
        "documents": [
            {"title": "Bản thuyết minh kỹ thuật của sản phẩm", "copies": 1, "form": "Bản điện tử"},
            {"title": "Tài liệu chứng minh quyền sở hữu trí tuệ", "copies": 2, "form": "Bản điện tử"},
            {"title": "Kết quả thử nghiệm, chứng nhận hợp chuẩn (nếu có)", "copies": 1, "form": "Bản điện tử"},
        ],
        "duration": "20 ngày làm việc",
        "received_at": "2026-11-18T10:40:00+07:00",
        "appointment_at": "2026-12-16T17:00:00+07:00",
        "officer": "Nguyễn Thị Hạnh",
    },
    DocumentKind.SUPPLEMENT_REQUEST: {
        **COMMON,
        "points": [
            {
                "what": "Bản thuyết minh kỹ thuật của sản phẩm",
                "reason": "Không đọc được",
                "explanation": "Trang 4 đến trang 9 bị mờ, không đọc được bảng số.\nĐề nghị nộp lại bản quét rõ.",
            },
            {"what": "Quyền sở hữu công nghệ", "reason": "Chưa rõ, cần giải trình", "explanation": ""},
        ],
        "due_at": "2026-12-03T17:00:00+07:00",
        "note": "Có thể nộp bổ sung từng tài liệu trên hệ thống, rồi gửi một lần.",
        "officer": "Nguyễn Thị Hạnh",
    },
    DocumentKind.REFUSAL: {
        **COMMON,
        "reason": "Hồ sơ không thuộc phạm vi giải quyết của thủ tục: sản phẩm là dịch vụ vận tải, không thuộc Danh mục"
        " ban hành kèm theo Thông tư số 31/2025/TT-BKHCN.",
        "officer": "Nguyễn Thị Hạnh",
    },
    DocumentKind.ACKNOWLEDGEMENT: {
        **COMMON,
        "statements": [
            "Tôi cam kết các thông tin, tài liệu trong hồ sơ là chính xác, trung thực và tự chịu trách nhiệm trước"
            " pháp luật theo khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN.",
            "Tôi là người đại diện hợp pháp hoặc được ủy quyền hợp lệ để nộp hồ sơ này.",
        ],
        "digest": "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea",
        "certified_by": "Trần Thu Hà",
        "capacity": "Giám đốc",
        "certified_at": "2026-11-18T09:12:00+07:00",
    },
}
NOT_GRANTED: dict[str, Any] = {
    **DATA[DocumentKind.DECISION],
    "outcome": "not_granted",
    "subject": "Về việc không xác định sản phẩm, dịch vụ công nghệ số trọng điểm",
    "articles": [
        "Không xác định Camera EdgeSight S2 của Công ty Cổ phần Thị giác Sao Mai, mã số thuế 0109876541, là sản phẩm"
        " thuộc Danh mục sản phẩm, dịch vụ công nghệ số trọng điểm.\nLý do: sản phẩm chỉ ghi hình và lưu trữ, không có"
        " chức năng phân tích dữ liệu thu được từ camera như mô tả của mục 1.8.",
        "Công ty Cổ phần Thị giác Sao Mai có quyền nộp hồ sơ mới khi đáp ứng yêu cầu.",
        "Quyết định này có hiệu lực kể từ ngày ký.",
    ],
    "items": [],
}


def person(name: str = "Trần Thu Hà") -> User:
    return User.objects.create_user(f"nguoi-{next(_numbers)}@saomai.example", full_name=name)


def officer(role: Role = Role.CLERK) -> User:
    user = User.objects.create_user(f"can-bo-{next(_numbers)}@bo.example", full_name="Vũ Thị Mai")
    RoleAssignment.objects.create(user=user, role=role)
    return user


def organisation(*members: User) -> Organisation:
    number = next(_numbers)
    made = Organisation.objects.create(
        name="Công ty Cổ phần Thị giác Sao Mai",
        kind="enterprise",
        tax_code=f"{number:010d}",
        province="Hà Nội",
        representative_name="Trần Thu Hà",
    )
    for member in members:
        Membership.objects.create(user=member, organisation=made, role="representative")
    return made


def dossier(owner: User | None = None) -> Dossier:
    """A dossier whose decision has been issued."""
    owner = owner or person()
    number = next(_numbers)
    procedure = Procedure.objects.create(slug=f"thu-tuc-{number}", name="Thủ tục", position=number)
    revision = ProcedureRevision.objects.create(
        procedure=procedure, number=1, effective_from=AT.date(), definition={}, sha256=str(number)
    )
    made = Case(
        code=f"G06-261118-{number:04d}",
        organisation=organisation(owner),
        created_by=owner,
        revision_of_procedure=revision,
        state=State.ISSUED,
        title="Camera EdgeSight S2",
        outcome="granted",
        submitted_at=AT,
        received_at=AT,
        appointment_at=AT,
        decided_at=AT,
        issued_at=AT,
    )
    made.save()
    return Dossier.objects.get(pk=made.pk)


def issue(
    kind: DocumentKind = DocumentKind.DECISION, *, of: Dossier | None = None, at: datetime = AT, **changes: Any
) -> IssuedDocument:
    return papers.issue_paper(of or dossier(), kind, by=None, at=at, data={**DATA[kind], **changes})


def rendered(
    kind: DocumentKind = DocumentKind.DECISION, *, of: Dossier | None = None, at: datetime = AT, **changes: Any
) -> IssuedDocument:
    """A paper whose PDF is there."""
    made = issue(kind, of=of, at=at, **changes)
    assert keeping.render_and_keep(made.pk, at=at)
    return IssuedDocument.objects.get(pk=made.pk)

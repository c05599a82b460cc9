from datetime import date

from accounts.models import Role, RoleAssignment, User
from catalogs.models import Procedure, ProcedureRevision


def procedure(slug: str, *, days: int = 20) -> Procedure:
    """A procedure in force since 2020 whose assessment takes so many working days."""
    made = Procedure.objects.create(slug=slug, name=f"Thủ tục {slug}", position=days)
    definition = {
        "name": made.name,
        "short_name": slug,
        "summary": "Tóm tắt thủ tục theo Thông tư 31/2025/TT-BKHCN.",
        "legal_basis": [],
        "applicant_kinds": ["enterprise", "individual"],
        "catalogue_family": "",
        "items_required": False,
        "title_question": "name",
        "matching_questions": [],
        "sections": [
            {"key": "a", "title": "Sản phẩm", "questions": [{"key": "name", "label": "Tên", "type": "text"}]}
        ],
        "documents": [
            {"key": "d", "title": "Thuyết minh kỹ thuật"},
            {"key": "e", "title": "Kết quả kiểm thử", "required": False},
        ],
        "statements": [{"key": "s", "text": "Thông tin là chính xác, trung thực.", "basis": "khoản 3 Điều 4"}],
        "statements_version": "1",
        "deadlines": [
            {"key": "acceptance", "amount": 8, "unit": "working_hours", "basis": "Điều 17"},
            {"key": "assessment", "amount": days, "unit": "working_days", "basis": "cơ quan công bố"},
            {"key": "supplement_answer", "amount": 15, "unit": "days", "basis": "Điều 19"},
        ],
        "criteria": [],
        "outcomes": {key: {"subject": "Về việc trả lời", "articles": ["a"]} for key in ("granted", "not_granted")},
    }
    ProcedureRevision.objects.create(
        procedure=made, number=1, effective_from=date(2020, 1, 1), definition=definition, sha256=slug
    )
    return made


def person(email: str, *roles: Role, full_name: str = "") -> User:
    made = User.objects.create_user(email, full_name=full_name)
    for role in roles:
        RoleAssignment.objects.create(user=made, role=role)
    return made

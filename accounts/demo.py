"""People and applicants of the demonstration. Every one is invented.

A tax code begins with the number of a province, 01 to 96. Those below begin with 99, so they can belong to nobody,
while their check digit holds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import ApplicantKind, Membership, MembershipRole, Organisation, Role, RoleAssignment, Unit, User
from accounts.taxcodes import verifying
from accounts.taxcodes.recorded import DEMONSTRATION, RecordedTable

PASSWORD = "hoso-demo-2026"  # noqa: S105  printed by `make run` for whoever tries the product
UNIT = "Phòng Công nghiệp số"


class Official(NamedTuple):
    email: str
    name: str
    role: Role
    job_title: str
    further: tuple[Role, ...] = ()


class Applicant(NamedTuple):
    name: str
    kind: ApplicantKind
    number: str  # tax code, or personal id of an individual
    province: str
    address: str
    phone: str
    representative: str
    position: str
    email: str
    # Others of the same applicant who prepare its dossiers: (e-mail, name).
    drafters: tuple[tuple[str, str], ...] = ()


OFFICIALS = (
    Official("mot-cua@bo.example", "Nguyễn Thị Hạnh", Role.INTAKE_OFFICER, "Cán bộ tiếp nhận"),
    Official("chuyen-vien@bo.example", "Nguyễn Minh Anh", Role.SPECIALIST, "Chuyên viên"),
    Official("chuyen-vien-2@bo.example", "Phạm Quốc Bảo", Role.SPECIALIST, "Chuyên viên"),
    Official("truong-phong@bo.example", "Đỗ Thị Lan", Role.HEAD_OF_UNIT, "Trưởng phòng"),
    Official("lanh-dao@bo.example", "Lê Hoàng Nam", Role.SIGNATORY, "Cục trưởng"),
    Official("van-thu@bo.example", "Vũ Thị Mai", Role.CLERK, "Văn thư"),
    Official(
        "danh-muc@bo.example",
        "Hoàng Thị Yến",
        Role.CATALOGUE_MANAGER,
        "Chuyên viên quản lý danh mục",
        (Role.CLEARED,),
    ),
    Official(
        "danh-muc-2@bo.example",
        "Bùi Văn Thành",
        Role.CATALOGUE_MANAGER,
        "Chuyên viên quản lý danh mục",
        (Role.CLEARED,),
    ),
    Official("kiem-tra@bo.example", "Trịnh Văn Long", Role.AUDITOR, "Kiểm tra viên"),
    Official("quan-tri@bo.example", "Đặng Thu Phương", Role.ADMINISTRATOR, "Quản trị hệ thống"),
)

_ENTERPRISE = ApplicantKind.ENTERPRISE
APPLICANTS = (
    Applicant(
        "Công ty Cổ phần Thị giác Sao Mai",
        _ENTERPRISE,
        "9901000001",
        "01",
        "Tầng 8, tòa nhà Bình Minh, phường Cầu Giấy",
        "02439990101",
        "Trần Thu Hà",
        "Giám đốc",
        "ha@saomai.example",
        (("quang@saomai.example", "Ngô Đăng Quang"),),
    ),
    Applicant(
        "Công ty TNHH Vi mạch Trường Giang",
        _ENTERPRISE,
        "9901079192",
        "48",
        "Lô B4, khu công nghệ cao, phường Hòa Khánh",
        "02369990102",
        "Võ Thanh Tùng",
        "Tổng Giám đốc",
        "tung@truonggiang.example",
    ),
    Applicant(
        "Công ty Cổ phần Nền tảng số Hoa Lư",
        _ENTERPRISE,
        "9901158380",
        "37",
        "Số 15 đường Đinh Tiên Hoàng, phường Hoa Lư",
        "02299990103",
        "Đinh Thị Ngọc",
        "Giám đốc",
        "ngoc@hoalu.example",
        (("son@hoalu.example", "Phạm Hồng Sơn"),),
    ),
    Applicant(
        "Công ty TNHH Thiết bị mạng Cửu Long",
        _ENTERPRISE,
        "9901237579",
        "92",
        "Số 88 đường Ba Tháng Hai, phường Ninh Kiều",
        "02929990104",
        "Huỳnh Văn Phúc",
        "Giám đốc",
        "phuc@cuulong.example",
    ),
    Applicant(
        "Công ty Cổ phần Chuỗi khối Lạc Hồng",
        _ENTERPRISE,
        "9901316767",
        "79",
        "Số 27 đường Nguyễn Huệ, phường Sài Gòn",
        "02839990105",
        "Lâm Gia Bảo",
        "Tổng Giám đốc",
        "bao@lachong.example",
    ),
    Applicant(
        "Công ty TNHH Robot Phù Đổng",
        _ENTERPRISE,
        "9901395952",
        "24",
        "Đường D2, khu công nghiệp Gia Bình",
        "02229990106",
        "Nguyễn Đức Mạnh",
        "Giám đốc",
        "manh@phudong.example",
    ),
    Applicant(
        "Công ty Cổ phần Trí tuệ nhân tạo Đông Sơn",
        _ENTERPRISE,
        "9901554338",
        "38",
        "Số 4 đường Lê Lợi, phường Hạc Thành",
        "02379990107",
        "Lê Thị Thảo",
        "Giám đốc",
        "thao@dongson.example",
        (("hieu@dongson.example", "Trịnh Trung Hiếu"),),
    ),
    Applicant(
        "Công ty TNHH Cảm biến Biển Đông",
        _ENTERPRISE,
        "9901633526",
        "31",
        "Số 102 đường Lạch Tray, phường Ngô Quyền",
        "02259990108",
        "Bùi Quang Huy",
        "Giám đốc",
        "huy@biendong.example",
    ),
    Applicant(
        "Công ty Cổ phần An toàn thông tin Thành Cổ",
        _ENTERPRISE,
        "9901712714",
        "46",
        "Số 9 đường Hùng Vương, phường Thuận Hóa",
        "02349990109",
        "Tôn Nữ Khánh Linh",
        "Tổng Giám đốc",
        "linh@thanhco.example",
    ),
    Applicant(
        "Công ty TNHH Vật liệu bán dẫn Tây Nguyên",
        _ENTERPRISE,
        "9901871094",
        "66",
        "Km 8, quốc lộ 14, phường Tân An",
        "02629990110",
        "Y Thắng Niê",
        "Giám đốc",
        "thang@taynguyen.example",
    ),
    Applicant(
        "Viện Nghiên cứu Công nghệ Sông Hồng",
        ApplicantKind.ORGANISATION,
        "9901950282",
        "01",
        "Số 18 đường Hoàng Quốc Việt, phường Nghĩa Đô",
        "02439990111",
        "Phan Thanh Bình",
        "Viện trưởng",
        "binh@songhong.example",
    ),
    Applicant(
        "Trung tâm Chuyển đổi số Vạn Xuân",
        ApplicantKind.AGENCY,
        "9902029476",
        "33",
        "Số 1 đường Chùa Chuông, phường Phố Hiến",
        "02219990112",
        "Dương Thị Hòa",
        "Giám đốc",
        "hoa@vanxuan.example",
    ),
    Applicant(
        "Nguyễn Hữu Khoa",
        ApplicantKind.INDIVIDUAL,
        # The fourth digit tells the century of birth: 9 is the twenty-fourth.
        "079999000013",
        "79",
        "Số 5 đường Võ Văn Ngân, phường Thủ Đức",
        "0909990113",
        "Nguyễn Hữu Khoa",
        "",
        "khoa@ca-nhan.example",
    ),
)


@dataclass(frozen=True)
class DemoPeople:
    officials: dict[Role, list[User]]  # in the order of OFFICIALS
    organisations: list[Organisation]  # in the order of APPLICANTS
    representatives: dict[int, User]  # by the organisation's primary key


@transaction.atomic
def create_demo_people(*, at: datetime) -> DemoPeople:
    """The people of the demonstration, made where they are missing. Safe to run again: nothing is overwritten."""
    password = make_password(PASSWORD)  # once: twenty rounds of hashing would take seconds
    unit, _created = Unit.objects.get_or_create(name=UNIT)
    officials: dict[Role, list[User]] = {}
    for official in OFFICIALS:
        user = _person(official.email, official.name, password, at=at, unit=unit, job_title=official.job_title)
        for role in (official.role, *official.further):
            RoleAssignment.objects.get_or_create(user=user, role=role)
        officials.setdefault(official.role, []).append(user)
    organisations, representatives = [], {}
    for applicant in APPLICANTS:
        organisation = _organisation(applicant, at=at)
        organisations.append(organisation)
        person = _person(applicant.email, applicant.representative, password, at=at, job_title=applicant.position)
        representatives[organisation.pk] = person
        _join(person, organisation, MembershipRole.REPRESENTATIVE)
        for email, name in applicant.drafters:
            drafter = _person(email, name, password, at=at, job_title="Chuyên viên hồ sơ")
            _join(drafter, organisation, MembershipRole.DRAFTER)
    return DemoPeople(officials, organisations, representatives)


def _person(email: str, name: str, password: str, *, at: datetime, **fields) -> User:
    user, _created = User.objects.get_or_create(
        email=email, defaults={"full_name": name, "password": password, "date_joined": at, **fields}
    )
    # Signing in asks for a confirmed address.
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _organisation(applicant: Applicant, *, at: datetime) -> Organisation:
    individual = applicant.kind == ApplicantKind.INDIVIDUAL
    organisation, created = Organisation.objects.get_or_create(
        tax_code="" if individual else applicant.number,
        personal_id=applicant.number if individual else "",
        defaults={
            "name": applicant.name,
            "kind": applicant.kind,
            "province": applicant.province,
            "address": applicant.address,
            "phone": applicant.phone,
            "representative_name": applicant.representative,
            "representative_position": applicant.position,
            "created_at": at,
            "tax_next_check_at": None if individual else at,
        },
    )
    if created:
        verifying.check_against(RecordedTable(DEMONSTRATION), organisation, at=at)
        organisation.refresh_from_db()
    return organisation


def _join(user: User, organisation: Organisation, role: MembershipRole) -> None:
    Membership.objects.get_or_create(user=user, organisation=organisation, defaults={"role": role})

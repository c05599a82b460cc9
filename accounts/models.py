import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member of staff may be. `workflow.policy` says what each may do."""

    INTAKE_OFFICER = "intake_officer", _("Cán bộ tiếp nhận")
    SPECIALIST = "specialist", _("Chuyên viên")
    HEAD_OF_UNIT = "head_of_unit", _("Lãnh đạo phòng")
    SIGNATORY = "signatory", _("Người ký ban hành")
    CLERK = "clerk", _("Văn thư")
    CATALOGUE_MANAGER = "catalogue_manager", _("Quản lý danh mục")
    # QĐ 1131/QĐ-TTg Đ3: lists for defence and security. Held beside another role.
    CLEARED = "cleared", _("Được xem danh mục hạn chế")
    AUDITOR = "auditor", _("Kiểm tra, giám sát")
    ADMINISTRATOR = "administrator", _("Quản trị hệ thống")


# Who handles dossiers or looks after those who do. A catalogue manager has no business with declarations.
DOSSIER_READERS = frozenset(
    {Role.INTAKE_OFFICER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.SIGNATORY, Role.CLERK, Role.AUDITOR}
)


class ApplicantKind(models.TextChoices):
    """TT 31/2025/TT-BKHCN Đ2: agencies, organisations, enterprises, individuals."""

    ENTERPRISE = "enterprise", _("Doanh nghiệp")
    ORGANISATION = "organisation", _("Tổ chức")
    AGENCY = "agency", _("Cơ quan")
    INDIVIDUAL = "individual", _("Cá nhân")


class TaxStatus(models.TextChoices):
    """What a registry, or an officer, has said of the tax code of an organisation."""

    UNVERIFIED = "unverified", _("Chưa xác minh")
    VERIFIED = "verified", _("Đã xác minh")
    NAME_DIFFERS = "name_differs", _("Tên không khớp")
    NOT_FOUND = "not_found", _("Không tìm thấy mã số thuế")
    CEASED = "ceased", _("Mã số thuế đã ngừng hoạt động")


class MembershipRole(models.TextChoices):
    """What a member of an organisation may be. `accounts.membership` says what each may do."""

    REPRESENTATIVE = "representative", _("Người đại diện")
    DRAFTER = "drafter", _("Người soạn hồ sơ")
    VIEWER = "viewer", _("Người xem")


# Who acts for an organisation; a viewer only reads.
ACTING_MEMBERS = (MembershipRole.REPRESENTATIVE, MembershipRole.DRAFTER)


# Written out, because each page asks it and putting it together took longer than the answer.
PERSON_WITH_ROLES = """SELECT person.*, held.role AS role_held FROM accounts_user person
    LEFT JOIN accounts_roleassignment held ON held.user_id = person.id WHERE person.id = %s"""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        if not email:
            raise ValueError("A person signs in with an e-mail address; none was given.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def with_roles(self, pk: int) -> "User | None":
        """The person and their roles in one query: a row for each role, of which the first is the person."""
        rows = list(self.raw(PERSON_WITH_ROLES, [pk]))
        if not rows:
            return None
        rows[0]._role_set = frozenset(row.role_held for row in rows if row.role_held)
        return rows[0]

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)


class Unit(models.Model):
    """A unit of the office, for example a division that assesses dossiers."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, PermissionsMixin):
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    email = models.EmailField(_("Địa chỉ thư điện tử"), unique=True)
    full_name = models.CharField(_("Họ và tên"), max_length=150, blank=True)
    language = models.CharField(_("Ngôn ngữ"), max_length=5, choices=settings.LANGUAGES, default="vi")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    job_title = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_email_whatever_its_case")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def role_set(self) -> frozenset[str]:
        """The staff roles of this person; one query for each instance, kept for its life."""
        if not hasattr(self, "_role_set"):
            self._role_set = frozenset(self.role_assignments.values_list("role", flat=True))
        return self._role_set

    def is_staff_member(self) -> bool:
        return bool(self.role_set())

    def reads_restricted(self) -> bool:
        """Whether this person may know of lists that are not public."""
        return Role.CLEARED in self.role_set()

    def reads_dossiers(self) -> bool:
        """Whether a staff role of this person opens the dossiers that were filed."""
        return bool(DOSSIER_READERS & self.role_set())


class RoleAssignment(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=30, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="a_role_is_assigned_once_to_a_person"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Organisation(models.Model):
    """Whoever files: an enterprise, organisation or agency with a tax code, or an individual with a personal id."""

    name = models.CharField(_("Tên"), max_length=300)
    kind = models.CharField(_("Đối tượng"), max_length=20, choices=ApplicantKind.choices)
    # 10 digits, or 13 written as 0123456789-001 for a branch; empty for an individual without one.
    tax_code = models.CharField(_("Mã số thuế"), max_length=14, blank=True)
    personal_id = models.CharField(_("Số định danh cá nhân"), max_length=12, blank=True)
    province = models.CharField(_("Tỉnh, thành phố"), max_length=40)
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=20, blank=True)
    representative_name = models.CharField(_("Người đại diện"), max_length=150)
    representative_position = models.CharField(_("Chức vụ"), max_length=150, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # What is known of the tax code: `accounts.taxcodes.verifying` alone writes it.
    tax_status = models.CharField(max_length=12, choices=TaxStatus.choices, default=TaxStatus.UNVERIFIED)
    tax_source = models.CharField(max_length=100, blank=True)  # who said so
    tax_registered_name = models.CharField(max_length=300, blank=True)
    tax_registered_address = models.CharField(max_length=300, blank=True)
    tax_note = models.TextField(blank=True)  # the officer's reason
    tax_checked_at = models.DateTimeField(null=True)
    tax_next_check_at = models.DateTimeField(null=True)  # empty: nobody asks any more
    tax_attempts = models.PositiveSmallIntegerField(default=0)  # in a row that came to nothing

    class Meta:
        indexes = [
            models.Index(
                fields=["tax_next_check_at"],
                condition=Q(tax_next_check_at__isnull=False),
                name="tax_codes_to_be_checked",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tax_status="unverified")
                | Q(tax_status__in=TaxStatus.values, tax_checked_at__isnull=False) & ~Q(tax_source=""),
                name="what_is_said_of_a_tax_code_has_a_time_and_a_source",
            ),
            models.UniqueConstraint(
                fields=["tax_code"], condition=~Q(tax_code=""), name="one_organisation_per_tax_code"
            ),
            models.UniqueConstraint(
                fields=["personal_id"], condition=~Q(personal_id=""), name="one_applicant_per_personal_id"
            ),
            models.CheckConstraint(
                condition=Q(kind="individual", tax_code="") & ~Q(personal_id="")
                | ~Q(kind="individual") & ~Q(tax_code="") & Q(personal_id=""),
                name="an_individual_has_a_personal_id_and_everybody_else_a_tax_code",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tax_settled(self) -> bool:
        """Whether nothing has to be verified any more; an individual has no tax code to be looked up."""
        return not self.tax_code or self.tax_status == TaxStatus.VERIFIED

    @property
    def identifier(self) -> str:
        return self.tax_code or self.personal_id


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=MembershipRole.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="a_person_joins_once"),
            models.CheckConstraint(condition=Q(role__in=MembershipRole.values), name="the_role_of_a_member_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"


class InvitationState(models.TextChoices):
    OPEN = "open", _("Đang chờ trả lời")
    ACCEPTED = "accepted", _("Đã tham gia")
    DECLINED = "declined", _("Đã từ chối")
    REVOKED = "revoked", _("Đã thu hồi")


def new_invitation_key() -> str:
    return secrets.token_urlsafe(32)


class Invitation(models.Model):
    """A colleague is asked, by mail, to join an organisation. Whether the address has an account, nobody is told."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # in lower case
    role = models.CharField(max_length=20, choices=MembershipRole.choices)
    # The link of the mail. It opens nothing by itself: only whoever has confirmed the invited address can accept.
    key = models.CharField(max_length=60, unique=True, default=new_invitation_key, editable=False)
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.OPEN)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    mailed_at = models.DateTimeField()  # the last time
    expires_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=InvitationState.values) & Q(role__in=MembershipRole.values),
                name="the_state_and_role_of_an_invitation_are_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None) | ~Q(state="open") & Q(ended_at__isnull=False),
                name="an_invitation_has_ended_iff_it_is_not_open",
            ),
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(state="open"),
                name="an_address_is_invited_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["email"], condition=Q(state="open"), name="open_invitations_of_an_address")]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.role} ({self.state})"

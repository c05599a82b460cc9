import uuid
from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from intake.models import Dossier


class DocumentKind(models.TextChoices):
    ACKNOWLEDGEMENT = "acknowledgement", _("Xác nhận nộp hồ sơ")
    RECEIPT = "receipt", _("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
    SUPPLEMENT_REQUEST = "supplement_request", _("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ")
    REFUSAL = "refusal", _("Phiếu từ chối tiếp nhận giải quyết hồ sơ")
    DECISION = "decision", _("Quyết định")


class Validity(models.TextChoices):
    VALID = "valid", _("Còn hiệu lực")
    CORRECTED = "corrected", _("Đã đính chính")
    REPLACED = "replaced", _("Đã được thay thế")
    REVOKED = "revoked", _("Đã bị thu hồi")
    EXPIRED = "expired", _("Hết hiệu lực")


class Template(models.Model):
    """One version of a document's text. Never changed: a new wording is a new version."""

    key = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    source = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "number"], name="a_template_version_is_numbered_once")]

    def __str__(self) -> str:
        return f"{self.key} v{self.number}"


class NumberBook(models.Model):
    """A register and a year; its row lock gives numbers without gap or repeat (NĐ 30/2020 Đ15)."""

    book = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "year"], name="one_register_per_book_and_year")]

    def __str__(self) -> str:
        return f"{self.book}/{self.year}"


# Of a paper once it is issued, held by triggers. Its PDF follows from them, and its validity is told beside.
FROZEN = (
    *("id", "public_id", "dossier_id", "kind", "book", "year", "number", "symbol", "issued_at", "issued_by_id"),
    *("template_id", "data", "verification_code"),
)


class IssuedDocumentQuerySet(models.QuerySet["IssuedDocument"]):
    def visible_to(self, user: User) -> "IssuedDocumentQuerySet":
        """Staff who handle dossiers see every paper, an applicant those of the organisations that they belong to."""
        if user.is_staff_member():
            return self.all() if user.reads_dossiers() else self.none()
        return self.filter(dossier__organisation__memberships__user=user)

    def to_render(self, *, at: datetime) -> "IssuedDocumentQuerySet":
        return self.filter(rendered_at=None, render_due_at__lte=at).order_by("render_due_at", "pk")


class IssuedDocument(models.Model):
    """A numbered paper. Its data and its template's version are frozen; the PDF follows from them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30, choices=DocumentKind.choices)
    book = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    symbol = models.CharField(max_length=60)  # as printed: 05/QĐ-CNCNTT
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField()
    # 12 letters and digits without look-alikes, 60 bits from the system's random source.
    verification_code = models.CharField(max_length=12, unique=True)
    validity = models.CharField(max_length=20, choices=Validity.choices, default=Validity.VALID)
    valid_until = models.DateField(null=True)

    file = models.FileField(max_length=200, blank=True)  # named by documents.keeping
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True)
    rendered_at = models.DateTimeField(null=True)
    render_error = models.CharField(max_length=500, blank=True)
    render_attempts = models.PositiveSmallIntegerField(default=0)
    # From this moment on the sweep takes the paper up, if nobody has rendered it by then.
    render_due_at = models.DateTimeField()

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "year", "number"], name="a_number_is_given_once"),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(kind="decision"), name="a_dossier_gets_one_decision"
            ),
            models.CheckConstraint(
                condition=Q(rendered_at=None, sha256="", size=None)
                | Q(rendered_at__isnull=False, size__isnull=False) & ~Q(sha256="") & ~Q(file=""),
                name="document_has_file_and_digest_iff_rendered",
            ),
        ]
        indexes = [
            models.Index(fields=["dossier", "issued_at"], name="documents_of_dossier"),
            models.Index(fields=["render_due_at", "id"], condition=Q(rendered_at=None), name="documents_to_render"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.symbol}"

    def standing(self, *, on: date) -> Validity:
        """Whether the paper holds on the day. Expiry follows from the date; nobody has to record it."""
        if self.validity == Validity.VALID and self.valid_until and self.valid_until < on:
            return Validity.EXPIRED
        return Validity(self.validity)


class Download(models.Model):
    """Who fetched a paper when. For a decision, the first by somebody who acts for its applicant is its delivery."""

    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, related_name="downloads")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)

    def __str__(self) -> str:
        return f"{self.document_id} ← {self.person_id}"

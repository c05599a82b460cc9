"""What is known of a tax code, in words for whoever files and for the office."""

from django.utils.translation import gettext as _

from accounts.models import Organisation, TaxStatus
from accounts.taxcodes.registry import configured
from accounts.taxcodes.verifying import MANUAL

TAGS = {TaxStatus.VERIFIED: "ok", TaxStatus.UNVERIFIED: "info"}


def tag_of(organisation: Organisation) -> str:
    """The class of the tag that shows the state."""
    return TAGS.get(TaxStatus(organisation.tax_status), "warn")


def advice(organisation: Organisation) -> str:
    """What it means for the applicant and what to do; empty where there is nothing to say."""
    if organisation.tax_settled:
        return ""
    if _never_answered(organisation):
        return _(
            "Bảng dữ liệu đang dùng không có mã số thuế này nên chưa đối chiếu được. "
            "Bạn vẫn lập và nộp hồ sơ bình thường."
        )
    go_on = _("Bạn vẫn lập và nộp hồ sơ bình thường; chỉ việc phê duyệt kết quả chờ xác minh.")
    texts = {
        TaxStatus.UNVERIFIED: _("Hệ thống chưa đối chiếu được mã số thuế với dữ liệu đăng ký thuế và sẽ tự thử lại."),
        TaxStatus.NAME_DIFFERS: _(
            "Mã số thuế này được đăng ký dưới tên “%(name)s”. Nếu bạn ghi sai, hãy sửa tên cho khớp; nếu tên vừa đổi, "
            "hãy liên hệ bộ phận một cửa."
        )
        % {"name": organisation.tax_registered_name},
        TaxStatus.NOT_FOUND: _(
            "Không tìm thấy mã số thuế này trong dữ liệu đăng ký thuế. Hãy xem lại từng chữ số; nếu khai nhầm hoặc "
            "vừa được cấp, hãy liên hệ bộ phận một cửa."
        ),
        TaxStatus.CEASED: _(
            "Theo dữ liệu đăng ký thuế, mã số thuế này không còn hoạt động. Nếu không đúng, hãy liên hệ bộ phận "
            "một cửa."
        ),
    }
    return f"{texts[TaxStatus(organisation.tax_status)]} {go_on}"


def _never_answered(organisation: Organisation) -> bool:
    return organisation.tax_status == TaxStatus.UNVERIFIED and not configured().waited_for


def source(organisation: Organisation) -> str:
    """By whom it was checked, in words; empty before the first answer."""
    if organisation.tax_source == MANUAL:
        return _("cán bộ xác minh")
    if organisation.tax_source.startswith("table:"):
        return _("bảng dữ liệu đã ghi")
    return organisation.tax_source


def why_approval_waits(organisation: Organisation) -> str:
    """Empty once it need not wait, or where nobody will ever answer: then the office sees that it is not verified."""
    if organisation.tax_settled or _never_answered(organisation):
        return ""
    return _(
        "Mã số thuế của bên nộp chưa được xác minh (%(state)s) nên chưa phê duyệt được. Hệ thống tự kiểm tra lại; "
        "cán bộ tiếp nhận có thể xác minh theo giấy tờ và ghi lý do."
    ) % {"state": organisation.get_tax_status_display().lower()}

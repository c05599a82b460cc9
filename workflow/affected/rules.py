"""Which list applies to whom when a new version takes effect, in words and with the articles."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from catalogs.models import Catalogue
from workflow.models import AffectedRule

TRANSITIONAL = "31/2025/TT-BKHCN"  # the circular whose article 3 lets projects under TT 19/2021/TT-BTTTT go on

# Under the others there is nothing to do but to know of it.
TO_ACT_ON = (AffectedRule.NEW_LIST, AffectedRule.RECHECK)


@dataclass(frozen=True)
class Explanation:
    text: str  # what applies
    todo: str  # what is to be done about it
    basis: str


def explain(rule: str, catalogue: Catalogue) -> Explanation:
    """What the rule says where `catalogue`, with its instrument, takes the place of an earlier list."""
    day = _day(catalogue.effective_from)
    if rule == AffectedRule.TRANSITION:
        return Explanation(
            _(
                "Dự án đầu tư theo Thông tư số 19/2021/TT-BTTTT tiếp tục được hưởng chính sách ưu đãi, ưu tiên "
                "cho đến hết thời hạn của dự án. Danh mục mới không áp dụng cho dự án này."
            ),
            _("Không phải làm gì; chỉ cần biết."),
            _("Điều 3 và khoản 2 Điều 4 Thông tư số 31/2025/TT-BKHCN"),
        )
    if rule == AffectedRule.FILING_DAY:
        return Explanation(
            _("Hồ sơ nộp trước ngày %(day)s nên vẫn được xét theo danh mục có hiệu lực vào ngày nộp.") % {"day": day},
            _("Không phải làm gì; chỉ cần biết."),
            _in_force(catalogue),
        )
    if rule == AffectedRule.NEW_LIST:
        return Explanation(
            _("Hồ sơ nộp từ ngày %(day)s nên được xét theo danh mục mới, nhưng mục đã khai là của danh mục cũ.")
            % {"day": day},
            _("Đối chiếu lại với danh mục mới; nếu cần, yêu cầu doanh nghiệp chọn lại mục."),
            _in_force(catalogue),
        )
    stands = _("Quyết định đã ban hành giữ nguyên hiệu lực như đã ban hành, cho đến ngày hết hạn nếu có ghi.")
    if rule == AffectedRule.RECHECK:
        return Explanation(
            stands,
            _("Nên rà soát: mục làm căn cứ không còn trong danh mục mới."),
            _in_force(catalogue),
        )
    return Explanation(stands, _("Không phải làm gì; chỉ cần biết."), _in_force(catalogue))


def explain_draft(catalogue: Catalogue) -> Explanation:
    """What applies to a dossier that has not been filed."""
    return Explanation(
        _("Hồ sơ nộp từ ngày %(day)s được xét theo danh mục mới, nên bên nộp phải chọn lại mục.")
        % {"day": _day(catalogue.effective_from)},
        _("Danh mục hạn chế nên bên nộp không được báo; cán bộ không xem hồ sơ chưa nộp.")
        if catalogue.restricted
        else _("Bên nộp được báo khi danh mục công bố; cán bộ không xem hồ sơ chưa nộp."),
        _in_force(catalogue),
    )


def _in_force(catalogue: Catalogue) -> str:
    values = {
        "new": str(catalogue.instrument),
        "day": _day(catalogue.effective_from),
        "old": str(catalogue.replaces.instrument) if catalogue.replaces else "",
        "last": _day(catalogue.effective_from - timedelta(days=1)),
    }
    if catalogue.instrument.number == TRANSITIONAL:
        return _("khoản 1 và khoản 2 Điều 4 Thông tư số 31/2025/TT-BKHCN, hiệu lực từ %(day)s") % values
    if not values["old"]:
        return _("%(new)s, hiệu lực từ %(day)s") % values
    return _("%(new)s, hiệu lực từ %(day)s; %(old)s áp dụng đến hết %(last)s") % values


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"

"""On which article what the product does rests, apart from what procedures and pages cite themselves.

Shown on the page of the instrument. Whoever makes the product follow another article adds a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogs.citations import Use, citations_in
from workflow.moves import MOVES

# By the move of `workflow.policy.ACTIONS`.
OF_MOVES = {
    "receive": "NĐ 118/2025 Đ17.3",
    "refuse": "NĐ 118/2025 Đ17.1.c",
    "request_supplement": "NĐ 118/2025 Đ17.2.a, Đ19.5",
    "issue": "NĐ 30/2020 Đ15.1, Đ15.3",
    "withdraw": "NĐ 118/2025 Đ21",
    "close": "NĐ 118/2025 Đ19.5",
}
_NO_BUTTON = {
    "withdraw": gettext_lazy("Rút hồ sơ"),
    "close": gettext_lazy("Đóng hồ sơ không được bổ sung đúng hạn"),
}


@dataclass(frozen=True)
class Applied:
    basis: str
    what: str | Promise
    title: str | Promise
    page: str  # name of its address


APPLIED = (
    Applied(
        "TT 31/2025/TT-BKHCN Đ1, Đ4.1, Đ4.2",
        gettext_lazy("Danh mục áp dụng theo ngày nộp hồ sơ; danh mục trước là lịch sử"),
        gettext_lazy("Danh mục"),
        "catalogue_index",
    ),
    Applied(
        "QĐ 1131/QĐ-TTg Đ1, Đ4",
        gettext_lazy("Danh mục áp dụng theo ngày nộp hồ sơ; danh mục trước là lịch sử"),
        gettext_lazy("Danh mục"),
        "catalogue_index",
    ),
    Applied("TT 31/2025/TT-BKHCN Đ2", gettext_lazy("Ai được nộp hồ sơ"), gettext_lazy("Hướng dẫn"), "guide"),
    Applied(
        "TT 31/2025/TT-BKHCN Đ4.5",
        gettext_lazy("Hỏi khi có vướng mắc, theo dõi câu trả lời"),
        gettext_lazy("Hỏi đáp"),
        "faq_index",
    ),
)


def uses() -> Iterator[Use]:
    for action, basis in OF_MOVES.items():
        what = str(_NO_BUTTON.get(action) or MOVES[action].title)
        for citation in citations_in(basis):
            yield Use(citation, what, _("Xử lý hồ sơ"))
    for one in APPLIED:
        for citation in citations_in(one.basis):
            yield Use(citation, str(one.what), str(one.title), reverse(one.page))

"""What companies of the demonstration ask outside a dossier, and what is answered and published."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from accounts.models import Organisation, Role, User
from catalogs.enquiries import answering, asking, faq, subjects
from catalogs.enquiries.asking import Asked
from catalogs.models import Enquiry

Staff = Mapping[Role, User | None]


@dataclass(frozen=True)
class Question:
    company: str  # tax code
    days: int  # ago
    about: str  # as subjects.Subject.token
    title: str
    text: str
    answer: str = ""
    published: str = ""  # the question as everybody reads it


QUESTIONS = (
    Question(
        "9901237579",
        26,
        "muc:tt-31-2025:1.8",
        "Lắp camera của hãng khác kèm phần mềm của công ty thì khai mục nào?",
        "Công ty chúng tôi mua camera của hãng khác, tự phát triển phần mềm đếm xe chạy trên máy chủ của khách hàng ở "
        "Cần Thơ. Chúng tôi khai camera hay khai phần mềm?",
        "Hồ sơ khai sản phẩm, dịch vụ do bên nộp tạo ra. Camera mua lại không phải là sản phẩm của bên nộp; phần mềm "
        "phân tích hình ảnh do bên nộp tự phát triển thì khai phần mềm đó và mô tả phần tự phát triển.",
        "Mua camera của hãng khác và tự phát triển phần mềm phân tích hình ảnh chạy trên máy chủ: khai camera hay "
        "khai phần mềm?",
    ),
    Question(
        "9901316767",
        19,
        "thu-tuc:cong-nghe-so-trong-diem",
        "Sản phẩm có nhiều phiên bản thì lập một hay nhiều hồ sơ?",
        "Nền tảng của chúng tôi có bản cài tại chỗ và bản trên đám mây, cùng mã nguồn. Có phải lập hai hồ sơ không?",
        "Các phiên bản cùng công nghệ cốt lõi và cùng chức năng chính được khai trong một hồ sơ; tên sản phẩm ghi rõ "
        "các phiên bản. Phiên bản dùng công nghệ cốt lõi khác thì lập hồ sơ riêng.",
        "Một sản phẩm có nhiều phiên bản cùng mã nguồn (cài tại chỗ, trên đám mây) thì lập một hay nhiều hồ sơ?",
    ),
    Question(
        "9901395952",
        4,
        "muc:tt-31-2025:5.2",
        "Robot dùng bộ điều khiển nhập khẩu có khai được không?",
        "Robot hàn của chúng tôi dùng bộ điều khiển nhập khẩu, cơ khí và phần mềm lập quỹ đạo tự làm. Xin hỏi có khai "
        "vào mục 5.2 được không?",
        "Được. Hồ sơ nêu rõ phần nào tự làm, phần nào nhập khẩu; chuyên viên xem xét theo tài liệu về quyền đối với "
        "công nghệ và tỷ lệ giá trị do bên nộp tạo ra.",
    ),
    Question(
        "9901000001",
        1,
        "van-ban:thong-tu-31-2025-tt-bkhcn:3",
        "Dự án chuyển tiếp được gia hạn thì khai ngày kết thúc nào?",
        "Dự án của chúng tôi bắt đầu năm 2024, mới được gia hạn thêm một năm. Ngày kết thúc khai theo quyết định ban "
        "đầu hay theo văn bản gia hạn?",
    ),
)


def steps(*, staff: Staff, now: datetime) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """When each question is asked, answered and published, and how; what is not answered waits."""
    asked: dict[str, uuid.UUID] = {}
    for question in QUESTIONS:
        company = Organisation.objects.filter(tax_code=question.company).first()
        if company is None:
            continue
        asked[question.title] = uuid.uuid4()
        at = now - timedelta(days=question.days)
        yield at, partial(_ask, question, company, asked[question.title])
        if question.answer:
            yield at + timedelta(hours=26), partial(_answer, question, asked[question.title], staff)
        if question.published:
            yield at + timedelta(hours=50), partial(_publish, question, asked[question.title], staff)


def _ask(question: Question, company: Organisation, public_id: uuid.UUID, at: datetime) -> None:
    person = company.memberships.order_by("pk")[0].user
    about = subjects.read(question.about)
    asking.ask(Asked(public_id, question.title, question.text, about, company), by=person, at=at)


def _answer(question: Question, public_id: uuid.UUID, staff: Staff, at: datetime) -> None:
    officer = staff[Role.SPECIALIST]
    if officer is None:
        return
    taken = answering.take(_pk(public_id), by=officer, at=at, expected_version=_version(public_id))
    answering.answer(taken.pk, text=question.answer, by=officer, at=at, expected_version=_version(public_id))


def _publish(question: Question, public_id: uuid.UUID, staff: Staff, at: datetime) -> None:
    editor, publisher = staff[Role.INTAKE_OFFICER], staff[Role.HEAD_OF_UNIT]
    if editor is None or publisher is None:
        return
    texts = faq.Texts(question.title, question.published, question.answer, subjects.read(question.about))
    faq.edit(_pk(public_id), texts, propose=True, by=editor, at=at, expected_version=_version(public_id))
    faq.publish(_pk(public_id), by=publisher, at=at, expected_version=_version(public_id))


def _pk(public_id: uuid.UUID) -> int:
    return Enquiry.objects.get(public_id=public_id).pk


def _version(public_id: uuid.UUID) -> int:
    return Enquiry.objects.get(public_id=public_id).version

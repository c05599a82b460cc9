"""What companies and officers of the demonstration write to each other."""

import uuid
from datetime import datetime

from accounts.models import User
from intake import conversation
from intake.conversation import Written
from intake.models import Conversation
from workflow import talking

APPLICANT, OFFICE = "applicant", "office"
# By the title of the dossier: who says what. The last words of each are still to be read.
SAID: dict[str, tuple[tuple[str, str], ...]] = {
    "Phần mềm quản lý video EdgeVMS": (
        (
            APPLICANT,
            "Kính gửi anh, phần mềm vừa có phiên bản 4.1, không đổi tính năng đã khai. Chúng tôi có phải nộp lại "
            "thuyết minh không?",
        ),
        (
            OFFICE,
            "Chào chị, nếu tính năng không đổi thì không phải nộp lại. Hồ sơ được xét theo nội dung đã nộp và đã cam "
            "kết.",
        ),
        (APPLICANT, "Cảm ơn anh. Xin hỏi thêm: quyết định sẽ ghi tên phần mềm kèm số phiên bản hay chỉ ghi tên?"),
    ),
    "Robot hàn vỏ tủ điện Thợ Rèn H6": (
        (
            APPLICANT,
            "Kết quả thử nghiệm của phòng thử nghiệm nước ngoài có được chấp nhận không, hay phải thử nghiệm lại?",
        ),
        (
            OFFICE,
            "Đơn vị nộp kết quả đã có ở trang bổ sung, kèm bản dịch tiếng Việt của phần kết luận. Nếu phạm vi thử "
            "nghiệm chưa đủ, tôi sẽ trao đổi thêm tại đây.",
        ),
    ),
    "AI camera an toàn lao động Bảo Hộ": (
        (APPLICANT, "Người liên hệ của hồ sơ đổi sang anh Ngô Đăng Quang từ tuần này, số điện thoại không đổi."),
    ),
}


def lines(title: str) -> int:
    """How many messages are written about the dossier."""
    return len(SAID.get(title, ()))


def talk(case_id: int, title: str, *, applicant: User, specialist: User, at: datetime) -> None:
    """Write the next one."""
    kept = Conversation.objects.filter(dossier=case_id).first()
    number = kept.last_number if kept else 0
    side, text = SAID[title][number]
    written = Written(uuid.uuid4(), text, number)
    if side == APPLICANT:
        conversation.send(case_id, written, by=applicant, at=at)
    else:
        talking.send(case_id, written, by=specialist, at=at)

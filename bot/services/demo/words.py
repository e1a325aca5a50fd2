"""What invented people ask: patterns of our own around the titles of the guides, and themes that
no guide answers."""

from __future__ import annotations

PATTERNS = (
    "cho hỏi {x}",
    "{x} làm sao",
    "tôi muốn hỏi về {x}",
    "{x} ở đâu",
    "chỉ tôi {x} với",
    "{x} mất bao nhiêu tiền",
    "{x} hoài không được",
    "cần giấy tờ gì để {x}",
    "máy báo lỗi khi {x}",
    "bà già 70 tuổi {x} có được không",
    "{x} trên điện thoại",
    "con tôi ở xa, tôi tự {x} được không",
)
ENDINGS = ("", "", "", " ạ", " vậy em", " hả cháu", "?", " giúp tôi", " với ạ")
BEGINNINGS = ("", "", "", "em ơi ", "cháu ơi ", "alo ", "dạ ", "cho tôi hỏi chút, ")

#: Asked again and again, and answered by no guide: each is a group of its own.
UNKNOWN = (
    "đổi bằng lái xe máy bị ướt",
    "giá lúa hôm nay bao nhiêu một ký",
    "xin giấy phép đào ao nuôi tôm",
    "lịch cúp điện xóm tôi tuần này",
    "tiêm phòng dại cho chó ở đâu",
    "vay vốn ngân hàng chính sách nuôi bò",
    "xe khách đi Sài Gòn mấy giờ chạy",
    "đăng ký xe máy cũ mua của hàng xóm",
    "nước máy yếu quá gọi ai",
    "học phí lớp một năm nay",
    "mất sổ đỏ phải làm lại thế nào",
    "thuê máy gặt đập liên hợp",
)
#: What nobody can understand.
NOISE = ("alo", "hihi", "ok", "ủa", "sao vậy", "abc", "...", "chưa hiểu", "à thôi", "test 123")

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Hồ")
GIVEN = ("Lan", "Hùng", "Mai", "Tư", "Sáu", "Út", "Thảo", "Dũng", "Hoa", "Bảy", "Nga", "Tín")
LINES = (
    "Dạ em chào bác, bác đang ở bước nào ạ?",
    "Tôi làm tới chỗ chụp hình thì máy đứng.",
    "Bác tắt mở lại giúp em rồi thử lại nhé.",
    "Được rồi, cảm ơn cháu nhiều.",
)

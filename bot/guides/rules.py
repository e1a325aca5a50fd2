"""Rules for one text that citizens read: who to call, where to go, what never to hand over.

They are heuristics for authors, not a guard for what people type: a hit is to be reworded.

Errors: none.
"""

import re
from collections.abc import Iterator

# Other numbers change or were never confirmed; texts say "số in sau thẻ ATM", "Công an xã".
ALLOWED_NUMBERS = frozenset({"113", "114", "115", "156", "5656", "1414", "19000368", "18001096"})

_ALLOWED_SPOKEN = "113, 114, 115, 156, 5656, 1414, 1900.0368 or 1800 1096"

_LONG_NUMBER = re.compile(
    r"(?<![\d.])(?:1[89]00(?:[ .\-]?\d){4,}|(?:\+?84|0)(?:[ .\-]?\d){8,})(?!\d)"
)
_CALL = re.compile(
    r"(?:gọi|nhắn tin|soạn tin|gửi|tổng đài|đường dây nóng|hotline|bấm số)"
    r"(?:[^.;!?\n]|\.(?!\s|$)){0,60}",
    re.IGNORECASE,
)
_UNITS = r"đ|đồng|nghìn|ngàn|triệu|tỷ|%|ngày|giờ|phút|giây|lần|km|mét|ký|người|chữ|số|trang|năm"
_SHORT_NUMBER = re.compile(rf"(?<![\d.,/])\d{{3,5}}(?![\d.,/]*\d)(?!\s*(?:{_UNITS})(?!\w))")

_TLDS = (
    "vn|com|net|org|info|biz|xyz|online|top|site|shop|club|vip|live|link|app|cc|me|io|tk|ml|"
    "gq|ly|co|mobi|dev|asia|store|tech|icu|pro"
)
_DOMAIN = re.compile(rf"(?<![\w.-])(?:[a-z0-9-]+\.)+(?:{_TLDS})(?![\w-])", re.IGNORECASE)

_SENTENCE = re.compile(r"[^.!?;\n]+")
_SECRET = (
    r"(?:(?:mã )?otp|mã xác thực|mật khẩu|passcode|mã pin"
    r"|ảnh (?:chụp )?(?:thẻ )?(?:căn cước|cccd))"
)
_HAND_OVER = re.compile(
    rf"(?<!\w)(?<!tin )(?:gửi|nhắn|đọc|đưa|cung cấp|chia sẻ|báo cho|khai)(?! về)(?!\w)"
    rf"[^,:]{{0,25}}?(?<!\w){_SECRET}(?!\w)"
    rf"|(?<!\w){_SECRET}(?!\w)[^,:]{{0,25}}? cho (?:cán bộ|nhân viên|trợ lý|bot|cháu|tổ|công an)",
    re.IGNORECASE,
)
_NOT_ADVICE = re.compile(
    r"(?<!\w)(?:không|đừng|chớ|cấm|lỡ|đã|đòi|xin|hỏi|bắt|bảo|ai|lừa|giả|kẻ gian|người lạ)(?!\w)",
    re.IGNORECASE,
)

_OLD_OFFICE = re.compile(
    r"(?:công an|ủy ban|ubnd|phòng [\w -]{2,20}|trung tâm [\w -]{2,20}|bảo hiểm xã hội|bhxh|thuế)"
    r" (?:cấp )?(?:huyện|quận)(?!\w)",
    re.IGNORECASE,
)
_SCORE = re.compile(r"điểm công dân số", re.IGNORECASE)
_BRACES = re.compile(r"\{(?!you\}|You\})[^{}\n]{0,20}\}?|(?<!\{you)(?<!\{You)\}")


def text_faults(text: str) -> Iterator[str]:
    """What is wrong with a text, each as "what; what would be right"."""
    yield from _number_faults(text)
    yield from _link_faults(text)
    for match in _BRACES.finditer(text):
        yield f"{match.group()!r} is not a placeholder; only {{you}} and {{You}} are"
    if asks_for_secret(text):
        yield "seems to ask for a code, a password or an ID photo; say that nobody may have it"
    for match in _OLD_OFFICE.finditer(text):
        yield f"{match.group()!r} is no more; offices are of the xã/phường or the province"
    if _SCORE.search(text):
        yield "speaks of points of a digital citizen; there are none, leave it out"


def asks_for_secret(text: str) -> bool:
    """Whether a sentence tells the reader to hand over a code, a password or an ID photo."""
    for sentence in _SENTENCE.finditer(text):
        match = _HAND_OVER.search(sentence.group())
        if match and not _NOT_ADVICE.search(sentence.group()):
            return True
    return False


def domain_allowed(host: str) -> bool:
    """Whether citizens may be sent to this host: the state's own domains only."""
    return f".{host.casefold()}".endswith(".gov.vn")


def _number_faults(text: str) -> Iterator[str]:
    for match in _LONG_NUMBER.finditer(text):
        if re.sub(r"\D", "", match.group()) not in ALLOWED_NUMBERS:
            yield f"{match.group()!r} is not an allowed number; use {_ALLOWED_SPOKEN}"
    rest = _LONG_NUMBER.sub("#", text)
    found = (hit for call in _CALL.finditer(rest) for hit in _SHORT_NUMBER.finditer(call.group()))
    for number in dict.fromkeys(hit.group() for hit in found):
        if number not in ALLOWED_NUMBERS:
            yield f"{number!r} is not an allowed number; use {_ALLOWED_SPOKEN}"


def _link_faults(text: str) -> Iterator[str]:
    if "http://" in text.casefold():
        yield "has an unprotected address; write https://"
    for match in _DOMAIN.finditer(text):
        if not domain_allowed(match.group()):
            yield f"{match.group()!r} is not an allowed address; use one under gov.vn"

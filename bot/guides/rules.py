"""Rules for one text that citizens read: who to call, where to go, what never to hand over.

They are heuristics for authors, not a guard for what people type: a hit is to be reworded.

Errors: none.
"""

import re
from collections.abc import Iterator

from bot.guides.allowed import Allowed

_LONG_NUMBER = re.compile(
    r"(?<![\d.])(?:1[89]00(?:[ .\-]?\d){4,}|(?:\+?84|0)(?:[ .\-]?\d){8,})(?!\d)"
)
_CALL = re.compile(
    r"(?:gọi|nhắn tin|soạn tin|gửi|tổng đài|đường dây nóng|hotline|bấm số)"
    r"(?:[^.;!?\n]|\.(?!\s|$)){0,60}",
    re.IGNORECASE,
)
_UNITS = r"đ|đồng|nghìn|ngàn|triệu|tỷ|%|ngày|giờ|phút|giây|lần|km|mét|ký|người|chữ|số|trang|năm"
# Not a year ("gửi trước năm 2027") and not a part of a longer number, date or code.
_SHORT_NUMBER = re.compile(
    rf"(?<!năm )(?<![\w.,/])\d{{3,5}}(?![\d.,/]*\d)(?!\s*(?:{_UNITS})(?!\w))"
)

_TLDS = (
    "vn|com|net|org|info|biz|xyz|online|top|site|shop|club|vip|live|link|app|cc|me|io|tk|ml|"
    "gq|ly|co|mobi|dev|asia|store|tech|icu|pro"
)
_LINK = re.compile(
    rf"(?<![\w.-])(?P<host>(?:[a-z0-9-]+\.)+(?:{_TLDS}))(?![\w-])(?P<path>/[^\s\"'”’)\],;]*)?",
    re.IGNORECASE,
)

_SENTENCE = re.compile(r"[^.!?;\n]+")
_ID_CARD = r"(?:thẻ )?(?:căn cước|cccd)"
_SECRET = (
    r"(?:(?:mã )?otp|mã xác thực|mật khẩu|passcode|mã pin"
    rf"|ảnh (?:chụp )?(?:hai mặt |mặt trước |mặt sau )?{_ID_CARD})"
)
_TO_US = r"(?:cán bộ|nhân viên|trợ lý|bot|cháu|em|tổ|công an)"
_HAND_OVER = re.compile(
    rf"(?<!\w)(?<!tin )(?:gửi|nhắn|đọc|đưa|cung cấp|chia sẻ|báo cho|khai)(?! về)(?!\w)"
    rf"[^,:]{{0,25}}?(?<!\w){_SECRET}(?!\w)"
    rf"|(?<!\w){_SECRET}(?!\w)[^,:]{{0,25}}? (?:cho {_TO_US}|vào đây)(?!\w)"
    rf"|(?<!\w)cho {_TO_US} biết [^,:]{{0,15}}?{_SECRET}(?!\w)"
    rf"|(?<!\w)chụp [^,:]{{0,20}}?{_ID_CARD}[^,:]{{0,20}}? (?:cho {_TO_US}|vào đây)(?!\w)",
    re.IGNORECASE,
)
_NOT_ADVICE = re.compile(
    r"(?<!\w)(?:không|đừng|chớ|cấm|lỡ|đã|đòi|xin|hỏi|bắt|bảo|ai|lừa|giả|kẻ gian|người lạ|gửi nhầm)"
    r"(?!\w)",
    re.IGNORECASE,
)

_OLD_OFFICE = re.compile(
    r"(?:công an|ủy ban|ubnd|phòng [\w -]{2,20}|trung tâm [\w -]{2,20}|bảo hiểm xã hội|bhxh|thuế)"
    r" (?:cấp )?(?:huyện|quận)(?!\w)",
    re.IGNORECASE,
)
_NO_MORE = re.compile(r"(?<!\w)(?:không còn|đã bỏ|bỏ rồi|trước đây)(?!\w)", re.IGNORECASE)
_SCORE = re.compile(r"điểm công dân số", re.IGNORECASE)
_BRACES = re.compile(r"\{(?!you\}|You\})[^{}\n]{0,20}\}?|(?<!\{you)(?<!\{You)\}")


def text_faults(text: str, allowed: Allowed, *, braces: bool = True) -> Iterator[str]:
    """What is wrong with a text, each as "what; what would be right".

    Without `braces` for sentences of the program, whose placeholders are checked elsewhere.
    """
    yield from _number_faults(text, allowed)
    yield from _link_faults(text, allowed)
    for brace in _BRACES.finditer(text) if braces else ():
        yield f"{brace.group()!r} is not a placeholder; only {{you}} and {{You}} are"
    if asks_for_secret(text):
        yield "seems to ask for a code, a password or an ID photo; say that nobody may have it"
    for sentence in _SENTENCE.finditer(text):
        match = _OLD_OFFICE.search(sentence.group())
        if match and not _NO_MORE.search(sentence.group()):
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


def hotline_faults(hotline: str, allowed: Allowed) -> Iterator[str]:
    """What is wrong with a text that is a phone number, with nothing said around it."""
    yield from _number_faults(f"gọi {hotline}", allowed)


def address_faults(address: str, allowed: Allowed) -> Iterator[str]:
    """What is wrong with a text that is an address, with nothing said around it."""
    host, slash, path = address.partition("/")
    if allowed.domain(host, slash + path) is None:
        yield f"{address!r} is not allowed; use {allowed.spoken_domains()}"


def numbers_in(text: str) -> Iterator[str]:
    """Every phone number in a text, as it is written; short ones only where one calls or writes."""
    yield from (match.group() for match in _LONG_NUMBER.finditer(text))
    rest = _LONG_NUMBER.sub("#", text)
    found = (hit for call in _CALL.finditer(rest) for hit in _SHORT_NUMBER.finditer(call.group()))
    yield from dict.fromkeys(hit.group() for hit in found)


def links_in(text: str) -> Iterator[tuple[str, str]]:
    """Every address in a text as host and path, without what ends the sentence."""
    for match in _LINK.finditer(text):
        yield match["host"], (match["path"] or "").rstrip(".:!?…")


def _number_faults(text: str, allowed: Allowed) -> Iterator[str]:
    for number in numbers_in(text):
        if allowed.phone(number) is None:
            yield f"{number!r} is not an allowed number; use {allowed.spoken_phones()}"


def _link_faults(text: str, allowed: Allowed) -> Iterator[str]:
    if "http://" in text.casefold():
        yield "has an unprotected address; write https://"
    for host, path in links_in(text):
        if allowed.domain(host, path) is None:
            address = host + path
            yield f"{address!r} is not an allowed address; use {allowed.spoken_domains()}"

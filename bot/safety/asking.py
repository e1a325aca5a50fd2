"""Tell a message that asks someone for a secret from one that warns against giving it."""

from __future__ import annotations

import re

from bot.safety.view import view_of

_TEXT_MOST = 8000
_CLAUSE = re.compile(r"[.?!;,\n]+")

_OTHER_CODE = (
    r"qr|ho so|hs|buu|vach|don|van|tinh|vung|so thue|don vi|thu tuc|gioi|giam|khuyen|xa|huyen"
    r"|khach|hang|nganh|may|benh|the|phieu|giao|quet|nhan tien|chuyen"
)
# A word that is a secret by itself, and the bare 'mã', which needs more words around it.
_SECRET = (
    r"(?:o ?t ?p|o t[ei] p[ei]|cvv|ma pin|so pin|pin(?! (?:yeu|dien|may|cu|moi|sac))|mat ?khau"
    r"|mkhau|mk|pass(?: ?word| ?code)?|so the(?! (?:bao|bhyt|tu))|ma so bi mat|ma bao mat"
    r"|ma kich hoat|ma xac ?(?:nhan|thuc|minh))(?![a-z])"
)
_BARE = rf"(?:ma so|ma|code)(?![a-z])(?! (?:{_OTHER_CODE})(?![a-z]))"

_WHO = (
    r"(?:cho|em|chau|con|chu|bac|co|anh|chi|ba|ong|toi|minh|tui|lai|cai|so|giup|gium|dum|ho|xin"
    r"|biet|hoi|nghe|luon|ngay|nhanh|ca|dong|day|may|qua|sang|nguyen|lien|thu|nua|tiep|ma|day so"
    r"|noi dung|doc|gui|nhan|cac|nhung|toan bo|thong tin)"
)
_GIVE = (
    r"(?:xin|gui|doc|dua|cung cap|(?<!tin )nhan|noi|chup|chuyen|tiet lo|cho(?! \w*(?:otp|pass|mat))"
    r"|bao|hoi)"
)
_TO = (
    r"(?:cho|qua|sang|vao day|giup|gium|dum|len day|o day|de (?:em|con|chau|ben)|ra day|lai|vua"
    r"|trong tin|di|nha|nhe|ngay|voi)"
)
_PLACE = r"(?:vao|o|tai|theo|qua|len) (?:\w+ )?(?:day|link|duong|trang|form|zalo|nhom|mau)"
_START = r"(?<![a-z])"
_ASKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_START}{_GIVE}(?: {_WHO}){{0,5}} {_SECRET}",
        rf"{_START}{_GIVE}(?: {_WHO}){{0,5}} {_BARE}(?: \w+){{0,3}}? {_TO}(?![a-z])",
        rf"{_START}xin(?: {_WHO}){{0,4}} {_BARE}",
        rf"{_START}(?:nhap|dien|khai|go)(?: {_WHO}){{0,3}} {_SECRET}(?: \w+){{0,4}}? {_PLACE}",
        rf"{_START}(?:{_SECRET}|{_BARE})(?: \w+){{0,5}}? (?:so may|(?:la|so) (?:may|bao nhieu))"
        r"(?![a-z])",
        rf"{_START}{_SECRET}(?: \w+){{0,2}}? cua \w+(?: \w+)? la gi(?![a-z])",
    )
)

_NOT = (
    r"(?<![a-z])(?:khong|ko|hong|chang|dung|cam|khoan|chua|tranh"
    r"|cho (?:co|nen|doc|dua|gui))(?![a-z])"
)
_HELD_BACK = re.compile(
    rf"{_NOT}|(?<![a-z])"
    r"(?:co nen|co duoc|co bao gio|ai cung dan|can than|neu|he ai|khi nao)(?![a-z])"
)
_NEGATION = re.compile(_NOT)
_GIVING = re.compile(rf"(?<![a-z])(?:{_GIVE}|doi|yeu cau|ke)(?![a-z])")
_NOBODY = re.compile(
    r"(?<![a-z])cho\s+(?:bat\s+(?:ky|cu|ki)\s+)?(?:ai|ho|no|nguoi ta|nguoi khac|nguoi la)(?![a-z])"
)
# Someone tells what happened: not asking, though the words are the same.
_TOLD = re.compile(
    r"(?<![a-z])(?:lo|lo tay|trot|da|vua|bi|ho|no|nguoi ta|co nguoi|nguoi la|ke gian|bon|chung"
    r"|thang|dua nao|lua|keu|may|app|ung dung|vssid|ngan hang|nguoi ben canh|nguoi)(?![a-z])"
)
_SLIPPED = re.compile(r"(?<![a-z])(?:da lo|lo|trot) \w+")


def asks_for_secret(text: str) -> bool:
    """Whether the message asks its reader for an OTP, a password, a PIN or a card number."""
    plain = view_of(text[:_TEXT_MOST]).plain
    warned = False
    for clause in _CLAUSE.split(plain):
        line = " ".join(clause.split())
        ask = next((found for each in _ASKS if (found := each.search(line))), None)
        if ask is not None and not warned and not _is_excused(line, ask):
            return True
        # 'Không ai được hỏi, xin, đọc mã': the warning holds on. 'Đừng lo, đọc mã': it does not.
        held = warned and (ask is not None or line.count(" ") < 2)
        warned = held or _is_warning(line)
    return False


def _is_warning(line: str) -> bool:
    negated = _NEGATION.search(line)
    if negated is not None and _GIVING.search(line, negated.end()):
        return True
    return _SLIPPED.search(line) is not None


def _is_excused(line: str, ask: re.Match[str]) -> bool:
    before = line[: ask.start()]
    if _HELD_BACK.search(before) or _TOLD.search(before):
        return True
    return _NOBODY.search(line) is not None or ask[0].endswith(" roi")

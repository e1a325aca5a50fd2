"""Signs that harm is already done: money gone, a code given away, a bad link opened.

Single words do not tell 'I was told to send money' from 'I have sent it'; these patterns over the
stripped text do. They are features the classifier weighs, never a verdict on their own.
"""

import re

# Longer than nearly every message, and it bounds the patterns' work on a hostile one.
_MAX_CHARS = 600

_ANY = r"(?: \w+)"
_SECRET = "(?:ma|otp|mat khau|so the|pin)"
_HAND_OVER = "(?:doc|dua|gui|cung cap|nhap|dien|khai)"
_REGRET = "(?:lo|trot|da|vua|moi|dai|nghe loi)"
_TAKEN = "(?:tru|rut|lay|lua|mat|sach|het|bay|cuom|boc hoi)"

_PATTERNS = {
    "gave": (
        rf"\b(?:{_HAND_OVER}|cho|lo)\b{_ANY}{{0,5}} {_SECRET}\b(?!{_ANY}{{0,2}} (?:sai|nham))"
        rf"{_ANY}{{0,8}} (?:roi|xong|mat)\b"
        rf"|\b{_REGRET}\b{_ANY}{{0,4}} {_HAND_OVER}\b{_ANY}{{0,5}} (?:{_SECRET}|so tai khoan)\b"
    ),
    "opened": (
        rf"\b{_REGRET}\b{_ANY}{{0,3}} (?:bam|nhan|vao|cai|tai|quet|mo)\b{_ANY}{{0,5}}"
        r" (?:link|duong dan|file|apk|gia|la|no gui|no chi)\b"
    ),
    "paid": (
        rf"\b(?:chuyen|nap|dong|gui|tra|ung|dat coc)\b{_ANY}{{0,10}}"
        rf" (?:xong|roi|het|mat|tong cong)\b{_ANY}{{0,12}} (?:chan|bien mat|mat tieu|xoa"
        r"|khong nghe|khong lien lac|moi biet|ta hoa|gia|lua|khong rut)\b"
    ),
    "lost": (
        rf"\b(?:bi|mat|bay)\b{_ANY}{{0,3}} {_TAKEN}\b{_ANY}{{0,4}}"
        r" (?:tien|trieu|nghin|ty|dong|luong|tiet kiem)\b"
        rf"|\b(?:tien|trieu|luong)\b{_ANY}{{0,4}} (?:bay|boc hoi|bi tru|bi rut|mat sach|mat het"
        r"|rut dan|bi lay)\b"
    ),
    "fooled": (
        r"\b(?:bi|mac|dinh)(?: (?:no|chung no|chung|ho|bon no|thang|con|ke gian|nguoi ta))?"
        r" (?:lua|bay)\b|\blua (?:mat|lay|het|cua|tui|toi|em|ba|me|ma|bo)\b"
    ),
    "report": r"\b(?:trinh bao|to cao|bao cong an|khoa khan cap|(?:lay|doi) lai tien)\b",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}


def find_cues(stripped: str) -> list[str]:
    """Names of the signs in a normalised text without marks."""
    head = stripped[:_MAX_CHARS]
    return [name for name, pattern in _COMPILED.items() if pattern.search(head)]

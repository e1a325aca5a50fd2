"""Find passwords and PINs by the words that introduce them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety import shapes
from bot.safety.view import BARRIER, SecretKind, Span, View, words

# No message of a person comes near. Past it all is hidden, so that hostile text costs no time.
_KEYS_MOST = 600
_KEY = re.compile(
    r"(?<!\w)(?P<key>m[ae]t{1,2}\s{0,2}kh?au|mkhau|m\.?k|ma\s?pin|pin"
    r"|pass?(?:\s?w?[ow]r?d|\s?code|w)|pass|pwd?)"
    r"(?![^\W\d])(?! lai\b)"
)
_FILL = r"(?:[ \t]{1,2}[a-z]{1,12}){0,5}?"
_LINK = re.compile(
    rf"{_FILL}(?:[ \t]{{0,3}}(?:->|=>|[:=>\-])|[ \t]{{1,3}}(?:la|is)\b)\s{{0,3}}:?\s{{0,3}}"
)
_NEXT_LINE = re.compile(r"[ \t]{0,3}\n\s{0,3}(?=\S)")
_GLUED = re.compile(r"(?=\d{4})")
_NEXT = re.compile(rf"[ \t]{{1,3}}([^\s{BARRIER}]{{1,200}})")
_TOKEN = re.compile(rf"[^\s{BARRIER}]{{1,200}}")
_LINE = re.compile(r"[^\n]+")
_DIGITS = re.compile(r"\d(?:[ .\-]?\d)+(?![a-z0-9])")
_BEFORE = re.compile(
    rf"(?:^|\s)([^\s{BARRIER}]{{4,40}})\s{{1,3}}(?:chinh |do |day )?la\s{{1,3}}(?:cai )?$"
)
_TOKENS_MOST = 6
_LINK_ENDS = ("=", ">", ":", "-")
_TRAIL = ".,;:?!)]}\"'…"
_KEPT_TRAIL = ".,;?)\"'…"
_SYMBOL = re.compile(r"[@#$%^&*!+=~<>\\]")
_ADDRESS = re.compile(r"(?:https?:|www\.|\S+@[a-z][a-z0-9\-]*(?:\.[a-z]+)+$|\S+\.(?:vn|com|net)\b)")
# Names and amounts that mix letters with digits as a password does.
_NAMED = re.compile(
    r"(?:muc|lan|buoc|so|cap|cccd|vneid|vssid|iphone|ip|ios|android|win|oppo|vivo|samsung|a|k|lop|tk)-?\d{1,3}"
    r"|\d{1,4}(?:h\d*|g|p|s|k|tr\d?|d|gb|mb|lan|so|ky|ki|kytu|kitu|chu|ngay|thang|nam|phut|cu|lop|%|fa"
    r"|tuoi|may|cai|vnd|ng)"
    r"|\d[\d.,/:\-]*(?:%|d|k)?"
)
# What follows 'mật khẩu là' or 'mật khẩu:' in talk about passwords.
_TALK = words(
    "gi sao cai nao bao ai dau the mot chia bi rieng cua so phai khong ko k hong do dung sai"
    " quan thong ma can nen viec loi ngay duoc dc xong vao vo chu toan khi de con em chau toi"
    " tui minh day nhung cac nhu chi cho may thi khoa rat cuc chuoi tieng ten sinh nam quen"
    " mat doi dat nhap goi bam vi va hay hoac no anh ba ong bac co chung nguoi ho lam tu o"
    " tren duoi chua roi xin giu luu ghi nho noi phan xem hoi lay tao thay bang khac cu moi"
    " dai ngan kho mk pass password otp pin khau dien vua nay kia ngoai trong thu hai ki ky it"
    " nhat thieu luon lun binh"
)
_LETTERS_LEAST = 6


def password_spans(view: View) -> Iterator[Span]:
    """Everything that is said to be a password, or stands after the word and looks like one."""
    for count, found in enumerate(_KEY.finditer(view.plain)):
        if count >= _KEYS_MOST:
            for line in _LINE.finditer(view.plain, found.start()):
                yield Span(line.start(), line.end(), SecretKind.PASSWORD)
            return
        # One may stand before the word as well as after it.
        after = _linked(view, found) or _loose(view, found)
        yield from (span for span in (after, _leading(view.plain, found)) if span is not None)


def _linked(view: View, found: re.Match[str]) -> Span | None:
    """'mật khẩu wifi là hoa1990', 'pass: abc'."""
    link = _LINK.match(view.plain, found.end()) or _GLUED.match(view.plain, found.end())
    if link is None:
        return _below(view.plain, found.end())
    digits = _DIGITS.match(view.plain, link.end())
    if digits is not None:
        return _digit_span(view.plain, digits, linked=True)
    token = _TOKEN.match(view.plain, link.end())
    if token is None:
        return None
    if looks_like_password(token[0]) or _is_letters(view, found["key"], token, link[0]):
        return _token_span(token.start(), token[0])
    return None


def _below(plain: str, at: int) -> Span | None:
    """The word alone, and what it is on the next line."""
    line = _NEXT_LINE.match(plain, at)
    token = _TOKEN.match(plain, line.end()) if line is not None else None
    if token is None or not looks_like_password(token[0]):
        return None
    return _token_span(token.start(), token[0])


def _is_letters(view: View, key: str, token: re.Match[str], link: str) -> bool:
    """A password of letters only: nobody types accents in one, and talk has its usual words."""
    core = token[0].rstrip(_TRAIL)
    if len(core) < 3 or not core.isalpha() or not core.isascii() or core in _TALK or key == "pin":
        return False
    start, end = view.origin(Span(token.start(), token.start() + len(core), SecretKind.PASSWORD))
    if not view.raw[start:end].isascii():
        return False
    said = link.rstrip().endswith(("la", "is"))
    # 'mk' is also how the young write 'mình'.
    return not (said and key == "mk" and len(core) < _LETTERS_LEAST)


def _loose(view: View, found: re.Match[str]) -> Span | None:
    """'mk cua toi Abc@123': the first of the next words that looks like a password."""
    plain = view.plain
    at = found.end()
    for step in range(_TOKENS_MOST):
        digits = _DIGITS.match(plain, at + 1) if plain[at : at + 1] in (" ", "\t") else None
        if digits is not None:
            return _digit_span(plain, digits, linked=step == 0)
        token = _NEXT.match(plain, at)
        if token is None or _KEY.fullmatch(token[1]):
            return None
        covered = plain[token.end() :][:4].lstrip(" \t").startswith(BARRIER)
        if covered and token[1].endswith(_LINK_ENDS):
            # "mk wifi=⟨mật khẩu⟩": the sign leads to what is covered already.
            return None
        if found["key"] != "pin" and looks_like_password(token[1]):
            return _token_span(token.start(1), token[1])
        if token[1][-1] in ".,;?!":
            return None
        at = token.end()
    return None


def _leading(plain: str, found: re.Match[str]) -> Span | None:
    """'Abc@123 là mật khẩu của chú'."""
    start = max(0, found.start() - 60)
    before = _BEFORE.search(plain[start : found.start()])
    if before is None or not looks_like_password(before[1]):
        return None
    return _token_span(start + before.start(1), before[1])


def _digit_span(plain: str, digits: re.Match[str], *, linked: bool) -> Span | None:
    """A PIN or a password of digits only, unless it is a date, a price, a hotline or a size."""
    count = sum(map(str.isdigit, digits[0]))
    if count < 4 or (count >= 9 and not linked):
        return None
    harmless = shapes.HARMLESS.match(plain, digits.start())
    if harmless is not None and (harmless["hard"] or not linked):
        return None
    if plain[digits.end() :][:4].lstrip().startswith(("mah", "%")):
        return None
    return Span(digits.start(), digits.end(), SecretKind.PASSWORD)


def _token_span(start: int, token: str) -> Span:
    return Span(start, start + len(token.rstrip(_KEPT_TRAIL) or token), SecretKind.PASSWORD)


def looks_like_password(token: str) -> bool:
    """Letters mixed with digits or symbols, and not a device, an amount or an address."""
    core = token.rstrip(_TRAIL).lstrip("\"'([{")
    if len(core) < 4 or _NAMED.fullmatch(core) or _ADDRESS.match(core):
        return False
    letters = any(map(str.isalpha, core))
    if any(map(str.isdigit, core)):
        return letters or _SYMBOL.search(core) is not None
    return letters and _SYMBOL.search(core) is not None

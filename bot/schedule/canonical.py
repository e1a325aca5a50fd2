"""One spelling for everything said of days and hours: plain words, digits, and NAMES in capitals
for words that look like another one without their marks.

    "Tối nay bảy rưỡi nhé" -> "TOI nay 7 ruoi nhe"
    "bận tới sáng thứ tư"  -> "ban DEN SANG thu 4"
"""

from __future__ import annotations

from collections.abc import Callable

from bot.schedule.numbers import with_digits
from bot.schedule.words import Token, tokens

_SAME = {
    "gio": "h",
    "g": "h",
    "h": "h",
    "phut": "p",
    "p": "p",
    "trua": "TRUA",
    "chieu": "CHIEU",
    "xe": "CHIEU",
    "khuya": "DEM",
    "bua": "hom",
    "buoi": "",
    "mong": "mung",
    "chua": "chu",
    "trc": "truoc",
    "hnay": "nay",
    "–": "-",
    "—": "-",
}
_WEEKDAYS = {"hai": "2", "ba": "3", "tu": "4", "nam": "5", "sau": "6", "bay": "7"}
_DAY_WORDS = frozenset(("nay", "mai", "mot", "hom", "thu", "t", "cn", "chu", "ngay", "bua", "kia"))
_AFTER_CLOCK = frozenset(("h", "ruoi", "p"))
_Resolve = Callable[[list[Token], int, list[str], bool], str]


def canonical(text: str, *, until: bool = False) -> str:
    """The canonical words of `text`, with single spaces. With `until`, an unmarked "toi" that could
    be either is "tới" (until) rather than "tối" (evening)."""
    words = with_digits(tokens(text))
    made: list[str] = []
    for place, word in enumerate(words):
        if word.plain.isdecimal():
            made.append(str(int(word.plain)) if _shown_alone(words, place) else word.plain)
            continue
        resolve = _RESOLVE.get(word.plain)
        plain = resolve(words, place, made, until) if resolve else _SAME.get(word.plain, word.plain)
        if plain:
            made.append(plain)
    return " ".join(made)


def _shown_alone(words: list[Token], place: int) -> bool:
    """Leading zeros matter in hours ("08:00" is in the morning) and nowhere else."""
    before = words[place - 1].plain if place else ""
    return (
        before != ":"
        and words[place].plain != "00"
        and _next(words, place) not in (":", "h", "g", "gio")
    )


def _next(words: list[Token], place: int) -> str:
    return words[place + 1].plain if place + 1 < len(words) else ""


def _last(made: list[str]) -> str:
    return made[-1] if made else ""


def _toi(words: list[Token], place: int, made: list[str], until: bool) -> str:
    typed, after, before = words[place].typed, _next(words, place), _last(made)
    if typed != "toi":
        return {"tối": "TOI", "tới": "DEN"}.get(typed, "")
    if before == "DEN" or before in _AFTER_CLOCK:
        return "TOI"
    if before == "cn" or (before.isdecimal() and made[-2:-1] in (["thu"], ["t"])):
        # "thu 7 toi" is the coming Saturday or its evening: it decides nothing.
        return ""
    if before.isdecimal():
        return "TOI"
    if after in ("nay", "hom"):
        return "TOI"
    if until:
        named = after.isdecimal() or after in _DAY_WORDS or after in _SAME or after in _UNTIL
        return "DEN" if made and named else ""
    return "TOI" if after.isdecimal() or after in _DAY_WORDS or after == "luc" else ""


_UNTIL = frozenset(("het", "cuoi", "sang", "toi", "dem", "khi", "tuan", "thang", "dau", "giua"))


def _sang(words: list[Token], place: int, made: list[str], until: bool) -> str:
    if words[place].typed == "sang" and _next(words, place) in ("tuan", "thang"):
        return "NEXT"
    return "SANG"


def _dem(words: list[Token], place: int, made: list[str], until: bool) -> str:
    return "DEM" if words[place].means("đêm") else ""


def _den(words: list[Token], place: int, made: list[str], until: bool) -> str:
    return "DEN" if words[place].means("đến") else ""


def _mot(words: list[Token], place: int, made: list[str], until: bool) -> str:
    if words[place].typed == "một":
        return "1"
    return "MOT" if words[place].means("mốt") else ""


def _sau(words: list[Token], place: int, made: list[str], until: bool) -> str:
    if _last(made) == "thu":
        return "6"
    return "SAU" if words[place].typed == "sau" else ""


def _bay(words: list[Token], place: int, made: list[str], until: bool) -> str:
    if _last(made) == "thu" and words[place].means("bảy"):
        return "7"
    # "bay gio" without marks is now, or seven o'clock.
    return "NOW" if words[place].typed == "bây" else "bay"


def _weekday(words: list[Token], place: int, made: list[str], until: bool) -> str:
    plain = words[place].plain
    if _last(made) == "thu" and words[place].means("hai", "ba", "tư", "năm"):
        return _WEEKDAYS[plain]
    return "" if words[place].means("từ") and plain == "tu" else plain


def _kia(words: list[Token], place: int, made: list[str], until: bool) -> str:
    return "KIA3" if words[place].typed == "kìa" else "KIA"


_RESOLVE: dict[str, _Resolve] = {
    "toi": _toi,
    "sang": _sang,
    "dem": _dem,
    "den": _den,
    "mot": _mot,
    "sau": _sau,
    "bay": _bay,
    "hai": _weekday,
    "ba": _weekday,
    "tu": _weekday,
    "nam": _weekday,
    "kia": _kia,
}

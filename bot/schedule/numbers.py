"""Numbers written out, in a list of tokens: "mười một giờ" -> "11 giờ".

Without marks several words are a number only where a number is meant ("sau gio" is six o'clock,
"tuan sau" is next week), so a word becomes a number only before a unit or after a word that asks
for one.
"""

from __future__ import annotations

from bot.schedule.words import Token

_ONES = {
    "mot": ("một", 1),
    "hai": ("hai", 2),
    "ba": ("ba", 3),
    "bon": ("bốn", 4),
    "tu": ("tư", 4),
    "nam": ("năm", 5),
    "lam": ("lăm", 5),
    "sau": ("sáu", 6),
    "bay": ("bảy", 7),
    "tam": ("tám", 8),
    "chin": ("chín", 9),
}
#: Other spellings with marks.
_ALSO = {"mốt": ("một", "mot"), "bẩy": ("bảy", "bay"), "nhăm": ("lăm", "lam")}
_HOURS = frozenset(("gio", "g", "h", "ruoi", "tieng"))
#: What a number stands before, and after.
_UNITS = _HOURS | {"phut", "ngay", "hom", "bua", "tuan", "thang", "kem"}
_ASKS = frozenset(("mung", "mong", "thang", "kem"))
#: Without marks these are more often another word ("sau ngày", "từ hôm", "lắm").
_RARELY = {
    "sau": _HOURS,
    "bay": _HOURS - {"gio"},
    "tu": frozenset[str](),
    "lam": frozenset[str](),
}


def with_digits(words: list[Token]) -> list[Token]:
    """The same tokens, numbers written out (1 to 99) replaced by digits."""
    made: list[Token] = []
    place = 0
    while place < len(words):
        number, used = _number(words, place)
        if number and _is_meant(words, place, used, made):
            made.append(Token(str(number), str(number), words[place].column))
            place += used
        else:
            made.append(words[place])
            place += 1
    return made


def _is_meant(words: list[Token], place: int, used: int, made: list[Token]) -> bool:
    after = words[place + used].plain if place + used < len(words) else ""
    before = made[-1].plain if made else ""
    word = words[place]
    if word.typed == "mốt" and used == 1:
        return False
    minutes = before in ("gio", "g", "h") and len(made) > 1 and made[-2].plain.isdecimal()
    if word.typed == "sau" and before == "thang":
        return False
    if before in _ASKS or (minutes and used > 1) or (before == "ngay" and used > 1):
        return True
    units = _UNITS
    if used == 1 and word.typed == word.plain:
        units = _RARELY.get(word.plain, _UNITS)
    return after in units


def _number(words: list[Token], place: int) -> tuple[int, int]:
    """(the number that begins at `place`, how many words it has); (0, 0) for none."""
    ones = [_one(word) for word in words[place : place + 3]] + [0, 0]
    if words[place].means("mười"):
        return (10 + ones[1], 2) if ones[1] else (10, 1)
    if ones[0] >= 2 and len(words) > place + 1 and words[place + 1].plain == "muoi":
        return (ones[0] * 10 + ones[2], 3) if ones[2] else (ones[0] * 10, 2)
    return (ones[0], 1) if ones[0] else (0, 0)


def _one(word: Token) -> int:
    typed, plain = _ALSO.get(word.typed, (word.typed, word.plain))
    spelled = _ONES.get(plain)
    if spelled is None or typed not in (spelled[0], plain):
        return 0
    # "từ" and "tám" share no marks with "tư" and "tầm": only what may be the number counts.
    return spelled[1]

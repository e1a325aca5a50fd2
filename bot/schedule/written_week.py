"""Reads opening hours as people write them in a roster:

    T2-T6 07:30-11:30, 13:30-17:00; T7 07:30-11:30
    tối T2-CN 19:00-21:00
    thứ hai đến thứ sáu 7h30 - 11h30 và 13h30 - 17h, cả ngày chủ nhật

Days come first, their hours after them; what follows until the next days belongs to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.schedule.errors import ScheduleError
from bot.schedule.week import DAY, Block, Week
from bot.schedule.words import MAX_CHARS, PARTS, Token, tokens, whole_hour

RIGHT = "write hours such as: T2-T6 07:30-11:30, 13:30-17:00; T7 07:30-11:30"
_NAMES = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_GROUPS = {
    ("hang", "ngay"): range(7),
    ("hằng", "ngày"): range(7),
    ("moi", "ngay"): range(7),
    ("ca", "tuan"): range(7),
    ("hang", "tuan"): range(7),
    ("ngay", "thuong"): range(5),
    ("cuoi", "tuan"): range(5, 7),
}
_BETWEEN = {",", "&", "+", "va", ":", ".", "tu", "luc", "ngay", "buoi", "cac", "vao", "gio", "truc"}
_TO = {"-", "–", "—", "~", "den", "toi"}


def read_week(text: str) -> Week:
    """The week somebody wrote. Raises ScheduleError that says where it is wrong and what is right.

    Diacritics do not matter. Hours are 24-hour ("19:00", "19h", "19h30"); after "sáng", "chiều",
    "tối" … also 12-hour ones. An end that is not after its start is the next morning's.
    """
    if not text.strip():
        raise ScheduleError(f"hours: are empty; {RIGHT}")
    if len(text) > MAX_CHARS:
        raise ScheduleError(f"hours: are {len(text)} characters long, at most {MAX_CHARS}; {RIGHT}")
    return _Reader(text).week()


@dataclass
class _Reader:
    text: str
    at: int = 0
    tokens: list[Token] = field(init=False)
    days: set[int] = field(default_factory=set)
    part: str = ""
    #: Whether the days at hand have hours already: the next day's name begins anew.
    timed: bool = False
    blocks: list[list[Block]] = field(default_factory=lambda: [[] for _ in range(7)])

    def __post_init__(self) -> None:
        self.tokens = tokens(self.text)

    def week(self) -> Week:
        while self.at < len(self.tokens):
            if not (self._days() or self._hours() or self._part() or self._skip()):
                raise self._wrong(self.at, "is not understood")
        if self.days and not self.timed:
            raise self._wrong(self.at - 1, "has days but no hours")
        if not any(self.blocks):
            raise ScheduleError(f"hours: name no day and no hour; {RIGHT}")
        return Week.of(self.blocks)

    # One thing at the place we are; True when it was there and is read. --------------------------

    def _skip(self) -> bool:
        token = self._peek()
        if token in (";", "|", "/"):
            self.part = ""
        elif token not in _BETWEEN:
            return False
        self.at += 1
        return True

    def _part(self) -> bool:
        if self._peek() not in PARTS:
            return False
        self.part = PARTS[self._peek()]
        self.at += 1
        return True

    def _days(self) -> bool:
        place = self.at
        found = self._group() or self._day_span()
        if not found:
            return False
        if self.timed:
            self.days, self.timed = set(), False
            if self.tokens[place - 1].plain not in PARTS:
                # Only a part said just before the days is theirs: "tối T2 7h-9h, tối T7 6h-8h".
                self.part = ""
        self.days.update(found)
        return True

    def _group(self) -> list[int]:
        found = _GROUPS.get((self._peek(), self._peek(1)))
        if found is None:
            return []
        self.at += 2
        return list(found)

    def _day_span(self) -> list[int]:
        first = self._day()
        if first is None:
            return []
        place = self.at
        if self._peek() in _TO:
            self.at += 1
            last = self._day(bare=True)
            if last is not None:
                if last < first:
                    raise self._wrong(place, "goes backwards; a week goes from T2 to CN")
                return list(range(first, last + 1))
        elif self._peek() == "," and self._bare_day(1):
            # "thứ 2, 4, 6"
            self.at += 1
            day = self._day(bare=True)
            assert day is not None
            return [first, day, *self._more_bare()]
        self.at = place
        return [first]

    def _more_bare(self) -> list[int]:
        found: list[int] = []
        while self._peek() == "," and self._bare_day(1):
            self.at += 1
            day = self._day(bare=True)
            assert day is not None
            found.append(day)
        return found

    def _bare_day(self, ahead: int) -> bool:
        number, after = self._peek(ahead), self._peek(ahead + 1)
        return number in "234567" and len(number) == 1 and after not in (":", "h", "g", "gio", "-")

    def _day(self, *, bare: bool = False) -> int | None:
        """The weekday here; `bare` also takes a number alone ("T2-6")."""
        word, after = self._peek(), self._peek(1)
        if word in ("t", "thu"):
            number = _NAMES.get(after) if word == "thu" else None
            if number is None and after.isdecimal():
                if not 2 <= int(after) <= 7:
                    raise self._wrong(self.at + 1, "is no weekday; they are T2 to T7 and CN")
                number = int(after) - 2
            if number is not None:
                self.at += 2
            return number
        if word == "cn" or (word in ("chu", "chua") and after == "nhat"):
            self.at += 1 if word == "cn" else 2
            return 6
        if bare and self._bare_day(0):
            self.at += 1
            return int(word) - 2
        return None

    def _hours(self) -> bool:
        if (self._peek(), self._peek(1)) == ("ca", "ngay"):
            place = self.at
            self.at += 2
            if self.timed or not self.days:
                # "cả ngày chủ nhật": here the days stand behind.
                self._days()
            return self._keep(place, 0, DAY)
        if self._peek() == "24" and self._peek(1) == "/" and self._peek(2) in ("7", "24"):
            if self._peek(2) == "7":
                self.days.update(range(7))
            self.at += 3
            return self._keep(self.at - 3, 0, DAY)
        if not self._peek().isdecimal():
            return False
        place = self.at
        start = self._time()
        if self._peek() not in _TO:
            raise self._wrong(place, "has no end; write from-to, such as 07:30-11:30")
        self.at += 1
        end = self._time()
        if end == start:
            raise self._wrong(place, 'begins and ends at once; the whole day is "cả ngày"')
        return self._keep(place, start, end if end > start else end + DAY)

    def _time(self) -> int:
        """Minutes after midnight of the time here."""
        place, word = self.at, self._peek()
        if not word.isdecimal():
            raise self._wrong(place, "must be a time, such as 07:30 or 7h30")
        hour, minute = int(word), 0
        self.at += 1
        if self._peek() in (":", "h", "g", "gio", "."):
            sign = self._peek()
            self.at += 1
            if self._peek().isdecimal():
                minute = int(self._peek())
                self.at += 1
            elif self._peek() == "ruoi":
                minute = 30
                self.at += 1
            elif sign in (":", "."):
                self.at -= 1
        right = whole_hour(hour, self.part if hour < 12 else "")
        if right is None or minute > 59 or (right == 24 and minute):
            raise self._wrong(place, "is no time of the day; times go from 00:00 to 24:00")
        return (right if right <= 24 else right - 24) * 60 + minute

    # What was read ------------------------------------------------------------------------------

    def _keep(self, place: int, start: int, end: int) -> bool:
        if not self.days:
            raise self._wrong(place, "stands before any day; begin with days, such as T2-T6")
        if start == DAY:
            raise self._wrong(place, "begins at 24:00; write 00:00 of the next day")
        for day in self.days:
            self.blocks[day].append((start, end))
        self.timed = True
        return True

    def _peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].plain if place < len(self.tokens) else ""

    def _wrong(self, place: int, what: str) -> ScheduleError:
        if place >= len(self.tokens):
            return ScheduleError(f"hours: end too early; {RIGHT}")
        token = self.tokens[max(place, 0)]
        rest = self.text[token.column - 1 :][:20]
        return ScheduleError(f"hours: at character {token.column}, {rest!r} {what}; {RIGHT}")

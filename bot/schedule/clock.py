"""Hours as people write them: "9h30", "7 rưỡi tối", "9 giờ kém 15", "12h trưa"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.schedule.words import whole_hour

PARTS = {"SANG": "sáng", "TRUA": "trưa", "CHIEU": "chiều", "TOI": "tối", "DEM": "đêm"}
_NAMES = "|".join(PARTS)
#: "9h-10h", "9 đến 10h": the first hour is when it begins.
_RANGE = re.compile(
    r"\b(\d{1,2})(?: h(?: (\d{1,2}))?)?( (?:" + _NAMES + r"))? (?:-|DEN) \d{1,2}(?= h| : )"
    r"(?: h(?: \d{1,2}\b)?| : \d{2})"
)
_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})(?:"
    r" h(?: (?P<minute>\d{1,2})(?! h\b| tieng| tuan| ngay| thang| hom| p nua)(?: p\b)?)?"
    r"| [:.] (?P<colon>\d{2})\b|(?= ruoi\b| kem \d))"
    r"(?P<half> ruoi\b)?(?: kem (?P<less>\d{1,2})(?: p\b)?)?(?! nua| SAU)"
)
#: "8 sáng", "chiều mai 3": an hour by its part of the day alone.
_BARE = re.compile(rf"\b(?P<hour>\d{{1,2}})(?= (?:{_NAMES})\b)")
_BARE_LAST = re.compile(
    rf"\b(?:{_NAMES})(?: (?:hom )?nay| (?:ngay |hom )?mai| MOT| \|)*(?: luc)? (?P<hour>\d{{1,2}})$"
)
_PART = re.compile(rf"\b(?:{_NAMES})\b")


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour as it was written, and the part of the day said with it ("" for none)."""

    hour: int
    minute: int
    part: str
    #: Whether it was written on the 24-hour clock ("08:00").
    exact: bool

    def minutes(self) -> tuple[int, ...]:
        """The minutes after midnight it may mean; above 1440 in the small hours of the next day.
        None for an hour there is not ("25h", "3 giờ tối").

        Without a part of the day, hours at which nobody visits anybody are left out: "3 giờ" is in
        the afternoon, "7 giờ" is in the morning or in the evening.
        """
        if self.minute > 59 or self.hour * 60 + self.minute > 24 * 60:
            return ()
        if self.part:
            whole = whole_hour(self.hour, self.part)
            return () if whole is None else (whole * 60 + self.minute,)
        if self.exact or self.hour >= 12 or self.hour == 0:
            return (self.hour * 60 + self.minute,)
        return tuple(h * 60 + self.minute for h in (self.hour, self.hour + 12) if 6 <= h <= 20)


def clocks(said: str) -> tuple[list[Clock], list[str]]:
    """The hours in canonical text from which dates are taken out, and the parts of the day."""
    said = _RANGE.sub(_first_of_range, said)
    parts = [(match.start(), PARTS[match.group()]) for match in _PART.finditer(said)]
    found = [(match, _read(match)) for match in _CLOCK.finditer(said)]
    if not found:
        bare = list(_BARE.finditer(said)) or list(_BARE_LAST.finditer(said))
        found = [(match, (int(match["hour"]), 0, False)) for match in bare]
    return [
        Clock(hour, minute, _nearest(parts, match.start("hour"), match.end()), exact)
        for match, (hour, minute, exact) in found
    ], list(dict.fromkeys(part for _, part in parts))


def _first_of_range(match: re.Match[str]) -> str:
    minute = f" {match[2]}" if match[2] else ""
    return f"{match[1]} h{minute}{match[3] or ''}"


def _read(match: re.Match[str]) -> tuple[int, int, bool]:
    hour = int(match["hour"])
    minute = int(match["minute"] or match["colon"] or 0)
    if match["half"]:
        minute = 30
    if match["less"]:
        # A quarter to one is 12:45.
        hour, minute = (hour or 24) - 1 or 12, 60 - int(match["less"])
    return hour, minute, match["hour"][0] == "0" and hour > 0


def _nearest(parts: list[tuple[int, str]], start: int, end: int) -> str:
    """The part of the day said next to an hour; of two as near, the one behind ("7h tối")."""
    apart = [(start - at if at < start else at - end, at < start, part) for at, part in parts]
    return min(apart)[2] if apart else ""

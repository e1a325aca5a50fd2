"""Days as people write them: "mai", "thứ tư tuần sau", "15/12", "ngày 3 tháng 1", "3 ngày nữa"."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

_LUNAR = re.compile(r"\bam lich\b|\bal\b|\bram\b|\bchap\b|\bgieng\b|\btet\b")
_PAST = re.compile(r"\bhom (?:qua|KIA)\b|\b(?:TOI|SANG|CHIEU) qua\b|\b(?:tuan|thang|hom) truoc\b")
_DATE = re.compile(
    # "9.30" is an hour: only a month may stand behind a point.
    r"\b(?:ngay |mung )?(\d{1,2}) (?:/|-|\.(?= (?:1[0-2]|[1-9])\b)) (\d{1,2})"
    r"(?: (?:/|-|\.) (\d{4}|\d{2}))?"
    r"(?! (?:h|:|/|-|ruoi)\b)\b"
)
_LONG = re.compile(r"\b(?:ngay |mung )?(\d{1,2}) thang (\d{1,2})(?: nam (\d{4}))?\b(?! h\b)")
_OF_MONTH = re.compile(
    r"\b(?:ngay|mung) (\d{1,2})(?! h\b| :| nua)(?: (thang (?:nay|SAU|DEN)|NEXT thang))?\b"
)
_TAIL = r"(?: (nay|tuan nay|SAU|tuan SAU|DEN|tuan DEN|tuan toi))?"
_WEEKDAY = re.compile(
    r"(?:\b(tuan SAU|tuan nay|tuan DEN|NEXT tuan) )?\b(?:(?:thu|t) ([2-7])|(cn|chu nhat))\b" + _TAIL
)
_WEEKEND = re.compile(r"\b(cuoi|dau) tuan\b" + _TAIL)
_SOME_WEEK = re.compile(r"\b(?:tuan (?:SAU|DEN|nay)|NEXT tuan)\b")
_IN_DAYS = re.compile(
    r"\b(?:(?P<after>SAU|trong) )?(?P<n>\d{1,3}) (?P<unit>ngay|hom|tuan)(?P<more> nua| SAU)?\b"
)
_A_WEEK = re.compile(r"\btuan nua\b")
_WORDS = (
    (re.compile(r"\bngay KIA3\b|\bhom KIA3\b"), (3,)),
    # In the north the day after tomorrow, in the south one day more.
    (re.compile(r"\bngay KIA\b"), (2, 3)),
    (re.compile(r"\bMOT\b"), (2,)),
    (re.compile(r"\bmai\b"), (1,)),
    (re.compile(r"(?<!\btuan )(?<!\bthang )\b(?:hom |ngay )?nay\b"), (0,)),
)


@dataclass
class Days:
    """The days a text names, and the rest of the text."""

    rest: str
    days: list[date] = field(default_factory=list)
    #: Another day each may be instead ("thứ tư" said on a Wednesday).
    or_else: list[date] = field(default_factory=list)
    lunar: bool = False
    past: bool = False
    no_such_day: bool = False
    #: This week or next, without a day of it.
    some_week: bool = False

    @property
    def named(self) -> bool:
        """Whether any day is named, also one there is not."""
        return bool(self.days) or self.past or self.lunar or self.no_such_day


def days_of(said: str, today: date) -> Days:
    """The days named in canonical text, as seen from `today`."""
    found = Days(said)
    if _LUNAR.search(said):
        found.lunar = True
        return found
    found.past = _PAST.search(said) is not None
    for pattern, read in (
        (_DATE, _dated),
        (_LONG, _dated),
        (_WEEKDAY, _weekday),
        (_WEEKEND, _weekend),
        (_IN_DAYS, _in_days),
        (_OF_MONTH, _of_month),
    ):
        for match in pattern.finditer(found.rest):
            read(found, match, today)
        if pattern is not _IN_DAYS:
            found.rest = pattern.sub("|", found.rest)
    _plain_words(found, today)
    return found


def _plain_words(found: Days, today: date) -> None:
    if re.search(r"\bmai MOT\b", found.rest):
        # "mai mốt": some day.
        found.some_week = True
        return
    if _A_WEEK.search(found.rest):
        found.days.append(today + timedelta(days=7))
    if _SOME_WEEK.search(found.rest):
        found.some_week = not found.days
    for pattern, ahead in _WORDS:
        if pattern.search(found.rest):
            found.days.append(today + timedelta(days=ahead[0]))
            found.or_else.extend(today + timedelta(days=n) for n in ahead[1:])
            found.rest = pattern.sub("|", found.rest)


def _dated(found: Days, match: re.Match[str], today: date) -> None:
    day, month, year = int(match[1]), int(match[2]), match[3]
    if year:
        _add(found, int(year) + (2000 if len(year) == 2 else 0), month, day)
        return
    this = _add(found, today.year, month, day, check_only=True)
    if this is None and not (month == 2 and day == 29):
        found.no_such_day = True
    elif this is not None and this >= today:
        found.days.append(this)
    elif this is not None and (today - this).days <= 183:
        # "20/11" said on 22/11 is a slip, not a day eleven months away.
        found.past = True
    else:
        _add(found, today.year + 1, month, day)


def _add(found: Days, year: int, month: int, day: int, *, check_only: bool = False) -> date | None:
    if not (1 <= month <= 12 and 1 <= year <= 9998 and 1 <= day <= monthrange(year, month)[1]):
        found.no_such_day = found.no_such_day or not check_only
        return None
    made = date(year, month, day)
    if not check_only:
        found.days.append(made)
    return made


def _of_month(found: Days, match: re.Match[str], today: date) -> None:
    day, said = int(match[1]), match[2] or ""
    month, year = today.month, today.year
    following = (month % 12 + 1, year + month // 12)
    if said and not said.endswith("nay"):
        _add(found, following[1], following[0], day)
    elif said or day >= today.day:
        _add(found, year, month, day)
    else:
        _add(found, following[1], following[0], day)


def _weekday(found: Days, match: re.Match[str], today: date) -> None:
    weekday = 6 if match[3] else int(match[2]) - 2
    said = " ".join(filter(None, (match[1], match[4])))
    monday = today - timedelta(days=today.weekday())
    if "SAU" in said or "NEXT" in said or "tuan DEN" in said or "tuan toi" in said:
        found.days.append(monday + timedelta(days=7 + weekday))
    elif said == "tuan nay":
        found.days.append(monday + timedelta(days=weekday))
    else:
        ahead = (weekday - today.weekday()) % 7
        if said == "DEN":
            ahead = ahead or 7
        found.days.append(today + timedelta(days=ahead))
        if ahead == 0 and said != "nay":
            found.or_else.append(today + timedelta(days=7))


def _weekend(found: Days, match: re.Match[str], today: date) -> None:
    monday = today - timedelta(days=today.weekday())
    later = match[2] is not None and match[2] not in ("nay", "tuan nay")
    if match[1] == "dau":
        found.days.append(monday + timedelta(days=7))
        return
    week = monday + timedelta(days=7 if later else 0)
    found.days += [week + timedelta(days=5), week + timedelta(days=6)]


def _in_days(found: Days, match: re.Match[str], today: date) -> None:
    if not (match["more"] or match["after"]):
        return
    days = int(match["n"]) * (7 if match["unit"] == "tuan" else 1)
    found.days.append(today + timedelta(days=days))
    found.rest = found.rest.replace(match.group(), "|", 1)

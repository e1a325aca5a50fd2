"""Opening hours of a week: any number of blocks a day; a block may run past midnight."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.schedule.errors import ScheduleError
from bot.schedule.zone import WEEKDAYS

DAY = 24 * 60
#: Keys of the stored form, Monday first.
CODES = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")

#: (from, to) in minutes after the day's midnight; `to` is above 1440 when it is the next morning.
Block = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Week:
    """The blocks of each weekday, Monday first, in order and apart. Make it with `of` or a reader.

    A block belongs to the day it begins: of "T2 22:00-02:00" nothing is left when Monday is a
    holiday, and all of it when Tuesday is.
    """

    days: tuple[tuple[Block, ...], ...] = ((),) * 7

    @classmethod
    def of(cls, days: Sequence[Iterable[Block]]) -> Week:
        """A week of seven days' blocks; those of one day that touch are joined.

        Raises ScheduleError for a block that is not one, and for hours counted twice.
        """
        if len(days) != 7:
            raise ScheduleError(f"a week has 7 days, not {len(days)}")
        week = cls(tuple(_joined(day, blocks) for day, blocks in enumerate(days)))
        for day, blocks in enumerate(week.days):
            _check_night(day, blocks, week.days[(day + 1) % 7])
        return week

    @property
    def minutes(self) -> int:
        """Open minutes in a week without holidays."""
        return sum(end - start for blocks in self.days for start, end in blocks)

    def __str__(self) -> str:
        """As it is written: "T2-T6 07:30-11:30, 13:30-17:00; T7, CN 19:00-21:00".

        `written_week.read_week` reads it back to an equal week, and what `spoken` gives too.
        """
        return "; ".join(
            f"{_list(CODES, days, '-')} {', '.join(map(_range, blocks))}"
            for blocks, days in self._alike().items()
        )

    def spoken(self) -> str:
        """As it is said: "thứ Hai đến thứ Sáu từ 07:30 đến 11:30 và từ 13:30 đến 17:00"."""
        return "; ".join(
            f"{_list(WEEKDAYS, days, ' đến ')} "
            + " và ".join(f"từ {_clock(start)} đến {_clock(end)}" for start, end in blocks)
            for blocks, days in self._alike().items()
        )

    def _alike(self) -> dict[tuple[Block, ...], list[int]]:
        """The days by their hours, closed ones left out."""
        found: dict[tuple[Block, ...], list[int]] = {}
        for day, blocks in enumerate(self.days):
            if blocks:
                found.setdefault(blocks, []).append(day)
        return found

    def to_json(self) -> str:
        """The form for the database: {"T2": ["07:30-11:30", "13:30-17:00"], …}."""
        days = {
            code: [_range(block) for block in blocks]
            for code, blocks in zip(CODES, self.days, strict=True)
            if blocks
        }
        return json.dumps(days, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Week:
        """Reads what `to_json` wrote. Raises ScheduleError for anything else."""
        try:
            days = json.loads(text)
            unknown = set(days) - set(CODES)
            blocks = [[_block(each) for each in days.get(code, [])] for code in CODES]
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise ScheduleError('hours: must look like {"T2": ["07:30-11:30"]}') from error
        if unknown:
            raise ScheduleError(f"hours: no day is called {min(unknown)!r}; use T2 to T7, CN")
        return cls.of(blocks)


def _joined(day: int, blocks: Iterable[Block]) -> tuple[Block, ...]:
    joined: list[Block] = []
    for start, end in sorted(blocks):
        if not (0 <= start < DAY and start < end <= _latest(start)):
            raise ScheduleError(f"{CODES[day]}: {start}-{end} minutes is no block of a day")
        if joined and start <= joined[-1][1]:
            start, end = joined[-1][0], max(end, joined[-1][1])
            joined.pop()
            if end > _latest(start):
                raise ScheduleError(f"{CODES[day]}: hours that touch are longer than a day")
        joined.append((start, end))
    return tuple(joined)


def _latest(start: int) -> int:
    """The last end of a block: a whole day is written from midnight to midnight only."""
    return start + DAY - (start > 0)


def _check_night(day: int, blocks: tuple[Block, ...], following: tuple[Block, ...]) -> None:
    if blocks and following and blocks[-1][1] > following[0][0] + DAY:
        tomorrow = CODES[(day + 1) % 7]
        raise ScheduleError(
            f"{CODES[day]} {_range(blocks[-1])} runs into {tomorrow} {_range(following[0])}: "
            "the night must end before the next day's hours begin"
        )


def _list(names: Sequence[str], days: list[int], to: str) -> str:
    """Days in a row as first-last, others one by one."""
    parts = []
    for _, group in groupby(enumerate(days), lambda pair: pair[1] - pair[0]):
        run = [day for _, day in group]
        ends = [names[run[0]]] if len(run) == 1 else [names[run[0]], names[run[-1]]]
        parts.append(to.join(ends))
    return ", ".join(parts)


def _range(block: Block) -> str:
    return f"{_clock(block[0])}-{_clock(block[1])}"


def _clock(minute: int) -> str:
    """Midnight that ends a day is 24:00; a later minute is the next morning's."""
    if minute > DAY:
        minute -= DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _block(text: str) -> Block:
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return start, end if end > start else end + DAY

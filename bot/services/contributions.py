"""Tables of what members did, and of how long citizens waited, as files."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.domain.tickets import MemberView, OwnWork
from bot.domain.work import Finished
from bot.errors import BadRequest
from bot.handoff.contributions import (
    By,
    Contribution,
    Spread,
    Times,
    contributions,
    spread,
    times,
)
from bot.rosters.sheets import write_sheet
from bot.schedule.zone import at, local
from bot.services.runtime import Runtime
from bot.store import contributions as records

HEADINGS = (
    "Mã",
    "Họ tên",
    "Tổ",
    "Cấp",
    "Số phiếu nhận",
    "Số phiếu xong",
    "Trong đó giải quyết được",
    "Số lần tới nhà",
    "Lần tới nhà chưa khai giờ",
    "Số giờ đã khai",
    "Điểm bà con chấm (trung bình)",
)
TIMES_HEADINGS = (
    "Mã",
    "Tên",
    "Số phiếu",
    "Số phiếu đã trả lời",
    "Trả lời đầu: trung vị (giờ)",
    "Trả lời đầu: 90% trong (giờ)",
    "Số phiếu đã xong",
    "Xong: trung vị (giờ)",
    "Xong: 90% trong (giờ)",
)
RUNGS = {"hamlet": "thôn, ấp, buôn", "commune": "xã, phường", "province": "tỉnh"}
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def month_span(month: str) -> tuple[datetime, datetime]:
    """(begin, end) of a month of Vietnam's calendar written 2026-11, in UTC."""
    found = _MONTH.fullmatch(month)
    try:
        if found is None:
            raise ValueError
        first = date(int(found[1]), int(found[2]), 1)
        return at(first), at((first + timedelta(days=32)).replace(day=1))
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"--month {month!r}: must be a month such as 2026-11") from error


def of_month(runtime: Runtime, month: str) -> tuple[Contribution, ...]:
    """What everybody did in a month."""
    since, before = month_span(month)
    return runtime.db.read_now(
        lambda c: contributions(records.workers(c), records.deeds(c, since, before))
    )


def own_work(connection: Connection, member: MemberView, now: datetime) -> OwnWork:
    """What a member did this month so far, in all their teams."""
    since = local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ids = {member.id, *(number for number, _ in member.also)}
    before = now + timedelta(days=1)
    deeds = list(records.deeds(connection, since, before, ids))
    found = contributions(records.workers(connection, ids), deeds)
    replies = [
        p.first_reply_at - p.created_at
        for p in records.passages(connection, since, before, ids)
        if p.first_reply_at is not None
    ]
    ratings = [d.rating for d in deeds if isinstance(d, Finished) and d.rating is not None]
    return OwnWork(
        open=len(member.claimed),
        taken=sum(each.taken for each in found),
        closed=sum(each.closed for each in found),
        visits=sum(each.visits for each in found),
        minutes=sum(each.minutes for each in found),
        rating=sum(ratings) / len(ratings) if ratings else None,
        reply=spread(replies).median,
    )


def write_contributions(runtime: Runtime, month: str, path: Path) -> int:
    """Write a month's contributions as .xlsx or .csv; returns how many members there are."""
    found = of_month(runtime, month)
    write_sheet(path, HEADINGS, [_row(each) for each in found])
    return len(found)


def times_of_month(runtime: Runtime, month: str, by: By) -> tuple[tuple[Times, str], ...]:
    """How long the tickets opened in a month took, each with a name for people: the member's, or
    the code."""
    since, before = month_span(month)
    found = runtime.db.read_now(lambda c: times(records.passages(c, since, before), by))
    names: dict[str, str] = {}
    if by is By.MEMBER:
        everybody = runtime.db.read_now(records.workers)
        names = {str(worker.id): worker.name for worker in everybody}
    return tuple((each, names.get(each.key, each.key)) for each in found)


def write_times(runtime: Runtime, month: str, by: By, path: Path) -> int:
    """Write a month's times as .xlsx or .csv; returns how many rows there are."""
    found = times_of_month(runtime, month, by)
    write_sheet(path, TIMES_HEADINGS, [times_row(each, name) for each, name in found])
    return len(found)


def _row(each: Contribution) -> list[str]:
    worker = each.worker
    return [
        worker.key,
        worker.name,
        worker.team,
        RUNGS[worker.rung],
        str(each.taken),
        str(each.closed),
        str(each.solved),
        str(each.visits),
        str(each.visits_untimed),
        f"{each.hours:.2f}",
        "" if each.rating is None else f"{each.rating:.2f}",
    ]


def times_row(each: Times, name: str) -> list[str]:
    """One row under `TIMES_HEADINGS`."""
    return [
        each.key,
        name,
        str(each.tickets),
        *_spread(each.first_reply),
        *_spread(each.resolution),
    ]


def _spread(found: Spread) -> list[str]:
    return [str(found.count), _hours(found.median), _hours(found.p90)]


def _hours(span: timedelta | None) -> str:
    return "" if span is None else f"{span / timedelta(hours=1):.2f}"

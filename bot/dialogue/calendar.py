"""Days and hours as people in Vietnam live them. Everything in and out is an aware datetime."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
QUIET_FROM = time(21, 0)
QUIET_TO = time(7, 0)
ASK_AT = time(9, 0)


def after_days(now: datetime, days: int, *, working: bool = False) -> datetime:
    """Nine in the morning, Vietnam time, `days` days (or working days, Mon-Fri) after `now`."""
    day = now.astimezone(VIETNAM)
    left = days
    while left > 0:
        day += timedelta(days=1)
        if not working or day.weekday() < 5:
            left -= 1
    return day.replace(hour=ASK_AT.hour, minute=ASK_AT.minute, second=0, microsecond=0).astimezone(
        UTC
    )


def out_of_quiet(moment: datetime) -> datetime:
    """`moment`, or seven in the morning when it falls in the quiet hours 21:00-07:00."""
    local = moment.astimezone(VIETNAM)
    if QUIET_TO <= local.time() < QUIET_FROM:
        return moment
    day = local if local.time() < QUIET_TO else local + timedelta(days=1)
    return day.replace(
        hour=QUIET_TO.hour, minute=QUIET_TO.minute, second=0, microsecond=0
    ).astimezone(UTC)


def spoken_time(moment: datetime, now: datetime) -> str:
    """A time the way it is said: "15 giờ 30 hôm nay", "8 giờ ngày mai", "9 giờ thứ Hai 23/11"."""
    local, today = moment.astimezone(VIETNAM), now.astimezone(VIETNAM).date()
    minute = f" {local.minute:02d}" if local.minute else ""
    names = {-1: "hôm qua", 0: "hôm nay", 1: "ngày mai"}
    day = names.get((local.date() - today).days) or spoken_day(moment)
    return f"{local.hour} giờ{minute} {day}"


def spoken_day(moment: datetime) -> str:
    """A day the way it is said in Vietnamese: "thứ Hai 23/11"."""
    local = moment.astimezone(VIETNAM)
    names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    return f"{names[local.weekday()]} {local.day}/{local.month}"

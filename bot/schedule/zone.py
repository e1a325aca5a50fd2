"""Vietnam's clock.

UTC+7 all year since 13 June 1975 (`Asia/Ho_Chi_Minh`), so a fixed offset is exact, and three times
as fast as looking the zone up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

ICT = timezone(timedelta(hours=7), "ICT")
#: 1 January 1970, as Python counts days.
FIRST_DAY = date(1970, 1, 1).toordinal()
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def local(moment: datetime) -> datetime:
    """An aware moment on Vietnam's clock."""
    return moment.astimezone(ICT)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A day and hour on Vietnam's clock, as UTC. Hour 24 is the midnight that ends the day."""
    whole = datetime.combine(day, time(hour % 24, minute), ICT) + timedelta(days=hour // 24)
    return whole.astimezone(UTC)

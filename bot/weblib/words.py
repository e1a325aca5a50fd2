"""Times and lengths of time as people in Vietnam read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def local_time(moment: datetime) -> str:
    """A moment in Vietnam: "14:05 22/11/2025"."""
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def short_time(moment: datetime) -> str:
    """A moment without its year, where the day is near: "14:05 22/11"."""
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m}"


def iso_time(moment: datetime) -> str:
    """The same for machines (the `datetime` attribute of `<time>`)."""
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def age(since: datetime, now: datetime) -> str:
    """How long something has waited: "vừa xong", "5 phút", "3 giờ", "2 ngày"."""
    passed = now - since
    if passed < timedelta(minutes=1):
        return "vừa xong"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} phút"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} giờ"
    return f"{passed.days} ngày"


def number(value: float) -> str:
    """A number as Vietnam writes it: "1.234.567", "0,5"."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,"))


def digits(phone: str) -> str:
    """A phone number as a `tel:` link wants it: digits, with the plus of a country in front."""
    kept = "".join(c for c in phone if c.isascii() and c.isdigit())
    return f"+{kept}" if phone.strip().startswith("+") else kept

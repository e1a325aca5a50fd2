"""What can be wrong with hours and calendars."""

from __future__ import annotations

from bot.errors import CongdansoError


class ScheduleError(CongdansoError):
    """Hours or a calendar are wrong; the text says where and what would be right."""


class NeverOpen(ScheduleError):
    """There is no open hour to count with: the week is empty, or the holidays do not end."""

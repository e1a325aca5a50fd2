"""The holidays in force: the shipped calendar, with the operator's own laid over it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog

from bot.errors import SettingsError
from bot.schedule.holidays import Holidays, read_holidays
from bot.schedule.zone import local
from bot.settings import Settings

log = structlog.get_logger(__name__)
SHIPPED = "holidays.ics"


def load_holidays(settings: Settings, now: datetime) -> Holidays:
    """Reads `holidays.ics` of the content folder, then the file of CONGDANSO_HOLIDAYS if it is set.

    Logs a warning when what is known ends soon. Raises ScheduleError for a file that is no good
    calendar, SettingsError for one that cannot be read.
    """
    shipped = settings.content_dir / SHIPPED
    found = read_holidays(shipped.read_bytes(), str(shipped)) if shipped.exists() else Holidays()
    if settings.holidays:
        found |= read_holidays(_bytes(Path(settings.holidays)), settings.holidays)
    if warning := found.runs_out(local(now).date()):
        log.warning("holidays run out", reason=warning)
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"CONGDANSO_HOLIDAYS: {path} cannot be read ({error.strerror}); "
            "must be an iCalendar file"
        ) from error

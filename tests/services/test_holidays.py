"""Which calendar is in force: the shipped one with the operator's own over it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import SettingsError
from bot.schedule.errors import ScheduleError
from bot.services.holidays import load_holidays
from bot.settings import Settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)
#: Tết 2029, and a day of the shipped calendar that is worked.
OWN = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tinh//VI
BEGIN:VEVENT
DTSTART;VALUE=DATE:20290212
DTEND;VALUE=DATE:20290217
SUMMARY:Tết Nguyên đán Kỷ Dậu
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270903
STATUS:CANCELLED
SUMMARY:Đi làm
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "tinh.ics"
    path.write_text(OWN, encoding="utf-8")
    return path


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def test_the_shipped_days_and_the_operators_over_them(own: Path) -> None:
    shipped, both = load_holidays(settings(), NOW), load_holidays(settings(holidays=str(own)), NOW)
    assert date(2027, 9, 3) in shipped
    assert date(2027, 9, 3) not in both
    assert date(2029, 2, 16) in both
    assert both.days.keys() - shipped.days.keys() == {date(2029, 2, day) for day in range(12, 17)}


@pytest.mark.parametrize(
    ("now", "warned"),
    [
        (NOW, False),
        (datetime(2028, 10, 31, 16, 59, tzinfo=UTC), False),
        (datetime(2028, 10, 31, 17, 0, tzinfo=UTC), True),
    ],
)
def test_operators_are_warned_sixty_days_before_it_ends(now: datetime, warned: bool) -> None:
    with capture_logs() as logs:
        load_holidays(settings(), now)
    assert [each["log_level"] for each in logs] == ["warning"] * warned


def test_without_any_calendar_it_goes_on_with_a_warning(tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert not load_holidays(settings(content_dir=tmp_path), NOW).days
    assert "no complete year" in logs[0]["reason"]


def test_a_file_that_is_not_there_or_no_calendar_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CONGDANSO_HOLIDAYS: .*gone\.ics cannot be read"):
        load_holidays(settings(holidays=str(tmp_path / "gone.ics")), NOW)
    with pytest.raises(SettingsError, match="CONGDANSO_HOLIDAYS"):
        load_holidays(settings(holidays=str(tmp_path)), NOW)
    broken = tmp_path / "broken.ics"
    broken.write_text("ngày lễ")
    with pytest.raises(ScheduleError, match=r"broken\.ics: "):
        load_holidays(settings(holidays=str(broken)), NOW)


def test_the_command_lists_them(own: Path) -> None:
    environment = {"CONGDANSO_HOLIDAYS": str(own), "COLUMNS": "120"}
    done = CliRunner().invoke(app, ["holidays", "--year", "2029"], env=environment)
    assert done.exit_code == 0
    assert "2029-02-12 │ thứ Hai" in done.stdout
    assert "2027" not in done.stdout
    assert "known until: 2028-12-31" in done.stdout

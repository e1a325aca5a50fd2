"""What the handoff goes by: rules, words, holidays. Read once: a change takes a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.handoff.files import RULES, WORDS, load_rules, load_words
from bot.handoff.rules import Rules
from bot.schedule.holidays import Holidays
from bot.services.holidays import load_holidays
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """Deadlines and delays, the words tickets are given, the days nobody works; `billed`: messages
    are sent to people on Zalo that cost."""

    rules: Rules
    words: tuple[str, ...]
    holidays: Holidays
    billed: bool = False


_READ: dict[tuple[Path, str, bool], Plan] = {}


def load_plan(settings: Settings, now: datetime) -> Plan:
    """The plan of a content folder and an operator's calendar.

    Raises ContentError, ScheduleError or SettingsError, each naming the file.
    """
    folder = settings.content_dir
    billed = settings.zalo_oa_billed
    key = (folder, settings.holidays, billed)
    if key not in _READ:
        rules, words = load_rules(folder / RULES), load_words(folder / WORDS)
        _READ[key] = Plan(rules, words, load_holidays(settings, now), billed)
    return _READ[key]

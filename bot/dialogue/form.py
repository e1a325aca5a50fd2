"""What is typed into a request for a person: names, wished times, words to add."""

from __future__ import annotations

import re

from bot.dialogue import place
from bot.dialogue.calendar import spoken_day
from bot.dialogue.turn import Turn
from bot.domain.phones import plain_phone

_NAME_MOST = 60
_WHEN_MOST = 60
_NOTE_MOST = 1000


def readable(text: str) -> bool:
    """Whether there is anything in it to read."""
    return any(ch.isalnum() for ch in text)


def bare_phone(raw: str) -> str | None:
    """The phone number that this text is, with no words around it."""
    return None if re.search(r"[^\W\d_]", raw) else plain_phone(raw)


def name_of(turn: Turn, raw: str) -> str | None:
    """What to call somebody, without secrets; None for what is no name."""
    name = place.one_line(turn, raw)
    ok = readable(name) and "?" not in name and len(name) <= _NAME_MOST
    return name if ok else None


def wished_time(turn: Turn, raw: str) -> str:
    """When they wish to be called, in their words, with the day they said it on: "mai" is another
    day tomorrow. "" for nothing readable."""
    words = place.one_line(turn, raw)[:_WHEN_MOST].strip()
    if not readable(words):
        return ""
    return turn.text("when_said", words=words, day=spoken_day(turn.facts.now))


def note_of(turn: Turn, raw: str) -> str:
    """Words for whoever helps, without secrets; "" for nothing readable."""
    text = place.one_line(turn, raw)[:_NOTE_MOST].strip()
    return text if readable(text) else ""

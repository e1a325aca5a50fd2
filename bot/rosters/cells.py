"""What a cell of a roster means, column by column. A CellError says what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache

from bot.domain.languages import VIETNAMESE
from bot.domain.phones import plain_phone
from bot.rosters.form import ROLES, RUNGS, TONGUES, Field
from bot.rosters.sheets import Cell, Formula
from bot.schedule.errors import ScheduleError
from bot.schedule.week import Week
from bot.schedule.written_week import read_week

NAME_MOST = 160
MAX_OPEN_MOST = 100
_KEY = re.compile(r"[^\W_][\w.-]{0,63}")
_GROUP = re.compile(r"-[1-9]\d{0,19}")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_FLOAT = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_SEPARATORS = re.compile(r"[;\n]+")
_LANGUAGE_SEPARATORS = re.compile(r"[;,/\n+]+|\s+và\s+")


class CellError(Exception):
    """The cell is wrong; the text says how, and what would be right."""


def text_of(cell: Cell) -> str:
    """The words of a cell, "" for an empty one. CellError for a formula or an Excel error."""
    if isinstance(cell, Formula):
        raise CellError("is a formula; copy it and paste it back as a value")
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        raise CellError("is a date; make the cell's format Text and type it again")
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", str(cell)))
    text = " ".join(text.split(" ")) if "\n" in text else " ".join(text.split())
    if text in ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"):
        raise CellError(f"is {text}, an error of Excel; type the value")
    return text.strip()


def name(cell: Cell) -> str:
    """A name: some letter, at most 160 characters."""
    text = " ".join(text_of(cell).split())
    if text and not any(each.isalpha() for each in text):
        raise CellError(f"{_shown(text)} is no name; must have letters")
    if len(text) > NAME_MOST:
        raise CellError(f"is {len(text)} characters long; at most {NAME_MOST}")
    return text


def phone(cell: Cell) -> str:
    """A Vietnamese number as 0xxxxxxxxx, "" for none.

    A zero that Excel took away is put back: nine digits can be nothing else. What lost other
    digits, as 9E+08 has, or became a date is an error. Numbers are never repeated in an error.
    """
    if isinstance(cell, datetime | date | time):
        raise CellError("is a date; make the cell's format Text and type the ten digits")
    if isinstance(cell, float) and not cell.is_integer():
        raise CellError("is a decimal number; make the cell's format Text and type the ten digits")
    text = text_of(cell)
    if not text:
        return ""
    if _FLOAT.fullmatch(text):
        raise CellError("was shortened by Excel (as in 9E+08); format Text, type the ten digits")
    found = plain_phone(text) or (plain_phone(f"0{text}") if _lost_zero(text) else None)
    if found is None:
        raise CellError("is no phone number of Vietnam; must be 10 digits that begin with 0")
    return found


def _lost_zero(text: str) -> bool:
    digits = re.sub(r"[\s.-]", "", text)
    return digits.isdigit() and digits[0] in "235789" and len(digits) in (9, 10)


def own_key(cell: Cell) -> str:
    """A key of the roster's own: letters, digits, . _ -, at most 64 characters."""
    text = text_of(cell)
    if text and not _KEY.fullmatch(text):
        raise CellError(f"{_shown(text)} is no key; use letters, digits, . _ - (64 at most)")
    return text


def group(cell: Cell) -> str:
    """The id of a Telegram group, -100…; "" for none."""
    text = text_of(cell)
    if isinstance(cell, float) and abs(cell) >= 2**53:
        raise CellError("lost digits in Excel; make the cell's format Text and type it again")
    if text and not _GROUP.fullmatch(text):
        raise CellError(f"{_shown(text)} is no Telegram group; such as -1001234567890")
    return text


def rung(cell: Cell) -> str:
    """A rung of the ladder; "" when it is left to the place."""
    return _meaning(cell, RUNGS.meaning, RUNGS.choices)


def role(cell: Cell) -> str:
    """What somebody is in the team; "" when not said."""
    return _meaning(cell, ROLES.meaning, ROLES.choices)


def _meaning(cell: Cell, meaning: Callable[[str], str | None], choices: str) -> str:
    text = text_of(cell)
    if not text:
        return ""
    found = meaning(text)
    if found is None:
        raise CellError(f"{_shown(text)} is not known; one of: {choices}")
    return found


def languages(cell: Cell) -> tuple[str, ...]:
    """Codes of languages, Vietnamese among them; () when not said."""
    found: list[str] = []
    for part in _parts(cell, _LANGUAGE_SEPARATORS):
        code = TONGUES.meaning(re.sub(r"(?i)^tiếng\s+", "", part)) or TONGUES.meaning(part)
        if code is None:
            raise CellError(f"{_shown(part)} is not known; of: {TONGUES.choices}")
        found.append(code)
    if found and VIETNAMESE not in found:
        # Who reads the cards reads Vietnamese.
        found.insert(0, VIETNAMESE)
    return tuple(dict.fromkeys(found))


def hours(cell: Cell) -> str:
    """Hours as the database keeps them; "" when not said."""
    if isinstance(cell, datetime | date | time):
        raise CellError("is a date or a time; write hours as text, such as T2-CN 19:00-21:00")
    text = text_of(cell)
    if not text:
        return ""
    try:
        return _stored_hours(text)
    except ScheduleError as error:
        raise CellError(str(error).removeprefix("hours: ")) from error


@lru_cache(maxsize=4_096)
def _stored_hours(text: str) -> str:
    return read_week(text).to_json()


def shown_hours(stored: str) -> str:
    """Hours as a roster has them; "" for none."""
    return str(Week.from_json(stored)) if stored else ""


def max_open(cell: Cell) -> int | None:
    """How many tickets somebody may hold; None when not said."""
    text = text_of(cell)
    if not text:
        return None
    if not text.isdecimal() or int(text) > MAX_OPEN_MOST:
        raise CellError(f"{_shown(text)} is no whole number from 0 to {MAX_OPEN_MOST}")
    return int(text)


def places(cell: Cell) -> tuple[str, ...]:
    """Names of places, several apart by semicolons."""
    return _parts(cell, _SEPARATORS)


def _parts(cell: Cell, separators: re.Pattern[str]) -> tuple[str, ...]:
    parts = separators.split(text_of(cell))
    return tuple(" ".join(part.split()) for part in parts if part.strip())


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


#: What reads each column.
READERS: dict[Field, Callable[[Cell], object]] = {
    Field.TEAM_KEY: own_key,
    Field.TEAM: name,
    Field.RUNG: rung,
    Field.PROVINCE: text_of,
    Field.COMMUNE: places,
    Field.HAMLET: places,
    Field.TEAM_PHONE: phone,
    Field.GROUP: group,
    Field.TEAM_HOURS: hours,
    Field.KEY: own_key,
    Field.NAME: name,
    Field.ROLE: role,
    Field.PHONE: phone,
    Field.LANGUAGES: languages,
    Field.HOURS: hours,
    Field.MAX_OPEN: max_open,
}

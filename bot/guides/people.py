"""Who is talking: forms of address, members of the household, provinces (content/people.yml).

Errors: ContentError from `load_people`, with every problem of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.guides.heard import Heard
from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record
from bot.guides.variants import PROVINCES
from bot.guides.words import capital
from nlu.text import normalize

ELSEWHERE = "elsewhere"
#: The button of a form is its word: "bác".
_FORM_MOST = 12
_NEVER = 100


@dataclass(frozen=True, slots=True)
class Form:
    """One way to address a person: `you` is what they are called, `me` what the bot is.

    With `marks` it is never concluded from a message typed without any.
    """

    you: str
    me: str
    says: tuple[str, ...] = ()
    marks: bool = False

    def blanks(self) -> dict[str, str]:
        """What stands for {you}, {You}, {me} and {Me}."""
        you, me = self.you, self.me
        return {"you": you, "me": me, "You": capital(you), "Me": capital(me)}


@dataclass(frozen=True, slots=True)
class Province:
    """A province that can be chosen, and the words that name it in a message."""

    label: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """The content of people.yml."""

    neutral: Form
    forms: Mapping[str, Form]
    calls: tuple[str, ...]
    roles: Mapping[str, str]
    provinces: Mapping[str, Province]

    def form(self, form_id: str) -> Form:
        """The form of this id; the neutral one for "" and for ids of an older release."""
        return self.forms.get(form_id, self.neutral)

    def spoken_form(self, text: str) -> str:
        """The id of the form that a message's words about oneself suggest, "" for none.

        Two different ones in a message ("bác hỏi giùm cô Ba") say nothing.
        """
        heard = Heard(text)
        found = {
            key
            for key, form in self.forms.items()
            if heard.has(form.says, bare_from=_NEVER if form.marks else 3)
        }
        return found.pop() if len(found) == 1 else ""

    def asked_form(self, text: str) -> str:
        """The id of the form a message asks for ("gọi tôi là cô"), "" when it asks for none."""
        heard = Heard(text)
        for key, form in self.forms.items():
            if heard.has((f"{call} {form.you}" for call in self.calls), whole=True):
                return key
        return ""

    def province(self, text: str) -> str:
        """The code of the only province a message names, "" for none."""
        heard = Heard(text)
        found = {key for key, item in self.provinces.items() if heard.has(item.words)}
        return found.pop() if len(found) == 1 else ""


def load_people(file: Path) -> People:
    """Read people.yml. Raises ContentError with every problem found."""
    faults = Faults(str(file))
    top = open_record(file, faults)
    people = _people(top) if top else None
    faults.raise_any()
    assert people is not None, "a file that cannot be read has a problem"
    return people


def _people(top: Record) -> People:
    neutral = top.record("neutral")
    people = People(
        neutral=_form(neutral, says=False) if neutral else Form("", ""),
        forms=_forms(top.record("forms")),
        calls=top.texts("calls", 40, 20),
        roles=_roles(top.record("roles")),
        provinces=_provinces(top.record("provinces")),
    )
    top.close()
    return people


def _form(record: Record, *, says: bool = True) -> Form:
    form = Form(
        you=record.text("you", _FORM_MOST),
        me=record.text("me", _FORM_MOST),
        says=record.texts("says", 40, 60) if says else (),
        marks=record.flag("marks") if says and record.optional("marks") else False,
    )
    record.close()
    return form


def _forms(record: Record | None) -> dict[str, Form]:
    if record is None:
        return {}
    found: dict[str, Form] = {}
    owners: dict[str, str] = {}
    for name in _names(record, 10):
        item = record.record(name)
        if item is None:
            continue
        found[name] = _form(item)
        for phrase in found[name].says:
            # A phrase of two forms, also once its marks are left out, would decide for neither.
            owner = owners.setdefault(normalize(phrase).stripped, name)
            if owner != name:
                record.fault(name, f"has {phrase!r}, which {owner!r} has too; keep one of them")
    return found


def _roles(record: Record | None) -> dict[str, str]:
    if record is None:
        return {}
    return {name: record.text(name, 20) for name in _names(record, 10)}


def _provinces(record: Record | None) -> dict[str, Province]:
    if record is None:
        return {}
    found = {}
    for code in (*PROVINCES, ELSEWHERE):
        item = record.record(code)
        if item:
            found[code] = Province(item.text("label", 20), item.texts("words", 40, 20))
            item.close()
    record.close()
    return found


_NAME = re.compile(r"[a-z][a-z_]{0,19}", re.ASCII)


def _names(record: Record, most: int) -> list[str]:
    names = record.names()
    for name in names:
        if not _NAME.fullmatch(name):
            record.fault(name, "is not allowed; must be a short name of the letters a-z and _")
    if len(names) > most:
        record.fault("", f"has {len(names)} entries; must have at most {most}")
    return names

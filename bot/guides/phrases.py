"""The bot's own words: content/phrases.yml as a value, with every key the program uses checked.

`Say` and `Button` list the keys the program needs. Loading fails with ContentError when one is
missing, unknown, or asks for a name the program does not fill in.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from bot.guides.asks import LEADS, TAILS, Ask, Asks, read_asks
from bot.guides.cues import Cues, build_cues, cue_faults
from bot.guides.errors import ContentError, Problem
from bot.guides.nodes import LOADER
from bot.guides.phrase_keys import ATTACHMENTS, BUTTON, SAY
from nlu.remembered import read
from nlu.text import normalize, strip_diacritics


class Command(StrEnum):
    """What an exact phrase asks for."""

    START = "start"
    MENU = "menu"
    PATH = "path"
    ALL_TOPICS = "all_topics"
    HUMAN = "human"
    STATUS = "status"
    ERASE = "erase"
    NEXT = "next"
    PREVIOUS = "previous"
    REPEAT = "repeat"
    STUCK = "stuck"
    STOP = "stop"
    YES = "yes"
    NO = "no"
    END_RELAY = "end_relay"
    TICKETS = "tickets"
    HOUSEHOLD = "household"
    ADDRESS = "address"
    OTHER_CASE = "other_case"
    PICTURE = "picture"
    CANCEL_TICKET = "cancel_ticket"
    REOPEN = "reopen"
    ADD = "add"
    FIX = "fix"
    FIX_NAME = "fix_name"
    FIX_PHONE = "fix_phone"
    FIX_PLACE = "fix_place"
    CALL_ME = "call_me"
    RATING_NOTE = "rating_note"
    TRUST_WORDS = "trust_words"
    SELLER_QR = "seller_qr"
    ALERTS = "alerts"
    ALERTS_OFF = "alerts_off"
    RIGHT = "right"
    WRONG = "wrong"
    MINE = "mine"
    HELP = "help"
    LINK = "link"
    LINK_YES = "link_yes"
    LINK_NO = "link_no"
    UNLINK = "unlink"
    ERASE_HERE = "erase_here"


_ADDRESS = frozenset({"you", "You", "me", "Me"})
#: Characters of the line that tells a guide from others when the bot asks back.
TOPIC_MOST = 80
#: Words of the longest phrase that something may follow, and what may part them.
_LEAD_MOST = 6
_PARTING = ":,.-–;"


@dataclass(frozen=True, slots=True)
class Phrases:
    """The checked content of phrases.yml."""

    sentences: Mapping[str, str]
    buttons: Mapping[str, str]
    attachments: Mapping[str, str]
    address: Mapping[str, str]
    commands: Mapping[str, Command]
    by_plain: Mapping[str, tuple[str, ...]]
    marks_needed: frozenset[str]
    search: tuple[str, ...]
    asks: Asks
    topics: Mapping[str, str]
    away: tuple[str, ...]
    away_commands: frozenset[str]
    threats: re.Pattern[str]
    not_threats: re.Pattern[str]
    cues: Cues

    def addressed(self, address: Mapping[str, str]) -> Phrases:
        """The same phrases for somebody who is addressed otherwise."""
        return self if address == self.address else replace(self, address=address)

    def say(self, key: str, **values: object) -> str:
        """The sentence with its blanks filled in. KeyError, a programming error, if unknown."""
        return self.sentences[key].format(**self.address, **values).strip()

    def button(self, key: str, **values: object) -> str:
        """A button's label."""
        return self.buttons[key].format(**self.address, **values)

    def fill(self, text: str) -> str:
        """A guide's own text with only the form of address filled in."""
        for name, word in self.address.items():
            text = text.replace("{" + name + "}", word)
        return text

    def attachment(self, what: str) -> str:
        """What to call something that is not text."""
        return self.attachments.get(what, self.attachments["other"])

    def command(self, text: str) -> Command | None:
        """The command this whole message is, or None."""
        if text.startswith("/"):
            return self.commands.get(text.split("@", 1)[0].split(" ", 1)[0].lower())
        plain = read(text)
        for phrase in self.by_plain.get(plain.stripped, ()):
            if phrase in self.marks_needed:
                meant = plain.accented == phrase
            else:
                meant = _may_mean(plain.accented, phrase)
            if meant:
                return self.commands[phrase]
        return None

    def begun(self, text: str) -> tuple[Command, str] | None:
        """The command a message begins with, and the rest of it as it was typed: "bổ sung: máy cũ".

        The rest keeps what parts it from the phrase (":", "là"). None when there is no rest.
        """
        words = text.split()
        for count in range(min(len(words) - 1, _LEAD_MOST), 0, -1):
            lead = " ".join(words[:count])
            head = lead.rstrip(_PARTING)
            command = self.command(head) if head else None
            if command is not None:
                return command, lead[len(head) :] + " " + " ".join(words[count:])
        return None

    def threat(self, text: str) -> bool:
        """Whether the message says that somebody may die or be hurt."""
        plain = self.not_threats.sub(" ", read(text).accented)
        return self.threats.search(plain) is not None


def _may_mean(typed: str, phrase: str) -> bool:
    """Word by word as in the phrase or without marks: "dung" may be "dừng", "đúng" may not."""
    words = zip(typed.split(), phrase.split(), strict=True)
    return all(word in (meant, strip_diacritics(meant)) for word, meant in words)


#: Blanks that stay blanks, for whoever only looks at the sentences.
_AS_WRITTEN = {name: f"{{{name}}}" for name in sorted(_ADDRESS)}


def load_phrases(file: Path, address: Mapping[str, str] = _AS_WRITTEN) -> Phrases:
    """Read phrases.yml; `address` stands for {you}, {You}, {me} and {Me}.

    Raises ContentError with every problem found.
    """
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ContentError((Problem(file.name, line, "-", f"cannot be read: {error}"),)) from error
    problems = list(_problems(file, raw))
    if problems:
        raise ContentError(tuple(problems))
    return _build(raw, address)


def _problems(file: Path, raw: Any) -> Iterable[Problem]:
    if not isinstance(raw, dict):
        yield Problem(file.name, 1, "-", "must be a mapping; see docs/content-guide.md")
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    checks: list[tuple[str, Mapping[str, frozenset[str]]]] = [
        ("say", SAY),
        ("button", BUTTON),
        ("attachment", dict.fromkeys(ATTACHMENTS, frozenset[str]())),
        ("commands", dict.fromkeys((c.value for c in Command), frozenset[str]())),
        ("asks", dict.fromkeys((a.value for a in Ask), frozenset[str]())),
    ]
    for section, wanted in checks:
        found = raw.get(section)
        if not isinstance(found, dict):
            yield Problem(file.name, 1, section, "is missing; must be a mapping")
            continue
        for key in sorted(wanted.keys() - found.keys()):
            yield Problem(file.name, 1, f"{section}.{key}", "is missing; the program says it")
        for key in sorted(map(str, found.keys() - wanted.keys())):
            yield Problem(file.name, _line(lines, key), f"{section}.{key}", "is not a known key")
        if section in ("say", "button"):
            yield from _blanks(file, lines, section, found, wanted)
    lists = ("threats", "threats_plain", "not_threats", "marks_needed", "search", "away")
    bad = [key for key in (*lists, LEADS, TAILS) if not _is_list(raw.get(key))]
    for key in bad:
        yield Problem(file.name, _line(lines, key), key, "must be a list of phrases")
    for where, what in cue_faults(raw):
        yield Problem(file.name, _line(lines, where.rpartition(".")[2]), where, what)
    yield from _topics(file, lines, raw.get("topics"))
    if isinstance(raw.get("asks"), dict):
        for name, phrases in raw["asks"].items():
            if not _is_list(phrases):
                where = f"asks.{name}"
                yield Problem(file.name, _line(lines, name), where, "must be a list of phrases")
    if isinstance(raw.get("commands"), dict) and not bad:
        yield from _clashes(file, lines, raw["commands"], set(_normalized(raw["marks_needed"])))


def _topics(file: Path, lines: list[str], topics: Any) -> Iterable[Problem]:
    """A line a guide, short enough to be compared at a glance with two others."""
    if not isinstance(topics, dict):
        yield Problem(file.name, 1, "topics", "is missing; must be a mapping of guide ids to lines")
        return
    for name, line in topics.items():
        if not isinstance(line, str) or not 0 < len(line.strip()) <= TOPIC_MOST:
            what = f"must be one line of at most {TOPIC_MOST} characters"
            yield Problem(file.name, _line(lines, str(name)), f"topics.{name}", what)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _clashes(
    file: Path, lines: list[str], commands: Mapping[str, Any], marks_needed: set[str]
) -> Iterable[Problem]:
    """One phrase for two commands, also once the marks are left out."""
    owners: dict[str, str] = {}
    for name, phrases in commands.items():
        where = f"commands.{name}"
        if not _is_list(phrases):
            yield Problem(file.name, _line(lines, name), where, "must be a list of phrases")
            continue
        for phrase in phrases:
            plain = normalize(phrase)
            key = plain.accented if plain.accented in marks_needed else plain.stripped
            if phrase.startswith("/"):
                key = phrase.lower()
            owner = owners.setdefault(key, name)
            if owner != name:
                what = f'"{phrase}" also means {owner} without marks; move it to marks_needed'
                yield Problem(file.name, _line(lines, name), where, what)


def _blanks(
    file: Path,
    lines: list[str],
    section: str,
    found: Mapping[str, Any],
    wanted: Mapping[str, frozenset[str]],
) -> Iterable[Problem]:
    for key in found.keys() & wanted.keys():
        where = f"{section}.{key}"
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(found[key]) if name}
        except (TypeError, ValueError) as error:
            yield Problem(file.name, _line(lines, key), where, f"is not a sentence ({error})")
            continue
        if names - _ADDRESS != wanted[key]:
            right = ", ".join("{" + n + "}" for n in sorted(wanted[key])) or "none"
            yield Problem(
                file.name,
                _line(lines, key),
                where,
                f"has the wrong blanks; use: {right}",
            )


def _line(lines: list[str], key: str) -> int:
    for number, line in enumerate(lines, 1):
        if line.strip().strip('"').startswith((f"{key}:", f'{key}":')):
            return number
    return 1


def _build(raw: Mapping[str, Any], address: Mapping[str, str]) -> Phrases:
    commands, by_plain = _commands(raw["commands"])
    return Phrases(
        sentences=raw["say"],
        buttons=raw["button"],
        attachments=raw["attachment"],
        address=address,
        commands=commands,
        by_plain=by_plain,
        marks_needed=frozenset(_normalized(raw["marks_needed"])),
        search=tuple(
            sorted((normalize(phrase).stripped for phrase in raw["search"]), key=len, reverse=True)
        ),
        asks=read_asks(raw),
        topics=raw["topics"],
        away=tuple(normalize(p).stripped for p in raw["away"] if not p.startswith("/")),
        away_commands=frozenset(p.lower() for p in raw["away"] if p.startswith("/")),
        threats=_any_of([*map(_loose, _normalized(raw["threats"])), *raw["threats_plain"]]),
        not_threats=_any_of([_loose(phrase, 0) for phrase in _normalized(raw["not_threats"])]),
        cues=build_cues(raw),
    )


def _normalized(phrases: Iterable[str]) -> list[str]:
    return [normalize(phrase).accented for phrase in phrases]


def _commands(
    raw: Mapping[str, list[str]],
) -> tuple[dict[str, Command], dict[str, tuple[str, ...]]]:
    """Phrase -> command, and the phrases by what is left of them without marks."""
    commands: dict[str, Command] = {}
    by_plain: dict[str, tuple[str, ...]] = {}
    for name, phrases in raw.items():
        for phrase in phrases:
            if phrase.startswith("/"):
                commands[phrase.lower()] = Command(name)
                continue
            plain = normalize(phrase)
            if plain.accented not in commands:
                by_plain[plain.stripped] = (*by_plain.get(plain.stripped, ()), plain.accented)
            commands[plain.accented] = Command(name)
    return commands, by_plain


#: "tự tử" and "từ từ" are both "tu tu": so short a phrase counts only as it is written.
_LOOSE_FROM = 3


def _loose(phrase: str, loose_from: int = _LOOSE_FROM) -> str:
    """A pattern for a phrase whose words may each stand without marks, if it is long enough."""
    words = phrase.split()
    if len(words) < loose_from:
        return re.escape(phrase)
    plain = ((re.escape(word), re.escape(strip_diacritics(word))) for word in words)
    return " ".join(w if w == p else f"(?:{w}|{p})" for w, p in plain)


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    longest_first = sorted(patterns, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(longest_first) + r")(?!\w)")

"""The bot's own words: content/phrases.yml as a value, with every key the program uses checked.

`Say` and `Button` list the keys the program needs. Loading fails with ContentError when one is
missing, unknown, or asks for a name the program does not fill in.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from bot.guides.errors import ContentError, Problem
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


#: Every sentence key with the names the program fills in (beside you, You, me, Me).
SAY: Mapping[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        "greeting": "",
        "menu": "",
        "all_topics": "",
        "group": "title",
        "welcome_back": "title step",
        "thanks": "",
        "goodbye": "",
        "identity": "",
        "affirm": "",
        "deny": "",
        "masked": "",
        "empty": "",
        "attachment": "what",
        "too_long": "",
        "unknown_command": "",
        "bad_number": "number most",
        "guide_intro": "title answer",
        "guide_prepare": "",
        "guide_fee": "fee",
        "guide_time": "time",
        "guide_warnings": "",
        "guide_step": "step total title text",
        "guide_finished": "title",
        "guide_related": "",
        "guide_missing": "title",
        "guide_stopped": "title",
        "guide_aside": "title step",
        "guide_first": "",
        "guide_updated": "title",
        "guide_recalled": "title why",
        "no_session": "",
        "stale": "",
        "stale_step": "",
        "stuck_which": "step",
        "stuck_plain": "step",
        "stuck_retry": "",
        "stuck_offer_human": "",
        "wait_parked": "when",
        "wait_ask": "title ask",
        "wait_again": "when",
        "followup": "title",
        "followup_yes": "",
        "followup_off": "",
        "ask_which": "",
        "ask_none": "",
        "out_of_scope": "",
        "misses_offer_human": "",
        "feedback_sorry": "",
        "scam_which": "",
        "emergency_after": "",
        "emergency_plain": "",
        "threat": "",
        "path_title": "done total",
        "path_next": "",
        "path_all_done": "",
        "hand_consent": "",
        "hand_declined": "",
        "hand_name": "",
        "hand_how": "",
        "hand_phone": "",
        "hand_phone_again": "",
        "hand_commune": "",
        "hand_opened": "ticket team",
        "hand_opened_no_team": "ticket",
        "hand_keep_page": "",
        "hand_again": "ticket status",
        "hand_offer": "",
        "status_none": "",
        "status_waiting": "ticket",
        "status_claimed": "ticket helper",
        "status_safety": "",
        "ticket_claimed": "ticket helper",
        "ticket_claimed_call": "ticket helper",
        "helper_said": "helper text",
        "ticket_closed": "ticket helper",
        "ticket_cancelled": "ticket",
        "rated": "",
        "relay_ended": "ticket helper",
        "relay_unseen": "helper",
        "helper_unreachable": "ticket helper",
        "back_to_step": "title",
        "erase_ask": "",
        "erase_done": "",
        "erase_kept": "",
        "card": "mark ticket topic where commune",
        "card_where": "title step",
        "card_no_guide": "",
        "card_failed": "failed",
        "card_commune": "commune",
        "card_unknown_commune": "",
        "card_urgent": "",
        "claim_won": "ticket helper",
        "claim_mine": "ticket helper",
        "claim_taken": "ticket helper name",
        "claim_gone": "ticket",
        "done_group": "ticket helper",
        "done_not_yours": "ticket name",
        "cancelled_group": "ticket",
        "helper_briefing": "ticket topic where name contact",
        "helper_contact_chat": "",
        "helper_desk": "url",
        "citizen_said": "ticket text",
        "helper_which": "",
        "helper_sent": "ticket",
        "helper_masked": "",
        "helper_list": "",
        "helper_list_line": "ticket topic name",
        "helper_ticket_gone": "ticket",
        "citizen_unreachable": "ticket",
        "helper_closed": "ticket",
        "helper_open_chat": "ticket helper",
        "trouble": "",
        "no_name": "",
        "team_name_unknown": "",
        "topic_general": "",
    }.items()
}

BUTTON: Mapping[str, frozenset[str]] = {
    **{
        key: frozenset()
        for key in ["path", "level_2", "qr_pay", "scam", "human", "all", "menu", "next", "finish", "stuck", "previous", "help", "start_guide", "reopen", "none", "tried", "still_stuck", "other_problem", "scam_yes", "scam_no", "human_now", "step_by_step", "yes", "no", "skip", "by_phone", "by_chat", "cancel_ticket", "keep_ticket", "ready", "not_ready", "done_yes", "done_no", "followup_off", "erase", "keep", "rate_1", "rate_3", "rate_5"]
    },
    "back_to_step": frozenset({"step"}),
    "claim": frozenset({"ticket"}),
    "done": frozenset({"ticket"}),
    "to_ticket": frozenset({"ticket"}),
}

ATTACHMENTS = frozenset(["sticker", "photo", "video", "voice", "audio", "document", "location", "poll", "other"])
_ADDRESS = frozenset({"you", "You", "me", "Me"})


@dataclass(frozen=True, slots=True)
class Phrases:
    """The checked content of phrases.yml."""

    sentences: Mapping[str, str]
    buttons: Mapping[str, str]
    attachments: Mapping[str, str]
    address: Mapping[str, str]
    exact: Mapping[str, Command]
    exact_bare: Mapping[str, Command]
    threats: re.Pattern[str]
    threats_bare: re.Pattern[str]

    def say(self, key: str, **values: object) -> str:
        """The sentence with its blanks filled in. KeyError for an unknown key (a programming error)."""
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
            return self.exact.get(text.split("@", 1)[0].split(" ", 1)[0].lower())
        plain = normalize(text)
        found = self.exact.get(plain.accented)
        if found is None and plain.accented == plain.stripped:
            found = self.exact_bare.get(plain.stripped)
        return found

    def threat(self, text: str) -> bool:
        """Whether the message says that somebody may die or be hurt."""
        plain = normalize(text)
        if plain.accented == plain.stripped:
            return self.threats_bare.search(plain.stripped) is not None
        return self.threats.search(plain.accented) is not None


def load_phrases(file: Path) -> Phrases:
    """Read phrases.yml. Raises ContentError with every problem found."""
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ContentError((Problem(file.name, line, "-", f"cannot be read: {error}"),)) from error
    problems = list(_problems(file, raw))
    if problems:
        raise ContentError(tuple(problems))
    return _build(raw)


def _problems(file: Path, raw: Any) -> Iterable[Problem]:
    if not isinstance(raw, dict):
        yield Problem(file.name, 1, "-", "must be a mapping; see docs/content-guide.md")
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    checks: list[tuple[str, Mapping[str, frozenset[str]]]] = [
        ("say", SAY),
        ("button", BUTTON),
        ("attachment", dict.fromkeys(ATTACHMENTS, frozenset[str]())),
        ("address", {"you": frozenset(), "me": frozenset()}),
        ("commands", dict.fromkeys((c.value for c in Command), frozenset[str]())),
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


def _build(raw: Mapping[str, Any]) -> Phrases:
    you, me = raw["address"]["you"], raw["address"]["me"]
    exact: dict[str, Command] = {}
    bare: dict[str, Command] = {}
    for name, phrases in raw["commands"].items():
        for phrase in phrases:
            if phrase.startswith("/"):
                exact[phrase.lower()] = Command(name)
                continue
            plain = normalize(phrase)
            exact[plain.accented] = Command(name)
            bare.setdefault(plain.stripped, Command(name))
    threats = [normalize(t).accented for t in raw["threats"]]
    # One or two words lose too much without diacritics ("tự tử" and "từ từ" are both "tu tu").
    safe_bare = [strip_diacritics(t) for t in threats if len(t.split()) > 2 or t == "dot quy"]
    return Phrases(
        sentences=raw["say"],
        buttons=raw["button"],
        attachments=raw["attachment"],
        address={
            "you": you,
            "me": me,
            "You": you[:1].upper() + you[1:],
            "Me": me[:1].upper() + me[1:],
        },
        exact=exact,
        exact_bare=bare,
        threats=_any_of(threats),
        threats_bare=_any_of(safe_bare),
    )


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")

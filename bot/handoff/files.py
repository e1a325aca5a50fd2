"""content/handoff.yml and content/handoff_words.yml.

Errors: ContentError with every problem of the file, named by line and field.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from bot.domain.tickets import DueKind, Rung
from bot.guides.errors import ContentError, Problem, Severity
from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record
from bot.handoff.rules import Pace, Rules
from bot.schedule.errors import ScheduleError
from bot.schedule.week import Week
from bot.schedule.written_week import read_week
from nlu.text import normalize

T = TypeVar("T")

RULES = "handoff.yml"
WORDS = "handoff_words.yml"
_SPAN = re.compile(r"([1-9]\d{0,3})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HOURS_MOST = 300
_DUE_BY_RULE = tuple(kind for kind in DueKind if kind is not DueKind.VISIT)

_WORD_MOST = 24
_WORDS_MOST = 1_000
#: With fewer, three words can be guessed at the door in a few hundred thousand tries.
_WORDS_LEAST = 100
#: Letters by which two words must differ on the telephone, once what regions say alike is made one.
_APART = 3
_APART_IN_ONE_SYLLABLE = 2


def handoff_problems(content_dir: Path) -> tuple[Problem, ...]:
    """What is wrong with a folder's files of the handoff, for `content check`."""
    found: list[Problem] = []
    try:
        load_rules(content_dir / RULES)
    except ContentError as error:
        found += error.problems
    try:
        found += _too_alike(content_dir / WORDS)
    except ContentError as error:
        found += error.problems
    return tuple(found)


def load_rules(file: Path) -> Rules:
    """Deadlines, delays and hours. Raises ContentError."""
    faults = Faults(str(file))
    top = open_record(file, faults)
    rules = _rules(top) if top else None
    faults.raise_any()
    return _there(rules)


def _rules(top: Record) -> Rules:
    rules = Rules(
        deadlines=_deadlines(top.record("deadlines")),
        nudge=_pace(top.record("nudge")),
        visit_grace=_span(top, "visit_grace"),
        visit_reminder=_span(top, "visit_reminder"),
        reopen=_span(top, "reopen"),
        hours=_hours(top.record("hours")),
    )
    top.close()
    return rules


def _deadlines(record: Record | None) -> dict[Rung, dict[DueKind, Pace]]:
    found: dict[Rung, dict[DueKind, Pace]] = {rung: {} for rung in Rung}
    if record is None:
        return found
    for kind in _DUE_BY_RULE:
        of_kind = record.record(kind)
        if of_kind is None:
            continue
        for rung in Rung:
            found[rung][kind] = _pace(of_kind.record(rung))
        of_kind.close()
    record.close()
    return found


def _pace(record: Record | None) -> Pace:
    if record is None:
        return Pace(timedelta(0), timedelta(0))
    pace = Pace(_span(record, "normal"), _span(record, "urgent"))
    record.close()
    return pace


def _span(record: Record, name: str) -> timedelta:
    text = record.matching(name, _SPAN, "a length such as 10m, 4h or 7d")
    match = _SPAN.fullmatch(text)
    return int(match.group(1)) * _UNITS[match.group(2)] if match else timedelta(0)


def _hours(record: Record | None) -> dict[Rung, Week]:
    found: dict[Rung, Week] = {}
    for rung in Rung if record else ():
        assert record is not None
        try:
            week = read_week(record.text(rung, _HOURS_MOST))
        except ScheduleError as error:
            record.fault(rung, str(error))
            continue
        if not week.minutes:
            record.fault(rung, "is never open; must have at least one hour a week")
        found[rung] = week
    if record:
        record.close()
    return found


# Words ------------------------------------------------------------------------------------------


def load_words(file: Path) -> tuple[str, ...]:
    """The words tickets are given three of. Raises ContentError."""
    faults = Faults(str(file))
    top = open_record(file, faults)
    words = top.texts("words", _WORD_MOST, _WORDS_MOST) if top else ()
    if top and not faults.problems:
        top.close()
        if len(set(words)) < _WORDS_LEAST:
            top.fault("words", f"are {len(set(words))}; must be at least {_WORDS_LEAST}")
    faults.raise_any()
    return words


def _too_alike(file: Path) -> list[Problem]:
    """Words that may be taken for another. They do no harm but at the telephone: a warning."""
    words = load_words(file)
    heard = [as_heard(word) for word in words]
    return [
        Problem(
            str(file),
            1,
            f"words[{j}]",
            f"{words[j - 1]!r} sounds like {words[i - 1]!r}; keep one of them",
            Severity.WARNING,
        )
        for (i, one), (j, other) in combinations(enumerate(heard, 1), 2)
        if not _apart(one, other)
    ]


def _apart(one: list[str], other: list[str]) -> bool:
    if len(one) == len(other):
        unlike = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
        if len(unlike) < len(one):
            return sum(Levenshtein.distance(*pair) for pair in unlike) >= _APART_IN_ONE_SYLLABLE
    return Levenshtein.distance(" ".join(one), " ".join(other)) >= _APART


#: What one region or another says alike: s/x, tr/ch, l/n, d/gi/r/v; at the end n/ng/nh, c/t/ch.
#: A sound that is written with two letters becomes one.
_ALIKE = [
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^qu", "w"),
        (r"^(?:tr|ch)", "ç"),
        (r"^x", "s"),
        (r"^ph", "f"),
        (r"^th", "þ"),
        (r"^kh", "x"),
        (r"^nh", "ñ"),
        (r"^ngh?", "ŋ"),
        (r"^gh", "g"),
        (r"^(?:c|k)", "k"),
        (r"^(?:gi|r|v)(?=[aeiouy])", "d"),
        (r"^l", "n"),
        (r"(?:ng|nh)$", "n"),
        (r"(?:ch|c)$", "t"),
    )
]


def as_heard(word: str) -> list[str]:
    """A word's syllables without marks and tones, as a bad line and any dialect leave them."""
    syllables = []
    for syllable in normalize(word).stripped.split():
        for pattern, to in _ALIKE:
            syllable = pattern.sub(to, syllable)
        syllables.append(syllable)
    return syllables


def _there(value: T | None) -> T:
    assert value is not None, "a file that cannot be read has a problem"
    return value

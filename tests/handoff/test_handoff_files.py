"""handoff.yml and handoff_words.yml: what is shipped is right, what is wrong is named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.domain.tickets import Rung
from bot.guides.errors import ContentError
from bot.handoff.files import (
    RULES,
    WORDS,
    as_heard,
    handoff_problems,
    load_rules,
    load_words,
)
from bot.handoff.ladder import Option, Place, find_place
from bot.handoff.words import choose_words
from bot.settings import ROOT

CONTENT = ROOT / "content"


def broken(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """The shipped folder's two files, one of them changed."""
    for each in (RULES, WORDS):
        text = (CONTENT / each).read_text(encoding="utf-8")
        if each == name:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / each).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_what_is_shipped_has_no_problem() -> None:
    assert handoff_problems(CONTENT) == ()


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("{normal: 4h, urgent: 10m}", "{normal: 4 giờ, urgent: 10m}", "hamlet.normal", "4h or 7d"),
        ("{normal: 4h, urgent: 10m}", "{normal: 0h, urgent: 10m}", "hamlet.normal", "4h or 7d"),
        ("{normal: 4h, urgent: 10m}", "{normal: 4h}", "claim.hamlet.urgent", "is missing"),
        ("reopen: 7d", "reopn: 7d", "reopen", "is missing"),
        ("nudge:", "nudges:", "nudge", "is missing"),
        ("T2-T6 07:00-11:30, 13:30-21:00", "T2-T9 07:00-11:30", "hours.hamlet", "hours"),
        ("    commune: {normal: 8h", "    xã: {normal: 8h", "deadlines.claim.commune", "missing"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, old: str, new: str, field: str, says: str) -> None:
    file = broken(tmp_path, RULES, old, new)
    with pytest.raises(ContentError) as error:
        load_rules(file)
    assert any(field in p.field and says in p.message for p in error.value.problems)
    assert all(p.line > 1 for p in error.value.problems if p.field != "-" and "." in p.field)
    assert handoff_problems(tmp_path)


def test_too_few_words_are_refused(tmp_path: Path) -> None:
    file = tmp_path / WORDS
    file.write_text("words: [con mèo, cái gương, bông lúa]\n", encoding="utf-8")
    with pytest.raises(ContentError, match="are 3; must be at least 100"):
        load_words(file)


@pytest.mark.parametrize(
    ("new", "like"),
    [
        ("con mèo\n  - con mẹo", "con mèo"),
        ("con mèo\n  - con heo", "con mèo"),
        ("con mèo\n  - sim sẻ", "chim sẻ"),
        ("con mèo\n  - kim sẻ", "chim sẻ"),
    ],
)
def test_words_that_sound_alike_are_warned_of(tmp_path: Path, new: str, like: str) -> None:
    broken(tmp_path, WORDS, "con mèo", new)
    found = [problem.message for problem in handoff_problems(tmp_path)]
    assert any("sounds like" in message and repr(like) in message for message in found)


def test_what_regions_say_alike_is_heard_alike() -> None:
    assert as_heard("trăng sáng") == as_heard("chăn xán")
    assert as_heard("lan") == as_heard("nan")


# Choosing ---------------------------------------------------------------------------------------


def test_three_different_words_that_nobody_else_has() -> None:
    known = load_words(CONTENT / WORDS)
    dice, taken = random.Random(7), set[str]()
    for _ in range(2_000):
        words = choose_words(known, taken, dice.choice)
        assert words not in taken
        taken.add(words)
        parts = words.split(", ")
        assert len(set(parts)) == 3
        assert set(parts) <= set(known)


def test_taken_words_are_never_given_again() -> None:
    """Six orders of three words: the seventh ticket is refused, not given somebody else's."""
    known, taken, dice = ("a", "b", "c"), set[str](), random.Random(1)
    for _ in range(6):
        taken.add(choose_words(known, taken, dice.choice))
    assert len(taken) == 6
    with pytest.raises(ValueError, match="all taken"):
        choose_words(known, taken, dice.choice)
    with pytest.raises(ValueError, match="at least 3"):
        choose_words(("a", "b", "a"), (), dice.choice)


# Placing ----------------------------------------------------------------------------------------


def place(
    there: dict[Rung, list[Option]], start: Rung = Rung.HAMLET, owner: int | None = None
) -> Place:
    return find_place(lambda rung: there.get(rung, []), start, owner)


def test_the_first_rung_with_somebody_there() -> None:
    there = {Rung.HAMLET: [Option(1, 0), Option(2, 3)], Rung.COMMUNE: [Option(3, 9)]}
    assert place(there) == Place(Rung.HAMLET, 2)
    there[Rung.HAMLET] = [Option(1, 0)]
    assert place(there) == Place(Rung.COMMUNE, 3, (Rung.HAMLET,))


def test_who_speaks_the_citizens_language_comes_first() -> None:
    options = [Option(1, 5), Option(2, 1, speakers=1), Option(3, 1, speakers=1)]
    assert place({Rung.HAMLET: options}).team_id == 2


def test_with_nobody_anywhere_the_province_has_it_and_somebody_must_call() -> None:
    both = (Rung.HAMLET, Rung.COMMUNE)
    there = {Rung.HAMLET: [Option(1, 0)], Rung.PROVINCE: [Option(9, 0)]}
    assert place(there) == Place(Rung.PROVINCE, 9, both, call_sheet=True)
    # Without a desk it stays with the highest team there is, else with whoever has it.
    assert place({Rung.HAMLET: [Option(1, 0)]}).team_id == 1
    assert place({}, owner=4) == Place(Rung.PROVINCE, 4, both, call_sheet=True)
    assert place({}, Rung.PROVINCE) == Place(Rung.PROVINCE, None, (), call_sheet=True)

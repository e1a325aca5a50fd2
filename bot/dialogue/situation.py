"""The one question of a guide: for whom, on which phone, where. Asked only when it matters."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from bot.dialogue.turn import Turn
from bot.domain.events import Text
from bot.domain.replies import Choice
from bot.domain.state import Session
from bot.guides.heard import Heard
from bot.guides.model import Guide, Question
from nlu.remembered import read
from nlu.text import normalize

#: How near (of 100) an answer must come to a choice's label, and how many words it may have: a
#: longer message is a question of its own.
_NEAR = 85
_ANSWER_WORDS = 8


_NOT = frozenset({"chua", "khong", "chang", "cha", "dung", "hong", "hok"})

_CHILD = "child"
_AGE = re.compile(r"(?<![\w.,-])(\d{1,2}) (?:tuổi|tuoi)(?!\w)")
_FIRST_ADULT_AGE = 14


def _child_age(text: str) -> bool:
    """Whether a message names the age of one child ("con 10 tuổi"), and no other age."""
    plain = read(text).accented
    ages = {int(found) for found in _AGE.findall(plain)}
    return len(ages) == 1 and ages.pop() < _FIRST_ADULT_AGE and "dưới" not in plain


def open_question(turn: Turn, guide: Guide, session: Session) -> Question | None:
    """The guide's question when this reader has still to answer it."""
    question = guide.question
    if question is None or not question.waits(session.choice, turn.state.province):
        return None
    return question


def known_choice(turn: Turn, guide: Guide) -> str:
    """The choice that is clear without asking, "" when none is.

    It was said with the question itself ("... cho con tôi 10 tuổi"), or, for the phone in
    somebody's hand, to an earlier guide.
    """
    question = guide.question
    if question is None or question.about == "province":
        return ""
    if isinstance(turn.event, Text):
        said = _said(question, turn.masked)
        if len(said) == 1:
            return said.pop()
        if not said and question.choice(_CHILD) and _child_age(turn.masked):
            return _CHILD
    if question.about == "device" and question.choice(turn.state.device):
        return turn.state.device
    return ""


def hear_province(turn: Turn, guide: Guide) -> None:
    """Remember the province that a question about such a guide names."""
    question = guide.question
    if question is not None and question.about == "province" and isinstance(turn.event, Text):
        named = turn.content.people.province(turn.masked)
        if named:
            turn.set(province=named)


def _said(question: Question, text: str) -> set[str]:
    """The choices that a message names by their words."""
    heard = Heard(text)
    return {choice.id for choice in question.choices if heard.has(choice.words)}


def ask(turn: Turn, question: Question, session: Session, before: str = "") -> None:
    """Ask it. "Tiếp" takes the first choice, which is the usual one."""
    text = turn.phrases.fill(question.ask)
    choices = [
        Choice(f"case:{session.key}:{choice_id}", label)
        for choice_id, label in options(turn, question).items()
    ]
    menu = turn.choice("menu", "menu")
    turn.put(f"{before}\n\n{text}" if before else text, [*choices, menu], yes=choices[0].id)


def options(turn: Turn, question: Question) -> dict[str, str]:
    """The labels by the choice's id."""
    if question.about == "province":
        return {code: item.label for code, item in turn.content.people.provinces.items()}
    return {item.id: turn.phrases.fill(item.label) for item in question.choices}


def answer_in(turn: Turn, question: Question) -> str:
    """The choice that a typed text means, "" when it means none clearly."""
    text = turn.masked
    if question.about == "province":
        named = turn.content.people.province(text)
        if named:
            return named
    said = _said(question, text)
    if len(said) == 1:
        return said.pop()
    plain = read(text).stripped
    if not plain or len(plain.split()) > _ANSWER_WORDS:
        return ""
    near = {
        choice_id
        for choice_id, label in options(turn, question).items()
        if _near(plain, normalize(label).stripped)
    }
    return near.pop() if len(near) == 1 else ""


def _near(typed: str, label: str) -> bool:
    """Whether an answer is a label, or part of it. "Chưa cài" is not "đã cài"."""
    denied = _NOT & set(typed.split()) - set(label.split())
    return not denied and fuzz.token_set_ratio(typed, label) >= _NEAR

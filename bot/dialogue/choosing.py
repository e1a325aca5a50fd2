"""The answer to a guide's question, tapped or typed, and changing it."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import situation, walk
from bot.dialogue.show import as_read, current_guide, stored_guide
from bot.dialogue.turn import Turn


def choose(turn: Turn, key: str, choice: str) -> bool:
    """The answer to a guide's question; False when there is no such walk or no such choice."""
    session = walk.kept(turn, key)
    guide = stored_guide(turn, session) if session else None
    if session is None or guide is None or guide.question is None:
        return False
    if choice not in situation.options(turn, guide.question):
        return False
    about = guide.question.about
    told = as_read(turn, guide) if situation.open_question(turn, guide, session) else None
    if about == "province":
        turn.set(province=choice)
    else:
        if about == "device":
            turn.set(device=choice)
        session = replace(session, choice=choice)
    chosen = replace(walk.at_step(session, 0), revision=guide.revision)
    walk.open_walk(turn, chosen)
    walk.begin(turn, chosen, guide, told)
    return True


def ask_again(turn: Turn, key: str) -> None:
    """The question once more, because the answer was another one."""
    session = walk.kept(turn, key)
    guide = stored_guide(turn, session) if session else None
    if session is None or guide is None or guide.question is None:
        walk.step_or_menu(turn)
        return
    if guide.question.about == "province":
        turn.set(province="")
    asked = replace(session, choice="")
    walk.open_walk(turn, asked)
    situation.ask(turn, as_read(turn, guide).question or guide.question, asked)


def other_case(turn: Turn) -> None:
    """The open guide's question once more, typed: "trường hợp khác"."""
    session = turn.state.session
    if session is None:
        walk.no_session(turn)
    else:
        ask_again(turn, session.key)


def took_answer(turn: Turn) -> bool:
    """Take a typed text for the answer to the open guide's question, if it is one."""
    session = turn.state.session
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        return False
    question = situation.open_question(turn, guide, session)
    choice = situation.answer_in(turn, question) if question else ""
    return bool(choice) and choose(turn, session.key, choice)

"""A choice tapped, or meant by a number or a yes: one table from its id to what it does."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import handoff, menu, understand, urgent, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers, EraseMe, Outcome, SetOutcome
from bot.domain.state import State

Handler = Callable[[Turn, str], None]


def press(turn: Turn, choice: str) -> None:
    """Do what a choice says. Old, doubled and unknown ones get a sensible answer."""
    state = turn.state
    if choice == state.last_press and choice not in state.offered:
        # The same tap twice: the first one has been answered, and offered other things since.
        return
    action, _, rest = choice.partition(":")
    turn.set(last_press=choice)
    if state.slot is not None and action != "hand":
        turn.set(slot=None, draft=None)
    handler = _HANDLERS.get(action)
    if handler is None:
        turn.say("stale", menu.front(turn))
        return
    handler(turn, rest)


def _at_step(act: Callable[[Turn], None]) -> Handler:
    """A button of one step of one guide: it acts only while that step is the current one."""

    def handler(turn: Turn, rest: str) -> None:
        guide_id, _, number = rest.partition(":")
        session = turn.state.session
        if session is None or session.guide_id != guide_id:
            _closed_guide(turn, guide_id)
        elif str(session.step) != number.partition(":")[0]:
            turn.note("stale_step")
            walk.show_current(turn)
        else:
            act(turn)

    return handler


def _closed_guide(turn: Turn, guide_id: str) -> None:
    """A step's button when the guide is no longer the open one."""
    state = turn.state
    waiting = (state.suspended, *state.parked)
    if any(s is not None and s.guide_id == guide_id for s in waiting):
        walk.resume(turn, guide_id)
    elif guide_id in turn.content.guides:
        choices = [turn.choice(f"guide:{guide_id}", "reopen"), turn.choice("menu", "menu")]
        turn.say("stale", choices)
    else:
        turn.say("stale", menu.front(turn))


def _why(turn: Turn, rest: str) -> None:
    index = rest.rsplit(":", 1)[-1]
    _at_step(lambda t: walk.obstacle(t, int(index) if index.isdecimal() else 0))(turn, rest)


def _guide(turn: Turn, guide_id: str) -> None:
    if guide_id not in turn.content.titles:
        turn.say("stale", menu.front(turn))
        return
    session = turn.state.session
    if session is not None and session.guide_id == guide_id:
        walk.resume(turn, guide_id)
    else:
        walk.start(turn, guide_id)


def _pick(turn: Turn, rest: str) -> None:
    """One of the three guesses was right: the question is clarified, and labelled by the person."""
    question, _, guide_id = rest.partition(":")
    number = int(question) if question.isdecimal() else 0
    turn.do(SetOutcome(number, Outcome.CLARIFIED, label=guide_id))
    turn.set(misses=0)
    if guide_id == urgent.SCAM_GUIDE:
        urgent.scam(turn)
    elif turn.state.session is not None and guide_id in turn.content.guides:
        walk.aside(turn, guide_id)
    elif guide_id in turn.content.titles:
        walk.start(turn, guide_id, number)
    else:
        turn.say("stale", menu.front(turn))


def _scam(turn: Turn, _: str) -> None:
    yes, no = turn.choice("victim", "scam_yes"), turn.choice("guide:scam_link", "scam_no")
    turn.say("scam_which", [yes, no], yes=yes.id, no=no.id)


def _human(turn: Turn, topic: str) -> None:
    handoff.ask_human(turn, topic)


def _erase(turn: Turn, answer: str) -> None:
    if answer != "yes":
        turn.note("erase_kept")
        if not walk.show_current(turn):
            menu.show_menu(turn)
        return
    turn.do(EraseMe())
    turn.state = State(greeted=True)
    turn.say("erase_done", [turn.choice("menu", "menu")])


def _did(turn: Turn, guide_id: str) -> None:
    turn.do(DropTimers("followup", guide_id))
    turn.say("followup_yes", [turn.choice("path", "path"), turn.choice("menu", "menu")])


def _nofollow(turn: Turn, _: str) -> None:
    turn.set(followup_off=True)
    turn.do(DropTimers("followup"))
    turn.say("followup_off", menu.front(turn))


def _drop(turn: Turn, ticket: str) -> None:
    handoff.drop(turn, int(ticket) if ticket.isdecimal() else 0)


def _rate(turn: Turn, rest: str) -> None:
    ticket, _, stars = rest.partition(":")
    if ticket.isdecimal() and stars.isdecimal():
        handoff.rate(turn, int(ticket), int(stars))
    else:
        turn.say("stale", menu.front(turn))


_HANDLERS: dict[str, Handler] = {
    "menu": lambda turn, _: menu.show_menu(turn),
    "path": lambda turn, _: menu.path(turn),
    "all": lambda turn, _: menu.all_topics(turn),
    "group": menu.one_group,
    "guide": _guide,
    "back": walk.resume,
    "next": _at_step(walk.forward),
    "prev": _at_step(walk.back),
    "stuck": _at_step(walk.stuck),
    "still": _at_step(walk.stuck),
    "why": _why,
    "pick": _pick,
    "none": lambda turn, _: understand.miss(turn, "ask_none"),
    "scam": _scam,
    "victim": lambda turn, _: urgent.scam(turn),
    "human": _human,
    "urgent": lambda turn, _: handoff.ask_human(turn, urgent.SCAM_GUIDE, urgent=True),
    "hand": handoff.on_hand,
    "drop": _drop,
    "rate": _rate,
    "ready": walk.ready,
    "notyet": walk.not_ready,
    "did": _did,
    "didnot": walk.did_not,
    "nofollow": _nofollow,
    "erase": _erase,
}

"""A choice tapped, or meant by a number or a yes: one table from its id to what it does."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import (
    address,
    alerts,
    cards,
    choosing,
    forms,
    handoff,
    household,
    judging,
    linking,
    menu,
    mine,
    path,
    rating,
    reminders,
    seller_qr,
    talking,
    tracking,
    trouble,
    understand,
    urgent,
    voice,
    walk,
)
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers, Outcome, SetOutcome
from bot.domain.state import Slot, State, walk_key, walk_parts
from bot.domain.tickets import TicketView

Handler = Callable[[Turn, str], None]

_DIGITS_MOST = 18


def press(turn: Turn, choice: str) -> None:
    """Do what a choice says. Old, doubled and unknown ones get a sensible answer."""
    state = turn.state
    if choice and choice == state.last_press and choice not in state.offered:
        # The same tap twice: the first one has been answered, and offered other things since.
        # A third one is answered, so that no button is ever dead.
        turn.set(last_press="")
        return
    action, _, rest = choice.partition(":")
    turn.set(last_press=choice)
    if not _of_open_form(state, action):
        forms.leave(turn)
    if action != "none":
        turn.set(misses=0)
    _HANDLERS.get(action, _stale)(turn, rest)


def _of_open_form(state: State, action: str) -> bool:
    """Whether a button belongs to the form that is being filled in."""
    return (
        action == voice.PRESS
        or (action == "hand" and state.draft is not None)
        or (action == "seller" and state.seller is not None)
        or (action == "alerts" and state.slot is Slot.ALERT_PLACE)
    )


def _stale(turn: Turn, _: str) -> None:
    turn.say("stale", menu.front(turn))


def _number(digits: str) -> int:
    """A number out of a choice's id; 0, which is nobody's, for anything else."""
    return int(digits) if digits.isdecimal() and len(digits) <= _DIGITS_MOST else 0


def _known(act: Handler) -> Handler:
    """A button that names a guide or a walk, which must be of a guide there is."""

    def handler(turn: Turn, key: str) -> None:
        guide_id, _ = walk_parts(key)
        known = guide_id in turn.content.titles or guide_id in turn.content.guides
        (act if known else _stale)(turn, key)

    return handler


def _at_step(act: Callable[[Turn], None]) -> Handler:
    """A button of one step of one guide: it acts only while that step is the current one."""

    def handler(turn: Turn, rest: str) -> None:
        key, _, number = rest.partition(":")
        session = turn.state.session
        if session is None or session.key != key:
            _closed_guide(turn, key)
        elif str(session.step) != number.partition(":")[0]:
            turn.note("stale_step")
            walk.show_current(turn)
        else:
            act(turn)

    return handler


def _closed_guide(turn: Turn, key: str) -> None:
    """A step's button when the guide is no longer the open one."""
    guide_id, _ = walk_parts(key)
    if walk.kept(turn, key) is not None:
        walk.resume(turn, key)
    elif guide_id in turn.content.guides:
        choices = [turn.choice(f"guide:{guide_id}", "reopen"), turn.choice("menu", "menu")]
        turn.say("stale", choices)
    else:
        _stale(turn, guide_id)


def _why(turn: Turn, rest: str) -> None:
    index = _number(rest.rsplit(":", 1)[-1])
    _at_step(lambda t: trouble.obstacle(t, index))(turn, rest)


def _guide(turn: Turn, key: str) -> None:
    guide_id, person = walk_parts(key)
    if person:
        turn.set(person=person)
    session = turn.state.session
    if session is not None and session.key == walk_key(guide_id, turn.state.person):
        walk.resume(turn, session.key)
    else:
        walk.start(turn, guide_id)


def _pictures(turn: Turn, wish: str) -> None:
    if wish not in ("on", "off"):
        _stale(turn, wish)
        return
    cards.wish_pictures(turn, wish)
    walk.step_or_menu(turn)


def _case(turn: Turn, rest: str) -> None:
    key, _, choice = rest.partition(":")
    if not choosing.choose(turn, key, choice):
        _stale(turn, rest)


def _pick(turn: Turn, rest: str) -> None:
    """One of the three guesses was right: the question is clarified, and labelled by the person."""
    question, _, guide_id = rest.partition(":")
    number = _number(question)
    if guide_id not in turn.content.titles:
        _stale(turn, rest)
        return
    if number:
        turn.do(SetOutcome(number, Outcome.CLARIFIED, label=guide_id))
        judging.answered(turn, number)
    if guide_id == urgent.SCAM_GUIDE:
        urgent.scam(turn)
    elif turn.state.session is not None:
        walk.aside(turn, guide_id)
    else:
        walk.start(turn, guide_id, number)


def _scam(turn: Turn, _: str) -> None:
    yes, no = turn.choice("victim", "scam_yes"), turn.choice("guide:scam_link", "scam_no")
    turn.say("scam_which", [yes, no], yes=yes.id, no=no.id)


def _human(turn: Turn, topic: str) -> None:
    handoff.ask_human(turn, topic if topic in turn.content.titles else "")


def _urgent(turn: Turn, topic: str) -> None:
    known = topic if topic in (urgent.LIFE, urgent.SCAM_GUIDE) else urgent.SCAM_GUIDE
    handoff.ask_human(turn, known, urgent=True)


def _erase(turn: Turn, answer: str) -> None:
    if answer == "no":
        turn.note("erase_kept")
        walk.step_or_menu(turn)
    elif answer in ("yes", "all") and f"erase:{answer}" in turn.state.offered:
        linking.erase(turn, answer)
    else:
        # A button from long ago must not erase what came since.
        linking.ask_erase(turn)


def _did(turn: Turn, guide_id: str) -> None:
    turn.do(DropTimers("followup", guide_id))
    choices = [*turn.way_back(), turn.choice("path", "path"), turn.choice("menu", "menu")]
    turn.say("followup_yes", choices)


def _nofollow(turn: Turn, _: str) -> None:
    turn.set(followup_off=True)
    turn.do(DropTimers("followup"))
    turn.say("followup_off", menu.front(turn))


def _on_ticket(act: Callable[[Turn, TicketView], None]) -> Handler:
    """A button of an open request of this person; an old one shows what is open."""

    def handler(turn: Turn, number: str) -> None:
        ticket = tracking.mine(turn, _number(number))
        if ticket is None:
            tracking.status(turn)
        else:
            act(turn, ticket)

    return handler


def _talk(turn: Turn, ticket: TicketView) -> None:
    if ticket.helper:
        talking.open_line(turn, ticket)
    else:
        tracking.show(turn, ticket)


def _reopen(turn: Turn, number: str) -> None:
    rating.reopen(turn, tracking.ended(turn, _number(number)))


def _rate(turn: Turn, rest: str) -> None:
    ticket, _, stars = rest.partition(":")
    number = _number(ticket)
    if number:
        rating.rate(turn, number, _number(stars))
    else:
        _stale(turn, rest)


def _judge(turn: Turn, rest: str) -> None:
    """A thumb under an answer; one that was given already is thanked for again."""
    what, _, question = rest.partition(":")
    number = _number(question)
    if not number or what not in ("right", "wrong"):
        _stale(turn, rest)
        return
    turn.set(answered=number)
    if what == "right":
        understand.judged_right(turn)
    else:
        understand.judged_wrong(turn)


_HANDLERS: dict[str, Handler] = {
    "menu": lambda turn, _: menu.show_menu(turn),
    "path": lambda turn, _: path.show(turn),
    "household": lambda turn, _: household.view(turn),
    "who": household.help_person,
    "address": lambda turn, _: address.offer(turn),
    "form": address.choose,
    "all": lambda turn, _: menu.all_topics(turn),
    "group": menu.one_group,
    "guide": _known(_guide),
    "again": _known(walk.restart),
    "back": _known(walk.resume),
    "card": _at_step(walk.show_picture),
    "pictures": _pictures,
    "case": _case,
    "reask": _known(choosing.ask_again),
    "next": _at_step(walk.forward),
    "prev": _at_step(walk.back),
    "stuck": _at_step(trouble.stuck),
    "still": _at_step(trouble.stuck),
    "which": _at_step(trouble.which),
    "why": _why,
    "pick": _pick,
    "none": lambda turn, _: turn.say("ask_none", menu.front(turn)),
    "scam": _scam,
    "victim": lambda turn, _: urgent.scam(turn),
    "human": _human,
    "urgent": _urgent,
    "hand": handoff.on_hand,
    "endtalk": lambda turn, _: talking.end_relay(turn),
    "ticket": _on_ticket(tracking.show),
    "talk": _on_ticket(_talk),
    "drop": _on_ticket(tracking.ask_drop),
    "dropped": _on_ticket(tracking.drop),
    "reopen": _reopen,
    "rate": _rate,
    "ready": _known(walk.ready),
    "notyet": _known(reminders.not_ready),
    "did": _known(_did),
    "didnot": _known(reminders.did_not),
    "nofollow": _nofollow,
    "judge": _judge,
    "erase": _erase,
    "mine": lambda turn, _: mine.show(turn),
    voice.PRESS: voice.on_button,
    "link": linking.answered,
    "seller": seller_qr.on_button,
    "alerts": alerts.on_button,
}

"""What a helper's act must have looked up before it can be decided."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.helper_ask import picked
from bot.dialogue.orders import Act, read_order
from bot.domain import events as ev
from bot.domain.state import State

_NUMBERS_MOST = 20
_DIGITS_MOST = 18


@dataclass(frozen=True, slots=True)
class Needs:
    """Tickets named by number; whom one can be handed to; what waits; what the member did."""

    numbers: tuple[int, ...] = ()
    colleagues: bool = False
    waiting: bool = False
    work: bool = False


NOTHING = Needs()


def needs_of(state: State, event: ev.Event) -> Needs:
    """What this act of a team's member needs."""
    if isinstance(event, ev.Press):
        return _of_press(event.choice)
    if not isinstance(event, ev.Text):
        return NOTHING
    choice = picked(state.asked, event.text)
    if choice is not None:
        return _of_press(choice)
    order = read_order(event.text)
    if order is None:
        # A yes to the time that was asked back.
        times = [each for each in state.asked if each.startswith("visitat:")]
        return _of_press(times[0]) if len(times) == 1 else NOTHING
    return Needs(
        order.numbers[:_NUMBERS_MOST],
        order.act is Act.PASS,
        order.act in (Act.LIST, Act.SUMMARY),
        order.act is Act.SUMMARY,
    )


def _of_press(choice: str) -> Needs:
    action, _, rest = choice.partition(":")
    number = ticket_number(rest)
    return Needs(
        (number,) if number else (),
        action in ("pass", "passto"),
        action in ("hlist", "hmine", "to"),
        action == "hmine",
    )


def ticket_number(rest: str) -> int:
    """The ticket in what follows the name of a choice; 0, which is nobody's, for anything else."""
    number = rest.partition(":")[0]
    return int(number) if number.isdecimal() and len(number) <= _DIGITS_MOST else 0

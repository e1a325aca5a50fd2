"""The front page and the menu of topics."""

from __future__ import annotations

from bot.dialogue.turn import Turn
from bot.domain.replies import Choice

_FRONT = (
    ("path", "path"),
    ("guide:vneid_level_2", "level_2"),
    ("guide:qr_pay", "qr_pay"),
    ("scam", "scam"),
    ("human", "human"),
    ("all", "all"),
)


def front(turn: Turn) -> list[Choice]:
    """What is offered first, after the way back to what was being done."""
    choices = [turn.choice(choice_id, label) for choice_id, label in _FRONT]
    if turn.state.relay is not None:
        choices.insert(0, turn.choice("endtalk", "end_talk"))
    return [*turn.way_back(), *choices]


def greet(turn: Turn) -> None:
    """Say who is speaking and what can be done."""
    turn.set(greeted=True)
    _page(turn, "greeting")


def show_menu(turn: Turn) -> None:
    """The front page again, where one may also say how one wants to be addressed."""
    _page(turn, "menu", turn.choice("address", "address"))


def help_page(turn: Turn) -> None:
    """What can be typed besides questions."""
    _page(turn, "help", turn.choice("address", "address"))


def _page(turn: Turn, key: str, *more: Choice) -> None:
    text = turn.text(key)
    relay = turn.state.relay
    if relay is not None:
        # What is typed now goes to a human, whatever the page offers: say so.
        text += "\n\n" + turn.text("relay_open", helper=relay.helper)
    turn.put(text, [*front(turn), *more])


def all_topics(turn: Turn) -> None:
    """The groups of topics."""
    groups = [Choice(f"group:{g.id}", g.title) for g in turn.content.menu]
    turn.say("all_topics", [*groups, turn.choice("menu", "menu")])


def one_group(turn: Turn, group_id: str) -> None:
    """The topics of one group."""
    group = next((g for g in turn.content.menu if g.id == group_id), None)
    if group is None:
        all_topics(turn)
        return
    topics = [Choice(f"guide:{g}", turn.content.title(g)) for g in group.guides]
    turn.say("group", [*topics, turn.choice("all", "all")], title=group.title)

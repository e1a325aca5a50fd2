"""The front page, the menu of topics, and the path to becoming a digital citizen."""

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
    """The six things offered first, after the way back to what was being done."""
    choices = [turn.choice(choice_id, label) for choice_id, label in _FRONT]
    if turn.state.relay is not None:
        choices.insert(0, turn.choice("endtalk", "end_talk"))
    return [*turn.way_back(), *choices]


def greet(turn: Turn) -> None:
    """Say who is speaking and what can be done."""
    turn.set(greeted=True)
    _page(turn, "greeting")


def show_menu(turn: Turn) -> None:
    """The front page again."""
    _page(turn, "menu")


def _page(turn: Turn, key: str) -> None:
    text = turn.text(key)
    relay = turn.state.relay
    if relay is not None:
        # What is typed now goes to a human, whatever the page offers: say so.
        text += "\n\n" + turn.text("relay_open", helper=relay.helper)
    turn.put(text, front(turn))


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


def path(turn: Turn) -> None:
    """The four stages with what this person has finished ticked."""
    finished = turn.state.finished
    stages = turn.content.path
    wanted = [g for stage in stages for g in stage.guides]
    done = sum(1 for g in wanted if g in finished)
    lines = [turn.text("path_title", done=done, total=len(wanted))]
    for number, stage in enumerate(stages, 1):
        lines.append(f"\n{number}. {stage.title}: {turn.phrases.fill(stage.description)}")
        lines.extend(
            f"   {'✅' if g in finished else '⬜'} {turn.content.title(g)}" for g in stage.guides
        )
    ahead = [g for g in wanted if g not in finished]
    # Topics with a guide come first: those are the ones a person can really do here now.
    ahead.sort(key=lambda g: g not in turn.content.guides)
    lines.append("\n" + turn.text("path_next" if ahead else "path_all_done"))
    choices = [Choice(f"guide:{g}", turn.content.title(g)) for g in ahead[:3]]
    turn.put("\n".join(lines), [*choices, turn.choice("menu", "menu")])

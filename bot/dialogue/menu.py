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
    """The six things offered first."""
    choices = [turn.choice(choice_id, label) for choice_id, label in _FRONT]
    session = turn.state.session
    if session is not None:
        back = f"back:{session.guide_id}"
        choices.insert(0, turn.choice(back, "back_to_step", step=session.step + 1))
    return choices


def greet(turn: Turn) -> None:
    """Say who is speaking and what can be done."""
    turn.set(greeted=True)
    turn.say("greeting", front(turn))


def show_menu(turn: Turn) -> None:
    """The front page again."""
    turn.say("menu", front(turn))


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

"""The path to becoming a digital citizen: four stages, what is done, what comes next."""

from __future__ import annotations

from bot.dialogue.calendar import after_days
from bot.dialogue.progress import ahead, finished, wanted
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers, SetTimer
from bot.domain.replies import Choice, Priority

#: The id that stands for oneself where a role is expected.
SELF = "self"
_OFFERED = 3
#: Days after which somebody who stopped half-way is reminded, each once; then never again until
#: they finish something.
_NUDGE_DAYS = (7, 21)


def show(turn: Turn) -> None:
    """The stages with what is finished ticked, for whoever is being helped now."""
    person = turn.state.person
    left = ahead(turn, person)
    lines = [_title(turn, person), *_stages(turn, person)]
    lines.append("\n" + turn.text("path_next" if left else "path_all_done"))
    choices = [Choice(f"guide:{g}", turn.content.title(g)) for g in left[:_OFFERED]]
    if person:
        choices.append(turn.choice(f"who:{SELF}", "for_self"))
    choices += [turn.choice("household", "household"), turn.choice("menu", "menu")]
    turn.put("\n".join(lines), choices)


def _title(turn: Turn, person: str) -> str:
    every = wanted(turn)
    done = len(every) - len(ahead(turn, person))
    if person:
        who = turn.role(person)
        return turn.text("path_title_for", who=who, done=done, total=len(every))
    return turn.text("path_title", done=done, total=len(every))


def _stages(turn: Turn, person: str) -> list[str]:
    done = finished(turn, person)
    lines = []
    for number, stage in enumerate(turn.content.path, 1):
        description = turn.phrases.fill(stage.description)
        lines.append(f"\n{number}. {stage.title}: {description}")
        for guide in stage.guides:
            mark = "✅" if guide in done else "⬜"
            when = f" ({done[guide].day}/{done[guide].month})" if guide in done else ""
            lines.append(f"   {mark} {turn.content.title(guide)}{when}")
    return lines


def after_finishing(turn: Turn, guide_id: str) -> str:
    """What to say of the path when a guide was just finished, "" for nothing.

    Reminds later of what is left, unless the person asked not to be reminded.
    """
    if guide_id not in wanted(turn):
        return ""
    person = turn.state.person
    turn.do(DropTimers("path"))
    turn.set(nudges=0)
    left = ahead(turn, person)
    if not left:
        return "\n".join([turn.text("path_all_done"), *_stages(turn, person)])
    _remind(turn)
    return _title(turn, person)


def _remind(turn: Turn) -> None:
    nudges = turn.state.nudges
    if not turn.state.followup_off and nudges < len(_NUDGE_DAYS):
        due = after_days(turn.facts.now, _NUDGE_DAYS[nudges])
        turn.do(SetTimer("path", "", due))


def nudge(turn: Turn) -> None:
    """Some days later: the next thing on the path, with a way to hear no more of it."""
    left = ahead(turn, "")
    if not left or turn.state.followup_off:
        return
    turn.set(nudges=turn.state.nudges + 1)
    _remind(turn)
    guide = left[0]
    choices = [
        Choice(f"guide:{guide}", turn.content.title(guide)),
        turn.choice("path", "path"),
        turn.choice("nofollow", "followup_off"),
    ]
    done = len(wanted(turn)) - len(left)
    text = turn.text(
        "path_nudge", done=done, total=len(wanted(turn)), title=turn.content.title(guide)
    )
    turn.put(text, choices, yes=choices[0].id, no="nofollow", priority=Priority.REMINDER)

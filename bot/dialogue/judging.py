"""Whether an answer was what was meant: asked where it is in doubt and at the end, never else."""

from __future__ import annotations

from bot.dialogue.turn import Turn
from bot.domain.effects import JudgeQuestion
from bot.domain.events import Text
from bot.domain.replies import Choice
from nlu.engine import Parse

#: A surer answer is hardly ever another than what was meant (docs/nlu.md): no need to ask.
_SURE = 0.75
_UP, _DOWN = "\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}"


def answered(turn: Turn, question_id: int) -> None:
    """A question of this person is being answered by a guide."""
    turn.set(answered=question_id)


def offer_in_doubt(turn: Turn, parse: Parse | None) -> None:
    """Offer to say that it was not what was meant, when the engine was not sure."""
    if parse is not None and parse.confidence < _SURE and turn.state.answered:
        turn.also(turn.choice(f"judge:wrong:{turn.state.answered}", "judge_wrong"))


def thumbs(turn: Turn, question_id: int) -> list[Choice]:
    """The two thumbs, for the question that led to a guide; none where nobody asked one."""
    if not question_id or question_id != turn.state.answered:
        return []
    return [
        turn.choice(f"judge:right:{question_id}", "judge_right"),
        turn.choice(f"judge:wrong:{question_id}", "judge_wrong"),
    ]


def judge(turn: Turn, question_id: int, *, right: bool) -> None:
    """Keep what the person says; the next word of theirs is about something else."""
    turn.do(JudgeQuestion(question_id, right))
    turn.set(answered=0)


def thumb(turn: Turn) -> bool | None:
    """Whether a message is a thumb: up, down, or neither (None). Any colour of hand."""
    said = turn.event.text.strip() if isinstance(turn.event, Text) else ""
    if len(said) > len(_UP) + 2 or not turn.state.answered:
        return None
    return True if said.startswith(_UP) else False if said.startswith(_DOWN) else None

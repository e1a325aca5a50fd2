"""Steps as pictures, for people who would rather look than read: once, or from now on."""

from __future__ import annotations

from bot.dialogue.turn import Turn
from bot.domain.replies import Choice, StepPicture
from bot.guides.model import Guide
from bot.guides.pictures import step_picture


def picture_of(turn: Turn, guide: Guide, number: int) -> StepPicture:
    """The picture of step `number` (from 0), speaking to this person as they are addressed."""
    return step_picture(guide, number, turn.phrases.fill)


def picture_choice(turn: Turn, at: str, *, always: bool, asked: bool) -> Choice:
    """What can be said about pictures at a step: show it, always show them, or no more.

    `at` names the step as in its other buttons. `always` is what the person wishes so far, `asked`
    that they have just asked for this one.
    """
    if always:
        return turn.choice("pictures:off", "pictures_off")
    if asked:
        return turn.choice("pictures:on", "pictures_on")
    return turn.choice(f"card:{at}", "picture")


def wish_pictures(turn: Turn, wish: str) -> None:
    """Remember to send pictures from now on, or no more; said before the step that comes next."""
    turn.set(pictures=wish == "on")
    turn.note("pictures_on" if wish == "on" else "pictures_off")

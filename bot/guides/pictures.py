"""The steps of guides as pictures to be drawn: one step, or all that anybody may be shown."""

from collections.abc import Callable, Iterator

from bot.domain.replies import StepPicture
from bot.guides.content import Content
from bot.guides.model import PROVINCES, Guide


def step_picture(guide: Guide, number: int, fill: Callable[[str], str]) -> StepPicture:
    """Step `number` (from 0) of a guide as it is shown; `fill` puts in how people are addressed."""
    step = guide.steps[number]
    return StepPicture(
        guide_id=guide.id,
        guide_title=fill(guide.title),
        step=number + 1,
        total=len(guide.steps),
        title=fill(step.title),
        text=fill(step.text),
        verified_on=guide.verified_on,
    )


def all_pictures(content: Content, guide: Guide) -> Iterator[StepPicture]:
    """Every step as people of any province, in any situation and of any form of address are shown
    it; each picture once. A withdrawn step has none."""
    phrases = content.phrases
    fills = [phrases.fill]
    fills += [phrases.addressed(form.blanks()).fill for form in content.people.forms.values()]
    seen: set[StepPicture] = set()
    for local in _versions(guide):
        shown = (number for number, step in enumerate(local.steps) if not step.recalled)
        for number in shown:
            for fill in fills:
                picture = step_picture(local, number, fill)
                if picture not in seen:
                    seen.add(picture)
                    yield picture


def _versions(guide: Guide) -> Iterator[Guide]:
    situations = guide.question.choices if guide.question else ()
    # Whoever is asked goes on with one of the choices; nobody sees the steps of all of them.
    choices = [item.id for item in situations] or [""]
    for province in ("", *PROVINCES):
        local = guide.for_province(province)
        yield from (local.for_choice(choice) for choice in choices)

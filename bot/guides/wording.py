"""The wording of one guide, as each of its readers gets it: choices, provinces, until a day.

Errors: none raised; what is wrong is returned as problems.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.guides.errors import Problem
from bot.guides.loader import Loaded
from bot.guides.model import Guide, ProvinceOverride
from bot.guides.places import problem_at
from bot.guides.readability import AVERAGE_MOST, AVERAGE_WARNS, EXPLAINED_WARNS, measure
from bot.guides.standards import Standards
from bot.guides.texts import citizen_texts, length_most, shared_texts

_STEP = re.compile(r"steps\[(\d+)\]")


def wording_problems(loaded: Loaded, standards: Standards) -> Iterator[Problem]:
    """What is wrong with the texts of a guide.

    Every text is looked at once as it is written, and once more for each province whose words
    change it; what snippets.yml says is looked at there.
    """
    shared = shared_texts(loaded.guide)
    for field, text in citizen_texts(loaded.guide):
        if text not in shared:
            yield from (problem_at(loaded, field, what) for what in standards.faults(field, text))
    for override in loaded.guide.provinces:
        if override.words:
            yield from _province_problems(loaded, override, standards)
    yield from _measure_problems(loaded, standards)


def _province_problems(
    loaded: Loaded, override: ProvinceOverride, standards: Standards
) -> Iterator[Problem]:
    """What a province's words break in the guide as people there read it."""
    path = f"provinces.{override.code}"
    unworded = dict(citizen_texts(_without_words(loaded.guide, override)))
    everything = "\n".join(unworded.values()).casefold()
    for word, _local in override.words:
        if word.casefold() not in everything:
            what = "is nowhere in what people there read; remove it"
            yield problem_at(loaded, f"{path}.words.{word}", what)
    for field, text in citizen_texts(loaded.guide.for_province(override.code)):
        if text == unworded[field]:
            continue
        known = set(standards.faults(field, unworded[field]))
        own = f"{path}." + _STEP.sub(r"steps.\1", field)
        # What no text of the province's own says, the swapped words do.
        where = own if own in loaded.lines else f"{path}.words"
        for what in (*standards.faults(field, text), *_length_faults(field, text)):
            if what not in known:
                yield problem_at(loaded, where, f"in {field} the text {what}")


def _without_words(guide: Guide, override: ProvinceOverride) -> Guide:
    bare = replace(override, words=())
    return replace(guide, provinces=(bare,)).for_province(override.code)


def _length_faults(field: str, text: str) -> Iterator[str]:
    most = length_most(field)
    if most is not None and len(text) > most:
        yield f"has {len(text)} characters; must have at most {most}"


def _measure_problems(loaded: Loaded, standards: Standards) -> Iterator[Problem]:
    found = measure(citizen_texts(loaded.guide), standards.glossary)
    if found.average > AVERAGE_WARNS:
        what = (
            f"has {found.average:.1f} syllables a sentence on average; "
            f"must have at most {AVERAGE_MOST:.0f}, better {AVERAGE_WARNS:.0f}: shorten the longest"
        )
        problem = problem_at(loaded, "-", what)
        yield problem if found.average > AVERAGE_MOST else problem.as_warning()
    if found.explained > EXPLAINED_WARNS:
        what = (
            f"has {found.explained:.0%} words of content/glossary.yml; should have at most "
            f"{EXPLAINED_WARNS:.0%}: say in Vietnamese what can be said so"
        )
        yield problem_at(loaded, "-", what).as_warning()

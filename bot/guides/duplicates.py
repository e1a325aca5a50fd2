"""Answers that stand in two places in nearly the same words.

A copied answer names no screen, paper or office of its own guide, and one copy is forgotten when
the other is corrected. What really is the same everywhere belongs into content/snippets.yml.

Errors: none.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.guides.errors import Problem
from bot.guides.loader import Loaded
from bot.guides.places import line_at, problem_at

#: More than this share of the runs of four syllables in common, and one is a copy of the other.
SAME = 0.7
_RUN = 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one obstacle, with where it stands and who gets to read it."""

    loaded: Loaded
    field: str
    step: int
    problem: str
    snippet: str
    readers: frozenset[str]
    runs: frozenset[str]

    def elsewhere(self) -> str:
        """This place, for a message about another."""
        line = line_at(self.loaded.lines, self.field)
        return f"{self.loaded.file}:{line}: {self.field} ({self.problem!r})"


def near_copies(guides: Sequence[Loaded]) -> list[Problem]:
    """An error for a copy in another guide, a warning for one at another step of the same guide."""
    answers = [answer for loaded in guides for answer in _answers(loaded)]
    return [
        _problem(answers[later], answers[first], share)
        for first, later, share in _alike([answer.runs for answer in answers])
        if _is_fault(answers[first], answers[later])
    ]


def runs_of(text: str) -> frozenset[str]:
    """The runs of four syllables of a text; a shorter text has none, and is like no other."""
    words = _WORD.findall(text.casefold())
    return frozenset(" ".join(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1))


def _alike(sets: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, float]]:
    """(first, later, Jaccard) of every pair above the limit.

    An inverted index: only sets with a run in common are ever compared.
    """
    holders: dict[str, list[int]] = defaultdict(list)
    for later, runs in enumerate(sets):
        common = Counter(first for run in runs for first in holders[run])
        for first, shared in sorted(common.items()):
            share = shared / (len(runs) + len(sets[first]) - shared)
            if share > SAME:
                yield first, later, share
        for run in runs:
            holders[run].append(later)


def _answers(loaded: Loaded) -> Iterator[Answer]:
    guide = loaded.guide
    everyone = frozenset(choice.id for choice in guide.question.choices) if guide.question else ()
    places = [
        (f"steps[{number}]", number, step.situations, step.if_stuck)
        for number, step in enumerate(guide.steps, 1)
    ]
    for override in guide.provinces:
        places += [
            (f"provinces.{override.code}.steps.{local.number}", local.number, (), local.if_stuck)
            for local in override.steps
            if local.if_stuck
        ]
    for path, number, situations, obstacles in places:
        for index, obstacle in enumerate(obstacles, 1):
            for_step = frozenset(situations or everyone)
            yield Answer(
                loaded=loaded,
                field=f"{path}.if_stuck[{index}].answer",
                step=number,
                problem=obstacle.problem,
                snippet=obstacle.snippet,
                readers=for_step & frozenset(obstacle.situations or everyone),
                runs=runs_of(obstacle.answer),
            )


def _is_fault(one: Answer, other: Answer) -> bool:
    if one.snippet and one.snippet == other.snippet:
        return False
    if one.loaded is not other.loaded:
        return True
    # At one step, a province says it in its own words; readers of two choices never meet.
    same_reader = bool(one.readers & other.readers) or one.readers == other.readers
    return one.step != other.step and same_reader


def _problem(answer: Answer, other: Answer, share: float) -> Problem:
    what = f"is {share:.0%} the same as {other.elsewhere()}"
    if answer.loaded is other.loaded:
        advice = "say what is special at this step, or keep it at one of them"
        return problem_at(answer.loaded, answer.field, f"{what}; {advice}").as_warning()
    advice = "name this guide's own screen, paper or office, or move it to content/snippets.yml"
    return problem_at(answer.loaded, answer.field, f"{what}; {advice}")

"""What is wrong with training sentences, all of it at once, before a model is made of them.

Errors make training impossible or wrong; warnings are about too few or too similar sentences.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nlu.data_loader import Example, check_complete, keep, read_training
from nlu.engine import DataError
from nlu.intents import INTENTS, OUT_OF_SCOPE, Intent, Kind
from nlu.near_duplicates import Pair, find_pairs, near_rate

#: Longer is no sentence somebody typed, but several, or a line end is missing.
CHARS_MOST = 300
LEAST: Mapping[Kind, int] = {Kind.GUIDE: 120, Kind.DIALOGUE: 60}
LEAST_OUT_OF_SCOPE = 600
NEAR_MOST = 0.03


class Severity(StrEnum):
    """Whether a model may be trained from data with the problem."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong; `line` counts from 1, `message` says what would be right."""

    file: str
    line: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        warning = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}: {warning}{self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read and what is wrong with it.

    `pairs` are sentences that are nearly the same, the most alike first; `near_rate` is the share
    (0 to 1) of all sentences that have such a one in their own intent, repeats included.
    """

    examples: tuple[Example, ...]
    problems: tuple[Problem, ...]
    pairs: tuple[Pair, ...]
    near_rate: float

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop training."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)


def check_training(data_dir: Path, intents: Mapping[str, Intent] = INTENTS) -> Checked:
    """Read `data_dir/*.yml` and look for everything that can be wrong. Raises nothing."""
    problems: list[Problem] = []
    examples = read_training(data_dir, lambda mistake: problems.append(_error(mistake)), intents)
    whole = not problems
    kept: dict[str, Example] = {}
    for example in examples:
        problems += _sentence(example)
        problems += _repeats(example, kept)
    if whole:
        # After a mistake in a file, this would mostly be its consequence.
        problems += _missing(data_dir, examples, intents)
    problems += _too_few(kept.values(), intents)
    pairs = find_pairs(examples)
    return Checked(
        tuple(examples), tuple(sorted(problems)), tuple(pairs), near_rate(pairs, len(examples))
    )


def _error(mistake: DataError) -> Problem:
    return Problem(mistake.file, mistake.line, mistake.message)


def _sentence(example: Example) -> Iterator[Problem]:
    if len(example.text) > CHARS_MOST:
        message = f"{len(example.text)} characters of at most {CHARS_MOST}: shorten or split it"
        yield Problem(example.file, example.line, message)
    if "\t" in example.text:
        message = "a tab in the sentence: write a space"
        yield Problem(example.file, example.line, message)


def _repeats(example: Example, kept: dict[str, Example]) -> Iterator[Problem]:
    try:
        first = keep(example, kept)
    except DataError as mistake:
        yield _error(mistake)
        return
    if first is not example:
        message = (
            f"{example.text!r} is in {example.intent} already ({first.file}:{first.line}), it "
            "counts once: write another or remove it"
        )
        yield Problem(example.file, example.line, message, Severity.WARNING)


def _missing(
    data_dir: Path, examples: Iterable[Example], intents: Mapping[str, Intent]
) -> Iterator[Problem]:
    try:
        check_complete(data_dir, examples, intents)
    except DataError as mistake:
        yield _error(mistake)


def _too_few(examples: Iterable[Example], intents: Mapping[str, Intent]) -> Iterator[Problem]:
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_intent[example.intent].append(example)
    for name, held in by_intent.items():
        least = LEAST_OUT_OF_SCOPE if name == OUT_OF_SCOPE else LEAST[intents[name].kind]
        if len(held) < least:
            message = f"{name} has {len(held)} different sentences of at least {least}: add some"
            yield Problem(held[0].file, held[0].line, message, Severity.WARNING)

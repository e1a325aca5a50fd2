"""Chooses the thresholds on labelled sentences, and shows what others would do.

Pure functions on outcomes of an engine whose `out_of_scope_odds` is 1; `congdanso nlu tune` and
`congdanso nlu compare` use them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nlu.data_loader import Example
from nlu.embedded import metrics
from nlu.embedded.augment import stripped, with_typos
from nlu.embedded.metrics import Outcome
from nlu.embedded.thresholds import Thresholds
from nlu.engine import Decision, Engine, Parse

# A wrong guide costs an elder more than a question back: at most this share of answers is
# wrong, on sentences that are kinder than what people will really type.
MAX_WRONG_ANSWERS = 0.03
# Refusing someone who asks for a thing we do help with is the worst: half of the 4 % allowed.
MAX_IN_SCOPE_REFUSED = 0.02

# Higher odds refuse hardly more of what is out of scope and ever more of the rest.
ODDS_GRID = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0]
ANSWER_GRID = [n / 100 for n in range(20, 91, 2)]
OUT_OF_SCOPE_GRID = [n / 10 for n in range(2, 7)]
REFUSED_LIMITS = (0.0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06)
# Below this no intent stands out at all, and three guesses would look silly.
REFUSE = 0.06
_TYPO_SEED = 8


@dataclass(frozen=True, slots=True)
class Point:
    """What some thresholds would do; shares from 0 to 1.

    `answered` is of the in-scope messages, `wrong` of all answers, `top` of all messages.
    """

    thresholds: Thresholds
    inside_refused: float
    outside_refused: float
    answered: float
    wrong: float
    top: float


def choose(found: Sequence[Outcome]) -> Thresholds:
    """The thresholds that refuse and answer as much as the two limits above allow."""
    chosen = within(refusals(found, Thresholds(0.5, REFUSE)), MAX_IN_SCOPE_REFUSED)
    return first_right_enough(found, chosen.thresholds if chosen else Thresholds(0.5, REFUSE))


def first_right_enough(found: Sequence[Outcome], thresholds: Thresholds) -> Thresholds:
    """The same but for `answer`: the lowest under which few enough answers are wrong."""
    weighed = decide_again(found, thresholds)
    for answer in ANSWER_GRID:
        chosen = replace(thresholds, answer=answer)
        if metrics.wrong_answers(_decide(weighed, chosen)) <= MAX_WRONG_ANSWERS:
            break
    return chosen


def outcomes(engine: Engine, validation: Sequence[Example]) -> list[Outcome]:
    """The sentences as written and as badly typed as they come, so that both kinds count."""
    return [
        *metrics.outcomes(engine, validation),
        *metrics.outcomes(engine, validation, lambda text: stripped(with_typos(text, _TYPO_SEED))),
    ]


def decide_again(found: Iterable[Outcome], thresholds: Thresholds) -> list[Outcome]:
    """The same outcomes as these thresholds would have them."""
    return [Outcome(o.intent, reconsider(o.parse, thresholds)) for o in found]


def _decide(weighed: Iterable[Outcome], thresholds: Thresholds) -> list[Outcome]:
    """Outcomes that have these thresholds' odds already, with their decisions."""
    return [
        Outcome(o.intent, replace(o.parse, decision=thresholds.decide(o.parse.ranking[0])))
        for o in weighed
    ]


def reconsider(parse: Parse, thresholds: Thresholds) -> Parse:
    """The parse with other odds of out of scope, and decided again."""
    ranked = thresholds.weigh(parse.ranking)
    best = ranked[0]
    return replace(
        parse,
        intent=best.name,
        confidence=best.confidence,
        ranking=tuple(ranked),
        decision=thresholds.decide(best),
    )


def point(found: Iterable[Outcome], thresholds: Thresholds) -> Point:
    """What these thresholds would do."""
    return _point(decide_again(found, thresholds), thresholds)


def _point(again: Sequence[Outcome], thresholds: Thresholds) -> Point:
    inside = [o for o in again if o.in_scope]
    return Point(
        thresholds,
        metrics.decided(inside, Decision.REFUSE),
        metrics.decided((o for o in again if not o.in_scope), Decision.REFUSE),
        metrics.decided(inside, Decision.ANSWER),
        metrics.wrong_answers(again),
        metrics.top(again, 1),
    )


def refusals(found: Sequence[Outcome], thresholds: Thresholds) -> list[Point]:
    """Every way to refuse that is tried, with the rest as given."""
    points = []
    for odds in ODDS_GRID:
        # Weighing takes long, deciding does not.
        weighed = decide_again(found, replace(thresholds, out_of_scope_odds=odds))
        for least in OUT_OF_SCOPE_GRID:
            tried = replace(thresholds, out_of_scope=least, out_of_scope_odds=odds)
            points.append(_point(_decide(weighed, tried), tried))
    return points


def answers(found: Sequence[Outcome], thresholds: Thresholds) -> list[Point]:
    """Every threshold for an answer that is shown, with the rest as given."""
    weighed = decide_again(found, thresholds)
    tried = [replace(thresholds, answer=answer) for answer in ANSWER_GRID[::5]]
    return [_point(_decide(weighed, each), each) for each in tried]


def within(points: Iterable[Point], inside_refused: float) -> Point | None:
    """The one that refuses most of what is out of scope while refusing at most this of the rest."""
    allowed = [p for p in points if p.inside_refused <= inside_refused]
    return max(allowed, key=lambda p: p.outside_refused, default=None)


def curve(points: Sequence[Point]) -> list[Point]:
    """The best for each limit on in-scope refusals, each once, the kindest first."""
    best: list[Point] = []
    for limit in REFUSED_LIMITS:
        found = within(points, limit)
        if found is not None and found not in best:
            best.append(found)
    return best

"""Deciding to answer, ask or refuse, and choosing the figures for it."""

from pathlib import Path

import pytest

from nlu.embedded import metrics
from nlu.embedded.metrics import Outcome
from nlu.embedded.thresholds import Thresholds, read_thresholds, write_thresholds
from nlu.embedded.tune import (
    answers,
    choose,
    curve,
    decide_again,
    point,
    reconsider,
    refusals,
    within,
)
from nlu.engine import Decision, ModelBroken, Parse, Ranked

LIMITS = Thresholds(answer=0.6, refuse=0.1, out_of_scope=0.4, out_of_scope_odds=1.0)


def parse(*ranking: tuple[str, float]) -> Parse:
    ranked = tuple(Ranked(name, confidence) for name, confidence in ranking)
    best = ranked[0]
    return Parse("x", best.name, best.confidence, ranked, (), LIMITS.decide(best))


@pytest.mark.parametrize(
    ("name", "confidence", "decision"),
    [
        ("qr_pay", 0.6, Decision.ANSWER),
        ("qr_pay", 0.59, Decision.ASK),
        ("qr_pay", 0.1, Decision.ASK),
        ("qr_pay", 0.09, Decision.REFUSE),
        ("out_of_scope", 0.4, Decision.REFUSE),
        ("out_of_scope", 0.39, Decision.ASK),
    ],
)
def test_decides(name: str, confidence: float, decision: Decision) -> None:
    assert LIMITS.decide(Ranked(name, confidence)) is decision


def test_odds_move_out_of_scope_up() -> None:
    before = parse(("qr_pay", 0.6), ("out_of_scope", 0.3), ("greet", 0.1))
    after = reconsider(before, Thresholds(0.6, 0.1, 0.4, 4.0))
    assert after.intent == "out_of_scope"
    assert after.confidence == pytest.approx(1.2 / 1.9)
    assert after.decision is Decision.REFUSE
    assert sum(r.confidence for r in after.ranking) == pytest.approx(1.0)


def test_odds_of_one_change_nothing() -> None:
    before = parse(("qr_pay", 0.6), ("out_of_scope", 0.4))
    assert reconsider(before, LIMITS) == before


def test_file_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yml"
    write_thresholds(LIMITS, path)
    assert read_thresholds(path) == LIMITS


@pytest.mark.parametrize("content", ["", "answer: 0.5\n", "answer: x\n", "[", "- 1\n"])
def test_incomplete_file_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelBroken, match=r"thresholds\.yml"):
        read_thresholds(path)


def test_shipped_file_is_sound() -> None:
    shipped = read_thresholds()
    assert 0 < shipped.refuse < shipped.answer < 1
    assert 0 < shipped.out_of_scope < 1
    assert shipped.out_of_scope_odds >= 1


def outcome_list() -> list[Outcome]:
    return [
        Outcome("qr_pay", parse(("qr_pay", 0.9), ("out_of_scope", 0.1))),
        Outcome("qr_pay", parse(("greet", 0.7), ("qr_pay", 0.3))),
        Outcome("greet", parse(("out_of_scope", 0.5), ("greet", 0.5))),
        Outcome("out_of_scope", parse(("out_of_scope", 0.8), ("greet", 0.2))),
    ]


def test_metrics() -> None:
    found = outcome_list()
    assert metrics.top(found, 1) == 0.5
    assert metrics.top(found, 2) == 1.0
    assert metrics.recall(found, "qr_pay") == 0.5
    assert metrics.precision(found, "out_of_scope") == 0.5
    assert metrics.wrong_answers(found) == 0.5
    assert point(found, LIMITS).inside_refused == pytest.approx(1 / 3)
    assert point(found, LIMITS).outside_refused == 1.0
    assert metrics.confusions(found) == [(("greet", "out_of_scope"), 1), (("qr_pay", "greet"), 1)]
    assert metrics.calibration_error(found) == pytest.approx((0.1 + 0.7 + 0.5 + 0.2) / 4)
    assert metrics.f1(found, "qr_pay") == pytest.approx(2 / 3)
    assert metrics.f1(found, "out_of_scope") == pytest.approx(2 / 3)
    assert metrics.f1(found, "thanks") == 0.0


def test_reliability_has_a_bin_for_each_confidence_there_is() -> None:
    sure, low = parse(("greet", 1.0)), parse(("greet", 0.02))
    found = [Outcome("greet", sure), Outcome("thanks", sure), Outcome("greet", low)]
    first, last = metrics.reliability(found)
    assert (first.count, first.accuracy) == (1, 1.0)
    assert first.confidence == pytest.approx(0.02)
    assert (last.count, last.confidence, last.accuracy) == (2, 1.0, 0.5)
    assert sum(b.count for b in metrics.reliability(found, 3)) == 3


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [([], 0.5, 0.0), ([3.0], 0.99, 3.0), (list(map(float, range(100))), 0.99, 99.0)],
)
def test_percentile(values: list[float], part: float, expected: float) -> None:
    assert metrics.percentile(values, part) == expected


def test_metrics_of_nothing() -> None:
    assert metrics.top([], 1) == 0.0
    assert metrics.calibration_error([]) == 0.0


def test_higher_odds_refuse_more() -> None:
    """Of both kinds: what is gained outside is paid inside."""
    points = [p for p in refusals(outcome_list(), LIMITS) if p.thresholds.out_of_scope == 0.2]
    inside = [p.inside_refused for p in points]
    assert inside == sorted(inside)
    assert inside[0] < inside[-1]
    assert decide_again([], LIMITS) == []


def test_within_takes_what_refuses_most_outside() -> None:
    points = refusals(outcome_list(), LIMITS)
    best = within(points, 0.5)
    assert best is not None
    assert best.outside_refused == max(p.outside_refused for p in points if p.inside_refused <= 0.5)
    assert within([], 0.5) is None


def test_curve_goes_up() -> None:
    shown = curve(refusals(outcome_list(), LIMITS))
    assert [p.outside_refused for p in shown] == sorted(p.outside_refused for p in shown)
    assert len(shown) == len(set(shown))


def test_a_higher_threshold_answers_less() -> None:
    shares = [p.answered for p in answers(outcome_list(), LIMITS)]
    assert shares == sorted(shares, reverse=True)


def test_chosen_thresholds_keep_the_limits() -> None:
    """A sentence that is wrong at 0.6 must not be answered, when the others are right at 0.9."""
    right = [Outcome("qr_pay", parse(("qr_pay", 0.9), ("greet", 0.1)))] * 30
    wrong = [Outcome("qr_pay", parse(("greet", 0.6), ("qr_pay", 0.4)))] * 3
    outside = [Outcome("out_of_scope", parse(("greet", 0.6), ("out_of_scope", 0.4)))] * 5
    chosen = choose([*right, *wrong, *outside])
    assert chosen.answer > 0.6
    assert chosen.out_of_scope_odds > 1
    reached = point([*right, *wrong, *outside], chosen)
    assert (reached.outside_refused, reached.inside_refused, reached.wrong) == (1.0, 0.0, 0.0)


def test_a_hopeless_engine_still_gets_thresholds() -> None:
    found = [Outcome("qr_pay", parse(("greet", 1.0)))] * 3
    assert 0 < choose(found).answer < 1

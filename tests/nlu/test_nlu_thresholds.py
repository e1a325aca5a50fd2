"""Deciding to answer, ask or refuse, and choosing the figures for it."""

from pathlib import Path

import pytest

from nlu.embedded import metrics
from nlu.embedded.metrics import Outcome
from nlu.embedded.thresholds import Thresholds, read_thresholds, write_thresholds
from nlu.embedded.tune import decide_again, reconsider, refused, table
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
    inside, outside = refused(found)
    assert inside == pytest.approx(1 / 3)
    assert outside == 1.0
    assert metrics.confusions(found) == [(("greet", "out_of_scope"), 1), (("qr_pay", "greet"), 1)]
    assert metrics.calibration_error(found) == pytest.approx((0.1 + 0.7 + 0.5 + 0.2) / 4)


def test_metrics_of_nothing() -> None:
    assert metrics.top([], 1) == 0.0
    assert metrics.calibration_error([]) == 0.0


def test_table_has_a_line_for_each_choice() -> None:
    lines = table(outcome_list(), LIMITS)
    assert len(lines) > 20
    assert decide_again([], LIMITS) == []

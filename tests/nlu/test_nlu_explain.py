"""An explanation says what the engine itself did: same ranking, same decision, same weights."""

import json

import numpy as np
import pytest

from nlu.data_loader import Example, read_training
from nlu.embedded.explain import AGAINST_MOST, EXAMPLES_MOST, FOR_MOST, explain
from nlu.embedded.model import EmbeddedEngine
from nlu.embedded.thresholds import Thresholds
from nlu.embedded.wording import reason, worded
from nlu.engine import DATA_DIR, Decision, Engine, Parse, Ranked
from nlu.text import Normalized, normalize


@pytest.fixture(scope="module")
def embedded(engine: Engine) -> EmbeddedEngine:
    assert isinstance(engine, EmbeddedEngine)
    return engine


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return read_training(DATA_DIR, lambda mistake: pytest.fail(str(mistake)))


def test_is_about_the_same_parse(embedded: EmbeddedEngine, examples: list[Example]) -> None:
    text = "Ko dc quét mã QR trả tiền chợ"
    found = explain(embedded, text, examples)
    assert found.parse == embedded.parse(text)
    assert found.normalized == normalize(text)
    assert [c.name for c in found.candidates] == [r.name for r in found.parse.ranking[:3]]
    assert [c.typed for c in found.changes] == ["ko", "dc"]
    assert not found.cut


def test_features_stand_in_the_message(embedded: EmbeddedEngine, examples: list[Example]) -> None:
    for candidate in explain(embedded, "quét mã qr trả tiền chợ", examples).candidates:
        spoke = [f for f in candidate.features if f.weight > 0]
        against = [f for f in candidate.features if f.weight < 0]
        assert list(candidate.features) == spoke + against
        assert len(spoke) <= FOR_MOST
        assert len(against) <= AGAINST_MOST
        sizes = [abs(f.weight) for f in spoke]
        assert sizes == sorted(sizes, reverse=True)
        for feature in candidate.features:
            if feature.kind in ("word", "words in a row", "begins with", "ends with"):
                assert feature.text in "quét mã qr trả tiền chợ quet ma qr tra tien cho"


def test_shares_add_up_to_the_score(embedded: EmbeddedEngine) -> None:
    """Every gram's share is taken from the served arrays; none is lost by wording them."""
    from nlu.embedded.explain import _Look

    message = normalize("quét mã qr")
    look = _Look(embedded.model, message)
    weights = embedded.model.weights[look.columns, 0].astype(np.float32)
    total = float((look.values * weights).sum() + embedded.model.bias[0])
    assert total == pytest.approx(float(embedded.model.logits(message)[0]), abs=1e-3)
    assert set(look.names) == set(look.columns.tolist())


def test_nearest_sentences(embedded: EmbeddedEngine, examples: list[Example]) -> None:
    known = next(e for e in examples if e.intent == "qr_pay" and len(e.text.split()) > 8)
    first = explain(embedded, known.text, examples).candidates[0]
    assert first.name == "qr_pay"
    assert first.neighbours[0].example == known
    assert first.neighbours[0].similarity == pytest.approx(1, abs=1e-3)
    assert len(first.neighbours) == EXAMPLES_MOST
    likes = [n.similarity for n in first.neighbours]
    assert likes == sorted(likes, reverse=True)
    assert {n.example.intent for n in first.neighbours} == {"qr_pay"}


def test_marks_do_not_hide_a_neighbour(embedded: EmbeddedEngine, examples: list[Example]) -> None:
    known = next(e for e in examples if e.intent == "qr_pay" and not e.text.isascii())
    bare = normalize(known.text).stripped
    nearest = explain(embedded, bare, examples).candidates[0].neighbours[0]
    assert nearest.similarity > 0.9


@pytest.mark.parametrize("text", ["", "👍", "\ud800", "q" * 100_000, "ko dc " * 30_000])
def test_any_message(text: str, embedded: EmbeddedEngine, examples: list[Example]) -> None:
    found = explain(embedded, text, examples, 1)
    record = json.loads(json.dumps(found.as_dict()).encode())
    assert record["decision"] == found.decision
    assert record["cut"] == (len(text) > 2_000)
    assert len(record["candidates"]) == 1


def test_a_word_is_named_once() -> None:
    shares = [("wmã", 0.2), ("vma", 0.1), ("wmã qr", 0.1), ("d ma ", 0.25), ("dxyz", 0.05)]
    found = worded([*shares, ("dxy", 0.01), ("pma&qr", 0.02), ("e<ma", -0.5), ("x:paid", 0.03)])
    named = [(f.kind, f.text, round(f.weight, 2)) for f in found]
    assert named == [
        ("begins with", "ma", -0.5),
        ("word", "mã", 0.3),
        ("words in a row", "mã qr", 0.1),
        ("letters", "xyz", 0.05),
        ("sign of harm", ":paid", 0.03),
        ("words near each other", "ma … qr", 0.02),
    ]


def test_grams_of_another_model_are_shown_as_they_are() -> None:
    (feature,) = worded([("?new", 1.0)])
    assert (feature.kind, feature.text) == ("other", "?new")


LIMITS = Thresholds(answer=0.6, refuse=0.1, out_of_scope=0.3)


@pytest.mark.parametrize(
    ("intent", "chance", "words"),
    [
        ("greet", 0.7, "greet is first with 0.70; 0.60 is enough to answer"),
        ("greet", 0.5, "below 0.60 it asks, below 0.10 refuses"),
        ("greet", 0.05, "below 0.10 it is refused"),
        ("out_of_scope", 0.5, "0.30 is enough to refuse"),
        ("out_of_scope", 0.2, "below 0.30 it is not refused but asked back"),
    ],
)
def test_reasons_name_what_was_compared(intent: str, chance: float, words: str) -> None:
    best = Ranked(intent, chance)
    parse = Parse("x", intent, chance, (best,), (), LIMITS.decide(best))
    assert words in reason(parse, Normalized("x", "x"), LIMITS)


def test_reason_of_nothing() -> None:
    parse = Parse("", "out_of_scope", 1.0, (), (), Decision.REFUSE)
    assert "nothing readable" in reason(parse, Normalized("", ""), LIMITS)

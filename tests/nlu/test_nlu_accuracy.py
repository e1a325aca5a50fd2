"""How good the shipped model is; the floors stand a little under what was measured.

`python -m nlu.embedded.evaluate` prints the full tables. After new training files, run
`congdanso nlu tune --write` first.
"""

import pytest

from nlu.data_loader import Example
from nlu.embedded import metrics
from nlu.embedded.augment import half_stripped
from nlu.embedded.evaluate import main, report
from nlu.embedded.metrics import Outcome
from nlu.embedded.variants import VARIANTS
from nlu.engine import DATA_DIR, Decision, Engine

Found = dict[str, list[Outcome]]


@pytest.fixture(scope="module")
def found(engine: Engine, validation: list[Example]) -> Found:
    return {name: metrics.outcomes(engine, validation, way) for name, way in VARIANTS.items()}


@pytest.mark.parametrize(
    ("variant", "first", "third"),
    [
        ("as written", 0.905, 0.970),
        ("no marks", 0.900, 0.965),
        ("typos", 0.865, 0.950),
        ("typos, no marks", 0.855, 0.945),
    ],
)
def test_first_and_third_place(variant: str, first: float, third: float, found: Found) -> None:
    assert metrics.top(found[variant], 1) >= first
    assert metrics.top(found[variant], 3) >= third


def test_half_of_the_marks_missing(engine: Engine, validation: list[Example]) -> None:
    held = metrics.outcomes(engine, validation, lambda text: half_stripped(text, 3))
    assert metrics.top(held, 1) >= 0.895


@pytest.mark.parametrize("variant", VARIANTS)
def test_few_in_scope_messages_are_refused(variant: str, found: Found) -> None:
    inside = [o for o in found[variant] if o.in_scope]
    assert metrics.decided(inside, Decision.REFUSE) <= 0.04


@pytest.mark.parametrize("variant", VARIANTS)
def test_most_out_of_scope_messages_are_refused(variant: str, found: Found) -> None:
    outside = [o for o in found[variant] if not o.in_scope]
    assert metrics.decided(outside, Decision.REFUSE) >= 0.75


def test_most_messages_are_answered_and_few_wrongly(found: Found) -> None:
    plain = found["as written"]
    assert metrics.decided([o for o in plain if o.in_scope], Decision.ANSWER) >= 0.90
    assert metrics.wrong_answers(plain) <= 0.07


@pytest.mark.parametrize(
    ("intent", "first", "third"),
    [("scam_victim", 0.85, 0.93), ("account_hacked", 0.85, 0.93), ("talk_to_human", 0.90, 0.95)],
)
def test_urgent_intents_are_found(intent: str, first: float, third: float, found: Found) -> None:
    assert metrics.recall(found["as written"], intent) >= first
    assert metrics.recall(found["as written"], intent, 3) >= third


HARMED = [
    "toi lo chuyen 5 trieu cho no roi phai lam sao",
    "tôi vừa đọc mã otp cho người lạ rồi",
    "em bị lừa mất hết tiền trong tài khoản",
    "mẹ cháu bấm vào đường link rồi bị trừ mất 20 triệu",
    "lỡ đưa mã OTP cho nó rồi giờ làm sao",
    "da lo nhap mat khau ngan hang vao link la roi",
    "bà nội tui chuyển tiền cho bọn giả công an mất rồi",
]


@pytest.mark.parametrize("text", HARMED)
def test_harm_already_done_reaches_its_guide(text: str, engine: Engine) -> None:
    assert engine.parse(text).intent == "scam_victim"


@pytest.mark.parametrize("text", ["chao", "Alo!!!", "cảm ơn bạn nhé", "bye bye", "ok"])
def test_small_talk_is_understood(text: str, engine: Engine) -> None:
    assert engine.parse(text).intent in {"greet", "thanks", "goodbye", "affirm"}


def test_report_has_its_tables(engine: Engine, validation: list[Example]) -> None:
    text = "\n".join(report(engine, validation[:60]))
    for heading in ("variant", "kind", "urgent", "lowest recall", "p99"):
        assert heading in text


def test_evaluate_names_bad_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--validation", str(DATA_DIR / "none.tsv")]) == 2
    assert "none.tsv:1: cannot be read" in capsys.readouterr().err

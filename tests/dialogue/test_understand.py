"""From what the engine understood to what is done: answer, ask, refuse, offer a person."""

from __future__ import annotations

import pytest

from bot.domain.effects import LogQuestion, Outcome, SetOutcome
from nlu.engine import Decision
from tests.dialogue.helpers import (
    FRONT,
    LEVEL_2,
    LINK,
    MENU,
    QR,
    Talk,
    content,
    effect_of,
    say,
    step_said,
    talk,
    walking,
)

UNSURE = [(LEVEL_2, 0.2), ("wrong_transfer", 0.1), (LINK, 0.05)]


def unsure(there: Talk) -> Talk:
    return there.text("cai ma do", QR, 0.4, Decision.ASK, UNSURE)


def test_unsure_offers_three_guides() -> None:
    there = unsure(talk())
    question, *lines = there.said.splitlines()
    assert question == say("ask_which")
    topics = content().phrases.topics
    names = (QR, LEVEL_2, "wrong_transfer")
    assert lines == [f"• {content().title(name)}: {topics[name]}" for name in names]
    assert there.ids == [
        f"pick:100:{QR}",
        f"pick:100:{LEVEL_2}",
        "pick:100:wrong_transfer",
        "none:100",
    ]
    assert there.labels[0] == content().title(QR)
    assert effect_of(there, LogQuestion).outcome is Outcome.NOT_UNDERSTOOD


def test_small_talk_is_never_one_of_the_guesses() -> None:
    there = talk().text("x y", QR, 0.4, Decision.ASK, [("greet", 0.3), (LINK, 0.2)])
    assert there.ids == [f"pick:100:{QR}", f"pick:100:{LINK}", "none:100"]


def test_no_guess_at_all_is_said_to_be_out_of_scope() -> None:
    there = talk().text("x y", "weather", 0.4, Decision.ASK)
    assert there.said == say("out_of_scope")


def test_a_picked_guess_labels_the_question_and_begins() -> None:
    there = unsure(talk()).text("1")
    assert effect_of(there, SetOutcome) == SetOutcome(100, Outcome.CLARIFIED, label=QR)
    assert there.said.endswith(step_said(QR, 0))
    assert there.state.session is not None
    assert there.state.session.question_id == 100
    assert there.state.misses == 0


def test_picking_the_scam_is_the_emergency() -> None:
    assert talk().press("pick:100:scam_victim").said.startswith("‼")


@pytest.mark.parametrize("text", ["4", "không", "không phải"])
def test_none_of_them_asks_for_other_words(text: str) -> None:
    there = unsure(talk()).text(text)
    assert there.said == say("ask_none")
    assert there.ids == FRONT


def test_out_of_scope_says_so_and_leads_on() -> None:
    there = talk().text("mai mưa không")
    assert there.said == say("out_of_scope")
    assert there.ids == FRONT
    assert "human" in there.ids


def test_an_unsure_out_of_scope_is_refused_too() -> None:
    there = talk().text("mai mưa không", "out_of_scope", 0.5, Decision.ASK, [(QR, 0.2)])
    assert there.said == say("out_of_scope")


def test_three_misunderstandings_in_a_row_offer_a_person() -> None:
    there = talk().text("asdf").text("qwer")
    assert there.said == say("out_of_scope")
    there.text("zxcv")
    assert there.said == say("misses_offer_human")
    assert there.ids == ["human", "menu"]
    assert there.state.misses == 0
    assert there.text("dạ").said == say("hand_consent")
    assert there.state.misses == 0


def test_guesses_that_are_not_picked_count_and_the_third_keeps_its_guesses() -> None:
    there = unsure(unsure(unsure(talk())))
    assert there.said == say("misses_offer_human")
    picks = [f"pick:102:{g}" for g in (QR, LEVEL_2, "wrong_transfer")]
    assert there.ids == ["human", *picks, "menu"]


def test_none_of_them_does_not_count_twice() -> None:
    there = unsure(talk()).press("none:100")
    assert there.state.misses == 1


@pytest.mark.parametrize(
    "between", ["answer", "press", "command", "thanks"], ids=lambda between: f"after {between}"
)
def test_being_understood_in_between_starts_the_count_again(between: str) -> None:
    there = talk().text("asdf").text("qwer")
    if between == "answer":
        there.text("mã qr", QR).text("thôi")
    elif between == "press":
        there.press("path")
    elif between == "command":
        there.text("lộ trình")
    else:
        there.text("cảm ơn con", "thanks")
    assert there.text("zxcv").said == say("out_of_scope")


def test_complaints_count_as_misunderstandings() -> None:
    there = talk().text("trả lời gì kỳ vậy", "feedback_negative")
    assert there.said == say("feedback_sorry")
    assert there.ids == ["human", "menu"]
    there.text("không đúng", "feedback_negative")
    assert there.text("dở quá", "feedback_negative").said == say("misses_offer_human")


@pytest.mark.parametrize(
    ("verdict", "confidence", "rest", "step"),
    [
        (Decision.REFUSE, 0.3, [("next_step", 0.25)], 3),
        (Decision.ASK, 0.35, [("next_step", 0.3)], 3),
        (Decision.REFUSE, 0.3, [("next_step", 0.15)], 2),
        (Decision.ASK, 0.6, [("next_step", 0.22)], 2),
    ],
    ids=["refused but a step word", "close second", "too weak", "clearly second"],
)
def test_in_a_guide_step_words_are_believed_earlier(
    verdict: Decision, confidence: float, rest: list[tuple[str, float]], step: int
) -> None:
    there = walking(QR, 2).text("roi do con", LINK, confidence, verdict, rest)
    assert there.step == step


def test_outside_a_guide_they_are_not() -> None:
    there = talk().text("roi do con", LINK, 0.35, Decision.ASK, [("next_step", 0.3)])
    assert there.said.startswith(say("ask_which"))


def test_an_unsure_thanks_is_taken_for_thanks() -> None:
    there = talk().text("cam on nghen", "thanks", 0.4, Decision.ASK, [(QR, 0.2)])
    assert there.said == say("thanks")


def test_a_refused_dialogue_intent_is_not_acted_on() -> None:
    there = talk().text("hmm", "delete_my_data", 0.1, Decision.REFUSE)
    assert there.said == say("out_of_scope")


def test_a_very_long_question_is_answered_with_a_word_on_its_length() -> None:
    there = talk().text("chuyển tiền " * 300, QR)
    assert there.said.startswith(say("too_long"))
    assert there.ids[0] == f"next:{QR}:0"


def test_secrets_are_mentioned_and_the_question_is_answered() -> None:
    there = talk().text("mật khẩu của tôi là abc12345 giờ quét qr sao", QR)
    assert there.said.startswith(say("masked") + "\n\n")
    assert "abc12345" not in effect_of(there, LogQuestion).text


def test_nothing_but_a_number_is_not_taken_for_a_question() -> None:
    there = talk().text("0912345678", "mobile_money")
    assert there.said == f"{say('masked')}\n\n{say('menu')}"
    assert there.ids == MENU
    there = walking(QR, 1).text("0912345678", "mobile_money")
    assert there.said == f"{say('masked')}\n\n{step_said(QR, 1)}"

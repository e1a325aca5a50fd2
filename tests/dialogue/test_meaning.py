"""What a word means, asked for by itself ("OTP là gì")."""

from __future__ import annotations

import pytest

from bot.domain.effects import LogQuestion, Outcome
from tests.dialogue.helpers import ACTIVATE, LEVEL_2, QR, button, content, effect_of, say, talk


def means(word: str) -> str:
    return say("word_means", word=word, meaning=content().glossary.words[word])


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("OTP là gì", "OTP"),
        ("ma otp la gi vay?", "OTP"),
        ("cho con hỏi vneid là cái gì ạ", "VNeID"),
        ("otp nghĩa là sao", "OTP"),
        ("NFC có nghĩa là gì hả em", "NFC"),
        ("em ơi QR là chi rứa", "QR"),
        ("thẻ ATM là gì", "ATM"),
        ("CH play la j", "CH Play"),
        ("ứng dụng Zalo là gì", "Zalo"),
    ],
)
def test_a_word_is_explained(asked: str, word: str) -> None:
    found = talk().text(asked, "out_of_scope")
    assert found.said == means(word)
    assert found.labels == [button("help"), button("menu")]
    assert effect_of(found, LogQuestion).outcome is Outcome.ANSWERED
    assert found.state.misses == 0


def test_the_guide_that_may_be_meant_is_offered() -> None:
    found = talk().text("vneid là gì", ACTIVATE)
    assert found.said == means("VNeID")
    assert found.labels[0] == content().title(ACTIVATE)
    assert content().title(ACTIVATE) in found.press(found.ids[0]).said


def test_inside_a_guide_the_way_back_comes_with_it() -> None:
    found = talk().text("cách trả tiền", QR).text("otp là gì")
    assert found.said.startswith(means("OTP"))
    assert found.ids[0] == f"back:{QR}"
    assert found.state.session is not None


@pytest.mark.parametrize(
    "asked",
    [
        "định danh mức 2 là gì",
        "blockchain là gì",
        "là gì",
        "otp là gì tôi lỡ đọc cho họ rồi",
        "sao máy không gửi otp",
    ],
)
def test_anything_else_is_the_engines(asked: str) -> None:
    found = talk().text(asked, LEVEL_2)
    assert content().title(LEVEL_2) in found.said

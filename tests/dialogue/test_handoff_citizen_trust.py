"""Somebody calls or stands at the door and says that they are from the team: are they?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import events as ev
from bot.domain.effects import LogQuestion, RelayToHelper
from bot.domain.replies import Priority
from bot.domain.state import Relay
from nlu.text import strip_diacritics
from tests.dialogue.helpers import (
    LINK,
    QR,
    Talk,
    content,
    effect_of,
    say,
    talk,
    ticket,
    walking,
    with_guides,
)

WORDS = "con mèo, cái nón, hạt lúa"
CLAIMED = ticket(5, helper="Anh Tư", words=WORDS, team_name="Tổ Tân Ân")

ASKS = [
    "có người xưng tổ công nghệ gọi tôi",
    "có người tự xưng là người của tổ công nghệ số gọi điện cho tôi",
    "anh Nam tới nhà có phải người của tổ không",
    "ai đó gọi tới nói là bên tổ công nghệ, tin được không",
    "có chị kia đến nhà bảo là cán bộ tổ, thật hay giả",
    "người đang ở ngoài cửa xưng là thành viên tổ",
    "số lạ gọi điện giới thiệu là tổ công nghệ số của xã",
    "tổ có gọi cho tôi không",
    "ai vừa gọi cho tôi vậy",
    "tổ có cử người tới nhà tui hông",
    "có phải người của tổ gọi cho tôi không?",
    "ông nào nhắn tin zalo nhận mình là người của tổ",
    "nó mạo danh tổ công nghệ gọi lừa tiền",
]
NOT_ASKS = [
    "tổ công nghệ là gì",
    "tổ công nghệ có phải của nhà nước không",
    "nhờ tổ công nghệ tới nhà giúp tôi có phải trả tiền không",
    "tôi muốn người của tổ tới nhà giúp, có phải đóng tiền không",
    "gọi cho tổ công nghệ số nào",
    "có người xưng công an gọi tôi",
    "gặp người của tổ",
    "xung quanh tổ tôi ở ai cũng dùng QR",
]


@pytest.mark.parametrize("text", [*ASKS, *map(strip_diacritics, ASKS)])
def test_with_nothing_open_it_is_nobody_of_the_team(text: str) -> None:
    there = talk().text(text)
    assert there.said == say("caller_nobody")
    assert there.replies[0].priority is Priority.URGENT
    assert effect_of(there, LogQuestion).guide_id == "scam_call"


@pytest.mark.parametrize("text", [*NOT_ASKS, *map(strip_diacritics, NOT_ASKS)])
def test_speaking_of_the_team_is_not_asking_about_a_caller(text: str) -> None:
    assert say("caller_nobody") not in [r.text for r in talk().text(text).replies]


def knowing(there: Talk) -> Talk:
    """With a guide on such calls: another one by its name."""
    guide = replace(content().guides[LINK], id="scam_call", revision="")
    return there.know(content=with_guides(scam_call=guide))


def test_the_guide_on_such_calls_is_opened() -> None:
    there = knowing(talk()).text(ASKS[0])
    assert there.replies[0].text == say("caller_nobody")
    assert there.state.session is not None
    assert there.state.session.guide_id == "scam_call"
    there = knowing(walking(QR, 1)).text(ASKS[0])
    assert there.step == 1
    assert f"back:{QR}" in there.ids
    assert "guide:scam_call" in there.ids


def test_with_a_helper_only_they_may_come_and_must_say_the_words() -> None:
    there = talk().know(tickets=(CLAIMED,)).text(ASKS[2])
    assert there.said == "\n".join(
        [
            say("caller_claimed", ticket=5, helper="Anh Tư", team="Tổ Tân Ân")
            + " "
            + say("caller_words", words=WORDS),
            say("caller_else"),
        ]
    )
    assert there.ids == ["guide:scam_call", "menu"]
    assert len(there.said) <= 600


def test_while_nobody_has_taken_it_nobody_may_come() -> None:
    there = talk().know(tickets=(ticket(5, team_name="Tổ Tân Ân"),)).text(ASKS[0])
    assert there.said.startswith(say("caller_waiting", ticket=5, team="Tổ Tân Ân"))
    assert WORDS not in there.said


def test_in_a_talk_the_citizen_is_warned_and_the_helper_reads_it_too() -> None:
    there = talk(relay=Relay(5, "Anh Tư")).know(tickets=(CLAIMED,)).text(ASKS[0])
    assert say("caller_else") in there.said
    assert effect_of(there, RelayToHelper) == RelayToHelper(5, ASKS[0])
    assert there.state.relay == Relay(5, "Anh Tư")


def test_in_a_form_it_comes_first() -> None:
    there = talk().press("human").press("hand:yes").text(ASKS[0])
    assert there.said == say("caller_nobody")
    assert there.state.slot is None


def test_a_callers_number_is_no_secret_of_the_citizen() -> None:
    there = talk().text("số 0900000001 gọi tôi xưng tổ công nghệ")
    assert there.said == say("caller_nobody")
    assert "0900000001" not in effect_of(there, LogQuestion).text


def test_the_guide_on_such_calls_begins_with_who_may_really_call() -> None:
    there = knowing(talk()).know(tickets=(CLAIMED,))
    there.text("có người xưng công an gọi tôi", intent="scam_call")
    assert there.said.startswith(say("caller_note", helper="Anh Tư", words=WORDS))
    there = knowing(talk()).text("có người xưng công an gọi tôi", intent="scam_call")
    assert "Anh Tư" not in there.said


@pytest.mark.parametrize("text", ["ba từ là gì", "ba tu cua toi la gi", "quên ba từ"])
def test_the_words_can_be_asked_for(text: str) -> None:
    there = talk().know(tickets=(CLAIMED,)).text(text)
    assert there.said == say("trust_words", helper="Anh Tư", words=WORDS)
    there = talk(relay=Relay(5, "Anh Tư")).know(tickets=(CLAIMED,)).text(text)
    assert WORDS in there.said
    assert there.effects == ()
    assert talk().text(text).said == f"{say('words_none')}\n\n{say('status_none')}"


def test_a_claim_tells_the_words_and_what_to_do_with_them() -> None:
    there = talk().know(tickets=(CLAIMED,)).event(ev.TicketClaimed(5, "Anh Tư"))
    assert there.said.endswith(say("trust_words", helper="Anh Tư", words=WORDS))
    assert len(there.said) <= 600

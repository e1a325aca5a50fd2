"""The order of meaning: for each pair of neighbours a text that both would take, and who wins.

mask -> urgent -> exact phrase -> the slot waited for -> open relay -> offered number -> engine
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.dialogue.decide import Route, route
from bot.dialogue.turn import Turn
from bot.domain import events as ev
from bot.domain.effects import LogQuestion, OpenTicket, RelayToHelper
from bot.domain.state import Draft, Relay, Slot, State
from bot.safety.masking import mask
from tests.dialogue.helpers import QR, SCAM, effect_of, parse, say, talk, ticket, walking

MENU = ("path", "guide:qr_pay")
NOTHING = State(greeted=True)
OFFERED = replace(NOTHING, offered=MENU)
GUIDE = walking(QR, 1).state
NAME = replace(NOTHING, slot=Slot.NAME, draft=Draft(), offered=("hand:noname",))
PHONE = replace(NAME, slot=Slot.PHONE)
COMMUNE = replace(NAME, slot=Slot.COMMUNE)
RELAY = replace(GUIDE, relay=Relay(5, "Anh Tư"))
WARNED = replace(GUIDE, relay=Relay(5, "Anh Tư", warned=True))
RELAY_AND_SLOT = replace(NAME, relay=Relay(5, "Anh Tư"))
ASKED = replace(NOTHING, offered=("hand:yes", "hand:no"), yes="hand:yes", no="hand:no")


@dataclass(frozen=True)
class Case:
    """A text in a state; `intent` is what the engine would surely say."""

    text: str
    state: State
    wins: Route
    intent: str = QR


CASES = {
    # danger to life before exact phrases, and those before the engine's guess (ADR 12)
    "threat that starts like a command": Case("/start muốn tự tử", NOTHING, Route.URGENT),
    "scam by the engine, menu by phrase": Case("menu", NOTHING, Route.COMMAND, SCAM),
    "scam by the engine, next by phrase": Case("tiếp", GUIDE, Route.COMMAND, SCAM),
    "what is kept, by phrase": Case("tôi đã gửi những gì", NOTHING, Route.COMMAND, SCAM),
    "what is kept, and more": Case("tôi đã gửi gì cho nó rồi", NOTHING, Route.URGENT, SCAM),
    # urgent before the slot, the relay, a number
    "threat as a name": Case("nó đòi giết tôi", NAME, Route.URGENT),
    "scam as a commune": Case("tôi bị lừa rồi", COMMUNE, Route.URGENT, SCAM),
    "scam in a talk": Case("tôi bị lừa rồi", RELAY, Route.URGENT, SCAM),
    "scam in a talk, the second time": Case("tôi bị lừa rồi", WARNED, Route.RELAY, SCAM),
    "threat in a talk, the second time": Case("nó đòi giết tôi", WARNED, Route.URGENT),
    "scam by the engine, number offered": Case("2", OFFERED, Route.URGENT, SCAM),
    # exact phrases before the slot
    "menu as a name": Case("menu", NAME, Route.COMMAND),
    "stop as a name": Case("thôi", NAME, Route.COMMAND),
    "slash as a name": Case("/nope", NAME, Route.COMMAND),
    "stop as a commune": Case("thoi", COMMUNE, Route.COMMAND),
    # what is a short answer elsewhere is the form's
    "yes as a name": Case("có", NAME, Route.SLOT),
    "no as a phone": Case("không", PHONE, Route.SLOT),
    "done as a commune": Case("xong", COMMUNE, Route.SLOT),
    "a name that is a command without marks": Case("Huy", NAME, Route.SLOT),
    # exact phrases before the relay, but few of them
    "menu in a talk": Case("menu", RELAY, Route.COMMAND),
    "end of the talk": Case("kết thúc", RELAY, Route.COMMAND),
    "erase in a talk": Case("xóa dữ liệu", RELAY, Route.COMMAND),
    "slash in a talk": Case("/lotrinh", RELAY, Route.COMMAND),
    "done in a talk": Case("xong rồi", RELAY, Route.RELAY),
    "yes in a talk": Case("có", RELAY, Route.RELAY),
    "stop in a talk": Case("thôi", RELAY, Route.RELAY),
    # exact phrases before the engine
    "next in a guide": Case("tiếp", GUIDE, Route.COMMAND),
    "stuck in a guide": Case("chưa được", GUIDE, Route.COMMAND),
    "next outside a guide": Case("tiếp", NOTHING, Route.ENGINE),
    "yes to a question": Case("dạ", ASKED, Route.COMMAND),
    "next to a question of consent": Case("rồi", ASKED, Route.ENGINE),
    "yes to nothing": Case("dạ", NOTHING, Route.ENGINE),
    "no to nothing": Case("không", NOTHING, Route.ENGINE),
    # the slot before the relay, a number and the engine
    "name while a talk is open": Case("cô Ba", RELAY_AND_SLOT, Route.SLOT),
    "number of the offered choice in a form": Case("1", NAME, Route.SLOT),
    "a commune the engine knows better": Case("Tân Ân", COMMUNE, Route.SLOT),
    # the relay before a number and the engine
    "number in a talk": Case("1", RELAY, Route.RELAY),
    "question in a talk": Case("mã qr là gì", RELAY, Route.RELAY),
    # a number before the engine
    "number of an offered choice": Case("2", OFFERED, Route.NUMBER),
    "number too high": Case("9", OFFERED, Route.NUMBER),
    "number in a guide": Case("1", GUIDE, Route.NUMBER),
    "number with nothing offered": Case("2", NOTHING, Route.ENGINE),
    "hotline is no choice": Case("113", OFFERED, Route.ENGINE),
    # the engine
    "question": Case("mã qr là gì", OFFERED, Route.ENGINE),
    "question in a guide": Case("mã qr là gì", GUIDE, Route.ENGINE),
}


@pytest.mark.parametrize("name", CASES)
def test_who_takes_the_text(name: str) -> None:
    case = CASES[name]
    facts = replace(
        talk().facts,
        masked=mask(case.text),
        parse=parse(case.text, case.intent),
        tickets=(ticket(5, helper="Anh Tư"),) if case.state.relay else (),
    )
    assert route(Turn(case.state, ev.Text(case.text), facts)) is case.wins


def test_secrets_are_masked_before_anything_is_logged_or_passed_on() -> None:
    secret = "mật khẩu là abc12345"
    there = talk().text(f"nó đòi giết tôi, {secret}")
    assert "abc12345" not in effect_of(there, LogQuestion).text
    there = talk(relay=Relay(5, "Anh Tư")).know(tickets=(ticket(5, helper="Anh Tư"),))
    there.text(f"nó đòi giết tôi, {secret}")
    assert "abc12345" not in effect_of(there, RelayToHelper).text
    there = talk().text(secret, QR)
    assert "abc12345" not in effect_of(there, LogQuestion).text


def test_a_slot_takes_its_phone_before_masking() -> None:
    there = talk().press("human").press("hand:yes").text("Ba").text("0912345678").text("bỏ qua")
    assert effect_of(there, OpenTicket).phone == "0912345678"
    assert say("masked") not in there.said


def test_the_number_of_an_offered_choice_is_that_choice_in_a_form_too() -> None:
    there = talk().press("human").press("hand:yes").text("1")
    assert there.said == say("hand_how")
    assert there.text("1").said == say("hand_phone")
    assert there.text("1").said == say("hand_commune")


def test_a_number_the_form_does_not_offer_is_no_choice() -> None:
    there = talk().press("human").press("hand:yes").text("Ba").text("2").text("5")
    assert effect_of(there, OpenTicket).commune == "5"

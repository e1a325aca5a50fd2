"""The answer to a picture somebody sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain import events as ev
from bot.domain.pictures import CodeKind, PictureFault, SeenCode, SeenPicture, Verdict
from bot.domain.state import Draft, Relay, Slot
from bot.safety.qr.banks import load_banks
from bot.safety.qr.reading import read_code
from bot.safety.qr.vietqr import make
from tests.dialogue.helpers import ROOT, Talk, say, talk, ticket, walking

BANKS = load_banks(Path(ROOT) / "content")
PAY = read_code(make("970405", "1234567890", 150_000, "mua tom kho"), BANKS)
LINK = SeenCode(CodeKind.URL, Verdict.DANGEROUS, 0.98, said=("giống mà không phải",), text="x[.]y")


def sent(person: Talk, *codes: SeenCode, **more: object) -> Talk:
    """The person sends a picture with these codes."""
    seen = SeenPicture(codes, **more)  # type: ignore[arg-type]
    return person.event(ev.Attachment("photo"), seen=seen)


def test_a_payment_code_says_whom_it_pays_and_to_read_the_name_aloud() -> None:
    said = sent(talk(), PAY).said
    for part in ("Agribank", "••••••7890", "150.000 đồng", "mua tom kho", "CHƯA BIẾT"):
        assert part in said
    assert "1234567890" not in said
    assert say("picture_pay_last") in said
    assert say("picture_dropped") in said


def test_a_dangerous_link_says_why_and_what_not_to_do() -> None:
    said = sent(talk(), LINK).said
    assert said.index("NGUY HIỂM") < said.index("giống mà không phải")
    assert say("code_link_last") in said
    assert say("picture_pay_last") not in said


def test_several_codes_are_numbered() -> None:
    said = sent(talk(), PAY, LINK, more=True).said
    assert say("picture_many", count=2) in said
    assert "1. " in said
    assert "2. 🔴" in said
    assert say("picture_more", count=2) in said
    assert say("picture_two_payees") not in said


def test_two_payees_in_one_picture_are_pointed_out() -> None:
    other = read_code(make("970436", "5555566666"), BANKS)
    assert say("picture_two_payees") in sent(talk(), PAY, other).said
    assert say("picture_two_payees") not in sent(talk(), PAY, PAY).said


def test_ten_codes_fit_one_message() -> None:
    codes = [read_code(make("970405", f"{n:019}", 10**12 - 1, "x" * 25), BANKS) for n in range(10)]
    assert len(sent(talk(), *codes).said) <= 4096


@pytest.mark.parametrize(
    "payload",
    [
        "https://a.example",
        "WIFI:S:Q;;",
        "BEGIN:VCARD",
        "tel:113",
        "chữ",
        "",
        "000201",
        "079012345678||A|01011990|Nam|x",
    ],
)
def test_every_kind_has_an_answer(payload: str) -> None:
    said = sent(talk(), read_code(payload, BANKS)).said
    assert "{" not in said


@pytest.mark.parametrize("fault", PictureFault)
def test_every_fault_has_an_answer(fault: PictureFault) -> None:
    assert sent(talk(), fault=fault).said == say(f"picture_{fault.value}")


def test_what_a_channel_saw_itself_is_taken_too() -> None:
    person = talk().event(ev.Attachment("photo", seen=SeenPicture((PAY,))))
    assert "Agribank" in person.said


def test_an_attachment_nobody_looked_at_is_answered_as_before() -> None:
    assert say("attachment_ask") in talk().event(ev.Attachment("voice")).said


def test_in_a_talk_with_a_helper_the_code_is_read_and_the_helper_sees_nothing() -> None:
    person = sent(talk(relay=Relay(5, "anh Tư")).know(tickets=(ticket(5),)), PAY)
    assert say("relay_unseen", helper="anh Tư") in person.said
    assert "Agribank" in person.said
    without = sent(
        talk(relay=Relay(5, "anh Tư")).know(tickets=(ticket(5),)), fault=PictureFault.NO_CODE
    )
    assert without.said == say("relay_unseen", helper="anh Tư")


def test_a_form_goes_on_after_the_answer() -> None:
    person = sent(talk(draft=Draft(), slot=Slot.NAME), PAY)
    assert "Agribank" in person.replies[0].text
    assert person.replies[1].text == say("hand_name")
    assert person.state.slot is Slot.NAME


def test_a_walk_can_be_gone_back_to() -> None:
    assert any(choice.startswith("back:") for choice in sent(walking(), PAY).ids)


def test_a_citizens_card_is_warned_of_and_not_shown() -> None:
    card = read_code("079012345678|012345678|Nguyễn Văn Mẫu|01011990|Nam|Ấp Mẫu|01012021", BANKS)
    said = sent(talk(), card).said
    assert say("code_card_private") in said
    assert "Mẫu" not in said
    assert "0790" not in said


def test_of_a_picture_in_a_talk_with_a_helper_only_the_words_go_on() -> None:
    person = talk(relay=Relay(5, "anh Tư")).know(tickets=(ticket(5),))
    person.event(ev.Text("chị xem giúp em", under="photo"))
    assert say("relay_unseen", helper="anh Tư") in person.said
    assert any(getattr(e, "text", "") == "chị xem giúp em" for e in person.effects)

"""Voice notes in a conversation: said back before they count, or passed on by consent."""

from __future__ import annotations

import pytest

from bot.dialogue.decide import decide
from bot.domain import events as ev
from bot.domain.data_effects import Agreed, Consent
from bot.domain.effects import OpenTicket, RelayToHelper
from bot.domain.state import Relay, Slot
from bot.domain.voice import KEPT_DAYS, Heard, HeldNote, VoiceFault
from bot.domain.voice_effects import AttachVoice, DropVoice, HoldVoice, SayText
from tests.dialogue.helpers import Talk, button, effect_of, say, talk, ticket, walking

NOTE = HeldNote(1, "audio/ogg", 5)
VOICE = ev.Attachment("voice", "telegram:abc", seconds=5)
WANTED = "tôi muốn làm căn cước cho con"


def says(person: Talk, text: str = "", fault: VoiceFault | None = None) -> Talk:
    """The person sends a note in which this is heard."""
    person.event(VOICE, heard=Heard(text, fault, 5.0))
    return person.know(note=NOTE if person.state.voice is not None else None)


def agreed(person: Talk, choice: str) -> list[Consent]:
    """What is agreed to by this button (`Talk` leaves consents out of the effects)."""
    effects = decide(person.state, ev.Press(choice), person.facts).effects
    return [effect.what for effect in effects if isinstance(effect, Agreed)]


def test_what_was_heard_is_said_back_first() -> None:
    person = says(talk(), WANTED)
    assert person.said == say("voice_heard", text=WANTED)
    assert person.labels == [button("voice_yes"), button("voice_again"), button("voice_type")]
    assert person.effects == (HoldVoice(),)


@pytest.mark.parametrize("answer", ["đúng", "đúng rồi", "1", "có"])
def test_yes_makes_a_text_of_it(answer: str) -> None:
    person = says(talk(), WANTED).text(answer)
    assert effect_of(person, SayText).text == WANTED
    assert DropVoice() in person.effects
    assert person.state.voice is None


def test_a_yes_pressed_twice_says_it_once() -> None:
    person = says(talk(), WANTED).tap("voice_yes")
    person.text(WANTED, "qr_pay").press("voice:yes")
    assert not [e for e in person.effects if isinstance(e, SayText)]
    assert person.said.startswith(say("voice_gone"))


@pytest.mark.parametrize(
    ("label", "answer"), [("voice_again", "voice_again"), ("voice_type", "voice_typed")]
)
def test_no_drops_it(label: str, answer: str) -> None:
    person = says(talk(), WANTED).tap(label)
    assert person.said == say(answer)
    assert person.effects == (DropVoice(),)
    assert person.state.voice is None


def test_anything_else_that_is_typed_drops_it() -> None:
    person = says(talk(), WANTED).text("quét mã qr trả tiền", "qr_pay")
    assert DropVoice() in person.effects
    assert person.state.voice is None
    assert person.state.session is not None


def test_secrets_in_it_are_covered_and_the_note_is_not_kept() -> None:
    person = says(talk(), "số căn cước của tôi là 079200000001 làm sao")
    assert "079200000001" not in person.said
    assert person.said.startswith(say("masked"))
    assert person.effects == (DropVoice(),)
    person.tap("voice_yes")
    assert "079200000001" not in effect_of(person, SayText).text


def test_nothing_but_a_secret_is_no_question() -> None:
    person = says(talk(), "079200000001")
    assert person.said == f"{say('masked')}\n\n{say('voice_only_type')}"
    assert person.state.voice is None


def test_danger_is_not_kept_waiting() -> None:
    person = says(talk(), "nó cầm dao đòi giết tôi")
    assert person.said.startswith(say("voice_danger"))


@pytest.mark.parametrize("fault", list(VoiceFault))
def test_what_was_not_heard_can_be_typed_or_passed_on(fault: VoiceFault) -> None:
    person = says(talk(), fault=fault)
    assert person.said.startswith(say(f"voice_{fault}"))
    passable = fault not in (VoiceFault.TOO_BIG, VoiceFault.NOT_FETCHED, VoiceFault.NOT_AUDIO)
    assert ("voice:pass" in person.ids) is passable
    assert (HoldVoice() in person.effects) is passable


def test_it_goes_with_a_request_whose_consent_names_it() -> None:
    person = says(talk(), fault=VoiceFault.OFF).tap("voice_pass")
    assert person.said.startswith(say("voice_along", days=KEPT_DAYS))
    assert say("hand_consent") in person.said
    person.tap("yes").text("cô Ba").press("hand:chat")
    assert agreed(person, "hand:nocommune") == [Consent.VOICE]
    person.press("hand:nocommune")
    opened = person.facts.event_id - 1
    assert effect_of(person, OpenTicket)
    assert effect_of(person, AttachVoice).ticket_id == opened
    assert effect_of(person, RelayToHelper) == RelayToHelper(opened, say("voice_line"))
    assert person.state.voice is None


def test_no_consent_no_note() -> None:
    person = says(talk(), fault=VoiceFault.UNSURE).tap("voice_pass").tap("no")
    assert DropVoice() in person.effects
    assert person.state.voice is None


def test_it_goes_to_a_request_that_is_open_after_a_consent_of_its_own() -> None:
    person = talk(relay=Relay(5, "Anh Tư")).know(tickets=(ticket(5, helper="Anh Tư"),))
    says(person, fault=VoiceFault.OFF).tap("voice_pass")
    assert person.said == say("voice_pass_ask", days=KEPT_DAYS)
    assert agreed(person, "voice:agree") == [Consent.VOICE]
    person.tap("yes")
    assert person.effects == (AttachVoice(5), RelayToHelper(5, say("voice_line")))
    assert person.said == say("voice_passed", ticket=5)
    assert person.state.relay is not None


def test_a_number_answers_even_while_a_helper_is_written_to() -> None:
    person = talk(relay=Relay(5, "Anh Tư")).know(tickets=(ticket(5, helper="Anh Tư"),))
    says(person, WANTED).text("1")
    assert effect_of(person, SayText).text == WANTED


def test_it_was_not_kept_for_ever() -> None:
    person = says(talk(), fault=VoiceFault.BUSY).know(note=None).tap("voice_pass")
    assert person.said == say("voice_gone")


def test_a_spoken_answer_means_what_a_typed_one_would_have() -> None:
    person = talk().text("gặp người", "")
    before = person.state
    assert before.yes == "hand:yes"
    says(person, "đồng ý").tap("voice_yes")
    assert (person.state.offered, person.state.yes) == (before.offered, before.yes)
    assert person.state.draft == before.draft
    person.text("đồng ý")
    assert person.state.slot is Slot.NAME


def test_a_field_that_waits_goes_on_waiting() -> None:
    person = talk().text("gặp người").tap("yes")
    assert person.state.slot is Slot.NAME
    says(person, "tôi tên là Ba").tap("voice_yes")
    assert person.state.slot is Slot.NAME
    says(person, fault=VoiceFault.SILENT).tap("voice_type")
    assert [r.text for r in person.replies] == [say("voice_typed"), say("hand_name")]


def test_a_second_note_takes_the_place_of_the_first() -> None:
    person = walking()
    before = person.state.offered
    says(person, "một")
    says(person, "hai").tap("voice_yes")
    assert effect_of(person, SayText).text == "hai"
    assert person.state.offered == before


def test_a_note_that_could_not_be_had_is_answered_as_before() -> None:
    assert talk().event(ev.Attachment("voice")).said.startswith(say("attachment", what="tin thoại"))

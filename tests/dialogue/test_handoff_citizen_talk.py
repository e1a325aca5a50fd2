"""What comes to the citizen while somebody helps, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import events as ev
from bot.domain.effects import RateTicket, ReopenTicket, TellGone
from bot.domain.replies import Priority
from bot.domain.state import Relay
from bot.domain.tickets import TicketStatus
from tests.dialogue.helpers import (
    LEVEL_2,
    NOW,
    QR,
    Talk,
    content,
    effect_of,
    say,
    step_said,
    talk,
    ticket,
    walking,
)

WORDS = "con mèo, cái nón, hạt lúa"
HELD = ticket(5, helper="Anh Tư", words=WORDS)
ENDED = ticket(5, TicketStatus.CLOSED, closed_at=NOW)
GONE = ticket(5, TicketStatus.CANCELLED, closed_at=NOW)
VISIT = NOW + timedelta(days=1)


def in_relay() -> Talk:
    return walking(QR, 1).know(tickets=(HELD,)).event(ev.TicketClaimed(5, "Anh Tư"))


# From the helper --------------------------------------------------------------------------------


def test_a_line_is_tied_to_its_delivery() -> None:
    there = in_relay().event(ev.HelperSaid(5, "Anh Tư", "Bác mở máy chưa?", line_id=9))
    assert there.said == "Anh Tư: Bác mở máy chưa?"
    assert (there.replies[0].line_id, there.replies[0].ticket_id) == (9, 5)


def test_a_line_that_asks_for_a_secret_comes_with_a_warning() -> None:
    there = in_relay().event(ev.HelperSaid(5, "Anh Tư", "đọc mã otp đi", line_id=9, warn=True))
    assert there.said.endswith(say("helper_asks_secret", helper="Anh Tư"))


def test_a_canned_reply_speaks_to_this_person() -> None:
    there = talk(form="bac", relay=Relay(5, "Anh Tư")).know(tickets=(HELD,))
    there.event(ev.HelperSaid(5, "Anh Tư", "Mời {you} mở máy.", ours=True))
    assert there.said == "Anh Tư: Mời bác mở máy."
    there.event(ev.HelperSaid(5, "Anh Tư", "Mời {you} mở máy."))
    assert there.said == "Anh Tư: Mời {you} mở máy."


def test_a_step_comes_as_from_the_helper_and_the_walk_stays() -> None:
    there = in_relay().event(ev.HelperShowed(5, "Anh Tư", LEVEL_2, "", 0, line_id=9))
    title = content().title(LEVEL_2)
    assert there.said == "\n\n".join(
        [say("helper_showed", helper="Anh Tư", title=title), step_said(LEVEL_2, 0)]
    )
    assert there.replies[0].line_id == 9
    assert there.step == 1


@pytest.mark.parametrize(("guide", "step"), [("fake_news", 0), (QR, 99), (QR, -1)])
def test_a_step_that_is_no_more(guide: str, step: int) -> None:
    there = in_relay().event(ev.HelperShowed(5, "Anh Tư", guide, "", step))
    assert there.said == say("helper_showed_gone", helper="Anh Tư", title=content().title(guide))


def test_a_missed_call_says_how_to_know_the_helper() -> None:
    there = in_relay().event(ev.CallMissed(5, "Anh Tư"))
    assert there.said.startswith(say("call_missed", helper="Anh Tư"))
    assert WORDS in there.said
    assert talk().event(ev.CallMissed(5, "Anh Tư")).replies == ()


def test_a_last_word_after_it_was_closed_is_heard_but_opens_no_line() -> None:
    there = talk().know(ended=(ENDED,), subject=ENDED)
    there.event(ev.HelperSaid(5, "Anh Tư", "Mai nhớ mang căn cước."))
    assert there.said == "Anh Tư: Mai nhớ mang căn cước."
    assert there.state.relay is None


@pytest.mark.parametrize("known", [(GONE,), ()])
def test_words_to_somebody_who_left_are_dropped_and_the_helper_told(
    known: tuple[object, ...],
) -> None:
    there = talk().know(ended=known, subject=GONE)
    there.event(ev.HelperSaid(5, "Anh Tư", "Bác còn đó không?"))
    assert there.replies == ()
    assert there.effects == (TellGone(5),)


# Visits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("news", ["set", "changed", "soon", "off"])
def test_the_citizen_hears_of_visits_with_the_words(news: ev.VisitWhat) -> None:
    there = in_relay().event(ev.VisitNews(5, news, VISIT, "Anh Tư"))
    when = "9 giờ thứ Ba 24/11"
    assert there.said.startswith(say(f"visit_{news}", ticket=5, helper="Anh Tư", when=when))
    assert (WORDS in there.said) is (news != "off")
    assert there.ids == []
    there = talk().know(tickets=(HELD,)).event(ev.VisitNews(5, news, VISIT, "Anh Tư"))
    assert there.ids[0] == "talk:5"
    assert len(there.said) <= 600


# It moves on ------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["late", "nobody", "silent", "by_hand", "removed"])
def test_an_urgent_request_that_moves_shows_what_to_do_alone(why: str) -> None:
    view = ticket(5, urgent=True, topic=content().title("scam_victim"))
    event = ev.TicketMoved(5, "Tổ xã", why)  # type: ignore[arg-type]
    there = talk().know(tickets=(view,)).event(event)
    text = "\n".join(reply.text for reply in there.replies)
    assert say(f"moved_{why}", ticket=5, team="Tổ xã") in text
    assert say("meanwhile_scam") in text
    assert all(len(reply.text) <= 600 for reply in there.replies)
    assert all(reply.priority is Priority.URGENT for reply in there.replies)


def test_nobody_reachable_shows_it_too() -> None:
    view = ticket(5, urgent=True)
    there = talk().know(tickets=(view,)).event(ev.PeerUnreachable(5))
    assert say("team_unreachable", ticket=5) in there.said
    assert say("meanwhile_life") in there.said


# It is over -------------------------------------------------------------------------------------


def over() -> Talk:
    return in_relay().know(tickets=(), ended=(ENDED,)).event(ev.TicketClosed(5, "Anh Tư"))


def test_one_tap_rates_and_leads_back_with_a_sentence_if_they_like() -> None:
    there = over().tap("rate_3")
    assert there.effects == (RateTicket(5, 3),)
    assert there.said == f"{say('rated')}\n\n{step_said(QR, 1)}"
    assert there.ids[-1] == "hand:note:5"
    there.tap("rating_note")
    assert there.said == say("rating_note_ask")
    there.text("anh Tư tận tình, mã otp 123456")
    note = effect_of(there, RateTicket)
    assert note.stars is None
    assert note.note.startswith("anh Tư tận tình")
    assert "123456" not in note.note
    assert there.said == f"{say('rating_note_kept')}\n\n{step_said(QR, 1)}"


@pytest.mark.parametrize("text", ["bỏ qua", "không", "thôi"])
def test_the_sentence_can_be_left(text: str) -> None:
    there = over().tap("rate_5").tap("rating_note").text(text)
    assert not any(isinstance(e, RateTicket) for e in there.effects)
    assert there.state.slot is None


def test_a_sentence_in_one_message() -> None:
    there = talk().know(ended=(ENDED,)).text("góp ý: anh Tư tận tình")
    assert there.effects == (RateTicket(5, note="anh Tư tận tình"),)
    assert talk().know(ended=(ENDED,)).text("gop y").said == say("rating_note_ask")
    assert talk().text("góp ý").said == say("status_none")
    assert talk().text("góp ý: tốt").said == say("out_of_scope")


def test_a_bad_rating_opens_it_again() -> None:
    there = over().tap("rate_1")
    assert there.said == say("rated_low")
    assert there.ids == ["reopen:5", "human", "hand:note:5", f"back:{QR}", "menu"]
    there.text("có")
    assert there.effects == (ReopenTicket(5),)
    assert there.said.startswith(say("ticket_reopened", ticket=5))


def test_only_ones_own_and_only_lately_ended_is_opened_again() -> None:
    assert talk().press("reopen:5").said == say("status_none")
    assert talk().press("reopen:5").effects == ()
    there = talk().know(ended=(ENDED,)).text("mở lại phiếu")
    assert there.effects == (ReopenTicket(5),)
    assert talk().text("mở lại phiếu").effects == ()


def test_nothing_of_an_ended_request_stays_in_the_state() -> None:
    before = walking(QR, 1)
    start = before.state
    there = before.know(tickets=(HELD,)).event(ev.TicketClaimed(5, "Anh Tư"))
    there.text("sửa số điện thoại").know(tickets=(), ended=(ENDED,))
    there.event(ev.TicketClosed(5, "Anh Tư")).tap("rate_5").tap("rating_note").text("cảm ơn")
    there.press(f"back:{QR}")
    same = replace(there.state, last_press=start.last_press, misses=start.misses)
    assert same == replace(start, shown=same.shown)
    assert "Anh Tư" not in repr(there.state)

"""Alerts in the conversation: asked for, said at a good time, ended by one tap or one phrase."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alerts import AlertView
from bot.domain.effects import AlertLater, AlertSaid, StopAlerts, WantAlerts
from bot.domain.events import AlertDue
from bot.domain.replies import Priority
from bot.domain.state import Relay, Session, Slot
from tests.dialogue.helpers import (
    FRONT,
    LINK,
    NOW,
    QR,
    Talk,
    button,
    content,
    effect_of,
    last_step,
    member,
    say,
    talk,
    ticket,
    walking,
)

ALERT = AlertView(3, "Có người giả công an gọi điện.", "Tân Ân, Cà Mau", LINK)
#: Half past ten in the evening in Vietnam, and the morning after.
NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def asked(phrase: str = "đăng ký cảnh báo") -> Talk:
    """Somebody who is asked where they live."""
    there = talk().text(phrase)
    assert there.state.slot is Slot.ALERT_PLACE
    return there


@pytest.mark.parametrize("phrase", ["đăng ký cảnh báo", "dang ky canh bao", "/canhbao"])
def test_asked_for_by_a_phrase_and_begun_with_a_place(phrase: str) -> None:
    there = asked(phrase)
    assert there.said == say("alert_place")
    there.text("xã Tân Ân, Cà Mau")
    assert effect_of(there, WantAlerts) == WantAlerts("ca-mau.tan-an", "xã Tân Ân, Cà Mau")
    assert there.said == say("alerts_on", place="xã Tân Ân, Cà Mau")
    assert "dừng cảnh báo" in there.said
    assert (there.state.alerts, there.state.slot) == (True, None)


def test_the_province_is_needed_and_nothing_is_begun_without() -> None:
    there = asked().text("xã Tân Ân")
    assert there.said == say("alert_place_again")
    assert there.effects == ()
    assert there.state.slot is Slot.ALERT_PLACE
    there.text("ấp 4 xa tan an ca mau")
    assert effect_of(there, WantAlerts).area == "ca-mau.tan-an"


def test_a_place_told_before_is_offered_and_so_is_everywhere() -> None:
    there = talk().know(place="xã Tân Ân, Cà Mau").text("đăng ký cảnh báo")
    there.tap("alerts_here", place="xã Tân Ân, Cà Mau")
    assert effect_of(there, WantAlerts).area == "ca-mau.tan-an"
    there = asked().tap("alerts_everywhere")
    assert effect_of(there, WantAlerts) == WantAlerts("", "")
    assert there.said == say("alerts_on_everywhere")


def test_the_province_chosen_for_a_guide_is_offered() -> None:
    there = talk(province="dak_lak").text("đăng ký cảnh báo").tap("alerts_here", place="Đắk Lắk")
    assert effect_of(there, WantAlerts).area == "dak-lak"


@pytest.mark.parametrize("how", ["thôi", "không", "bỏ qua", "alerts:no"])
def test_not_wanted_after_all(how: str) -> None:
    there = asked()
    if how == "alerts:no":
        there.tap("alerts_no")
    else:
        there.text(how)
    assert there.said == say("alerts_declined")
    assert not there.state.alerts
    assert there.state.slot is None
    assert there.effects == ()


def test_a_question_instead_of_a_place_is_answered() -> None:
    there = asked().text("trả tiền bằng mã qr làm sao", QR)
    assert there.state.session is not None
    assert there.state.slot is None


def test_danger_comes_before_the_place() -> None:
    there = asked().text("cứu tôi với, nó đòi giết tôi")
    assert there.replies[0].priority is Priority.URGENT


def test_a_form_half_filled_in_is_left_for_it() -> None:
    there = talk().text("tạo mã qr").text("đăng ký cảnh báo")
    assert there.state.seller is None
    assert there.said == say("alert_place")


def test_an_old_button_asks_first() -> None:
    for old in ("alerts:here", "alerts:everywhere", "alerts:no", "alerts:x"):
        there = talk().press(old)
        assert there.said == say("alert_place")
        assert there.effects == ()


def test_whoever_gets_them_may_change_or_end_it() -> None:
    there = talk(alerts=True).text("đăng ký cảnh báo")
    assert there.said == say("alerts_already")
    there.tap("alerts_other").text("tỉnh Bến Tre")
    assert effect_of(there, WantAlerts).area == "ben-tre"


@pytest.mark.parametrize(
    "phrase", ["dừng cảnh báo", "dung canh bao", "thôi nhận cảnh báo", "/dungcanhbao"]
)
@pytest.mark.parametrize("alerts", [True, False])
def test_ended_by_one_phrase_whatever_is_remembered(phrase: str, alerts: bool) -> None:
    there = talk(alerts=alerts).text(phrase)
    effect_of(there, StopAlerts)
    assert there.said == say("alerts_off")
    assert (there.state.alerts, there.state.alerts_off) == (False, True)


def test_ended_while_something_else_is_going_on() -> None:
    for busy in (
        asked(),
        talk(relay=Relay(5, "Anh Tư")),
        walking(),
        talk().text("tạo mã qr"),
    ):
        effect_of(busy.text("dừng cảnh báo"), StopAlerts)


def test_ended_by_a_helper_who_holds_a_ticket() -> None:
    there = talk(alerts=True).know(member=member(ticket(5, helper="Anh Tư")))
    effect_of(there.text("dừng cảnh báo"), StopAlerts)


# Offered ------------------------------------------------------------------------------------------


def finished(guide_id: str, **state: object) -> Talk:
    """Somebody who has just finished a guide."""
    revision = content().guides[guide_id].revision
    session = Session(guide_id, revision, last_step(guide_id), 50)
    there = talk(session=session, **state)
    there.press(f"back:{guide_id}")
    return there.tap("finish")


def test_offered_after_a_guide_about_swindles_and_no_other() -> None:
    assert "alerts:on" in finished(LINK).ids
    assert "alerts:on" not in finished(QR).ids


def test_offered_to_nobody_who_has_or_refused_it() -> None:
    assert "alerts:on" not in finished(LINK, alerts=True).ids
    assert "alerts:on" not in finished(LINK, alerts_off=True).ids


def test_the_offer_leads_to_the_question() -> None:
    assert finished(LINK).tap("alerts").said == say("alert_place")


# Said ---------------------------------------------------------------------------------------------


def test_said_with_how_to_end_it() -> None:
    there = talk(alerts=True).know(alert=ALERT).event(AlertDue(3))
    assert effect_of(there, AlertSaid).alert_id == 3
    (reply,) = there.replies
    assert reply.priority is Priority.ALERT
    assert reply.alert_id == 3
    head = say("alert_head_place", place="Tân Ân, Cà Mau")
    assert reply.text == f"{head}\n{ALERT.text}\n\n{say('alert_foot')}"
    assert there.ids == [f"guide:{LINK}", "alerts:off"]
    effect_of(there.tap("alerts_stop"), StopAlerts)


def test_said_to_somebody_inside_a_guide_with_the_way_back() -> None:
    there = walking().know(alert=ALERT).event(AlertDue(3))
    assert there.ids[-1] == f"back:{QR}"
    there.text("2")
    effect_of(there, StopAlerts)


def test_a_picture_goes_with_it() -> None:
    alert = AlertView(4, "Coi chừng.", width=800, height=600)
    (reply,) = talk().know(alert=alert).event(AlertDue(4)).replies
    assert reply.photo is not None
    assert (reply.photo.alert_id, reply.photo.width) == (4, 800)
    assert reply.text.startswith(say("alert_head"))


def test_an_alert_that_has_ended_is_not_said() -> None:
    there = talk(alerts=True).event(AlertDue(3))
    assert there.replies == ()
    assert effect_of(there, AlertSaid).alert_id == 3


def test_at_night_it_waits_for_the_morning() -> None:
    there = talk().know(alert=ALERT, now=NIGHT).event(AlertDue(3))
    assert there.replies == ()
    assert effect_of(there, AlertLater) == AlertLater(3, MORNING)


@pytest.mark.parametrize("now", [NOW, NIGHT - timedelta(hours=2)])
def test_in_a_talk_or_a_form_it_waits_and_not_into_the_night(now: datetime) -> None:
    for busy in (talk(relay=Relay(5, "Anh Tư")), asked()):
        busy.know(alert=ALERT, now=now).event(AlertDue(3))
        assert busy.replies == ()
        due = effect_of(busy, AlertLater).due
        assert due == (now + timedelta(hours=1) if now == NOW else MORNING)


def test_every_label_fits_a_button() -> None:
    long = "xã " + "Rất Dài " * 20 + ", tỉnh Cà Mau"
    there = talk().know(place=long).text("đăng ký cảnh báo")
    assert max(map(len, there.labels)) <= 45
    assert there.ids == ["alerts:here", "alerts:everywhere", "alerts:no"]
    assert set(FRONT) & set(there.ids) == set()
    assert button("alerts_stop") == "Thôi nhận cảnh báo"

"""Messages out: what people see, within the platform's limits, whatever the platform does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.channels.zalo_oa.calls import Calls
from bot.channels.zalo_oa.client import Pace, meaning
from bot.channels.zalo_oa.plug import ZaloOa
from bot.channels.zalo_oa.sender import BUTTONS_MOST, TEXT_MOST, messages
from bot.domain import events as ev
from bot.domain.replies import Choice, PaymentPicture, Priority, Reply, StepPicture, encode_reply
from bot.errors import (
    ChannelError,
    NotConnected,
    NotSent,
    RateLimited,
    Rejected,
    Uncertain,
    Unreachable,
    WindowClosed,
)
from bot.models import schema
from bot.services.lateness import Lateness
from bot.services.limits import Window
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.store import inbox, outbox, windows
from bot.store.outbox import NewMessage
from bot.store.relay_lines import HELD_UNTIL
from tests.services.support import telegram
from tests.support import SQLITE
from tests.zalo.oa_fake import ANY_PATH, CS_PATH, HTML, TOKEN_PATH, UPLOAD_PATH, FakeOa, Fault
from tests.zalo.oa_stage import OaStage, connect

BA = "2460000000000000001"
HOUR = 3600
CHOICES = tuple(Choice(f"c{n}", f"Việc thứ {n}") for n in range(1, 9))
#: After a message that was not sent, the next try is half a second to some seconds later.
PAUSE = 5.0


async def tell(stage: OaStage, *replies: Reply, user: str = BA) -> None:
    """Put replies into a person's outbox and send what can be sent."""
    runtime, chat = stage.runtime, stage.world.chat(stage.chat(user))
    rows = [
        NewMessage(
            runtime.vault.seal(encode_reply(r), OUTBOX), r.priority, r.ticket_id, line_id=r.line_id
        )
        for r in replies
    ]
    chats = schema.chats

    def work(connection: Connection) -> None:
        seq = connection.execute(chats.select().where(chats.c.id == chat)).one().next_seq
        following = outbox.add(connection, chat, seq, rows, runtime.now())
        connection.execute(chats.update().where(chats.c.id == chat).values(next_seq=following))

    runtime.db.write_now(work)
    stage.delivery.notify(chat, "zalo_oa", Priority.REPLY)
    await stage.settle()


def count(stage: OaStage, result: str) -> float:
    return float(stage.runtime.metrics.sends.labels("zalo_oa", result)._value.get())


# What people see --------------------------------------------------------------------------------


async def test_five_are_buttons_and_all_are_numbers(stage: OaStage) -> None:
    await tell(stage, Reply("Chọn nhé:", CHOICES))
    (seen,) = stage.of(BA)
    assert seen.text.splitlines()[2:] == [f"{n}. Việc thứ {n}" for n in range(1, 9)]
    assert [b["title"] for b in seen.buttons] == [f"Việc thứ {n}" for n in range(1, 6)]
    assert {b["type"] for b in seen.buttons} == {"oa.query.hide"}
    assert stage.status_of(BA) == ["sent"]


async def test_a_button_and_its_number_mean_the_same(stage: OaStage) -> None:
    await stage.says(BA, "xin chào")
    (pressed,) = await stage.presses(BA, "Định danh mức 2")
    await stage.says("77", "xin chào")
    (typed,) = await stage.says("77", "2")
    (last,) = await stage.says(BA, "6")
    assert pressed == replace(typed, user=BA, message_id=pressed.message_id)
    assert "cho ai" in last.text or "1 đến" in last.text


@given(
    text=st.text(min_size=1, max_size=7_000).filter(lambda t: t.strip()),
    labels=st.lists(st.text(min_size=1, max_size=130).filter(lambda t: t.strip()), max_size=12),
)
@hypothesis_settings(max_examples=150)
def test_every_message_is_within_the_limits(text: str, labels: list[str]) -> None:
    choices = tuple(Choice(f"c{n}", label) for n, label in enumerate(labels))
    parts = messages(Reply(text, choices))
    assert all(0 < len(part.text) <= 600 < TEXT_MOST for part in parts)
    assert [part.buttons for part in parts[:-1]] == [()] * (len(parts) - 1)
    assert parts[-1].buttons == choices[:BUTTONS_MOST]
    said = "".join("".join(part.text for part in parts).split())
    assert said.startswith("".join(text.split()))


async def test_a_long_text_comes_in_bubbles_that_end_with_sentences(stage: OaStage) -> None:
    sentence = "Bác mở ứng dụng, chọn mục có hình người, rồi đọc kỹ dòng chữ đầu tiên. "
    await tell(stage, Reply(sentence * 40, CHOICES[:2]))
    seen = stage.of(BA)
    assert len(seen) >= 5
    assert all(len(m.text) <= 600 for m in seen)
    assert all(m.text.endswith(".") for m in seen[:-1])
    assert [len(m.buttons) for m in seen] == [0] * (len(seen) - 1) + [2]


def step(text: str = "Bước 1/8\nMở ứng dụng.") -> Reply:
    picture = StepPicture(
        "vneid_level_2", "Định danh mức 2", 1, 8, "Mở", "Mở ứng dụng.", date(2025, 11, 1)
    )
    return Reply(text, CHOICES[:3], picture=picture)


PAYMENT = PaymentPicture("000201", "Quét để trả", "Ngân hàng", "CÔ BA", (), "Xem tên", "mã của cô")


@SQLITE
async def test_a_step_card_comes_with_its_text_and_is_uploaded_once(stage: OaStage) -> None:
    await tell(stage, step())
    picture, choices = stage.of(BA)
    assert picture.text == "Bước 1/8\nMở ứng dụng."
    assert not picture.buttons
    assert stage.fake.uploads[picture.picture].startswith(b"\x89PNG")
    assert choices.text == "1. Việc thứ 1\n2. Việc thứ 2\n3. Việc thứ 3"
    assert len(choices.buttons) == 3
    await tell(stage, step(), user="77")
    assert len(stage.fake.calls_of(UPLOAD_PATH)) == 1
    assert stage.of("77")[0].picture == picture.picture
    # Zalo keeps an upload for seven days.
    await stage.later(6 * 24 * HOUR + 1)
    await tell(stage, step(), user="88")
    assert len(stage.fake.calls_of(UPLOAD_PATH)) == 2


@pytest.mark.parametrize(
    "fault", [Fault(status=500), Fault(error=-201), Fault(drop="after"), Fault(body=HTML)]
)
@SQLITE
async def test_without_its_picture_the_text_goes_alone(stage: OaStage, fault: Fault) -> None:
    stage.fake.fault(UPLOAD_PATH, fault)
    await tell(stage, step())
    assert [m.picture for m in stage.of(BA)] == ["", ""]
    assert stage.of(BA)[0].text.startswith("Bước 1/8")
    assert stage.status_of(BA) == ["sent"]
    failed = stage.runtime.metrics.pictures.labels("zalo_oa", "failed")
    assert failed._value.get() == 1


@SQLITE
async def test_a_payment_code_s_text_never_goes_without_it(stage: OaStage) -> None:
    stage.fake.fault(UPLOAD_PATH, Fault(status=500))
    await tell(stage, Reply("Mã của cô đây:", payment=PAYMENT))
    assert not stage.of(BA)
    await stage.later(PAUSE)
    (seen,) = stage.of(BA)
    assert seen.picture
    await tell(stage, Reply("Mã của cô đây:", payment=PAYMENT), user="77")
    # A person's own code is remembered nowhere.
    assert len({m.picture for m in stage.fake.messages}) == 2


@SQLITE
async def test_a_picture_over_a_megabyte_is_made_smaller(
    stage: OaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import os

    from PIL import Image

    big = io.BytesIO()
    Image.frombytes("RGB", (700, 700), os.urandom(700 * 700 * 3)).save(big, "PNG")
    assert len(big.getvalue()) > 1_000_000

    async def png(_: str) -> bytes:
        return big.getvalue()

    monkeypatch.setattr(stage.cards, "png", png)
    await tell(stage, step())
    assert stage.fake.uploads[stage.of(BA)[0].picture].startswith(b"\xff\xd8")


# Trouble ----------------------------------------------------------------------------------------

CODES = {
    -32: RateLimited,
    -230: WindowClosed,
    -232: WindowClosed,
    -305: WindowClosed,
    -311: WindowClosed,
    -213: Unreachable,
    -217: Unreachable,
    -227: Unreachable,
    -211: RateLimited,
    -218: RateLimited,
    -204: NotConnected,
    -224: NotConnected,
    -216: NotConnected,
    -220: NotConnected,
    -201: Rejected,
    -233: Rejected,
    -99999: Rejected,
}


@pytest.mark.parametrize(("code", "error"), CODES.items())
def test_error_codes(code: int, error: type[ChannelError]) -> None:
    assert type(meaning(code, "Something")) is error


def test_a_wrong_number_of_a_person_is_somebody_who_is_not_there() -> None:
    assert isinstance(meaning(-201, "user_id is invalid!"), Unreachable)


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_refused_token_is_renewed_and_the_message_sent_once(
    stage: OaStage, code: int
) -> None:
    stage.fake.fault(CS_PATH, Fault(error=code))
    await tell(stage, Reply("một"))
    assert stage.fake.told(BA) == ["một"]
    assert len(stage.fake.calls_of(TOKEN_PATH)) == 1
    first, second = stage.fake.calls_of(CS_PATH)
    assert first.token != second.token
    assert stage.status_of(BA) == ["sent"]


@SQLITE
async def test_a_token_that_is_refused_again_is_not_renewed_again(stage: OaStage) -> None:
    stage.fake.fault(CS_PATH, Fault(error=-216), Fault(error=-216))
    await tell(stage, Reply("một"))
    assert len(stage.fake.calls_of(TOKEN_PATH)) == 1
    assert stage.status_of(BA) == ["pending"]
    await stage.later(61)
    assert stage.fake.told(BA) == ["một"]


async def test_without_a_connection_nothing_is_lost(stage: OaStage) -> None:
    stage.fake.expire()
    stage.fake.revoke()
    await tell(stage, Reply("một"), Reply("hai"))
    for _ in range(20):
        await stage.later(120)
    assert stage.status_of(BA) == ["pending", "pending"]
    assert count(stage, "not_connected") > 10
    assert len(stage.fake.calls_of(TOKEN_PATH)) == 1
    connect(stage.runtime, stage.fake)
    await stage.oa.tick()
    await stage.later(120)
    assert stage.fake.told(BA) == ["một", "hai"]


NOT_DONE = [Fault(status=500), Fault(status=503, body=HTML), Fault(body=HTML), Fault(body=b"{")]


@pytest.mark.parametrize("fault", NOT_DONE, ids=["500", "503", "HTML", "half"])
async def test_what_was_not_done_is_sent_once_and_in_order(stage: OaStage, fault: Fault) -> None:
    stage.fake.fault(CS_PATH, fault)
    await tell(stage, Reply("một"), Reply("hai"))
    assert stage.fake.told(BA) == []
    await stage.later(PAUSE)
    assert stage.fake.told(BA) == ["một", "hai"]
    assert count(stage, "not_sent") == 1


async def test_a_cut_connection_is_uncertain_and_tried_once_more(stage: OaStage) -> None:
    stage.fake.fault(CS_PATH, Fault(drop="after"))
    await tell(stage, Reply("một"), Reply("hai"))
    await stage.later(PAUSE)
    assert stage.fake.told(BA) == ["một", "một", "hai"]
    assert count(stage, "uncertain") == 1


@SQLITE
async def test_no_answer_in_time_is_uncertain_and_tried_again(stage: OaStage) -> None:
    stage.oa._calls._seconds = -4.8
    stage.fake.fault(CS_PATH, Fault(hold=True), Fault(hold=True))
    await tell(stage, Reply("một"), Reply("hai"))
    await stage.later(PAUSE)
    assert count(stage, "uncertain") == 2
    stage.oa._calls._seconds = 5
    await stage.later(PAUSE)
    await stage.later(PAUSE)
    assert stage.status_of(BA) == ["sent", "sent"]
    # Done by Zalo each time, in fact: nobody could know.
    assert stage.fake.told(BA) == ["một", "một", "một", "hai"]


async def test_nobody_there_is_not_sent() -> None:
    calls = Calls(1, 1)
    with pytest.raises(NotSent):
        await calls.post("http://127.0.0.1:9/x", {}, body={})
    await calls.close()


async def test_an_answer_without_end_is_cut_off(oa: FakeOa) -> None:
    oa.fault("/x", Fault(body=b" " * 600_000))
    calls = Calls(5, 1)
    with pytest.raises(Uncertain, match="without end"):
        await calls.post(f"{oa.url}/x", {}, body={})
    await calls.close()


@SQLITE
async def test_of_several_bubbles_none_is_sent_again(stage: OaStage) -> None:
    long = Reply(" ".join(f"Câu số {n} nói một điều." for n in range(100)))
    whole = [part.text for part in messages(long)]
    assert len(whole) > 3
    stage.fake.fault(CS_PATH, Fault(), Fault(), Fault(status=500))
    await tell(stage, long)
    assert stage.fake.told(BA) == whole[:2]
    await stage.later(PAUSE)
    assert stage.fake.told(BA) == whole


@SQLITE
async def test_a_refused_message_does_not_hold_up_the_rest(stage: OaStage) -> None:
    stage.fake.fault(CS_PATH, Fault(error=-201))
    await tell(stage, Reply("một"), Reply("hai"))
    assert stage.status_of(BA) == ["failed", "sent"]


async def test_who_blocked_us_is_left_alone_and_may_come_back(stage: OaStage) -> None:
    await stage.says(BA, "xin chào")
    stage.fake.blocked.add(BA)
    await tell(stage, Reply("một"))
    assert stage.world.chat_row(stage.chat(BA)).unreachable_at is not None
    stage.fake.blocked.clear()
    (answer,) = await stage.says(BA, "2")
    assert "cho ai" in answer.text
    assert stage.status_of(BA) == ["sent", "failed", "sent"]


# The platform's windows ---------------------------------------------------------------------------


async def test_beyond_48_hours_it_waits_until_the_person_writes(stage: OaStage) -> None:
    await stage.says(BA, "xin chào")
    await stage.later(47 * HOUR)
    await tell(stage, Reply("còn kịp"))
    await stage.later(HOUR)
    asked = len(stage.fake.calls_of(CS_PATH))
    await tell(stage, Reply("một"), Reply("hai"))
    for _ in range(10):
        await stage.later(HOUR)
    assert len(stage.fake.calls_of(CS_PATH)) == asked
    assert stage.status_of(BA)[-2:] == ["pending", "pending"]
    assert count(stage, "window_closed") == 1
    assert stage.runtime.db.read_now(windows.waiting) == 1
    now = stage.runtime.now()
    assert not stage.runtime.db.read_now(lambda c: windows.can_reach(c, stage.chat(BA), now))
    seen = await stage.says(BA, "2")
    assert [m.text for m in seen][:2] == ["một", "hai"]
    assert stage.runtime.db.read_now(windows.waiting) == 0
    assert stage.runtime.db.read_now(lambda c: windows.can_reach(c, stage.chat(BA), now))


@SQLITE
async def test_what_costs_is_sent_only_where_that_is_wanted(runtime: Runtime, oa: FakeOa) -> None:
    stage = OaStage(runtime, oa, zalo_oa_billed=True)
    connect(stage.runtime, oa)
    await stage.says(BA, "xin chào")
    await stage.later(3 * 24 * HOUR)
    await tell(stage, Reply("một"))
    assert stage.fake.told(BA)[-1] == "một"
    await stage.later(5 * 24 * HOUR)
    await tell(stage, Reply("hai"))
    assert stage.fake.told(BA)[-1] == "một"
    stage.stop()


@pytest.mark.parametrize("code", [-230, -232, -305, -311])
async def test_the_platform_may_close_the_window_itself(stage: OaStage, code: int) -> None:
    await stage.says(BA, "xin chào")
    stage.fake.fault(CS_PATH, Fault(error=code))
    await tell(stage, Reply("một"))
    await stage.later(HOUR)
    assert stage.status_of(BA)[-1] == "pending"
    seen = await stage.says(BA, "2")
    assert seen[0].text == "một"


async def test_nobody_s_word_is_missed_between_asking_and_holding(stage: OaStage) -> None:
    """The person writes just when the window was found closed."""
    await stage.says(BA, "xin chào")
    await stage.later(50 * HOUR)
    runtime, chat = stage.runtime, stage.world.chat(stage.chat(BA))
    now, before = runtime.now(), runtime.now() - timedelta(hours=50)
    message = NewMessage(runtime.vault.seal(encode_reply(Reply("một")), OUTBOX), Priority.REPLY)

    def work(connection: Connection) -> set[int] | None:
        outbox.add(connection, chat, 90, [message], now)
        claim = outbox.claim(connection, chat, "one", now, now + timedelta(seconds=9), tries=8)
        assert claim is not None
        windows.heard(connection, chat, now)
        return windows.hold(connection, claim, before, now)

    assert runtime.db.write_now(work) is None
    assert stage.world.chat_row(stage.chat(BA)).send_after is None
    await stage.later(1)
    assert stage.fake.told(BA)[-1] == "một"


async def test_a_helper_learns_that_the_citizen_must_write_first(stage: OaStage) -> None:
    world, helper = stage.world, telegram("501")
    await stage.says(BA, "xin chào")
    team = world.team()
    member = world.member(team, "Anh Hùng", "501")
    number = world.open_ticket(7, stage.chat(BA), team)
    world.claim(number, member)
    await stage.settle()
    await stage.talk.poll()
    await stage.settle()
    await stage.later(49 * HOUR)
    await stage.talk.accept(
        helper, "telegram", "h1", ev.Envelope(ev.Text(f"{number}: chào cô"), ev.Sender("501"))
    )
    await stage.settle()
    await stage.talk.poll()
    await stage.settle()
    told = "\n".join(world.texts(helper))
    assert f"phiếu {number}" in told.lower()
    assert world.chat_row(stage.chat(BA)).send_after == HELD_UNTIL
    stage.runtime.now.forward(11)  # type: ignore[attr-defined]
    assert await Lateness(stage.runtime, stage.talk.wake).tick() == 1
    await stage.settle()
    assert "quá 48 giờ" in world.texts(helper)[-1]
    await stage.says(BA, "con chào")
    await stage.later(1)
    assert any("chào cô" in text for text in stage.fake.told(BA))


# The rate ---------------------------------------------------------------------------------------


@SQLITE
async def test_the_rate_limit_is_waited_out_and_counts_as_no_try(
    runtime: Runtime, oa: FakeOa
) -> None:
    stage = OaStage(runtime, oa, send_attempts=1)
    connect(stage.runtime, oa)
    oa.fault(CS_PATH, *[Fault(error=-32)] * 2)
    await tell(stage, Reply("một"), Reply("hai"))
    for _ in range(2):
        await stage.later(6)
    assert oa.told(BA) == ["một", "hai"]
    assert count(stage, "limited") == 2
    stage.stop()


async def test_every_request_counts_not_only_every_reply() -> None:
    now = 0.0
    pace = Pace(3, lambda: now)
    for _ in range(3):
        await pace.turn()
    assert pace._window.wait(now) == 60
    fourth = asyncio.create_task(pace.turn())
    done, _ = await asyncio.wait({fourth}, timeout=0.01)
    assert not done
    fourth.cancel()
    now = 60.0
    await pace.turn()
    assert isinstance(pace._window, Window)


@SQLITE
async def test_an_anonymous_answer_has_the_same_limits(stage: OaStage) -> None:
    chat = "a:55:c7"
    await tell(stage, Reply("Chọn nhé:", CHOICES), user=chat)
    assert stage.fake.calls_of(ANY_PATH)[0].data["recipient"]["conversation_id"] == "c7"
    assert stage.fake.told("55") == [messages(Reply("Chọn nhé:", CHOICES))[0].text]


@SQLITE
async def test_state_for_readyz_and_numbers_for_prometheus(stage: OaStage) -> None:
    assert isinstance(stage.oa, ZaloOa)
    assert stage.oa.state == "starting"
    await stage.oa.tick()
    assert stage.oa.state == "ok"
    assert stage.runtime.metrics.zalo_token._value.get() == 25 * HOUR
    stage.fake.revoke()
    await stage.later(20 * HOUR)
    await stage.oa.tick()
    assert stage.oa.state.startswith("connect again: congdanso zalo connect")
    assert inbox.ChatKey("zalo_oa", BA).channel == stage.oa.name

"""Events in: who may post, what may be posted, and that nothing is answered twice."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from bot.channels.zalo_oa.signature import is_signed, mac
from bot.services.runtime import Runtime
from bot.store import inbox, windows
from tests.support import SQLITE
from tests.zalo.oa_fake import APP_ID, OA_SECRET, FakeOa, sign, signed
from tests.zalo.oa_stage import OaStage, body, with_oa

BA = "2460000000000000001"
NOW = "1763778600000"


async def test_a_conversation(stage: OaStage) -> None:
    (greeting,) = await stage.says(BA, "xin chào")
    assert "máy trả lời tự động" in greeting.text
    assert "2. Định danh mức 2" in greeting.text
    (asked,) = await stage.says(BA, "2")
    assert "cho ai" in asked.text
    assert [m.text for m in stage.of(BA)] == stage.fake.told(BA)
    assert stage.status_of(BA) == ["sent", "sent"]


# Who may post -----------------------------------------------------------------------------------

RAW = json.dumps({"timestamp": NOW, "event_name": "x", "v": "đã ký"}, ensure_ascii=False).encode()
BARE = b'{"event_name": "x"}'
NUMBER = b'{"timestamp": 1763778600000}'
RIGHT = mac(RAW, NOW, APP_ID, OA_SECRET)
OTHER = mac(RAW, "17", APP_ID, OA_SECRET)
SIGNATURES: dict[str, tuple[bytes, dict[str, str], bool]] = {
    "of the body's time": (RAW, {"X-ZEvent-Signature": f"mac={RIGHT}"}, True),
    "without mac=": (RAW, {"X-ZEvent-Signature": RIGHT}, True),
    "in capitals": (RAW, {"X-ZEvent-Signature": f"mac={RIGHT.upper()}"}, True),
    "with spaces": (RAW, {"X-ZEvent-Signature": f"  mac= {RIGHT} "}, True),
    "of the header's time": (
        RAW,
        {"X-ZEvent-Signature": OTHER, "X-ZEvent-Timestamp": "17"},
        True,
    ),
    "of the body's time, another in the header": (
        RAW,
        {"X-ZEvent-Signature": RIGHT, "X-ZEvent-Timestamp": "17"},
        True,
    ),
    "a number as the time": (
        NUMBER,
        {"X-ZEvent-Signature": mac(NUMBER, NOW, APP_ID, OA_SECRET)},
        True,
    ),
    "no JSON, with the header's time": (
        b"\xff\xfe",
        {
            "X-ZEvent-Signature": mac(b"\xff\xfe", "17", APP_ID, OA_SECRET),
            "X-ZEvent-Timestamp": "17",
        },
        True,
    ),
    "of another time": (RAW, {"X-ZEvent-Signature": OTHER}, False),
    "no time at all": (BARE, {"X-ZEvent-Signature": mac(BARE, "", APP_ID, OA_SECRET)}, False),
    "of another body": (RAW + b" ", {"X-ZEvent-Signature": RIGHT}, False),
    "of another app": (RAW, {"X-ZEvent-Signature": mac(RAW, NOW, "1", OA_SECRET)}, False),
    "with another secret": (RAW, {"X-ZEvent-Signature": mac(RAW, NOW, APP_ID, "x")}, False),
    "cut": (RAW, {"X-ZEvent-Signature": RIGHT[:-1]}, False),
    "longer": (RAW, {"X-ZEvent-Signature": RIGHT + "0"}, False),
    "empty": (RAW, {"X-ZEvent-Signature": ""}, False),
    "only mac=": (RAW, {"X-ZEvent-Signature": "mac="}, False),
    "of other letters": (RAW, {"X-ZEvent-Signature": "bí mật"}, False),
    "missing": (RAW, {}, False),
}


@pytest.mark.parametrize(("raw", "headers", "right"), SIGNATURES.values(), ids=SIGNATURES.keys())
def test_signatures(raw: bytes, headers: dict[str, str], right: bool) -> None:
    assert is_signed(raw, headers, APP_ID, OA_SECRET) is right


@given(raw=st.binary(max_size=200), given_=st.text(max_size=80), time=st.text(max_size=40))
def test_no_signature_is_right_by_chance(raw: bytes, given_: str, time: str) -> None:
    headers = {"X-ZEvent-Signature": given_, "X-ZEvent-Timestamp": time}
    assert not is_signed(raw, headers, APP_ID, OA_SECRET)


@SQLITE
async def test_the_console_s_probe_is_answered_and_nothing_else_unsigned(stage: OaStage) -> None:
    assert await stage.post(b"{}") == 200
    assert await stage.post(b" { } ") == 200
    event = stage.fake.text(BA, "xin chào")
    assert await stage.post(body(event)) == 403
    assert await stage.post(b"") == 403
    assert await stage.post(b"{}", {"X-ZEvent-Signature": "mac=00"}) == 403
    raw, headers = signed(event)
    assert await stage.post(raw.replace("chào".encode(), b"chao"), headers) == 403
    assert not stage.kept(BA)
    assert not stage.fake.messages


# What may be posted -----------------------------------------------------------------------------


def raw_signed(raw: bytes) -> dict[str, str]:
    """Headers that make any bytes Zalo's."""
    return {"X-ZEvent-Signature": sign(raw, "17"), "X-ZEvent-Timestamp": "17"}


TEXT = '{"event_name":"user_send_text","sender":{"id":"1"},"message":{"text":"chào","msg_id":"m"}}'
MALFORMED = {
    "nothing": b"",
    "half": b'{"event_name": "user_send_text"',
    "words": b"chao",
    "windows-1258": TEXT.replace("chào", "chao\u0300").encode("cp1258"),
    "a list": b"[]",
    "null": b"null",
    "no name": b'{"timestamp": "1"}',
    "a name that is none": b'{"event_name": 5}',
    "no message": b'{"event_name": "user_send_text", "sender": {"id": "1"}}',
    "a message of words": b'{"event_name":"user_send_text","sender":{"id":"1"},"message":"x"}',
    "nobody's": b'{"event_name": "user_send_text", "message": {"text": "x"}}',
    "a name as an id": '{"event_name":"follow","follower":{"id":"Bà Ba"}}'.encode(),
    "an endless id": b'{"event_name":"follow","follower":{"id":"' + b"1" * 500 + b'"}}',
    "anonymous without a talk": (
        b'{"event_name":"anonymous_send_text","sender":{"id":"1"},"message":{"text":"x"}}'
    ),
    "nested deeply": b'{"event_name":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a number of many digits": b'{"event_name": ' + b"9" * 10_000 + b"}",
}


@SQLITE
async def test_what_is_signed_and_makes_no_sense_is_not_asked_for_again(stage: OaStage) -> None:
    for name, raw in MALFORMED.items():
        assert await stage.post(raw, raw_signed(raw)) == 200, name
    assert not stage.fake.messages
    refused = stage.runtime.metrics.requests.labels("zalo_oa", "malformed")
    assert refused._value.get() == len(MALFORMED)


@SQLITE
async def test_other_encodings_of_json_are_read(stage: OaStage) -> None:
    for number, encoding in enumerate(("utf-8-sig", "utf-16", "utf-32")):
        raw = TEXT.replace('"m"', f'"m{number}"').encode(encoding)
        assert await stage.post(raw, raw_signed(raw)) == 200
    await stage.settle()
    assert stage.kept("1") == 3


@SQLITE
async def test_a_huge_body_is_too_large(stage: OaStage) -> None:
    raw = body(stage.fake.text(BA, "x" * 1_100_000))
    assert await stage.post(raw, raw_signed(raw)) == 413


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("id", "text", "msg_id", "url", "payload", "attachments", "x")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [f"{who}_send_{what}" for who in ("user", "anonymous") for what in ("text", "image", "file")]
    + ["follow", "unfollow", "user_withdraw", "user_click_chatnow", "oa_send_text"]
) | st.text(max_size=20)
EVENTS = st.fixed_dictionaries(
    {"event_name": NAMES},
    optional={
        "sender": st.fixed_dictionaries({"id": st.sampled_from(("1", "22"))}) | JSON,
        "follower": JSON,
        "user_id": JSON,
        "recipient": JSON,
        "oa_id": JSON,
        "message": st.fixed_dictionaries(
            {},
            optional={
                "text": st.text(max_size=50) | JSON,
                "msg_id": st.text(max_size=30) | JSON,
                "conversation_id": JSON,
                "attachments": st.lists(st.fixed_dictionaries({"payload": JSON})) | JSON,
            },
        )
        | JSON,
        "timestamp": st.text(max_size=14) | JSON,
    },
)


@SQLITE
@given(raw=st.binary(max_size=300) | EVENTS.map(lambda e: json.dumps(e).encode()))
@example(
    raw=b'{"event_name":"user_send_text","sender":{"id":"1"},"message":{"text":"\\ud800\\u0000"}}'
)
@example(
    raw=b'{"event_name":"user_send_text","sender":{"id":"1"},"message":{"text":"","msg_id":"\\u0000"}}'
)
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_signed_body_breaks_it(stage: OaStage, raw: bytes) -> None:
    async def one() -> None:
        assert await stage.post(raw, raw_signed(raw)) == 200
        assert await stage.post(raw) in (200, 403)
        await stage.talk.idle()

    # Answers are of no interest here.
    stage.delivery.notify = lambda *_: None  # type: ignore[method-assign]
    asyncio.run(one())
    late = "SELECT count(*) FROM inbox WHERE error IS NOT NULL"
    found = stage.runtime.db.read_now(lambda c: c.exec_driver_sql(late).scalar())
    assert found == 0


# Once, and in any order --------------------------------------------------------------------------


async def test_an_event_posted_again_is_answered_once(stage: OaStage) -> None:
    raw, headers = signed(stage.fake.text(BA, "xin chào"))
    again = {**headers, "num_retry": "1"}
    statuses = await asyncio.gather(*(stage.post(raw, again) for _ in range(4)))
    await stage.settle()
    assert statuses == [200] * 4
    assert await stage.post(raw, headers) == 200
    await stage.settle()
    assert stage.kept(BA) == 1
    assert len(stage.of(BA)) == 1


@SQLITE
async def test_the_200_comes_after_the_event_is_kept(stage: OaStage) -> None:
    stage.talk._stopping = True
    assert await stage.post(*signed(stage.fake.text(BA, "xin chào"))) == 200
    (row,) = stage.world.in_rows(stage.chat(BA))
    assert row.handled_at is None
    assert row.payload
    assert not stage.fake.messages


@SQLITE
async def test_when_it_cannot_be_kept_zalo_is_asked_to_repeat_it(stage: OaStage) -> None:
    stage.runtime.db.close()
    assert await stage.post(*signed(stage.fake.text(BA, "xin chào"))) == 503


# Events -----------------------------------------------------------------------------------------


async def test_follow_greets_and_again_does_not(stage: OaStage) -> None:
    await stage.happens(stage.fake.event("follow", BA))
    await stage.happens(stage.fake.event("user_click_chatnow", BA))
    assert len(stage.of(BA)) == 1
    assert "Chào anh/chị" in stage.of(BA)[0].text


@SQLITE
async def test_a_poster_s_code_says_where_one_lives(stage: OaStage) -> None:
    (typed,) = await stage.says(BA, "LOC_96_32083")
    assert "Xã" in typed.text or "xã" in typed.text
    await stage.happens(stage.fake.event("follow", "77", ref="loc_96_32083"))
    assert stage.of("77")[0].text == typed.text


async def test_unfollow_is_unreachable_until_they_are_back(stage: OaStage) -> None:
    await stage.says(BA, "xin chào")
    await stage.happens(stage.fake.event("unfollow", BA))
    assert stage.world.chat_row(stage.chat(BA)).unreachable_at is not None
    assert not stage.runtime.db.read_now(
        lambda c: windows.can_reach(c, stage.chat(BA), stage.runtime.now())
    )
    await stage.happens(stage.fake.event("follow", BA))
    assert stage.world.chat_row(stage.chat(BA)).unreachable_at is None
    assert await stage.says(BA, "1")


@SQLITE
async def test_an_unfollow_that_comes_late_is_of_the_past(stage: OaStage) -> None:
    await stage.happens(stage.fake.text(BA, "xin chào", timestamp="1763778599000"))
    await stage.happens(stage.fake.event("unfollow", BA, timestamp="1763778598000"))
    assert stage.world.chat_row(stage.chat(BA)).unreachable_at is None
    assert await stage.says(BA, "1")


@SQLITE
@pytest.mark.parametrize("told", ["1000000000000", "9999999999999", "17", "", 5, None, [1]])
async def test_another_clock_than_ours_closes_nothing(stage: OaStage, told: Any) -> None:
    raw = body(stage.fake.text(BA, "xin chào", timestamp=told))
    assert await stage.post(raw, raw_signed(raw)) == 200
    await stage.settle()
    assert len(stage.of(BA)) == 1
    now, chat = stage.runtime.now(), stage.world.chat(stage.chat(BA))
    last = stage.runtime.db.read_now(lambda c: windows.heard_at(c, chat))
    assert last is not None
    assert now - timedelta(hours=3) <= last <= now


async def test_consent_taken_back_erases(stage: OaStage) -> None:
    await stage.says(BA, "mã QR là gì vậy")
    await stage.happens(stage.fake.event("user_withdraw", BA))
    count = len(stage.of(BA))
    chat = stage.world.chat(stage.chat(BA))
    kept = "SELECT count(*) FROM questions WHERE chat_id = :chat OR text IS NOT NULL"

    def left(connection: Connection) -> list[Any]:
        return [
            connection.execute(text(kept), {"chat": chat}).scalar(),
            windows.heard_at(connection, chat),
        ]

    assert stage.runtime.db.read_now(left) == [0, None]
    assert not stage.world.state(stage.chat(BA)).greeted
    # Nothing is said to somebody who wants nothing of us.
    assert len(stage.of(BA)) == count


@SQLITE
async def test_an_anonymous_visitor_is_answered_in_their_talk(stage: OaStage) -> None:
    event = stage.fake.event(
        "anonymous_send_text", "55", message={"text": "xin chào", "conversation_id": "c7"}
    )
    await stage.happens(event)
    call = stage.fake.calls[-1]
    assert call.path == "/v2.0/oa/message"
    assert call.data["recipient"] == {"anonymous_id": "55", "conversation_id": "c7"}
    assert "Chào anh/chị" in stage.of("55")[0].text


@SQLITE
async def test_our_own_echo_and_other_accounts_are_left_alone(stage: OaStage) -> None:
    await stage.oa.tick()
    await stage.happens(stage.fake.event("oa_send_text", BA, message={"text": "x"}))
    await stage.happens(stage.fake.event("user_seen_message", BA))
    await stage.happens(stage.fake.text(BA, "xin chào", recipient={"id": "999"}))
    await stage.happens(stage.fake.event("follow", BA, oa_id="999"))
    assert not stage.fake.messages
    assert stage.runtime.db.read_now(lambda c: inbox.find_chat(c, stage.chat(BA))) is None


@pytest.mark.parametrize(
    ("what", "kind", "words"),
    [
        ("sticker", "sticker", "nhận được hình dán"),
        ("audio", "audio", "chưa tải được tin thoại"),
        ("location", "location", "nhận được vị trí"),
        ("file", "file", "nhận được tệp"),
        ("video", "video", "nhận được đoạn phim"),
        ("business_card", "link", "nhận được tin này"),
        ("hologram", "hologram", "nhận được tin này"),
    ],
)
@SQLITE
async def test_what_cannot_be_read_is_answered_kindly(
    stage: OaStage, what: str, kind: str, words: str
) -> None:
    await stage.happens(
        stage.fake.media(what, BA, kind, url="https://a.zdn.vn/x.amr", name="x.doc")
    )
    (answer,) = stage.of(BA)
    assert words in answer.text
    assert "gõ vài chữ" in answer.text


@SQLITE
async def test_a_shared_link_is_looked_at_as_if_it_were_typed(stage: OaStage) -> None:
    event = stage.fake.media("link", BA, "link", url="https://vneid-gov.top/nhan-qua")
    await stage.happens(event)
    (row,) = stage.world.in_rows(stage.chat(BA))
    assert row.error is None
    assert "nhận được" not in stage.of(BA)[0].text


@SQLITE
async def test_the_page_after_the_permission_says_what_to_do(runtime: Runtime, oa: FakeOa) -> None:
    made = OaStage(with_oa(runtime, oa.url), oa)
    app = FastAPI()
    app.include_router(made.oa.router())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bot"
    ) as client:
        page = await client.get("/zalo/oa/connected?code=c&state=s")
    made.stop()
    assert page.status_code == 200
    assert "Chép toàn bộ địa chỉ" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"

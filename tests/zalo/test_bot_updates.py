"""What an update says, in every shape that has been seen, and in shapes nobody ever sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo_bot.updates import Incoming, read_update, updates_in
from bot.domain import events as ev
from bot.domain.channels import ZALO_BOT
from bot.errors import BadRequest
from bot.store.inbox import ChatKey

#: As the platform's documents show it.
DOCUMENTED: dict[str, Any] = {
    "ok": True,
    "result": {
        "message": {
            "from": {"id": "6ede9afa66b88fe6d6a9", "display_name": "Ted", "is_bot": False},
            "chat": {"id": "6ede9afa66b88fe6d6a9", "chat_type": "PRIVATE"},
            "text": "Xin chào",
            "message_id": "2d758cb5e222177a4e35",
            "date": 1750316131602,
        },
        "event_name": "message.text.received",
    },
}
TED = "6ede9afa66b88fe6d6a9"


def message(kind: str, **fields: Any) -> dict[str, Any]:
    """An update like the documented one, with another content."""
    kept = {k: v for k, v in DOCUMENTED["result"]["message"].items() if k != "text"}
    return {"event_name": f"message.{kind}.received", "message": {**kept, **fields}}


def read(data: Any) -> Incoming:
    """The one event in a body."""
    (found,) = [read_update(each) for each in updates_in(data)]
    assert found is not None
    return found


@pytest.mark.parametrize("data", [DOCUMENTED, DOCUMENTED["result"], [DOCUMENTED["result"]]])
def test_both_envelopes_say_the_same(data: Any) -> None:
    found = read(data)
    assert found.key == ChatKey(ZALO_BOT, TED)
    assert found.external_id == "2d758cb5e222177a4e35"
    assert found.envelope == ev.Envelope(ev.Text("Xin chào"), ev.Sender(TED, "Ted"))


PHOTO = "https://photo-stal-7.zdn.vn/a.jpg"
SOUND = "https://voice.zdn.vn/1.aac"
KINDS = [
    (message("text", text="/start"), ev.Start()),
    (message("text", text="/start join_abc"), ev.Start("join_abc")),
    (message("text", text="bước \ud800"), ev.Text("bước ?")),
    (message("image", photo=PHOTO), ev.Attachment("photo", f"{ZALO_BOT}:{PHOTO}")),
    (message("image", photo_url=PHOTO), ev.Attachment("photo", f"{ZALO_BOT}:{PHOTO}")),
    (message("photo", photo_url=PHOTO, caption="đây"), ev.Attachment("photo", f"zalo_bot:{PHOTO}")),
    (message("image"), ev.Attachment("photo")),
    (message("image", photo={"url": PHOTO}), ev.Attachment("photo")),
    (message("image", photo="https://" + "a" * 3000), ev.Attachment("photo")),
    (message("sticker", sticker="0e078a2e", url="https://zalo-api.zadn.vn/1"), "sticker"),
    (message("voice", voice_url=SOUND), ev.Attachment("voice", f"{ZALO_BOT}:{SOUND}")),
    (message("spoken", voice_url=SOUND), ev.Attachment("voice", f"{ZALO_BOT}:{SOUND}")),
    (message("voice", voice_url={"url": SOUND}), ev.Attachment("voice")),
    (message("voice"), "voice"),
    (message("unsupported"), "unsupported"),
    (message("something_new"), "unsupported"),
    (message("text", text="   "), "text"),
]


@pytest.mark.parametrize(("update", "event"), KINDS)
def test_what_people_send(update: dict[str, Any], event: ev.Event | str) -> None:
    wanted = (
        ev.Attachment("unsupported" if event == "text" else event)
        if isinstance(event, str)
        else event
    )
    assert read(update).envelope.event == wanted


@pytest.mark.parametrize(
    "update",
    [
        {"event_name": "bot.added"},
        {},
        {
            **message("text", text="a"),
            "message": {
                **message("text", text="a")["message"],
                "chat": {"id": "g1", "chat_type": "GROUP"},
            },
        },
        {
            **message("text", text="a"),
            "message": {
                **message("text", text="a")["message"],
                "from": {"id": "b1", "is_bot": True},
            },
        },
    ],
)
def test_what_is_none_of_ours_is_left(update: dict[str, Any]) -> None:
    assert read_update(update) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        "update",
        [1],
        {"ok": True, "result": 3},
        {"event_name": 5},
        {"message": {"text": "a"}},
        {"message": {"chat": {"id": "a b"}}},
        {"message": {"chat": {"id": "x" * 51}}},
        {"message": {"chat": {"id": True}}},
    ],
)
def test_what_is_no_update_is_refused(data: Any) -> None:
    with pytest.raises(BadRequest):
        [read_update(each) for each in updates_in(data)]


def test_a_message_without_an_id_is_told_by_its_content() -> None:
    def without(**fields: Any) -> str:
        update = message("unsupported", **fields)
        del update["message"]["message_id"]
        return read(update).external_id

    assert without() == without()
    assert without() != without(date=2)
    assert len(read(message("text", text="a", message_id="x" * 500)).external_id) < 128
    assert len(read(message("text", text="a" * 9000)).envelope.event.text) == 4096  # type: ignore[union-attr]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("from", "chat", "text", "photo", "photo_url", "voice_url", "message_id"), VALUES
    ),
)
CHATS = st.fixed_dictionaries({"id": st.text(max_size=60) | VALUES}, optional={"chat_type": VALUES})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "event_name": VALUES | st.sampled_from(["message.text.received", "message..received"]),
            "message": VALUES | FIELDS | st.builds(lambda f, c: {**f, "chat": c}, FIELDS, CHATS),
            "ok": VALUES,
            "result": VALUES | FIELDS,
        },
    )
)
def test_no_body_breaks_the_reader(data: dict[str, Any]) -> None:
    body = json.loads(json.dumps(data))
    try:
        found = [read_update(each) for each in updates_in(body)]
    except BadRequest:
        return
    for each in found:
        if each is not None:
            assert 0 < len(each.external_id) <= 128
            assert 0 < len(each.key.external_id) <= 50
            ev.encode(each.envelope)

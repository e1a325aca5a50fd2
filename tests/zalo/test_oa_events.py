"""What Zalo's events mean, as a table; and pictures that people send, from wherever they lie."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.channels.zalo_oa.updates import Incoming, Left, read_event
from bot.domain import events as ev
from bot.domain.pictures import PictureFault, SeenPicture
from bot.errors import BadRequest
from bot.models import schema
from tests.support import SQLITE
from tests.zalo.oa_fake import signed
from tests.zalo.oa_stage import OaStage

BA = "2460000000000000001"


def of(what: str, who: str = "user", **message: Any) -> dict[str, Any]:
    """An event with a message."""
    return {
        "app_id": "1",
        "event_name": f"{who}_send_{what}",
        "sender": {"id": BA},
        "recipient": {"id": "388"},
        "message": {"msg_id": "m1", **message},
        "timestamp": "1763778600000",
    }


def attached(what: str, text: str = "", **payload: Any) -> dict[str, Any]:
    """An event with something in it."""
    message: dict[str, Any] = {"attachments": [{"type": what, "payload": payload}]}
    return of(what, **(message | ({"text": text} if text else {})))


URL = "https://f1.zdn.vn/a.jpg"
EVENTS: dict[str, tuple[dict[str, Any], ev.Event]] = {
    "text": (of("text", text="Xin chào"), ev.Text("Xin chào")),
    "an answer to a message": (of("text", text="x", quote_msg_id="m0"), ev.Text("x", "m0")),
    "a button": (of("text", text="#!guide:qr_pay"), ev.Press("guide:qr_pay")),
    "a button far too long": (of("text", text="#!" + "x" * 500), ev.Press("x" * 64)),
    "a poster's code": (of("text", text="#LOC_96_32083"), ev.Text("#LOC_96_32083")),
    "nothing typed": (of("text", text="  "), ev.Attachment("other")),
    "half a letter": (of("text", text="\ud800a"), ev.Text("?a")),
    "picture": (attached("image", url=URL), ev.Attachment("photo", f"zalo_oa:{URL}")),
    "picture with words": (
        attached("image", "mã này sao", url=URL),
        ev.Attachment("photo", f"zalo_oa:{URL}", caption="mã này sao"),
    ),
    "picture without address": (attached("image"), ev.Attachment("photo")),
    "address of many letters": (attached("image", url="x" * 9_000), ev.Attachment("photo")),
    "sticker": (attached("sticker", url=URL), ev.Attachment("sticker")),
    "voice note": (
        attached("audio", url="https://f1.zdn.vn/a.amr"),
        ev.Attachment("voice", "zalo_oa:https://f1.zdn.vn/a.amr"),
    ),
    "voice note without address": (attached("audio"), ev.Attachment("voice")),
    "place": (
        attached("location", coordinates={"latitude": "10.7", "longitude": "106.6"}),
        ev.Attachment("location"),
    ),
    "a picture as a file": (
        attached("file", url=URL, name="qr.PNG", type="png"),
        ev.Attachment("document", f"zalo_oa:{URL}"),
    ),
    "a PDF": (
        attached("file", url=URL, name="don.pdf", type="pdf"),
        ev.Attachment("document", seen=SeenPicture(fault=PictureFault.PDF)),
    ),
    "a program": (
        attached("file", url=URL, name="xem-png.exe", type="exe"),
        ev.Attachment("document"),
    ),
    "a document": (attached("file", url=URL, name="don.docx"), ev.Attachment("document")),
    "link": (attached("link", url="https://a.top/x"), ev.Text("https://a.top/x")),
    "link with words": (
        attached("link", "xem giùm", url="https://a.top/x"),
        ev.Text("xem giùm\nhttps://a.top/x"),
    ),
    "link in its words": (
        attached("link", "xem https://a.top/x", url="https://a.top/x"),
        ev.Text("xem https://a.top/x"),
    ),
    "something of tomorrow": (attached("hologram", url=URL), ev.Attachment("other")),
}


@pytest.mark.parametrize(("event", "meaning"), EVENTS.values(), ids=EVENTS.keys())
def test_what_an_event_means(event: dict[str, Any], meaning: ev.Event) -> None:
    found = read_event(event)
    assert isinstance(found, Incoming)
    assert found.envelope == ev.Envelope(meaning, ev.Sender(BA))
    assert (found.key.channel, found.key.external_id) == ("zalo_oa", BA)
    assert found.external_id == "m1"
    assert found.at is not None
    ev.decode(ev.encode(found.envelope))


def test_events_without_a_message() -> None:
    told = {"oa_id": "388", "follower": {"id": BA}, "timestamp": "1763778600000"}
    follow = read_event({**told, "event_name": "follow"})
    assert isinstance(follow, Incoming)
    assert follow.envelope.event == ev.Hello()
    assert follow.external_id == f"follow:{BA}:1763778600000"
    assert isinstance(read_event({**told, "event_name": "unfollow"}), Left)
    gone = read_event({"event_name": "user_withdraw", "user_id": BA})
    assert isinstance(gone, Incoming)
    assert gone.envelope.event == ev.Withdrawn()
    chat = read_event({"event_name": "user_click_chatnow", "oa_id": "388", "user_id": BA})
    assert isinstance(chat, Incoming)
    assert read_event({"event_name": "oa_send_text", "sender": {"id": "388"}}) is None
    assert read_event({"event_name": "user_seen_message", "sender": {"id": BA}}) is None


def test_an_id_of_many_letters_is_still_known_again() -> None:
    long = of("text", text="x") | {"message": {"text": "x", "msg_id": "é" * 400}}
    one, two = read_event(long), read_event(long)
    assert isinstance(one, Incoming)
    assert isinstance(two, Incoming)
    assert one.external_id == two.external_id
    assert len(one.external_id) == 64


def test_an_anonymous_talk_is_a_chat_of_its_own() -> None:
    event = of("text", "anonymous", text="x", conversation_id="c1")
    found = read_event(event)
    assert isinstance(found, Incoming)
    assert found.key.external_id == f"a:{BA}:c1"


_KEYS = (
    *("event_name", "sender", "id", "follower", "user_id", "message", "text"),
    *("attachments", "payload", "url", "name", "type"),
)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(_KEYS),
                inner | st.sampled_from(("user_send_text", "user_send_image", "follow", "1")),
                max_size=6,
            )
        ),
        max_leaves=20,
    )
)
def test_anything_is_an_event_or_refused(data: Any) -> None:
    try:
        found = read_event(data)
    except BadRequest:
        return
    if isinstance(found, Incoming):
        assert 0 < len(found.external_id) <= 160
        assert 0 < len(found.key.external_id) <= 128
        ev.encode(found.envelope)


# Pictures ---------------------------------------------------------------------------------------


def qr(text: str) -> bytes:
    """A QR code as PNG."""
    import segno

    out = io.BytesIO()
    segno.make(text).save(out, kind="png", scale=6)
    return out.getvalue()


async def sends(stage: OaStage, path: str, name: str = BA) -> str:
    """Somebody sends the picture that lies there; the answer."""
    await stage.happens(stage.fake.media("image", name, "image", url=f"{stage.fake.url}{path}"))
    return stage.of(name)[-1].text


async def test_a_qr_code_is_read(stage: OaStage) -> None:
    stage.fake.files["/a.png"] = ("image/png", qr("WIFI:T:WPA;S:Nha Van Hoa;P:bimat123;;"))
    answer = await sends(stage, "/a.png")
    assert "Nha Van Hoa" in answer
    assert "bimat123" not in answer
    # The address is not kept.
    assert all(row.payload is None for row in stage.world.in_rows(stage.chat(BA)))


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(out, "JPEG")
    return out.getvalue()


FILES: dict[str, tuple[tuple[str, bytes | None] | None, str]] = {
    "without a code": (("image/jpeg", photo()), "không thấy mã QR"),
    "without end": (("image/jpeg", None), "lớn hơn 20 MB"),
    "a page": (("text/html", b"<html>"), "không phải hình"),
    "a lie": (("image/jpeg", b"<html>not a picture, whatever they say"), "không phải hình"),
    "cut": (("image/jpeg", photo()[:200]), "hỏng"),
    "moved elsewhere": (("moved", b"http://192.0.2.1/x.jpg"), "chưa tải được"),
    "gone": (None, "không phải hình"),
}


@pytest.mark.parametrize(("file", "words"), FILES.values(), ids=FILES.keys())
@SQLITE
async def test_what_is_no_picture_with_a_code(
    stage: OaStage, file: tuple[str, bytes | None] | None, words: str
) -> None:
    if file is not None:
        stage.fake.files["/x.jpg"] = file
    assert words in await sends(stage, "/x.jpg")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.jpg",
        "http://f1.zdn.vn/a.jpg",
        "https://f1.zdn.vn.example.com/a.jpg",
        "https://f1.zdn.vn@example.com/a.jpg",
        "file:///etc/passwd",
        "http://127.0.0.1:9/a.jpg",
    ],
)
@SQLITE
async def test_nothing_is_fetched_from_elsewhere(stage: OaStage, url: str) -> None:
    await stage.happens(stage.fake.media("image", BA, "image", url=url))
    assert "chưa tải được" in stage.of(BA)[-1].text


@SQLITE
async def test_a_picture_s_address_is_nowhere_readable(stage: OaStage) -> None:
    stage.talk._stopping = True
    event = stage.fake.media("image", BA, "image", url="https://f1.zdn.vn/secret-path.jpg")
    assert await stage.post(*signed(event)) == 200
    (row,) = stage.world.in_rows(stage.chat(BA))
    assert b"secret-path" not in row.payload
    assert "secret-path" not in json.dumps([str(value) for value in row])
    assert schema.inbox.c.payload.name == "payload"

"""Alerts in the web chat: with their picture, and not once they have ended."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta

from PIL import Image
from sqlalchemy import Connection
from starlette.testclient import TestClient

from bot.app import Program, make_app
from bot.channels.terminal import TerminalChat
from bot.channels.web.stream import messages
from bot.domain.alerts import AlertPhoto
from bot.domain.replies import Priority, Reply, encode_reply
from bot.models.schema import AlertStatus
from bot.pictures.shrink import Jpeg, shrink
from bot.services.posting import OUTBOX
from bot.store import alerts, inbox, outbox
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from tests.support import SQLITE, Clock

pytestmark = SQLITE
KEY = ChatKey("web", "x")


def photo() -> Jpeg:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    return shrink(out.getvalue())


def alert(program: Program, *, sent: bool = True) -> int:
    """An alert with a picture."""
    runtime, jpeg = program.runtime, photo()
    now = runtime.now()

    def work(c: Connection) -> int:
        number = alerts.write(
            c,
            text="Cảnh báo.",
            until=now + timedelta(days=1),
            picture=jpeg.data,
            width=40,
            height=30,
            written_by="lan",
            written_at=now,
        )
        if sent:
            alerts.begin(c, number, "minh", 1, now)
        return number

    return runtime.db.write_now(work)


def waiting(program: Program, number: int, key: ChatKey = KEY) -> int:
    """A chat that wants alerts, where one waits with an answer after it; the chat's row."""
    runtime = program.runtime
    now = runtime.now()
    told = Reply(
        "📢", (), Priority.ALERT, alert_id=number, photo=AlertPhoto(number, 40, 30, "Hình")
    )
    rows = [
        NewMessage(runtime.vault.seal(encode_reply(reply), OUTBOX), reply.priority)
        for reply in (told, Reply("Dạ."))
    ]

    def work(c: Connection) -> int:
        chat = inbox.chat_id(c, key, now)
        alerts.subscribe(c, chat, "", "", now)
        outbox.add(c, chat, 1, rows, now)
        return chat

    return runtime.db.write_now(work)


async def shown(program: Program, chat: int) -> list[dict[str, object]]:
    """What a page that is opened now shows, up to the last message."""
    found: list[dict[str, object]] = []
    frames = messages(program.runtime, program.hub, program.cards, chat, 0)
    async with asyncio.timeout(5):
        async for frame in frames:
            lines = frame.decode().split("\n")
            found += [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
            if found and found[-1]["text"] == "Dạ.":
                break
    await frames.aclose()  # type: ignore[attr-defined]
    return found


async def test_shown_with_its_picture(program: Program) -> None:
    number = alert(program)
    told, _ = await shown(program, waiting(program, number))
    assert told["text"] == "📢"
    assert told["picture"] == {
        "src": f"/alert/{number}.jpg",
        "alt": "Hình",
        "width": 40,
        "height": 30,
    }


async def test_not_shown_once_its_time_has_passed(program: Program, clock: Clock) -> None:
    chat = waiting(program, alert(program))
    clock.forward(2 * 86_400)
    assert [each["text"] for each in await shown(program, chat)] == ["Dạ."]


async def test_not_shown_once_cancelled_or_unwanted(program: Program) -> None:
    runtime, number = program.runtime, alert(program)
    chat = waiting(program, number)
    runtime.db.write_now(lambda c: alerts.unsubscribe(c, chat, runtime.now()))
    assert [each["text"] for each in await shown(program, chat)] == ["Dạ."]
    runtime.db.write_now(lambda c: alerts.subscribe(c, chat, "", "", runtime.now()))
    assert len(await shown(program, chat)) == 2
    runtime.db.write_now(lambda c: alerts.end(c, number, AlertStatus.CANCELLED, runtime.now()))
    assert [each["text"] for each in await shown(program, chat)] == ["Dạ."]


def test_the_picture_of_a_sent_alert_is_anybody_s_and_of_a_draft_nobody_s(
    program: Program,
) -> None:
    sent, draft = alert(program), alert(program, sent=False)
    with TestClient(make_app(program)) as client:
        answer = client.get(f"/alert/{sent}.jpg")
        assert answer.headers["content-type"] == "image/jpeg"
        assert "immutable" in answer.headers["cache-control"]
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (40, 30)
        for other in (draft, 999, 0, -1, 2**64):
            assert client.get(f"/alert/{other}.jpg").status_code == 404
        assert client.get("/alert/x.jpg").status_code == 422


async def test_the_terminal_says_that_there_is_a_picture(program: Program) -> None:
    terminal = TerminalChat(program.runtime, program.conversations, program.cards)
    waiting(program, alert(program), terminal._key)
    first, _ = await terminal.new()
    assert first.text == "📢\n\n[Hình]"

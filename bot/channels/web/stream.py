"""The server-sent events of one open page (https://html.spec.whatwg.org/#server-sent-events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from bot.channels.web.hub import Hub
from bot.channels.web.pictures import card_address
from bot.domain.replies import Priority, decode_reply
from bot.services.cards import Cards
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.store import outbox
from bot.store.outbox import OutRow

_PING_SECONDS = 15.0
_POLL_SECONDS = 5.0
_RETRY = b"retry: 2000\n\n"


async def messages(
    runtime: Runtime, hub: Hub, cards: Cards, chat: int, after: int
) -> AsyncIterator[bytes]:
    """Frames with every message above `after`, for as long as the page stays open."""
    wake = hub.listen(chat)
    quiet = 0.0
    try:
        yield _RETRY
        while not hub.closing:
            wake.clear()
            rows = await runtime.db.read(lambda c, a=after: outbox.after(c, chat, a))  # type: ignore[misc]
            for row in rows:
                yield _frame(runtime, cards, row)
                after = row.seq
            if rows:
                quiet = 0.0
                continue
            if not await _woken(wake, _POLL_SECONDS):
                quiet += _POLL_SECONDS
                if quiet >= _PING_SECONDS:
                    quiet = 0.0
                    yield b": ping\n\n"
    finally:
        hub.leave(chat, wake)


async def _woken(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _frame(runtime: Runtime, cards: Cards, row: OutRow) -> bytes:
    reply = decode_reply(runtime.vault.open(row.payload, OUTBOX))
    data: dict[str, object] = {
        "seq": row.seq,
        "text": reply.text,
        "choices": [{"id": c.id, "label": c.label} for c in reply.choices],
        "urgent": reply.priority is Priority.URGENT,
    }
    if reply.picture is not None:
        shown = cards.show(reply.picture)
        data["picture"] = {
            "src": card_address(shown.digest),
            "alt": shown.alt,
            "width": shown.width,
            "height": shown.height,
        }
    body = json.dumps(data, ensure_ascii=False)
    return f"id: {row.seq}\nevent: message\ndata: {body}\n\n".encode()

"""The server-sent events of one open page (https://html.spec.whatwg.org/#server-sent-events)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from bot.channels.web.hub import Hub, Told
from bot.channels.web.pictures import alert_photo, card_address, payment_inline
from bot.domain.replies import Priority, Reply, decode_reply
from bot.renderers.bubbles import spans
from bot.renderers.text import utf16_length
from bot.services.cards import Cards
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.store import alerts, pulled

_PING_SECONDS = 15.0
_POLL_SECONDS = 5.0
_ROWS = 50
_RETRY = b"retry: 2000\n\n"


async def messages(
    runtime: Runtime, hub: Hub, cards: Cards, chat: int, after: int
) -> AsyncIterator[bytes]:
    """Frames with every message above `after`, for as long as the page stays open."""
    listener = hub.listen(chat)
    quiet = 0.0
    try:
        yield _RETRY
        while not hub.closing:
            told = listener.take(after)
            if told is None:
                told = await _written(runtime, chat, after)
            for seq, reply in told:
                if await _may_be_shown(runtime, chat, reply):
                    yield await _frame(cards, seq, reply)
                after = seq
            if told:
                quiet = 0.0
            if len(told) == _ROWS:
                listener.look()
            if not await listener.woken(_POLL_SECONDS):
                quiet += _POLL_SECONDS
                if quiet >= _PING_SECONDS:
                    quiet = 0.0
                    yield b": ping\n\n"
    finally:
        hub.leave(chat, listener)


async def _written(runtime: Runtime, chat: int, after: int) -> list[Told]:
    rows = await runtime.db.read(lambda c: pulled.after(c, chat, after, _ROWS))
    return [(row.seq, decode_reply(runtime.vault.open(row.payload, OUTBOX))) for row in rows]


async def _may_be_shown(runtime: Runtime, chat: int, reply: Reply) -> bool:
    """An alert waits here until somebody opens the page; it may have ended meanwhile."""
    alert_id, now = reply.alert_id, runtime.now()
    if alert_id is None:
        return True
    return await runtime.db.read(lambda c: alerts.may_leave(c, alert_id, chat, now))


async def _frame(cards: Cards, seq: int, reply: Reply) -> bytes:
    data: dict[str, object] = {
        "seq": seq,
        "text": reply.text,
        "choices": [{"id": c.id, "label": c.label} for c in reply.choices],
        "urgent": reply.priority is Priority.URGENT,
    }
    if len(parts := spans(reply.text)) > 1:
        data["cuts"] = [utf16_length(reply.text[:begin]) for begin, _ in parts[1:]]
    if reply.priority is Priority.RELAY:
        data["relay"] = True
    if reply.picture is not None:
        shown = cards.show(reply.picture)
        data["picture"] = {
            "src": card_address(shown.digest),
            "alt": shown.alt,
            "width": shown.width,
            "height": shown.height,
        }
    if reply.payment is not None:
        data["picture"] = await payment_inline(cards, reply.payment)
    if reply.photo is not None:
        data["picture"] = alert_photo(reply.photo)
    body = json.dumps(data, ensure_ascii=False)
    return f"id: {seq}\nevent: message\ndata: {body}\n\n".encode()

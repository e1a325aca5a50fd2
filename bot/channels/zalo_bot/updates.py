"""From an update of the Bot API to an event of ours.

Both envelopes are read: the documented one (`{"ok", "result"}`) and the bare update that webhooks
have been seen to carry; a list of updates too. An update has no number of its own: the message's id
tells two apart. A picture is `photo` or `photo_url`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.domain import events as ev
from bot.domain.channels import ZALO_BOT
from bot.errors import BadRequest
from bot.store.inbox import ChatKey

#: What a person may say in one message; the platform allows 2,000.
TEXT_MOST = 4096
_ADDRESS_MOST = 2000
_NAME_MOST = 160
_EXTERNAL_MOST = 128
_UPDATES_MOST = 100
_ID = re.compile(r"[\w.-]{1,50}", re.ASCII)
_EVENT = re.compile(r"message\.(\w{1,40})\.received", re.ASCII)
#: What an update that is no text is called; for others the platform keeps the content to itself.
_WHAT = {"image": "photo", "photo": "photo", "sticker": "sticker", "voice": "voice"}
UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update that concerns a conversation."""

    key: ChatKey
    external_id: str
    envelope: ev.Envelope


def updates_in(data: Any) -> Iterator[dict[str, Any]]:
    """The updates of a body or an answer. BadRequest when it is neither of the envelopes."""
    if isinstance(data, dict) and "ok" in data and "result" in data:
        data = data["result"]
    for update in data[:_UPDATES_MOST] if isinstance(data, list) else [data]:
        if not isinstance(update, dict):
            raise BadRequest("an update must be an object")
        yield update


def read_update(update: dict[str, Any]) -> Incoming | None:
    """The event in an update; None when it is none of ours. BadRequest when it is malformed."""
    message, name = update.get("message"), update.get("event_name")
    if not isinstance(message, dict):
        if name is None or isinstance(name, str):
            # Something else than a message, of which nothing is documented yet.
            return None
        raise BadRequest("event_name must be a text")
    chat, sender = message.get("chat"), message.get("from")
    sender = sender if isinstance(sender, dict) else {}
    chat_id = _id(chat.get("id") if isinstance(chat, dict) else None) or _id(sender.get("id"))
    if not chat_id:
        raise BadRequest("message.chat.id must be an id")
    kind = chat.get("chat_type") if isinstance(chat, dict) else None
    if sender.get("is_bot") is True or (isinstance(kind, str) and kind.upper() != "PRIVATE"):
        # What people say to each other in a group is not for the bot, and is not kept.
        return None
    shown = _text(sender.get("display_name")) or _text(sender.get("name"))
    person = ev.Sender(_id(sender.get("id")) or chat_id, shown[:_NAME_MOST])
    envelope = ev.Envelope(_event(name, message), person)
    return Incoming(ChatKey(ZALO_BOT, chat_id), _external_id(update, message), envelope)


def _event(name: object, message: dict[str, Any]) -> ev.Event:
    text = _text(message.get("text"))
    if text.strip():
        return _said(text[:TEXT_MOST])
    found = _EVENT.fullmatch(name) if isinstance(name, str) else None
    what = found.group(1) if found else ""
    address = message.get("photo_url") or message.get("photo")
    if _WHAT.get(what) == "photo" or (address and what not in _WHAT):
        where = _text(address)
        known = 0 < len(where) <= _ADDRESS_MOST
        return ev.Attachment("photo", f"{ZALO_BOT}:{where}" if known else "")
    spoken = message.get("voice_url")
    if _WHAT.get(what) == "voice" or (spoken and what not in _WHAT):
        where = _text(spoken)
        known = 0 < len(where) <= _ADDRESS_MOST
        return ev.Attachment("voice", f"{ZALO_BOT}:{where}" if known else "")
    return ev.Attachment(_WHAT.get(what, UNSUPPORTED))


def _said(text: str) -> ev.Event:
    command, _, payload = text.partition(" ")
    return ev.Start(payload.strip()[:64]) if command == "/start" else ev.Text(text)


def _external_id(update: dict[str, Any], message: dict[str, Any]) -> str:
    """What tells this message from every other; its content where it has no id."""
    known = message.get("message_id")
    if isinstance(known, str | int) and str(known).strip():
        name = _text(str(known))
        if len(name) <= _EXTERNAL_MOST:
            return name
        return f"long:{hashlib.sha256(name.encode()).hexdigest()}"
    whole = json.dumps(update, sort_keys=True, ensure_ascii=True)
    return f"none:{hashlib.sha256(whole.encode()).hexdigest()}"


def _id(value: object) -> str:
    """An id; "" for anything else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _ID.fullmatch(text) else ""


def _text(value: object) -> str:
    """A text with any half of a surrogate pair replaced: JSON can carry one, UTF-8 cannot."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""

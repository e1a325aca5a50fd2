"""From a webhook's event to an event of ours."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain import events as ev
from bot.domain.channels import ZALO_OA as CHANNEL
from bot.domain.pictures import PictureFault, SeenPicture
from bot.errors import BadRequest
from bot.locality.codes import code_of_payload
from bot.store.inbox import ChatKey

#: What a button's payload begins with: nobody types that, and a poster's code begins with "#" too.
PRESSED = "#!"
#: An anonymous visitor's chat: "a:<anonymous id>:<conversation id>", both needed for an answer.
ANONYMOUS = "a:"
_ID = re.compile(r"[0-9A-Za-z_-]{1,60}", re.ASCII)
_TEXT_MOST = 8_000
_URL_MOST = 2_000
_CHOICE_MOST = 64
_ID_MOST = 150
#: Events with something in them, by the word after `user_send_` or `anonymous_send_`.
_WHAT = {
    "image": "photo",
    "gif": "sticker",
    "sticker": "sticker",
    "audio": "voice",
    "video": "video",
    "location": "location",
    "file": "document",
    "business_card": "other",
}
_PICTURES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "bmp", "image"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event of a conversation. `at` is when the platform says it happened; None: it does not."""

    key: ChatKey
    external_id: str
    envelope: ev.Envelope
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """The person does not follow the account any more."""

    key: ChatKey
    external_id: str
    at: datetime | None


def read_event(data: Any, oa_id: str = "") -> Incoming | Left | None:
    """The event in a body; None when it is none of ours, or for another account than `oa_id`.

    BadRequest when it is malformed.
    """
    if not isinstance(data, dict) or not isinstance(data.get("event_name"), str):
        raise BadRequest("an event must be an object with event_name")
    name: str = data["event_name"]
    at = _moment(data.get("timestamp"))
    # "user_send_text", and "anonymous_send_text" of somebody who has not logged in.
    who, sent, what = name.partition("_send_")
    if sent and who in ("user", "anonymous"):
        message = data.get("message")
        if not isinstance(message, dict):
            raise BadRequest("a message must be an object")
        if not _ours(_part(data, "recipient").get("id"), oa_id):
            return None
        event = _event(what, message)
        return _incoming(_chat(who, data, message), name, data, message.get("msg_id"), event, at)
    if name in ("follow", "unfollow", "user_click_chatnow", "user_withdraw"):
        if not _ours(data.get("oa_id"), oa_id):
            return None
        key = ChatKey(CHANNEL, _person(data))
        if name == "unfollow":
            return Left(key, _own_id(name, key, data), at)
        event = ev.Withdrawn() if name == "user_withdraw" else _opened(data)
        return _incoming(key, name, data, None, event, at)
    return None


def _incoming(
    key: ChatKey, name: str, data: dict[str, Any], given: Any, event: ev.Event, at: datetime | None
) -> Incoming:
    own = given if isinstance(given, str) and given else _own_id(name, key, data)
    if len(own) > _ID_MOST or not own.isprintable() or not own.isascii():
        own = hashlib.sha256(own.encode(errors="replace")).hexdigest()
    return Incoming(key, own, ev.Envelope(event, ev.Sender(key.external_id)), at)


def _own_id(name: str, key: ChatKey, data: dict[str, Any]) -> str:
    """What tells an event without an id of its own from others: a repetition has the same."""
    return f"{name}:{key.external_id}:{str(data.get('timestamp'))[:24]}"


def _opened(data: dict[str, Any]) -> ev.Event:
    """Somebody came, perhaps by a poster's link that says where they live."""
    for key in ("ref", "source"):
        told = data.get(key)
        if isinstance(told, str) and code_of_payload(told[:_CHOICE_MOST]):
            return ev.Start(told[:_CHOICE_MOST])
    return ev.Hello()


def _event(what: str, message: dict[str, Any]) -> ev.Event:
    text = message.get("text")
    words = _whole(text[:_TEXT_MOST]) if isinstance(text, str) else ""
    if what == "text":
        if words.startswith(PRESSED):
            return ev.Press(words.removeprefix(PRESSED)[:_CHOICE_MOST])
        return ev.Text(words, _reply_to(message)) if words.strip() else ev.Attachment("other")
    payload = _payload(message)
    if what == "link":
        # What it leads to is what matters: it is looked at as if it had been typed.
        url = _short(payload.get("url"))
        both = words if url in words else f"{words}\n{url}".strip()
        return ev.Text(both) if both.strip() else ev.Attachment("other")
    if what == "file":
        return _file(payload, words)
    url = _short(payload.get("url")) if what in ("image", "audio") else ""
    file = f"{CHANNEL}:{url}" if url else ""
    return ev.Attachment(_WHAT.get(what, "other"), file, caption=words)


def _file(payload: dict[str, Any], caption: str) -> ev.Event:
    """A file; one that is a picture, by its kind or its name's end, is looked at as one."""
    name, kind = _short(payload.get("name")).lower(), _short(payload.get("type")).lower()
    kinds = {kind, kind.partition("/")[0], kind.rpartition("/")[2], name.rpartition(".")[2]}
    if "pdf" in kinds:
        return ev.Attachment("document", "", SeenPicture(fault=PictureFault.PDF), caption)
    url = _short(payload.get("url"))
    if url and kinds & _PICTURES:
        return ev.Attachment("document", f"{CHANNEL}:{url}", caption=caption)
    return ev.Attachment("document", caption=caption)


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    attached = message.get("attachments")
    first = attached[0] if isinstance(attached, list) and attached else None
    return _part(first, "payload") if isinstance(first, dict) else {}


def _reply_to(message: dict[str, Any]) -> str | None:
    quoted = message.get("quote_msg_id")
    return quoted if isinstance(quoted, str) and 0 < len(quoted) <= _CHOICE_MOST else None


def _chat(who: str, data: dict[str, Any], message: dict[str, Any]) -> ChatKey:
    person = _person(data)
    if who == "user":
        return ChatKey(CHANNEL, person)
    talk = _id(message.get("conversation_id"))
    if talk is None:
        raise BadRequest("an anonymous message must have a conversation_id")
    return ChatKey(CHANNEL, f"{ANONYMOUS}{person}:{talk}")


def _person(data: dict[str, Any]) -> str:
    """Whose event it is. BadRequest when it does not say."""
    for told in (
        _part(data, "sender").get("id"),
        _part(data, "follower").get("id"),
        data.get("user_id"),
    ):
        found = _id(told)
        if found is not None:
            return found
    raise BadRequest("an event must say whose it is")


def _id(told: Any) -> str | None:
    if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 10**60:
        return str(told)
    return told if isinstance(told, str) and _ID.fullmatch(told) else None


def _ours(told: Any, oa_id: str) -> bool:
    """One app may serve several accounts; we speak for one."""
    account = _id(told)
    return not oa_id or account is None or account == oa_id


def _part(data: dict[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _moment(told: Any) -> datetime | None:
    """Milliseconds since 1970, as text or number."""
    text = str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) == 13):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _short(told: Any) -> str:
    """A short text; "" for anything else."""
    return _whole(told) if isinstance(told, str) and len(told) <= _URL_MOST else ""


def _whole(text: str) -> str:
    """The text with any half of a surrogate pair replaced: JSON can carry one, UTF-8 cannot."""
    return text.encode(errors="replace").decode()

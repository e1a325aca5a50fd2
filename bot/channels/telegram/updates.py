"""From a Bot API update to an event of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import Bot, CallbackQuery, Document, Message, PhotoSize, Update, User

from bot.domain import events as ev
from bot.domain.pictures import PictureFault, SeenPicture
from bot.errors import BadRequest
from bot.pictures.opening import BYTES_MOST
from bot.store.inbox import ChatKey

CHANNEL = "telegram"
_KINDS = (
    "sticker",
    "photo",
    "video",
    "video_note",
    "animation",
    "voice",
    "audio",
    "document",
    "location",
    "venue",
    "poll",
    "dice",
    "contact",
    "story",
)
_SAME_AS = {"video_note": "video", "animation": "video", "venue": "location"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update that concerns a conversation. `callback_id` is to be answered at once."""

    key: ChatKey
    external_id: str
    envelope: ev.Envelope
    callback_id: str | None = None


@dataclass(frozen=True, slots=True)
class Migrated:
    """A group became a supergroup with another id."""

    old: str
    new: str


def read_update(data: Any, bot: Bot) -> Incoming | Migrated | None:
    """The event in an update; None when it is none of ours. BadRequest when it is malformed."""
    if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
        raise BadRequest("an update must be an object with a whole number as update_id")
    try:
        update = Update.de_json(data, bot)
        return _read(update, bot.token.partition(":")[0])
    except Exception as error:
        # The library fails in ways of its own on odd data (OSError for a date far away); one
        # update must not end the polling.
        raise BadRequest(f"an update cannot be read ({type(error).__name__})") from error


def _read(update: Update, own_id: str) -> Incoming | Migrated | None:
    external_id = str(update.update_id)
    if update.callback_query is not None:
        return _press(external_id, update.callback_query)
    message = update.message
    if message is None:
        return None
    if message.migrate_to_chat_id:
        return Migrated(str(message.chat.id), str(message.migrate_to_chat_id))
    return _message(external_id, message, own_id)


def _press(external_id: str, query: CallbackQuery) -> Incoming | None:
    if not query.data:
        return None
    # A message too old to be read still names its chat.
    chat = query.message.chat if query.message else None
    chat_id, kind = (chat.id, chat.type) if chat else (query.from_user.id, "private")
    key = ChatKey(CHANNEL, str(chat_id), is_group=kind != "private")
    envelope = ev.Envelope(ev.Press(_whole(query.data)[:64]), _sender(query.from_user))
    return Incoming(key, external_id, envelope, query.id)


def _message(external_id: str, message: Message, own_id: str) -> Incoming | None:
    is_group = message.chat.type != "private"
    replied = message.reply_to_message
    author = replied.from_user if replied else None
    if is_group and (author is None or str(author.id) != own_id):
        # What people say to each other in a group is not for the bot, and is not kept.
        return None
    event = _event(message)
    if event is None:
        return None
    key = ChatKey(CHANNEL, str(message.chat.id), is_group)
    return Incoming(key, external_id, ev.Envelope(event, _sender(message.from_user)))


def _event(message: Message) -> ev.Event | None:
    text = message.text
    if text is not None:
        command, _, payload = text.partition(" ")
        if command.split("@", 1)[0] == "/start":
            return ev.Start(_whole(payload.strip())[:64])
        replied = message.reply_to_message
        return ev.Text(_whole(text), str(replied.message_id) if replied else None)
    contact = message.contact
    own = contact and message.from_user and contact.user_id == message.from_user.id
    if contact and own:
        return ev.Contact(_whole(contact.phone_number))
    for kind in _KINDS:
        if getattr(message, kind, None):
            return _attachment(message, kind)
    # Service messages (somebody joined, a pinned message): nothing to answer.
    caption = _whole(message.caption or "")
    found = caption or message.effective_attachment
    return ev.Attachment("other", caption=caption) if found else None


def _attachment(message: Message, kind: str) -> ev.Attachment:
    """An attachment, with where its picture lies if it is one of a size that a bot may have."""
    what = _SAME_AS.get(kind, kind)
    file: PhotoSize | Document | None = message.document if kind == "document" else None
    if kind == "photo":
        file = message.photo[-1]
    caption = _whole(message.caption or "")
    if message.voice is not None and kind == "voice":
        note = message.voice
        seconds = max(0, round(_seconds(note.duration)))
        return ev.Attachment(
            what, f"{CHANNEL}:{_whole(note.file_id)}", caption=caption, seconds=seconds
        )
    if file is None:
        return ev.Attachment(what, caption=caption)
    mime = getattr(file, "mime_type", None) or "image/"
    if mime == "application/pdf":
        return ev.Attachment(what, "", SeenPicture(fault=PictureFault.PDF), caption)
    if not mime.startswith("image/"):
        return ev.Attachment(what, caption=caption)
    if (file.file_size or 0) > BYTES_MOST:
        return ev.Attachment(what, "", SeenPicture(fault=PictureFault.TOO_BIG), caption)
    return ev.Attachment(what, f"{CHANNEL}:{_whole(file.file_id)}", caption=caption)


def _seconds(length: int | timedelta) -> float:
    """The library is on its way from one to the other."""
    return length.total_seconds() if isinstance(length, timedelta) else float(length)


def _sender(user: User | None) -> ev.Sender:
    return ev.Sender(str(user.id), _whole(user.full_name)[:160]) if user else ev.Sender()


def _whole(text: str) -> str:
    """The text with any half of a surrogate pair replaced: JSON can carry one, UTF-8 cannot."""
    return text.encode(errors="replace").decode()

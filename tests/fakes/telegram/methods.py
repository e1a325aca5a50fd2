"""The Bot API's methods that answer at once: messages, edits, buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .markup import inline_buttons, parse_markup, reply_keys
from .media import DOWNLOAD_LIMIT, MEDIA, file_json, media_content, take_file
from .model import Chat, Edit, Json, Params, SentMessage, bad, forbidden
from .state import World
from .text import CAPTION_LIMIT, TEXT_LIMIT, formatted

Handler = Callable[[World, Params], Any]
METHODS: dict[str, tuple[str, Handler]] = {}

_OLD = 48 * 3600
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)


def method(name: str) -> Callable[[Handler], Handler]:
    """Register a handler; method names are case-insensitive, as in the Bot API."""

    def register(handler: Handler) -> Handler:
        METHODS[name.lower()] = (name, handler)
        return handler

    return register


def find_chat(world: World, p: Params) -> Chat:
    """Return the chat a call is about if the bot may act in it, else fail as Telegram does."""
    if not p.text("chat_id"):
        raise bad("chat_id is empty")
    chat = world.chats.get(p.integer("chat_id"))
    if chat is None:
        raise bad("chat not found")
    if chat.migrated_to is not None:
        raise bad(
            "group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    if chat.private:
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.person and chat.person.is_bot:
            raise forbidden("bot can't send messages to bots")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
    elif chat.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    elif chat.bot_status == "left":
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def find_thread(chat: Chat, p: Params) -> int | None:
    """Return the existing, writable topic a call names, None when it names none."""
    thread = p.integer("message_thread_id") or None
    if thread is None:
        return None
    topic = chat.topics.get(thread)
    if topic is None:
        raise bad("message thread not found")
    if topic.closed and chat.bot_status not in ("administrator", "creator"):
        raise bad("TOPIC_CLOSED")
    return thread


def _reply_target(chat: Chat, p: Params) -> Json | None:
    given = p.decoded("reply_parameters", "can't parse reply parameters JSON object") or {}
    key = int(given.get("message_id") or p.integer("reply_to_message_id"))
    if not key:
        return None
    target = chat.store.get(key)
    if target is None:
        if given.get("allow_sending_without_reply") or p.flag("allow_sending_without_reply"):
            return None
        raise bad("message to be replied not found")
    return {k: v for k, v in target.items() if k != "reply_to_message"}


def _new_message(world: World, chat: Chat, thread: int | None) -> Json:
    message: Json = {
        "message_id": world.next_message_id(chat),
        "from": world.bot_json,
        "chat": chat.json,
        "date": int(world.now()),
    }
    if thread:
        message["message_thread_id"] = thread
        message["is_topic_message"] = True
    return message


def deliver(world: World, p: Params, name: str, content: Json) -> Json:
    """Put a new message of the bot into its chat."""
    chat = find_chat(world, p)
    thread = find_thread(chat, p)
    markup = parse_markup(p)
    replied = _reply_target(chat, p)
    world.limits.spend(chat, world.now())
    message = _new_message(world, chat, thread)
    if replied:
        message["reply_to_message"] = replied
    message.update(content)
    if markup and "inline_keyboard" in markup:
        message["reply_markup"] = markup
    if p.flag("protect_content"):
        message["has_protected_content"] = True
    text = str(message.get("text") or message.get("caption") or "")
    buttons = inline_buttons(markup)
    sent = SentMessage(
        chat.id,
        message["message_id"],
        name,
        text,
        buttons,
        reply_keys(markup),
        replied["message_id"] if replied else None,
        thread,
        world.now(),
        p.values,
        message,
        text,
        buttons,
    )
    chat.store[sent.message_id] = message
    chat.by_id[sent.message_id] = sent
    chat.sent.append(sent)
    return message


@method("sendMessage")
def send_message(world: World, p: Params) -> Json:
    """Send a text."""
    text, entities = formatted(p, "text", "entities", TEXT_LIMIT)
    if not text:
        raise bad("message text is empty")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    if preview := p.decoded("link_preview_options", "can't parse link preview options"):
        content["link_preview_options"] = preview
    return deliver(world, p, "sendMessage", content)


def _media_sender(name: str, kind: str) -> Handler:
    def send(world: World, p: Params) -> Json:
        caption, entities = formatted(p, "caption", "caption_entities", CAPTION_LIMIT)
        find_chat(world, p)
        stored = take_file(world, p, kind)
        content: Json = {kind: media_content(world, stored)}
        if caption:
            content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
        message = deliver(world, p, name, content)
        sent = world.chats[message["chat"]["id"]].by_id[message["message_id"]]
        sent.file_id = stored.file_id
        return message

    return send


for _name, (_kind, _extra) in MEDIA.items():
    method(_name)(_media_sender(_name, _kind))


@method("sendLocation")
def send_location(world: World, p: Params) -> Json:
    """Send a place."""
    try:
        place = {k: float(p.values[k]) for k in ("latitude", "longitude")}
    except (KeyError, ValueError):
        raise bad("can't parse latitude") from None
    return deliver(world, p, "sendLocation", {"location": place})


def _source(world: World, p: Params, verb: str) -> Json:
    place = world.chats.get(p.integer("from_chat_id"))
    if place is None:
        raise bad("chat not found")
    found = place.store.get(p.integer("message_id"))
    if found is None:
        raise bad(f"message to {verb} not found")
    return found


_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "location",
    "contact",
    *(kind for kind, _ in MEDIA.values()),
)


@method("forwardMessage")
def forward_message(world: World, p: Params) -> Json:
    """Forward a message of another chat."""
    source = _source(world, p, "forward")
    if source.get("has_protected_content"):
        raise bad("message has protected content and can't be forwarded")
    content = {k: source[k] for k in _CONTENT if k in source}
    content["forward_origin"] = {
        "type": "user",
        "date": source["date"],
        "sender_user": source["from"],
    }
    return deliver(world, p, "forwardMessage", content)


@method("copyMessage")
def copy_message(world: World, p: Params) -> Json:
    """Copy a message of another chat."""
    source = _source(world, p, "copy")
    content = {k: source[k] for k in _CONTENT if k in source}
    return {"message_id": deliver(world, p, "copyMessage", content)["message_id"]}


# Edits


def _editable(world: World, p: Params) -> SentMessage:
    if not p.text("chat_id") or not p.integer("message_id"):
        raise bad("message identifier is not specified")
    chat = find_chat(world, p)
    key = p.integer("message_id")
    sent = chat.by_id.get(key)
    if sent is None or sent.deleted:
        raise bad("message can't be edited" if key in chat.store else "message to edit not found")
    return sent


def _edit(world: World, p: Params, sent: SentMessage, content: Json) -> Json:
    chat = world.chats[sent.chat_id]
    markup = parse_markup(p)
    before = sent.raw
    after = {k: v for k, v in before.items() if k != "reply_markup"}
    if content:
        for key in ("text", "entities", "caption", "caption_entities"):
            after.pop(key, None)
        after.update(content)
    # An empty keyboard is no keyboard.
    if buttons := inline_buttons(markup):
        after["reply_markup"] = markup
    if after == before:
        raise bad(_NOT_MODIFIED)
    world.limits.spend(chat, world.now())
    after["edit_date"] = int(world.now())
    sent.raw = chat.store[sent.message_id] = after
    sent.text = str(after.get("text") or after.get("caption") or "")
    sent.buttons = buttons
    sent.edits.append(Edit(world.now(), sent.text, buttons))
    return after


@method("editMessageText")
def edit_message_text(world: World, p: Params) -> Json:
    """Replace the text (and the buttons: none given means none left)."""
    text, entities = formatted(p, "text", "entities", TEXT_LIMIT)
    if not text:
        raise bad("message text is empty")
    sent = _editable(world, p)
    if "text" not in sent.raw:
        raise bad("there is no text in the message to edit")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    return _edit(world, p, sent, content)


@method("editMessageCaption")
def edit_message_caption(world: World, p: Params) -> Json:
    """Replace the caption of a file."""
    caption, entities = formatted(p, "caption", "caption_entities", CAPTION_LIMIT)
    sent = _editable(world, p)
    if sent.file_id is None:
        raise bad("there is no caption in the message to edit")
    content: Json = {"caption": caption}
    if entities:
        content["caption_entities"] = entities
    return _edit(world, p, sent, content)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, p: Params) -> Json:
    """Replace the inline buttons only."""
    return _edit(world, p, _editable(world, p), {})


@method("deleteMessage")
def delete_message(world: World, p: Params) -> bool:
    """Delete a message, at most 48 hours old."""
    chat = find_chat(world, p)
    key = p.integer("message_id")
    found = chat.store.get(key)
    if found is None:
        raise bad("message to delete not found")
    mine = found["from"]["id"] == world.bot.id
    admin = chat.bot_status in ("administrator", "creator")
    if not (mine or chat.private or admin):
        raise bad("message can't be deleted")
    if world.now() - found["date"] > _OLD and not (admin and not chat.private):
        raise bad("message can't be deleted for everyone")
    del chat.store[key]
    if sent := chat.by_id.get(key):
        sent.deleted = True
    return True


# Small things


@method("answerCallbackQuery")
def answer_callback_query(world: World, p: Params) -> bool:
    """Answer a pressed button."""
    query = world.queries.get(p.text("callback_query_id"))
    if query is None or world.now() - query.time > world.callback_timeout:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(p.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    query.answers.append(p.values)
    return True


_CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


@method("sendChatAction")
def send_chat_action(world: World, p: Params) -> bool:
    """Show 'typing…'."""
    if p.text("action") not in _CHAT_ACTIONS:
        raise bad("wrong parameter action in request")
    find_thread(find_chat(world, p), p)
    return True


@method("getFile")
def get_file(world: World, p: Params) -> Json:
    """Prepare a download of at most 20 MB."""
    stored = world.files.get(p.text("file_id"))
    if stored is None:
        raise bad("invalid file_id")
    if stored.size > DOWNLOAD_LIMIT:
        raise bad("file is too big")
    return {**file_json(stored), "file_path": stored.path}

"""What people do: they write, send files, press buttons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .media import media_content
from .model import Button, Chat, Json, Query, SentMessage, User
from .people import People, Where, Who
from .text import typed_entities


class Actions(People):
    """The world seen from the people's side; every action returns the update it caused."""

    # Messages from people

    def _say(
        self,
        user: Who,
        content: Json,
        chat: Where = None,
        reply_to: SentMessage | int | None = None,
        thread_id: int | None = None,
    ) -> Json:
        person = self._who(user)
        with self.lock:
            place = self._where(chat, person)
            if place.private and place.blocked:
                raise RuntimeError("this person blocked the bot; call unblock() first")
            place.started = True
            if not place.private:
                place.members.setdefault(person.id, "member")
            message: Json = {
                "message_id": self.next_message_id(place),
                "from": person.to_json(),
                "chat": place.json,
                "date": int(self.now()),
            }
            if reply_to is not None:
                key = reply_to if isinstance(reply_to, int) else reply_to.message_id
                replied = {k: v for k, v in place.store[key].items() if k != "reply_to_message"}
                message["reply_to_message"] = replied
                thread_id = thread_id or replied.get("message_thread_id")
            if thread_id:
                message["message_thread_id"] = thread_id
                message["is_topic_message"] = True
            message.update(content)
            place.store[message["message_id"]] = message
            if self._hidden(place, message):
                return {"update_id": 0, "message": message}
            return self.push("message", message, place.id)

    def _hidden(self, chat: Chat, message: Json) -> bool:
        if not self.privacy or chat.private or chat.bot_status == "administrator":
            return False
        text = str(message.get("text") or message.get("caption") or "")
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        mine = replied == self.bot.id or f"@{self.bot.username}" in text
        return not (mine or text.startswith("/"))

    def send_text(
        self,
        user: Who,
        text: str,
        chat: Where = None,
        reply_to: SentMessage | int | None = None,
        *,
        thread_id: int | None = None,
    ) -> Json:
        """Write a text (commands, links and mentions get their entities)."""
        content: Json = {"text": text}
        if entities := typed_entities(text):
            content["entities"] = entities
        return self._say(user, content, chat, reply_to, thread_id)

    def start(self, user: Who, payload: str = "") -> Json:
        """Press START, perhaps through a deep link."""
        return self.send_text(user, f"/start {payload}".strip())

    def send_media(
        self,
        user: Who,
        kind: str,
        data: bytes = b"",
        chat: Where = None,
        *,
        caption: str | None = None,
        filename: str = "",
        mime: str = "application/octet-stream",
        size: int | None = None,
        thread_id: int | None = None,
        reply_to: SentMessage | int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Json:
        """Send a file of a kind: photo, document, voice, video, audio, sticker, animation."""
        stored = self.add_file(kind, data, filename, mime, size)
        content: Json = {kind: media_content(self, stored)}
        if caption is not None:
            content["caption"] = caption
            if entities := typed_entities(caption):
                content["caption_entities"] = entities
        content.update(extra or {})
        return self._say(user, content, chat, reply_to, thread_id)

    def send_photo(self, user: Who, data: bytes = b"\xff\xd8\xff", **more: Any) -> Json:
        """Send a photo; `more` as in `send_media` (also media_group_id through `extra`)."""
        return self.send_media(user, "photo", data, mime="image/jpeg", **more)

    def send_document(
        self, user: Who, data: bytes = b"", filename: str = "giay-to.pdf", **more: Any
    ) -> Json:
        """Send a file."""
        more.setdefault("mime", "application/pdf")
        return self.send_media(user, "document", data, filename=filename, **more)

    def send_voice(self, user: Who, data: bytes = b"OggS", **more: Any) -> Json:
        """Send a voice message (OGG/Opus)."""
        return self.send_media(user, "voice", data, mime="audio/ogg", **more)

    def send_video(self, user: Who, data: bytes = b"", **more: Any) -> Json:
        """Send a video."""
        return self.send_media(user, "video", data, mime="video/mp4", **more)

    def send_sticker(self, user: Who, **more: Any) -> Json:
        """Send a sticker."""
        return self.send_media(user, "sticker", b"RIFF", mime="image/webp", **more)

    def send_contact(
        self, user: Who, phone_number: str, chat: Where = None, *, own: bool = True
    ) -> Json:
        """Share a phone number; `own` is what the request_contact button gives."""
        person = self._who(user)
        contact: Json = {"phone_number": phone_number, "first_name": person.first_name}
        if own:
            contact["user_id"] = person.id
        return self._say(user, {"contact": contact}, chat)

    def send_location(
        self, user: Who, latitude: float, longitude: float, chat: Where = None
    ) -> Json:
        """Share a place."""
        return self._say(user, {"location": {"latitude": latitude, "longitude": longitude}}, chat)

    def send_poll(
        self, user: Who, question: str, options: Iterable[str], chat: Where = None
    ) -> Json:
        """Send a poll."""
        poll: Json = {
            "id": str(self.last_query_id + self.last_update_id),
            "question": question,
            "options": [
                {"text": text, "voter_count": 0, "persistent_id": str(n)}
                for n, text in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return self._say(user, {"poll": poll}, chat)

    def edited_message(self, user: Who, message: Json | int, text: str, chat: Where = None) -> Json:
        """Change the text of a message the person sent (its update, or its id)."""
        key = message if isinstance(message, int) else int(message["message"]["message_id"])
        with self.lock:
            place = self._where(chat, self._who(user))
            changed = {**place.store[key], "text": text, "edit_date": int(self.now())}
            changed.pop("entities", None)
            if entities := typed_entities(text):
                changed["entities"] = entities
            place.store[key] = changed
            return self.push("edited_message", changed, place.id)

    # Buttons

    def press(
        self,
        user: Who,
        message: SentMessage | int,
        button: str,
        *,
        chat: Where = None,
        stale: bool = False,
    ) -> Json:
        """Press a button by label or callback data; reply-keyboard keys send their text.

        `stale` also finds buttons the message had before it was edited or deleted.
        """
        person = self._who(user)
        with self.lock:
            shown = message if isinstance(message, SentMessage) else None
            place = self._where(chat if chat is not None or not shown else shown.chat_id, person)
            key = shown.message_id if shown else int(str(message))
            sent = place.by_id[key]
            choices = list(sent.buttons) if not sent.deleted else []
            if stale:
                choices += sent.first_buttons + [b for e in sent.edits for b in e.buttons]
            for choice in choices:
                if button in (choice.label, choice.data):
                    return self._press(person, place, sent, choice)
            for reply_key in sent.keyboard:
                if reply_key["text"] == button:
                    return self._press_key(person, place, reply_key)
        raise LookupError(f"no button {button!r} on message {key}; it has {sent.labels}")

    def _press(self, person: User, place: Chat, sent: SentMessage, choice: Button) -> Json:
        if choice.data is None:
            raise LookupError(f"button {choice.label!r} opens {choice.url}, it sends nothing")
        return self.press_data(person, sent.message_id, choice.data, chat=place)

    def _press_key(self, person: User, place: Chat, key: Json) -> Json:
        if key.get("request_contact"):
            return self.send_contact(person, "84900000000", place)
        if key.get("request_location"):
            return self.send_location(person, 10.7769, 106.7009, place)
        return self.send_text(person, str(key["text"]), place)

    def press_data(
        self, user: Who, message: SentMessage | int, data: str, *, chat: Where = None
    ) -> Json:
        """Send any callback data as a press on a message (forged or outdated buttons)."""
        person = self._who(user)
        with self.lock:
            if isinstance(message, SentMessage):
                chat = message.chat_id if chat is None else chat
                message = message.message_id
            place = self._where(chat, person)
            self.last_query_id += 1
            query_id = str(self.last_query_id)
            payload: Json = {
                "id": query_id,
                "from": person.to_json(),
                "message": place.store.get(message)
                or {"message_id": message, "date": 0, "chat": place.json},
                "chat_instance": str(-7_000_000_000_000_000_000 + place.id),
                "data": data,
            }
            update = self.push("callback_query", payload, place.id)
            self.queries[query_id] = Query(query_id, self.now(), int(update["update_id"]))
            return update

    # Anything else

    def inject(self, update: Json) -> Json:
        """Queue a raw update; unknown people and chats in it come to exist.

        Without an update_id it gets the next one; with one it keeps it (to send duplicates).
        """
        kind, payload = next((k, v) for k, v in update.items() if k != "update_id")
        with self.lock:
            message = payload.get("message", payload)
            sender, chat = payload.get("from"), message.get("chat") or {}
            if sender and sender["id"] not in self.users:
                known = ("last_name", "username", "language_code", "is_bot")
                self.user(
                    sender["id"],
                    sender.get("first_name", "An"),
                    **{k: sender[k] for k in known if k in sender},
                )
            chat_id = int(chat.get("id", 0))
            if chat_id < 0 and chat_id not in self.chats:
                self.group(
                    chat_id,
                    chat.get("title", "Group"),
                    supergroup=chat.get("type") == "supergroup",
                    forum=bool(chat.get("is_forum")),
                )
            if kind == "callback_query":
                query_id = str(payload["id"])
                self.queries.setdefault(query_id, Query(query_id, self.now(), 0))
            if (place := self.chats.get(chat_id)) and kind == "message":
                place.store.setdefault(int(payload["message_id"]), payload)
                self.last_message_id = max(self.last_message_id, int(payload["message_id"]))
            if "update_id" not in update:
                return self.push(kind, payload, chat_id)
            before = self.last_update_id
            self.last_update_id = int(update["update_id"]) - 1
            pushed = self.push(kind, payload, chat_id)
            self.last_update_id = max(before, self.last_update_id)
            return pushed

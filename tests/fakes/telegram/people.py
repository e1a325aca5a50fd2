"""Who exists: people, groups, membership, forum topics."""

from __future__ import annotations

from collections.abc import Iterable

from .chatmember import member_json
from .model import Chat, Json, Topic, User
from .state import World

Who = User | int
Where = Chat | int | None


class People(World):
    """The people and chats of the world; every change the bot hears of returns its update."""

    # Who exists

    def user(
        self,
        id: int,
        first_name: str = "An",
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "vi",
        started: bool = True,
        is_bot: bool = False,
    ) -> User:
        """Create (or change) a person and the private chat; `started=False`: never wrote."""
        person = User(id, first_name, last_name, username, language_code, is_bot)
        view = {k: v for k, v in person.to_json().items() if k not in ("is_bot", "language_code")}
        with self.lock:
            self.users[id] = person
            chat = self.chats.setdefault(id, Chat(id, "private", {}))
            chat.json = {**view, "type": "private"}
            chat.person, chat.started = person, started
        return person

    def group(
        self,
        id: int,
        title: str,
        members: Iterable[Who] = (),
        *,
        supergroup: bool | None = None,
        forum: bool = False,
        bot_status: str = "administrator",
    ) -> Chat:
        """Create a group with members; a supergroup if the id starts with -100 or it is a forum."""
        if id >= 0:
            raise ValueError("group ids are negative")
        big = supergroup if supergroup is not None else forum or str(id).startswith("-100")
        kind = "supergroup" if big else "group"
        view: Json = {"id": id, "title": title, "type": kind}
        if forum:
            view["is_forum"] = True
        chat = Chat(id, kind, view, bot_status=bot_status, forum=forum)
        chat.members = {self._who(member).id: "member" for member in members}
        with self.lock:
            self.chats[id] = chat
        return chat

    def _who(self, who: Who) -> User:
        found = self.users.get(who if isinstance(who, int) else who.id)
        if found is None:
            raise LookupError(f"no such user: {who}")
        return found

    def _where(self, where: Where, person: User | None = None) -> Chat:
        if isinstance(where, Chat):
            return where
        key = where if where is not None else person.id if person else 0
        chat = self.chats.get(key)
        if chat is None:
            raise LookupError(f"no such chat: {key}")
        return chat

    # Membership and groups

    def my_chat_member(self, chat: Where, status: str, *, by: Who | None = None) -> Json:
        """Change the bot's standing: in a private chat 'kicked' blocks and 'member' unblocks."""
        with self.lock:
            place = self._where(chat)
            if place.private:
                old = "kicked" if place.blocked else "member"
                place.blocked = status == "kicked"
            else:
                old, place.bot_status = place.bot_status, status
            actor = self._who(by) if by is not None else place.person
            if actor is None:
                actor = next((self.users[m] for m in place.members if m in self.users), self.bot)
            payload: Json = {
                "chat": place.json,
                "from": actor.to_json(),
                "date": int(self.now()),
                "old_chat_member": member_json(self.bot_json, old),
                "new_chat_member": member_json(self.bot_json, status),
            }
            return self.push("my_chat_member", payload, place.id)

    def block(self, user: Who) -> Json:
        """Block the bot."""
        return self.my_chat_member(self._who(user).id, "kicked")

    def unblock(self, user: Who) -> Json:
        """Unblock the bot."""
        return self.my_chat_member(self._who(user).id, "member")

    def kick(self, chat: Where, by: Who | None = None) -> Json:
        """Throw the bot out of a group."""
        return self.my_chat_member(chat, "kicked", by=by)

    def set_member(self, chat: Where, user: Who, status: str, *, by: Who | None = None) -> Json:
        """Change a person's standing in a group (a chat_member update, if asked for)."""
        with self.lock:
            place, person = self._where(chat), self._who(user)
            old = place.members.get(person.id, "left")
            place.members[person.id] = status
            payload: Json = {
                "chat": place.json,
                "from": self._who(by if by is not None else person).to_json(),
                "date": int(self.now()),
                "old_chat_member": member_json(person.to_json(), old),
                "new_chat_member": member_json(person.to_json(), status),
            }
            return self.push("chat_member", payload, place.id)

    def migrate_group(self, chat: Where, new_id: int | None = None) -> Chat:
        """Turn a group into a supergroup with a new id, and tell the bot in both chats."""
        with self.lock:
            old = self._where(chat)
            fresh = self.group(
                new_id or int(f"-100{abs(old.id)}"),
                str(old.json["title"]),
                supergroup=True,
                bot_status=old.bot_status,
            )
            fresh.members = dict(old.members)
            old.migrated_to = fresh.id
            actor = next((self.users[m] for m in old.members if m in self.users), self.bot)
            for place, note in (
                (old, {"migrate_to_chat_id": fresh.id}),
                (fresh, {"migrate_from_chat_id": old.id}),
            ):
                message: Json = {
                    "message_id": self.next_message_id(place),
                    "from": actor.to_json(),
                    "chat": place.json,
                    "date": int(self.now()),
                    **note,
                }
                self.push("message", message, place.id)
            return fresh

    def add_topic(self, chat: Where, name: str) -> int:
        """Create a forum topic as a person would; return its thread id."""
        with self.lock:
            place = self._where(chat)
            thread = self.next_message_id(place)
            place.topics[thread] = Topic(name)
            return thread

    def delete_topic(self, chat: Where, thread_id: int) -> None:
        """Delete a forum topic as a person would (the bot is not told)."""
        with self.lock:
            del self._where(chat).topics[thread_id]

    def close_topic(self, chat: Where, thread_id: int, closed: bool = True) -> None:
        """Close (or reopen) a forum topic as a person would."""
        with self.lock:
            self._where(chat).topics[thread_id].closed = closed

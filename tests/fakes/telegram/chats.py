"""The Bot API's methods about the bot itself, chats, members and forum topics."""

from __future__ import annotations

import json
import re

from .chatmember import member_json
from .methods import find_chat, method
from .model import Chat, Json, Params, Topic, bad
from .state import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_ADMINS = ("administrator", "creator")


@method("getMe")
def get_me(world: World, p: Params) -> Json:
    """Return the bot."""
    return {
        **world.bot_json,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _commands_key(p: Params) -> str:
    scope = p.decoded("scope", "can't parse bot command scope JSON object")
    return json.dumps([scope or {"type": "default"}, p.text("language_code")], sort_keys=True)


@method("setMyCommands")
def set_my_commands(world: World, p: Params) -> bool:
    """Set the command menu."""
    commands = p.decoded("commands", "can't parse commands list JSON object")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad("can't parse commands list JSON object")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_commands_key(p)] = commands
    return True


@method("getMyCommands")
def get_my_commands(world: World, p: Params) -> list[Json]:
    """Return the command menu."""
    return world.commands.get(_commands_key(p), [])


@method("deleteMyCommands")
def delete_my_commands(world: World, p: Params) -> bool:
    """Drop the command menu."""
    world.commands.pop(_commands_key(p), None)
    return True


@method("getChat")
def get_chat(world: World, p: Params) -> Json:
    """Return a chat in full."""
    chat = world.chats.get(p.integer("chat_id"))
    if chat is None or not chat.private:
        chat = find_chat(world, p)
    gifts = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    return {
        **chat.json,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }


def _member(world: World, chat: Chat, user_id: int) -> Json:
    if user_id == world.bot.id:
        return member_json(world.bot_json, chat.bot_status)
    person = world.users.get(user_id)
    if person is None:
        raise bad("user not found")
    default = "member" if chat.private and chat.id == user_id else "left"
    return member_json(person.to_json(), chat.members.get(user_id, default))


@method("getChatMember")
def get_chat_member(world: World, p: Params) -> Json:
    """Return someone's standing in a chat."""
    return _member(world, find_chat(world, p), p.integer("user_id"))


@method("getChatAdministrators")
def get_chat_administrators(world: World, p: Params) -> list[Json]:
    """Return the administrators of a group."""
    chat = find_chat(world, p)
    if chat.private:
        raise bad("there are no administrators in the private chat")
    people = [key for key, status in chat.members.items() if status in _ADMINS]
    if chat.bot_status in _ADMINS:
        people.append(world.bot.id)
    return [_member(world, chat, key) for key in people]


@method("getChatMemberCount")
def get_chat_member_count(world: World, p: Params) -> int:
    """Return how many are in a chat."""
    chat = find_chat(world, p)
    gone = ("left", "kicked")
    return 2 if chat.private else 1 + sum(s not in gone for s in chat.members.values())


@method("leaveChat")
def leave_chat(world: World, p: Params) -> bool:
    """Leave a group."""
    chat = find_chat(world, p)
    if chat.private:
        raise bad("chat member status can't be changed in private chats")
    old, chat.bot_status = chat.bot_status, "left"
    payload: Json = {
        "chat": chat.json,
        "from": world.bot_json,
        "date": int(world.now()),
        "old_chat_member": member_json(world.bot_json, old),
        "new_chat_member": member_json(world.bot_json, "left"),
    }
    world.push("my_chat_member", payload, chat.id)
    return True


# Forum topics


def _forum(world: World, p: Params, verb: str) -> Chat:
    chat = find_chat(world, p)
    if not chat.forum:
        raise bad("the chat is not a forum")
    if chat.bot_status not in _ADMINS:
        raise bad(f"not enough rights to {verb} a topic")
    return chat


def _topic(world: World, p: Params, verb: str) -> tuple[Chat, int, Topic]:
    chat = _forum(world, p, verb)
    thread = p.integer("message_thread_id")
    topic = chat.topics.get(thread)
    if topic is None:
        raise bad("message thread not found")
    return chat, thread, topic


@method("createForumTopic")
def create_forum_topic(world: World, p: Params) -> Json:
    """Create a topic; its id is that of its first service message."""
    chat = _forum(world, p, "create")
    name = p.text("name").strip()
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    world.limits.spend(chat, world.now())
    thread = world.next_message_id(chat)
    chat.topics[thread] = Topic(name)
    color = p.integer("icon_color", 7322096)
    return {"message_thread_id": thread, "name": name, "icon_color": color}


@method("editForumTopic")
def edit_forum_topic(world: World, p: Params) -> bool:
    """Rename a topic."""
    _, _, topic = _topic(world, p, "edit")
    name = p.text("name").strip()
    if name == topic.name:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.name = name or topic.name
    return True


@method("closeForumTopic")
def close_forum_topic(world: World, p: Params) -> bool:
    """Close a topic."""
    _, _, topic = _topic(world, p, "close")
    if topic.closed:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.closed = True
    return True


@method("reopenForumTopic")
def reopen_forum_topic(world: World, p: Params) -> bool:
    """Reopen a topic."""
    _, _, topic = _topic(world, p, "reopen")
    if not topic.closed:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.closed = False
    return True


@method("deleteForumTopic")
def delete_forum_topic(world: World, p: Params) -> bool:
    """Delete a topic with its messages."""
    chat, thread, _ = _topic(world, p, "delete")
    del chat.topics[thread]
    for sent in chat.sent:
        if sent.thread_id == thread:
            sent.deleted = True
            chat.store.pop(sent.message_id, None)
    return True

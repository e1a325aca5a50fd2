"""People with several chats, on a real database with real content."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select

from bot.domain.linking import LinkedChat
from bot.models import schema
from bot.store import linking
from bot.store.db import Database
from bot.store.inbox import ChatKey
from tests.services.support import World, telegram, web

WEB, PHONE, ZALO, OTHER = web("w"), telegram("501"), ChatKey("zalo_bot", "z9"), web("stranger")
_CODE = re.compile(r"[A-Z0-9]{6}")


def said(world: World, key: ChatKey, key_of: str, **values: object) -> bool:
    """Whether one of the bot's sentences was said in a chat."""
    phrases = world.publisher.content.phrases
    form = world.publisher.content.people.form(world.state(key).form).blanks()
    wanted = phrases.addressed(form).say(key_of, **values)
    return any(wanted in text for text in world.texts(key))


async def code(world: World, key: ChatKey) -> str:
    """A code, as it was given in a chat."""
    await world.say(key, "liên kết")
    found = _CODE.search(world.texts(key)[-1])
    assert found is not None, world.texts(key)
    return found.group()


async def asked(world: World, giver: ChatKey, taker: ChatKey) -> None:
    """A code is given in one chat and typed in the other."""
    await world.say(taker, await code(world, giver))


async def confirm(world: World, giver: ChatKey, answer: str = "yes") -> None:
    """Press the button under the question."""
    pressed = [c for c in world.state(giver).offered if c.startswith(f"link:{answer}:")]
    assert pressed, world.texts(giver)
    await world.press(giver, pressed[0])


async def link(world: World, giver: ChatKey, taker: ChatKey) -> None:
    """All of it."""
    await asked(world, giver, taker)
    await confirm(world, giver)


def others(world: World, key: ChatKey) -> set[str]:
    """The channels a chat is linked with."""
    chat = world.chat(key)
    found: tuple[LinkedChat, ...] = world.do(lambda c: linking.others(c, chat))
    return {each.channel for each in found}


def rows(world: World, name: str) -> int:
    """How many rows a table has."""
    return rows_of(world.runtime.db, name)


def rows_of(database: Database, name: str) -> int:
    """The same of a database."""
    table: Any = getattr(schema, name)
    query = select(func.count()).select_from(table)
    return database.write_now(lambda c: c.execute(query).scalar()) or 0

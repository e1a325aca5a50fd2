"""Forwarded messages through a conversation: judged before the transaction, answered, wiped."""

from __future__ import annotations

from functools import cache

from bot.domain import events as ev
from bot.services.conversation import Conversations
from bot.services.linkcheck import open_checker
from bot.services.runtime import Runtime
from bot.services.scamcheck import ScamChecker
from bot.settings import ROOT, Settings
from bot.store.inbox import ChatKey
from tests.services.support import World, telegram

BA = telegram("1001")
OTP = "Em bên ngân hàng, anh đọc giúp em mã OTP vừa gửi về máy"
BAD_LINK = "Tai khoan bi khoa, vao vietcombank-xacminh.top de mo lai"


@cache
def checker() -> ScamChecker:
    settings = Settings(content_dir=ROOT / "content")
    return ScamChecker.open(settings, *open_checker(settings))


def judging(runtime: Runtime) -> World:
    """A world whose worker judges messages."""
    world = World(runtime)
    world.talk = Conversations(
        world.runtime, world.publisher, world.brain, lambda *_: None, scams=checker()
    )
    return world


async def test_a_message_is_judged_and_its_text_is_wiped(runtime: Runtime) -> None:
    world = judging(runtime)
    await world.say(BA, OTP)
    (text,) = world.texts(BA)
    assert "rất giống lừa đảo" in text
    assert [row.payload for row in world.in_rows(BA)] == [None]


async def test_a_link_is_shown_so_that_nobody_can_press_it(runtime: Runtime) -> None:
    world = judging(runtime)
    await world.say(BA, BAD_LINK)
    text = "\n".join(world.texts(BA))
    assert "[.]top" in text
    assert "xacminh.top" not in text


async def test_what_is_said_in_a_group_is_not_judged(runtime: Runtime) -> None:
    world = judging(runtime)
    group = ChatKey("telegram", "-1001", is_group=True)
    await world.accept(group, ev.Text(OTP))
    await world.talk.idle()
    assert world.texts(group) == []

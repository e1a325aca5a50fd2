"""Reached on the other channel: when one is blocked, its window is closed, or its platform takes
nothing. Once, never twice; a person's own only; and whoever waits on them is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.domain.events import CarriedHere
from bot.domain.replies import Priority, Reply
from bot.errors import ChannelError, NotConnected, NotSent, Uncertain, Unreachable, WindowClosed
from bot.models import schema
from bot.services.delivery import Route
from bot.services.lateness import Lateness
from bot.services.limits import Limiter, Rates
from bot.services.linking import part
from bot.services.runtime import Runtime
from bot.store import tickets, windows
from bot.store.inbox import ChatKey
from tests.linking.people import PHONE, WEB, ZALO, link, others, said
from tests.services.support import World, telegram
from tests.services.test_delivery import Memory, Post
from tests.support import SQLITE, Clock

HELPER = telegram("900")
OA = ChatKey("zalo_oa", "u1")


class Both(Post):
    """Telegram and Zalo, each with its own platform."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.zalo, self.oa = Memory(), Memory()
        self.delivery.add("zalo_bot", Route(self.zalo, Limiter(Rates(0, 0, 0))))
        self.delivery.add("zalo_oa", Route(self.oa, Limiter(Rates(0, 0, 0))))

    async def settle(self) -> None:
        """Send and handle until nothing moves any more."""
        for _ in range(6):
            await self.poll()
            await self.world.talk.idle()

    def trouble(self, platform: Memory, key: ChatKey, *troubles: ChannelError) -> None:
        platform.troubles[key.external_id] = list(troubles)


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


async def helped(both: Both, *, home: ChatKey = PHONE, other: ChatKey = ZALO) -> None:
    """A linked person with a ticket that a member holds; the person is in `home` now."""
    world = both.world
    team = world.team()
    world.open_ticket(7, home, team)
    world.claim(7, world.member(team, "Anh Hùng", "900"))
    await world.talk.idle()
    await link(world, other, home)
    await both.settle()
    clock = world.runtime.now
    assert isinstance(clock, Clock)
    clock.forward(5)
    await world.say(home, "Tôi đây")
    await both.settle()


def heard(world: World, clock: Clock) -> None:
    """The person wrote to the Official Account just now."""
    chat, now = world.chat(OA), clock()
    world.do(lambda c: windows.heard(c, chat, now))


def has(memory: Memory, key: ChatKey, text: str) -> int:
    return sum(text in each for each in memory.texts(key))


async def test_a_line_goes_to_the_other_channel_when_one_is_blocked(world: World) -> None:
    both = Both(world)
    await helped(both)
    both.platform.gone.add(PHONE.external_id)
    await world.say(HELPER, "Bác thử lại nhé")
    await both.settle()
    assert has(both.zalo, ZALO, "Bác thử lại nhé") == 1
    assert "chưa gửi được qua Telegram" in both.zalo.texts(ZALO)[-1]
    assert any("đã chuyển qua Zalo" in text for text in both.platform.texts(HELPER))
    # And what comes after goes there at once.
    await world.say(HELPER, "Được chưa bác")
    await both.settle()
    assert has(both.zalo, ZALO, "Được chưa bác") == 1
    await world.say(ZALO, "Được rồi")
    assert any("Được rồi" in text for text in world.texts(HELPER))


async def test_what_was_carried_once_goes_nowhere_else(world: World) -> None:
    both = Both(world)
    await helped(both)
    both.platform.gone.add(PHONE.external_id)
    both.zalo.gone.add(ZALO.external_id)
    before = both.zalo.tries.count(ZALO.external_id)
    await world.say(HELPER, "Bác thử lại nhé")
    await both.settle()
    assert has(both.zalo, ZALO, "Bác thử lại") == has(both.platform, PHONE, "Bác thử lại") == 0
    assert both.zalo.tries.count(ZALO.external_id) == before + 1
    assert any("không gửi được tin tới người hỏi" in t for t in both.platform.texts(HELPER))
    before = len(both.zalo.tries) + len(both.platform.tries)
    await both.settle()
    assert len(both.zalo.tries) + len(both.platform.tries) == before


async def test_a_closed_window_sends_it_elsewhere(world: World, clock: Clock) -> None:
    both = Both(world)
    heard(world, clock)
    await helped(both, home=OA, other=PHONE)
    both.trouble(both.oa, OA, WindowClosed(clock()))
    await world.say(HELPER, "Mai tôi ghé")
    await both.settle()
    assert has(both.platform, PHONE, "Mai tôi ghé") == 1
    # When the window opens again it is not said a second time.
    clock.forward(60)
    await world.say(OA, "phiếu của tôi")
    heard(world, clock)
    await both.settle()
    assert has(both.oa, OA, "Mai tôi ghé") == 0


@SQLITE
async def test_news_go_past_a_window_known_to_be_closed(world: World, clock: Clock) -> None:
    both = Both(world)
    heard(world, clock)
    await helped(both, home=OA, other=PHONE)
    clock.forward(3 * 24 * 3600)
    tried = len(both.oa.tries)
    await world.say(HELPER, "Mai tôi ghé")
    await both.settle()
    assert has(both.platform, PHONE, "Mai tôi ghé") == 1
    assert len(both.oa.tries) == tried


@SQLITE
@pytest.mark.parametrize("trouble", [NotConnected("no token"), NotSent("503")])
async def test_a_platform_that_takes_nothing(world: World, trouble: ChannelError) -> None:
    both = Both(world)
    few = both.runtime.settings.model_copy(update={"send_attempts": 1})
    both.runtime.settings = few
    await helped(both)
    both.trouble(both.platform, PHONE, trouble)
    await world.say(HELPER, "Bác thử lại nhé")
    await both.settle()
    assert has(both.zalo, ZALO, "Bác thử lại nhé") == 1
    assert has(both.platform, PHONE, "Bác thử lại nhé") == 0


@SQLITE
async def test_what_may_have_been_shown_is_not_shown_again_elsewhere(world: World) -> None:
    both = Both(world)
    await helped(both)
    both.trouble(both.platform, PHONE, Uncertain("timeout"), Unreachable("blocked"))
    await world.say(HELPER, "Bác thử lại nhé")
    await both.settle()
    world.do(lambda c: c.execute(update(schema.chats).values(send_after=None)))
    await both.settle()
    assert has(both.platform, PHONE, "Bác thử lại nhé") == 1
    assert has(both.zalo, ZALO, "Bác thử lại nhé") == 0


@SQLITE
async def test_only_what_matters_goes_along(world: World) -> None:
    both = Both(world)
    await link(world, ZALO, PHONE)
    await both.settle()
    both.platform.gone.add(PHONE.external_id)
    both.write(PHONE, "khẩn", priority=Priority.URGENT)
    both.write(PHONE, "thường")
    both.write(PHONE, "nhắc", priority=Priority.REMINDER)
    both.put(PHONE, replace(Reply("phiếu người khác"), priority=Priority.RELAY, ticket_id=99))
    await both.settle()
    shown = both.zalo.texts(ZALO)
    assert any("khẩn" in text for text in shown)
    assert not any(w in text for text in shown for w in ("thường", "nhắc:", "phiếu người khác"))


@SQLITE
async def test_a_helpers_work_is_not_shown_in_their_own_other_chat(world: World) -> None:
    both = Both(world)
    await link(world, ZALO, HELPER)
    team = world.team()
    world.open_ticket(7, WEB, team)
    world.claim(7, world.member(team, "Anh Hùng", "900"))
    await world.talk.idle()
    await both.settle()
    both.platform.gone.add(HELPER.external_id)
    await world.say(WEB, "Mật khẩu nhà tôi quên rồi")
    await both.settle()
    assert not any("quên rồi" in text for text in both.zalo.texts(ZALO))
    assert not any("Phiếu 7" in text for text in both.zalo.texts(ZALO))


@SQLITE
async def test_parted_meanwhile_it_is_not_shown_and_the_helper_knows(world: World) -> None:
    both = Both(world)
    await helped(both)
    await world.say(PHONE, "thôi liên kết")
    late = Reply("Anh Hùng: một dòng riêng", priority=Priority.RELAY, ticket_id=7)
    carried = CarriedHere(world.chat(PHONE), "telegram", (late,))
    await world.accept(ZALO, carried)
    await world.talk.idle()
    assert not any("một dòng riêng" in text for text in world.texts(ZALO))
    gone = world.publisher.content.phrases.say("helper_ticket_gone", ticket=7)
    assert gone in world.texts(HELPER)


@SQLITE
async def test_staff_read_of_it_on_the_ticket(world: World) -> None:
    both = Both(world)
    await helped(both)
    both.platform.gone.add(PHONE.external_id)
    await world.say(HELPER, "Bác thử lại nhé")
    await both.settle()
    lines = world.do(lambda c: tickets.thread(c, world.runtime.vault, 7))
    assert [line.text for line in lines if line.author == "system"] == ["elsewhere"]
    assert world.ticket(7).unreachable_at is None
    assert not said(world, ZALO, "link_late")


@SQLITE
async def test_lines_for_a_closed_page_go_to_the_other_channel(world: World, clock: Clock) -> None:
    both = Both(world)
    await helped(both, home=WEB, other=PHONE)
    for text in ("Bác thử lại nhé", "Hay để mai tôi ghé"):
        await world.say(HELPER, text)
    assert any("Bác thử lại nhé" in text for text in world.texts(WEB))
    clock.forward(11)
    lateness = Lateness(both.runtime, world.talk.wake)
    await lateness.tick()
    await both.settle()
    assert await lateness.tick() == 0
    await both.settle()
    for text in ("Bác thử lại nhé", "Hay để mai tôi ghé"):
        assert has(both.platform, PHONE, text) == 1
        assert not any(text in shown for shown in world.texts(WEB))
    told = [text for text in both.platform.texts(HELPER) if "đã chuyển qua Telegram" in text]
    assert len(told) == 1


@SQLITE
async def test_a_page_that_was_forgotten_is_parted(world: World) -> None:
    await link(world, WEB, PHONE)
    chat = world.chat(WEB)
    for told in world.do(lambda c: part(c, world.runtime, chat, "web")):
        world.talk.wake(told)
    await world.talk.idle()
    assert said(world, PHONE, "link_ended", channel="trang web")
    assert others(world, PHONE) == set()

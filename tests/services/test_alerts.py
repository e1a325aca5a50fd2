"""Alerts on a real database: to whom, when, once, and stopped."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Table, func, select

from bot.domain.replies import Priority
from bot.models import schema
from bot.models.schema import AlertStatus
from bot.pictures.shrink import Jpeg
from bot.services import alerts as service
from bot.services.alerts import AlertDesk, AlertSending, Fault, Sent, Written, stamp
from bot.services.delivery import Delivery, Route
from bot.services.limits import Limiter, Rates
from bot.services.linkcheck import open_checker
from bot.store import alerts as store
from bot.store import feeds, outbox, questions
from bot.store.inbox import ChatKey
from tests.services.support import World, telegram, web
from tests.services.test_delivery import Memory
from tests.support import SQLITE, START, Clock

PROVINCES = ("ca mau", "dak lak", "thai nguyen")
TEXT = "Có người giả công an gọi điện. Đừng đọc mã OTP cho ai."
UNTIL = START + timedelta(days=2)
CA_MAU, TAN_AN, DAK_LAK = "tỉnh Cà Mau", "xã Tân Ân, Cà Mau", "tỉnh Đắk Lắk"


class Desk:
    """A world with staff who write alerts and a clock that gives them."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.runtime = world.runtime
        self.desk = AlertDesk(world.runtime, open_checker(world.runtime.settings)[0])
        self.sending = AlertSending(world.runtime, world.talk.wake)
        self.memory = Memory()
        self.delivery = Delivery(world.runtime)
        limiter = Limiter(Rates(0, 0, 0))
        self.delivery.add("telegram", Route(self.memory, limiter))

    async def wants(self, key: ChatKey, place: str = "") -> None:
        """Somebody subscribes, as people do."""
        await self.world.say(key, "đăng ký cảnh báo")
        if place:
            await self.world.say(key, place)
        else:
            await self.world.press(key, "alerts:everywhere")

    async def draft(self, places: str = "", **fields: object) -> int:
        written = Written(**{"text": TEXT, "places": places, "theme": "", "until": UNTIL, **fields})  # type: ignore[arg-type]
        assert self.desk.faults(written, PROVINCES) == {}
        number = await self.desk.keep("lan", written, PROVINCES)
        assert number is not None
        return number

    def seen(self, number: int) -> str:
        """What whoever looks at an alert has seen."""
        alert = self.find(number)
        return self.world.do(lambda c: stamp(c, alert))

    async def send(self, number: int) -> Sent:
        return await self.desk.send("minh", number, self.seen(number))

    async def alert(self, places: str = "", **fields: object) -> int:
        number = await self.draft(places, **fields)
        assert await self.send(number) is Sent.SENT
        return number

    async def tick(self, sending: AlertSending | None = None) -> int:
        """One round, handled to the end."""
        given = await (sending or self.sending).tick()
        await self.world.talk.idle()
        return given

    async def deliver(self) -> None:
        await self.delivery.poll()
        await self.delivery.idle()

    def subscribe(self, key: ChatKey, area: str) -> None:
        """A subscription whose area is a code."""
        chat, now = self.world.chat(key), self.runtime.now()
        self.world.do(lambda c: store.subscribe(c, chat, area, "", now))

    def count(self, table: Table) -> int:
        query = select(func.count()).select_from(table)
        return self.world.do(lambda c: c.execute(query).scalar_one())

    def told(self, key: ChatKey) -> int:
        """How many alerts wait to be sent to a chat."""
        return sum(TEXT in text for text in self.world.texts(key))

    def find(self, number: int) -> store.Alert:
        found = self.world.do(lambda c: store.find(c, number))
        assert found is not None
        return found


@pytest.fixture
def desk(world: World, clock: Clock) -> Desk:
    """Staff and citizens on a database of each kind."""
    return Desk(world, clock)


# To whom ------------------------------------------------------------------------------------------


async def test_the_area_gets_it_and_nobody_else(desk: Desk) -> None:
    places = {"tan-an": TAN_AN, "ca-mau": CA_MAU, "dak-lak": DAK_LAK, "all": ""}
    for name, place in places.items():
        await desk.wants(web(name), place)
    await desk.world.say(web("nobody"), "xin chào")
    await desk.alert(TAN_AN)
    assert await desk.tick() == 2
    told = {name: desk.told(web(name)) for name in (*places, "nobody")}
    # Who only gave the province is told of its communes; who gave no place, of no place's.
    assert told == {"tan-an": 1, "ca-mau": 1, "dak-lak": 0, "all": 0, "nobody": 0}


async def test_everywhere_is_everybody_who_wants_them(desk: Desk) -> None:
    for name, place in (("a", TAN_AN), ("b", DAK_LAK), ("c", "")):
        await desk.wants(web(name), place)
    number = await desk.draft()
    assert desk.world.do(lambda c: store.audience(c, ())) == {"web": 3}
    assert await desk.send(number) is Sent.SENT
    assert desk.find(number).audience == 3
    await desk.tick()
    assert [desk.told(web(name)) for name in "abc"] == [1, 1, 1]


async def test_codes_are_areas_too(desk: Desk) -> None:
    for name, area in (("a", "96"), ("b", "96.32083"), ("c", "9"), ("d", "96.32084")):
        desk.subscribe(web(name), area)
    await desk.alert("96.32083")
    await desk.tick()
    assert [desk.told(web(name)) for name in "abcd"] == [1, 1, 0, 0]


async def test_several_areas_and_each_person_once(desk: Desk) -> None:
    await desk.wants(web("a"), TAN_AN)
    await desk.wants(web("b"), DAK_LAK)
    number = await desk.alert(f"{TAN_AN}\n{CA_MAU}; {DAK_LAK}")
    assert desk.find(number).areas == ("ca-mau.tan-an", "ca-mau", "dak-lak")
    await desk.tick()
    assert [desk.told(web(name)) for name in "ab"] == [1, 1]


async def test_who_comes_later_or_has_gone_gets_none(desk: Desk) -> None:
    await desk.wants(web("gone"))
    await desk.wants(web("blocked"))
    blocked = desk.world.chat(web("blocked"))
    desk.world.do(lambda c: outbox.unreachable(c, blocked, desk.runtime.now()))
    await desk.alert()
    await desk.world.say(web("gone"), "dừng cảnh báo")
    desk.clock.forward(1)
    await desk.wants(web("late"))
    assert await desk.tick() == 0


# Once, in portions, at a good time ----------------------------------------------------------------


async def test_two_schedulers_tell_everybody_once(desk: Desk) -> None:
    people = [web(f"p{n}") for n in range(6)]
    for key in people:
        await desk.wants(key)
    await desk.alert()
    other = AlertSending(desk.runtime, desk.world.talk.wake)
    await asyncio.gather(desk.sending.tick(), other.tick(), desk.sending.tick())
    await desk.world.talk.idle()
    await desk.tick(other)
    assert [desk.told(key) for key in people] == [1] * 6


async def test_a_portion_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PORTION", 2)
    for n in range(5):
        await desk.wants(web(f"p{n}"))
    await desk.alert()
    assert [await desk.tick() for _ in range(4)] == [2, 2, 1, 0]


async def test_what_a_dead_worker_left_is_found_by_another(desk: Desk) -> None:
    await desk.wants(web("a"))
    await desk.alert()
    deaf = AlertSending(desk.runtime, lambda _chat: None)
    assert await desk.tick(deaf) == 1
    assert desk.told(web("a")) == 0
    await desk.world.talk.poll()
    await desk.world.talk.idle()
    assert desk.told(web("a")) == 1


async def test_never_at_night(desk: Desk) -> None:
    await desk.wants(telegram("a"))
    await desk.deliver()
    desk.clock.forward(12 * 3600)  # half past nine in the evening
    await desk.alert()
    assert await desk.tick() == 0
    desk.clock.forward(9 * 3600)
    assert await desk.tick() == 0
    desk.clock.forward(3600)  # half past seven
    assert await desk.tick() == 1
    await desk.deliver()
    assert TEXT in desk.memory.texts(telegram("a"))[-1]


async def test_what_did_not_leave_by_the_evening_waits_and_answers_do_not(desk: Desk) -> None:
    key = telegram("a")
    await desk.wants(key)
    await desk.deliver()
    desk.clock.forward(11 * 3600 + 1700)
    await desk.alert()
    await desk.tick()
    desk.clock.forward(600)
    await desk.deliver()
    assert not any(TEXT in text for text in desk.memory.texts(key))
    await desk.world.say(key, "cảm ơn")
    before = len(desk.memory.texts(key))
    await desk.deliver()
    assert len(desk.memory.texts(key)) == before + 1
    desk.clock.forward(10 * 3600)
    await desk.deliver()
    assert TEXT in desk.memory.texts(key)[-1]


async def test_answers_of_all_chats_go_first(desk: Desk) -> None:
    await desk.wants(web("a"))
    await desk.alert()
    await desk.tick()
    rows = desk.world.out_rows(web("a"))
    assert rows[-1].priority == max(Priority)
    assert rows[-1].alert_id is not None


async def test_in_a_form_it_comes_an_hour_later(desk: Desk) -> None:
    await desk.wants(web("a"))
    await desk.world.say(web("a"), "tạo mã qr")
    await desk.alert()
    assert (await desk.tick(), desk.told(web("a"))) == (1, 0)
    await desk.world.say(web("a"), "thôi")
    assert await desk.tick() == 0
    desk.clock.forward(3601)
    assert (await desk.tick(), desk.told(web("a"))) == (1, 1)


# Stopped ------------------------------------------------------------------------------------------


async def test_when_its_time_has_passed_nothing_is_sent(desk: Desk) -> None:
    await desk.wants(web("a"))
    number = await desk.alert()
    desk.clock.forward(2 * 86_400)
    assert await desk.tick() == 0
    assert desk.find(number).status is AlertStatus.ENDED
    assert desk.told(web("a")) == 0


async def test_what_waits_to_be_sent_when_the_time_passes_is_not(desk: Desk) -> None:
    key = telegram("a")
    await desk.wants(key)
    await desk.deliver()
    number = await desk.alert()
    await desk.tick()
    desk.clock.forward(2 * 86_400)
    # The program was down all that time, and sends before its clock comes round.
    await desk.deliver()
    assert not any(TEXT in text for text in desk.memory.texts(key))
    assert desk.world.do(lambda c: store.counts(c, number)) == {"cancelled": 1}


async def test_cancelling_stops_what_has_not_left(desk: Desk) -> None:
    sent, waiting, due = telegram("sent"), web("waiting"), web("due")
    for key in (sent, waiting):
        await desk.wants(key)
    await desk.deliver()
    number = await desk.alert()
    await desk.tick()
    await desk.deliver()
    assert TEXT in desk.memory.texts(sent)[-1]
    await desk.wants(due)
    assert await desk.desk.cancel("minh", number)
    assert await desk.tick() == 0
    assert desk.told(waiting) == desk.told(due) == 0
    assert desk.world.do(lambda c: store.counts(c, number)) == {"sent": 1, "cancelled": 1}
    assert not await desk.desk.cancel("minh", number)


async def test_one_given_to_the_conversation_and_cancelled_before_it_is_said(desk: Desk) -> None:
    await desk.wants(web("a"))
    number = await desk.alert()
    await desk.tick(AlertSending(desk.runtime, lambda _chat: None))
    await desk.desk.cancel("minh", number)
    await desk.world.talk.poll()
    await desk.world.talk.idle()
    assert desk.told(web("a")) == 0


async def test_ending_it_takes_back_what_waits(desk: Desk) -> None:
    await desk.wants(web("a"))
    await desk.alert()
    await desk.tick()
    assert desk.told(web("a")) == 1
    await desk.world.say(web("a"), "dừng cảnh báo")
    assert desk.told(web("a")) == 0
    await desk.alert()
    assert await desk.tick() == 0


async def test_erasing_forgets_it_all(desk: Desk) -> None:
    await desk.wants(web("a"), TAN_AN)
    await desk.alert()
    await desk.tick()
    await desk.world.say(web("a"), "xóa dữ liệu của tôi")
    await desk.world.press(web("a"), "erase:yes")
    for table in (schema.alert_subscriptions, schema.alert_deliveries):
        assert desk.count(table) == 0
    assert desk.told(web("a")) == 0
    assert not desk.world.state(web("a")).alerts


async def test_the_purge_forgets_who_was_told(desk: Desk) -> None:
    await desk.wants(web("a"))
    await desk.wants(web("b"))
    number = await desk.draft()
    await desk.desk.picture("lan", number, Jpeg(b"jpeg", 3, 2))
    assert await desk.send(number) is Sent.SENT
    await desk.tick()
    await desk.world.say(web("b"), "dừng cảnh báo")
    await desk.desk.cancel("minh", number)
    later = desk.clock.forward(100)
    assert desk.world.do(lambda c: store.purge(c, START)) == 0
    # Two deliveries, one subscription that was ended, one picture.
    assert desk.world.do(lambda c: store.purge(c, later)) == 4
    assert desk.world.do(lambda c: store.purge(c, later)) == 0
    assert desk.world.do(store.subscribers) == 1
    assert desk.world.do(lambda c: store.picture(c, number)) is None


# Written and looked at again ----------------------------------------------------------------------


@SQLITE
@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"text": ""}, Fault.EMPTY),
        ({"text": "a " * 301}, Fault.LONG),
        ({"text": "Đừng bấm vietcombank-huy.top nhé"}, Fault.LINK),
        ({"text": "Đừng gọi số 0900 000 017 nhé"}, Fault.PRIVATE),
        ({"places": "xã Tân Ân"}, Fault.PLACE),
        ({"places": "\n".join(["tỉnh Cà Mau"] * 11)}, Fault.PLACES),
        ({"until": None}, Fault.UNTIL),
        ({"until": START}, Fault.UNTIL),
        ({"until": START + timedelta(days=31)}, Fault.UNTIL),
    ],
)
async def test_what_is_refused(desk: Desk, fields: dict[str, object], fault: Fault) -> None:
    given = {"text": TEXT, "places": "", "theme": "", "until": UNTIL, **fields}
    assert list(desk.desk.faults(Written(**given), PROVINCES)) == [fault]  # type: ignore[arg-type]


@SQLITE
async def test_numbers_that_citizens_may_be_told_and_official_pages_are_allowed(desk: Desk) -> None:
    text = "Gọi 113, 156 hoặc 1900.0368. Xem dichvucong.gov.vn."
    assert desk.desk.faults(Written(text, "", "", UNTIL), PROVINCES) == {}


@SQLITE
async def test_every_shipped_draft_can_be_sent_as_it_is(desk: Desk) -> None:
    drafts = desk.world.publisher.content.alert_texts
    assert {"scam_call", "scam_link", "scam_offer"} <= drafts.keys()
    for theme, text in drafts.items():
        assert desk.desk.faults(Written(text, "", theme, UNTIL), PROVINCES) == {}, theme


@SQLITE
async def test_at_night_it_must_last_until_the_morning(desk: Desk) -> None:
    desk.clock.forward(13 * 3600)
    soon = Written(TEXT, "", "", desk.runtime.now() + timedelta(hours=3))
    assert list(desk.desk.faults(soon, PROVINCES)) == [Fault.UNTIL]


async def test_what_was_changed_since_it_was_looked_at_is_not_sent(desk: Desk) -> None:
    number = await desk.draft()
    seen = desk.seen(number)
    await desk.desk.keep("lan", Written("Lời khác.", "", "", UNTIL), PROVINCES, number)
    assert await desk.desk.send("minh", number, seen) is Sent.CHANGED
    now = desk.seen(number)
    await desk.desk.picture("lan", number, Jpeg(b"jpeg", 3, 2))
    assert await desk.desk.send("minh", number, now) is Sent.CHANGED
    assert desk.find(number).status is AlertStatus.DRAFT


async def test_sent_once_never_changed_never_late(desk: Desk) -> None:
    number = await desk.alert()
    assert await desk.send(number) is Sent.GONE
    written = Written("Lời khác.", "", "", UNTIL)
    assert await desk.desk.keep("lan", written, PROVINCES, number) is None
    assert not await desk.desk.picture("lan", number, None)
    assert await desk.desk.send("minh", 999, "") is Sent.GONE
    late = await desk.draft()
    desk.clock.forward(3 * 86_400)
    assert await desk.send(late) is Sent.LATE


async def test_everything_has_a_line_in_the_record(desk: Desk) -> None:
    await desk.wants(web("a"), TAN_AN)
    number = await desk.alert(TAN_AN)
    await desk.desk.cancel("minh", number)
    rows = desk.world.do(feeds.audit)
    found = [(row.who, row.act, row.subject, row.detail) for row in rows]
    assert found == [
        ("minh", "alert_cancelled", str(number), ""),
        ("minh", "alert_sent", str(number), f"{TAN_AN}: 1"),
        ("lan", "alert_written", str(number), TAN_AN),
    ]


async def test_the_log_keeps_nothing_of_subscribing_but_that(desk: Desk) -> None:
    await desk.wants(web("a"), TAN_AN)
    assert desk.world.do(questions.page) == []
    query = select(schema.alert_subscriptions)
    (row,) = desk.world.do(lambda c: c.execute(query).all())
    assert (row.area, row.place) == ("ca-mau.tan-an", TAN_AN)

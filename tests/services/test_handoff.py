"""Handoffs: one claim wins wherever it is pressed, and no text reaches the wrong person."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

import pytest

from bot.domain import events as ev
from bot.domain.replies import decode_reply
from bot.domain.tickets import ClaimResult, TicketStatus
from bot.models import schema
from bot.services.answering import Act, Answering, Did, Helper
from bot.services.posting import OUTBOX, open_event
from bot.store import inbox, staff, tickets
from bot.store.inbox import ChatKey
from tests.services.support import World, group, telegram, web
from tests.support import Clock

CITIZEN = web("citizen")


async def on_page(world: World, helper: Helper, act: str, *args: Any) -> Act:
    """What the desk's or the console's page does with a ticket."""
    runtime = world.runtime

    def work(connection: Any) -> Act:
        answering = Answering(connection, runtime.vault, runtime.now(), helper, runtime.plan)
        done: Act = getattr(answering, act)(*args)
        return done

    done = await runtime.db.write(work)
    for chat in done.wake:
        world.talk.wake(chat)
    return done


# One claim --------------------------------------------------------------------------------------


async def test_group_desk_and_console_press_at_once_and_one_wins(world: World) -> None:
    team = world.team()
    members = [world.member(team, f"Người {n}", str(500 + n)) for n in range(3)]
    lan = world.do(lambda c: staff.add(c, "lan", "hash", "editor", world.runtime.now()))
    assert lan is not None
    numbers = range(900, 908)
    for number in numbers:
        world.open_ticket(number, CITIZEN, team)
    await world.talk.idle()
    for number in numbers:
        press = ev.Press(f"claim:{number}")
        results = await asyncio.gather(
            on_page(world, Helper(members[0], "Người 0", False), "claim", number),
            on_page(world, Helper(members[1], "Người 1", False), "claim", number),
            on_page(world, Helper(lan, "lan", True), "claim", number),
            world.accept(group(), press, ev.Sender("502", "Người 2")),
        )
        await world.talk.idle()
        pages = [act.did for act in results[:3] if isinstance(act, Act)]
        ticket = world.ticket(number)
        assert ticket.status is TicketStatus.CLAIMED
        in_group = ticket.claimed_by == members[2]
        assert pages.count(Did.CLAIMED) == (0 if in_group else 1)
        assert pages.count(Did.TAKEN) == (3 if in_group else 2)
        losers = {act.by for act in results[:3] if isinstance(act, Act) and act.did is Did.TAKEN}
        assert losers == {ticket.helper}
        assert world.state(CITIZEN).relay is not None
    # The citizen is told once of each, by the name of who has it.
    claimed = [text for text in world.texts(CITIZEN) if "đã nhận phiếu" in text]
    assert len(claimed) == len(numbers)


async def test_a_claim_from_the_group_tells_everybody_once(world: World) -> None:
    team = world.team()
    world.open_ticket(900, CITIZEN, team)
    await world.talk.idle()
    hoa, lan = ev.Sender("501", "Hoa"), ev.Sender("502", "Lan")
    await world.press(group(), "claim:900", hoa)
    await world.press(group(), "claim:900", lan)
    assert world.ticket(900).helper == "Hoa"
    assert len(world.texts(CITIZEN)) == 1
    assert "Hoa" in world.texts(CITIZEN)[0]
    assert len(world.texts(telegram("501"))) == 1
    assert world.texts(telegram("502")) == []
    card, won, taken = world.texts(group())
    assert "900" in card
    assert "Hoa" in won
    assert "Hoa" in taken


async def test_a_stranger_to_the_team_cannot_claim(world: World) -> None:
    team = world.team()
    world.team("Tổ hai", "-2")
    world.open_ticket(900, CITIZEN, team)
    await world.press(group("-2"), "claim:900", ev.Sender("601", "Kẻ lạ"))
    await world.press(group("-99"), "claim:900", ev.Sender("601", "Kẻ lạ"))
    await world.press(telegram("601"), "claim:900", ev.Sender("601", "Kẻ lạ"))
    await world.press(CITIZEN, "claim:900")
    assert world.ticket(900).status is TicketStatus.WAITING


async def test_only_the_holder_closes(world: World) -> None:
    team = world.team()
    hoa, lan = world.member(team, "Hoa", "501"), world.member(team, "Lan", "502")
    world.open_ticket(900, CITIZEN, team)
    assert world.claim(900, hoa) is ClaimResult.WON
    await world.talk.idle()
    act = await on_page(world, Helper(lan, "Lan", False), "close", 900)
    assert (act.did, act.by) == (Did.TAKEN, "Hoa")
    await world.press(group(), "done:900", ev.Sender("502", "Lan"))
    assert world.ticket(900).status is TicketStatus.CLAIMED
    act = await on_page(world, Helper(hoa, "Hoa", False), "close", 900)
    await world.talk.idle()
    assert act.did is Did.CLOSED
    assert world.state(CITIZEN).relay is None
    assert (await on_page(world, Helper(hoa, "Hoa", False), "close", 900)).did is Did.GONE


async def test_a_form_sent_twice_says_it_once(world: World) -> None:
    team = world.team()
    hoa = Helper(world.member(team, "Hoa", None), "Hoa", False)
    world.open_ticket(900, CITIZEN, team)
    acts = await asyncio.gather(
        *(on_page(world, hoa, "reply", 900, "chào bác", "n1") for _ in range(4))
    )
    await world.talk.idle()
    assert {act.did for act in acts} == {Did.SENT}
    assert len([text for text in world.texts(CITIZEN) if "chào bác" in text]) == 1
    await on_page(world, hoa, "reply", 900, "tin khác", "n1")
    await world.talk.idle()
    assert "tin khác" in world.texts(CITIZEN)[-1]


async def test_what_is_private_is_masked_in_both_directions(world: World) -> None:
    team = world.team()
    hoa = world.member(team, "Hoa", "501")
    world.open_ticket(900, CITIZEN, team)
    world.claim(900, hoa)
    await world.talk.idle()
    await world.say(CITIZEN, "mã OTP của tôi là 482913")
    await world.say(telegram("501"), "số thẻ 4111 1111 1111 1111", ev.Sender("501", "Hoa"))
    everything = " ".join(world.texts(CITIZEN) + world.texts(telegram("501")))
    talk = world.do(lambda c: tickets.thread(c, world.runtime.vault, 900))
    everything += " ".join(line.text for line in talk)
    assert "482913" not in everything
    assert "4111 1111 1111 1111" not in everything
    assert len(talk) == 2


async def test_a_citizen_who_cancels_ends_it_for_the_helper(world: World) -> None:
    team = world.team()
    hoa = world.member(team, "Hoa", "501")
    world.open_ticket(900, CITIZEN, team)
    world.claim(900, hoa)
    await world.talk.idle()
    await world.press(CITIZEN, "drop:900")
    assert world.ticket(900).status is TicketStatus.CLAIMED
    await world.press(CITIZEN, "dropped:900")
    assert world.ticket(900).status is TicketStatus.CANCELLED
    assert "900" in world.texts(telegram("501"))[-1]
    assert world.state(CITIZEN).relay is None


# Nobody's text reaches another ------------------------------------------------------------------


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bytes]]:
    """(chat, sealed event) of everything put into any inbox."""
    seen: list[tuple[int, bytes]] = []
    real = inbox.put

    def put(
        connection: Any, chat: int, source: str, external: str, payload: bytes, now: Any
    ) -> int | None:
        seen.append((chat, payload))
        return real(connection, chat, source, external, payload, now)

    monkeypatch.setattr(inbox, "put", put)
    return seen


MARK = re.compile(r"hạt giống ([ab])[dh] ")


async def test_a_thousand_interleaved_messages_never_cross(
    world: World, posted: list[tuple[int, bytes]], clock: Clock
) -> None:
    """Two citizens, two helpers of one team; d is what citizens say, h what helpers say."""
    people = {
        "a": (web("a"), telegram("501"), 900),
        "b": (web("b"), telegram("502"), 901),
    }
    team = world.team()
    for side, (citizen, helper, number) in people.items():
        member = world.member(team, f"Người {side}", helper.external_id)
        world.open_ticket(number, citizen, team)
        await world.talk.idle()
        assert world.claim(number, member) is ClaimResult.WON
    await world.talk.idle()

    dice = random.Random(20260702)
    said: dict[str, list[str]] = {"ad": [], "ah": [], "bd": [], "bh": []}
    batch: list[tuple[ChatKey, str]] = []
    for number in range(1000):
        who = dice.choice(sorted(said))
        text = f"hạt giống {who} thứ {number}"
        said[who].append(text)
        citizen, helper, _ = people[who[0]]
        batch.append((citizen if who[1] == "d" else helper, text))
        if len(batch) == dice.choice((1, 5, 20)) or number == 999 or len(batch) > 20:
            await send_together(world, batch)
            batch = []
            # All of it in one minute would be more than one account may send.
            clock.forward(2)
    await world.talk.idle()
    assert world.do(inbox.backlog) == 0

    sides = {world.chat(key): side for side, who in people.items() for key in who[:2]}
    assert crossings(world, posted, sides) == []
    for side, (citizen, helper, number) in people.items():
        # And everything reached its own: once, whole, in the order it was said.
        assert relayed(world, citizen) == said[f"{side}h"]
        assert relayed(world, helper) == said[f"{side}d"]
        talk = world.do(lambda c, n=number: tickets.thread(c, world.runtime.vault, n, 5000))  # type: ignore[misc]
        assert sorted(line.text for line in talk) == sorted(said[f"{side}d"] + said[f"{side}h"])


async def send_together(world: World, batch: list[tuple[ChatKey, str]]) -> None:
    """All chats at once, each in its own order."""

    async def one(key: ChatKey) -> None:
        for chat, text in batch:
            if chat == key:
                await world.accept(key, ev.Text(text), ev.Sender(key.external_id, "Ai đó"))

    await asyncio.gather(*(one(key) for key in dict.fromkeys(key for key, _ in batch)))


def crossings(
    world: World, posted: list[tuple[int, bytes]], sides: dict[int, str]
) -> list[tuple[int, str]]:
    """Every text that stood in an inbox or an outbox of somebody it was not for."""
    vault = world.runtime.vault
    seen = [(chat, str(open_event(vault, payload))) for chat, payload in posted]
    rows = world.do(lambda c: c.execute(schema.outbox.select()).all())
    seen += [(r.chat_id, decode_reply(vault.open(r.payload, OUTBOX)).text) for r in rows]
    assert len(seen) > 3000
    return [
        (chat, text)
        for chat, text in seen
        for mark in MARK.findall(text)
        if sides.get(chat) != mark
    ]


def relayed(world: World, key: ChatKey) -> list[str]:
    """The lines of the other side in a chat's outbox."""
    found = [re.search(r"hạt giống [ab][dh] thứ \d+", text) for text in world.texts(key)]
    return [match.group() for match in found if match]

"""Messages that break whatever handles them, among others that do not."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from unittest import mock

from bot.dialogue.decide import decide as real_decide
from bot.domain import events as ev
from bot.domain.state import State
from bot.services import conversation
from bot.services.health import Process, health_of
from bot.services.runtime import Runtime
from bot.store.inbox import ChatKey
from tests.fakes.telegram import FakeTelegram
from tests.faults.ledger import Score, Witness
from tests.faults.talks import TelegramTalk
from tests.services.support import World
from tests.support import Clock

_POISON = "độc"


def poisoned(runtime: Runtime, clock: Clock, folder: Path, messages: int, seed: int) -> Score:
    """So many poisoned messages, each between two that are not."""
    return asyncio.run(_poisoned(runtime, clock, folder, messages, seed))


async def _poisoned(
    runtime: Runtime, clock: Clock, folder: Path, messages: int, seed: int
) -> Score:
    began, dice, tries = time.monotonic(), random.Random(seed), [0]

    def decide(state: State, event: ev.Event, facts: object) -> object:
        if isinstance(event, ev.Text) and event.text == _POISON:
            tries[0] += 1
            raise ZeroDivisionError
        return real_decide(state, event, facts)  # type: ignore[arg-type]

    log = folder / "calls.jsonl"
    with (
        FakeTelegram(rate_limits=False, log=log) as telegram,
        mock.patch.object(conversation, "decide", decide),
    ):
        world = World(runtime)
        sorry = world.publisher.content.phrases.say("trouble")
        # An apology has no number: it is the only thing said that answers no question.
        witness = Witness(log, ignore=sorry)
        # Bare numbers of one person in a row are taken for a secret in pieces: few of each.
        people = max(20, messages)
        talk = TelegramTalk(world, clock, telegram, witness, people)
        async with talk.at_work():
            for chat in talk.chats:
                await talk.ask(chat)
            for number in range(messages):
                chat = dice.choice(talk.chats)
                await talk.ask(chat)
                envelope = ev.Envelope(ev.Text(_POISON), ev.Sender())
                key = ChatKey("telegram", str(chat))
                await talk.world.talk.accept(key, "telegram", f"p{number}", envelope)
                await talk.ask(chat)
                if not number % 5:
                    await talk.round()
            for _ in range(5):
                await talk.round()
        apologies = [call for call in telegram.calls if call.params.get("text") == sorry]
    verdict = talk.verdict()
    health = runtime.db.read_now(lambda c: health_of(c, runtime, Process()))
    assert len(apologies) == messages, "each is apologised for, once"
    assert tries[0] == 3 * messages, "three tries each"
    assert len(health.given_up) == min(messages, 50), "shown to staff"
    note = f"{messages} set aside after 3 tries each, {len(apologies)} apologies"
    return Score(
        "poisoned messages",
        messages,
        talk.total,
        verdict.answered,
        verdict.repeats,
        0,
        len(verdict.disordered),
        0,
        time.monotonic() - began,
        note,
    )

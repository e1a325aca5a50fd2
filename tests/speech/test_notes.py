"""Voice notes through real conversations: fetched, heard, kept as long as they may be, gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain import events as ev
from bot.domain.pictures import PictureFault
from bot.domain.voice import KEPT_DAYS, Heard, VoiceFault
from bot.models import schema
from bot.services.conversation import Conversations
from bot.services.pictures import NotFetched
from bot.services.runtime import Runtime
from bot.services.voices import Voices
from bot.store import voice
from bot.store.inbox import ChatKey
from tests.dialogue.helpers import say
from tests.services.support import World, telegram, web
from tests.support import Clock

NOTE = b"OggS" + b"a voice that must not be read" * 4
VOICE = ev.Attachment("voice", "telegram:file1", seconds=4)
ME = telegram("1001")


class Hears:
    """A recogniser that hears what it was told to."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.asked: list[bytes] = []

    async def hear(self, audio: bytes) -> Heard:
        """The same each time."""
        self.asked.append(audio)
        await asyncio.sleep(0)
        return self.heard


async def fetch(name: str) -> bytes:
    """Files of a messenger."""
    if name == "gone":
        raise NotFetched
    if name == "big":
        raise NotFetched(PictureFault.TOO_BIG)
    return {"file1": NOTE, "html": b"<html>", "huge": b"OggS" + bytes(5_000_000)}[name]


def listening(world: World, heard: Heard | None) -> Voices:
    """Let the world's conversations hear notes (None: nothing there that hears)."""
    runtime = world.runtime
    voices = Voices(runtime.metrics, Hears(heard) if heard else None, 120)
    voices.fetch_from("telegram", fetch)
    world.talk = Conversations(
        runtime, world.publisher, world.brain, lambda *_: None, voices=voices
    )
    return voices


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


async def send(world: World, event: ev.Event = VOICE, key: ChatKey = ME) -> None:
    await world.accept(key, event)
    await world.talk.idle()


def notes(world: World) -> list[Any]:
    return list(world.do(lambda c: c.execute(schema.voice_notes.select()).all()))


async def test_a_note_is_heard_confirmed_and_then_a_text(world: World) -> None:
    listening(world, Heard("tôi muốn làm căn cước", seconds=4.0))
    await send(world)
    assert say("voice_heard", text="tôi muốn làm căn cước").split("“")[1] in world.texts(ME)[-1]
    (kept,) = notes(world)
    assert (kept.media, kept.seconds, kept.ticket_id) == ("audio/ogg", 4, None)
    assert NOTE not in bytes(kept.payload)
    await world.say(ME, "đúng")
    assert notes(world) == []
    asked = world.do(lambda c: c.execute(schema.questions.select()).all())
    assert [row.text for row in asked] == ["tôi muốn làm căn cước"]


async def test_without_anything_that_hears_it_goes_to_a_helper_by_consent(world: World) -> None:
    team = world.team()
    listening(world, None)
    await send(world)
    assert world.runtime.metrics.registry.get_sample_value(
        "congdanso_voice_notes_total", {"result": "off"}
    )
    for act in ("voice:pass", "hand:yes", "hand:noname", "hand:chat", "hand:nocommune"):
        await world.press(ME, act)
    (kept,) = notes(world)
    assert kept.ticket_id
    assert world.claim(kept.ticket_id, world.member(team, "Lan", None)).value == "won"
    world.do(lambda c: voice.purge(c, world.runtime.now(), timedelta(days=KEPT_DAYS)))
    vault, ticket = world.runtime.vault, kept.ticket_id
    assert world.do(lambda c: voice.audio(c, vault, ticket, kept.id)) == ("audio/ogg", NOTE)
    assert world.do(lambda c: voice.audio(c, vault, ticket + 1, kept.id)) is None


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (ev.Attachment("voice", "telegram:gone"), VoiceFault.NOT_FETCHED),
        (ev.Attachment("voice", "telegram:big"), VoiceFault.TOO_BIG),
        (ev.Attachment("voice", "telegram:huge"), VoiceFault.TOO_BIG),
        (ev.Attachment("voice", "telegram:html"), VoiceFault.NOT_AUDIO),
        (ev.Attachment("voice", "telegram:file1", seconds=600), VoiceFault.TOO_LONG),
    ],
)
async def test_what_cannot_be_heard_is_told(
    world: World, event: ev.Attachment, fault: VoiceFault
) -> None:
    voices = listening(world, Heard("never heard"))
    await send(world, event)
    assert say(f"voice_{fault}").split(" ", 1)[1] in world.texts(ME)[-1]
    assert len(notes(world)) == (fault is VoiceFault.TOO_LONG)
    assert isinstance(voices._recogniser, Hears)
    assert voices._recogniser.asked == []


async def test_a_channel_without_files_is_answered_as_ever(world: World) -> None:
    listening(world, Heard("never heard"))
    await send(world, ev.Attachment("voice"), web("a"))
    assert "gõ vài chữ" in world.texts(web("a"))[-1]


async def test_a_slow_recogniser_keeps_the_chat(world: World, clock: Clock) -> None:
    """However long it hears: the lease is renewed, and the next message waits its turn."""
    listening(world, Heard("xin chào", seconds=1.0))
    going = asyncio.Event()

    async def slow(name: str) -> bytes:
        await going.wait()
        return NOTE

    world.talk._enriching._every = 0.01
    world.talk._enriching._voices.fetch_from("telegram", slow)  # type: ignore[union-attr]
    await world.accept(ME, VOICE)
    await world.accept(ME, ev.Text("menu"))
    before = world.chat_row(ME).lease_until
    clock.forward(2)
    for _ in range(200):
        await asyncio.sleep(0.01)
        if world.chat_row(ME).lease_until > before:
            break
    assert world.chat_row(ME).lease_until > before
    assert world.texts(ME) == []
    going.set()
    await world.talk.idle()
    assert "xin chào" in world.texts(ME)[0]
    assert len(world.texts(ME)) == 2


@pytest.mark.parametrize("ending", ["answered by nobody", "old", "ticket closed", "erased"])
async def test_no_note_is_kept_longer_than_it_may_be(
    world: World, clock: Clock, ending: str
) -> None:
    team = world.team()
    listening(world, None)
    await send(world)
    keep = timedelta(days=KEPT_DAYS)

    def purge() -> int:
        return world.do(lambda c: voice.purge(c, clock(), keep))

    if ending == "answered by nobody":
        assert purge() == 0
        clock.forward(3601)
    elif ending == "erased":
        await world.say(ME, "xóa dữ liệu của tôi")
        await world.press(ME, "erase:yes")
        assert notes(world) == []
        return
    else:
        number = world.open_ticket(900, ME, team)
        chat = world.chat(ME)
        assert world.do(lambda c: voice.attach(c, chat, number))
        assert purge() == 0
        clock.forward(7200)
        assert purge() == 0
        if ending == "old":
            clock.forward(86_400 * KEPT_DAYS)
        else:
            await world.press(ME, f"drop:{number}")
            await world.press(ME, f"dropped:{number}")
    assert purge() == 1
    assert notes(world) == []


async def test_nobody_elses_ticket_gets_a_note(world: World) -> None:
    listening(world, None)
    await send(world)
    number = world.open_ticket(900, telegram("2002"), world.team())
    chat = world.chat(ME)
    assert not world.do(lambda c: voice.attach(c, chat, number))


async def test_a_note_a_page_sent_is_gone_once_the_conversation_came_to_it(world: World) -> None:
    voices = listening(world, Heard("xin chào"))
    vault, me = world.runtime.vault, web("me")

    async def kept(name: str) -> bytes:
        found = await world.runtime.db.read(lambda c: voice.uploaded(c, vault, name))
        assert found is not None
        return found

    voices.fetch_from("web", kept)
    chat, now = world.chat(me), world.runtime.now()
    world.do(lambda c: voice.upload(c, vault, chat, "n1", "audio/ogg", NOTE, now))
    await send(world, ev.Attachment("voice", "web:n1"), me)
    assert [row.name for row in notes(world)] == [None]

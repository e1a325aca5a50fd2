"""Voice notes on Zalo: fetched from where Zalo keeps them, within bounds, and held or refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.models import schema
from tests.dialogue.helpers import say
from tests.zalo.bot_fixtures import bot, fake
from tests.zalo.bot_stage import BotStage
from tests.zalo.oa_stage import OaStage

__all__ = ["bot", "fake"]

AMR = b"#!AMR\n" + b"<" * 400
AAC = b"\xff\xf1\x60\x40\x0c\x1f\xfc" + b"\0" * 400
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def kept(stage: BotStage | OaStage) -> list[Any]:
    """The notes that are held."""
    return list(stage.world.do(lambda c: c.execute(schema.voice_notes.select()).all()))


def words(key: str) -> str:
    """A sentence behind its first word, which may be another form of address."""
    return say(key).split(" ", 1)[1]


@SQLITE
async def test_a_note_of_the_bot_platform_is_fetched_at_once_and_held(bot: BotStage) -> None:
    ted = bot.fake.person()
    bot.fake.files["1.aac"] = ("audio/aac", AAC)
    told = await bot.sends(ted, "voice", voice_url=f"{bot.fake.url}/files/1.aac")
    assert words("voice_off") in told[-1]
    assert "1. Gửi cho người giúp nghe" in told[-1]
    (note,) = kept(bot)
    assert note.media == "audio/aac"
    (asked,) = await bot.says(ted, "1")
    assert words("hand_consent") in asked
    assert kept(bot)
    await bot.says(ted, "không")
    assert kept(bot) == []


@SQLITE
@pytest.mark.parametrize(
    ("file", "key"),
    [
        (("text/html", b"<html>"), "voice_not_audio"),
        (("audio/aac", b"<html>"), "voice_not_audio"),
        (("audio/aac", AAC * 10_000), "voice_too_big"),
        (None, "voice_not_fetched"),
    ],
)
async def test_what_is_no_note_is_not_kept(bot: BotStage, file: Any, key: str) -> None:
    ted = bot.fake.person()
    if file is not None:
        bot.fake.files["1.aac"] = file
    told = await bot.sends(ted, "voice", voice_url=f"{bot.fake.url}/files/1.aac")
    assert words(key) in told[-1]
    assert kept(bot) == []


@SQLITE
async def test_only_zalos_own_hosts_are_asked(bot: BotStage) -> None:
    ted = bot.fake.person()
    told = await bot.sends(ted, "voice", voice_url="https://evil.example/1.aac")
    assert words("voice_not_fetched") in told[-1]
    assert bot.fake.asked_files == []


@SQLITE
async def test_a_note_of_the_official_account_is_fetched_and_held(stage: OaStage) -> None:
    stage.fake.files["/a.amr"] = ("audio/amr", AMR)
    user = "2468"
    before = len(stage.of(user))
    await stage.happens(stage.fake.media("audio", user, "audio", url=f"{stage.fake.url}/a.amr"))
    assert words("voice_off") in stage.of(user)[before:][-1].text
    assert [note.media for note in kept(stage)] == ["audio/amr"]
    await stage.says(user, "2")
    assert kept(stage) == []


@SQLITE
async def test_an_address_that_never_ends_is_given_up(stage: OaStage) -> None:
    stage.fake.files["/a.amr"] = ("audio/amr", None)
    user = "2468"
    await stage.happens(stage.fake.media("audio", user, "audio", url=f"{stage.fake.url}/a.amr"))
    assert words("voice_too_big") in stage.of(user)[-1].text
    assert kept(stage) == []

"""The whole program with a Zalo bot: a guide to its end, and help from Telegram to Zalo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.services.joining import Joining
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import tickets
from bot.store.crypto import load_vault
from bot.store.db import Database, make_engine
from tests.telegram.stage import Stage, ask_for_help, staged
from tests.zalo.bot_fake import FakeZaloBot, Person, number_of, zalo_bot

pytestmark = pytest.mark.program

STEP = re.compile(r"Bước (\d+)/(\d+)")


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeZaloBot]:
    with zalo_bot() as made:
        yield made


@pytest.fixture(scope="module")
def stage(fake: FakeZaloBot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One program on two platforms, both polled."""
    with staged(
        tmp_path_factory.mktemp("zalo"), webhook=False, limits=False, **fake.settings
    ) as made:
        yield made


def test_a_guide_is_walked_to_its_end(stage: Stage, fake: FakeZaloBot) -> None:
    ba = fake.person("Bà Ba")
    greeting = ba.asks("/start", "1. ")
    asked = ba.asks(number_of(greeting, "Trả tiền bằng mã QR"), "1. ")
    shown = ba.picks("Cho tôi", "Bước 1/") if "Cho tôi" in asked else asked
    found = STEP.search(shown)
    assert found, shown
    total = int(found[2])
    for step in range(2, total + 1):
        ba.asks("tiếp", f"Bước {step}/{total}")
    assert "Xong rồi" in ba.asks("xong", "Xong rồi")
    every = fake.texts(ba.id)
    assert all(0 < len(text) <= 600 for text in every)
    assert stage.get("/readyz").json()["zalo_bot"] == "ok"


def joined(stage: Stage, fake: FakeZaloBot, commune: str) -> Person:
    """A member of a new team without a group, who has joined on Zalo."""
    settings = Settings(_env_file=None, var_dir=stage.database.parent)
    database = Database(make_engine(f"sqlite:///{stage.database}"))
    runtime = Runtime(settings, database, load_vault("", settings.var_dir))
    now = datetime.now(UTC)
    try:
        team = database.write_now(
            lambda c: tickets.add_team(c, f"Tổ {commune}", commune, f"-{len(commune)}", now)
        )
        database.write_now(lambda c: tickets.add_member(c, team, "Chị Lan", None, now))
        word = Joining(runtime).link_for("1").typed
    finally:
        database.close()
    lan = fake.person("Lan")
    assert f"đã vào Tổ {commune}" in lan.asks(word, "đã vào")
    return lan


def test_help_goes_from_telegram_to_zalo_and_back(stage: Stage, fake: FakeZaloBot) -> None:
    lan = joined(stage, fake, "Tân Ân")
    ba = stage.person("Ba")
    ba.start()
    lan.catch_up()
    ticket = ask_for_help(ba, "Tân Ân")
    card = lan.hears(f"Phiếu {ticket}")
    briefing = lan.asks(number_of(card, f"Nhận phiếu {ticket}"), f"đã nhận phiếu {ticket}")
    assert "cô Ba" in briefing
    ba.hears("đã nhận phiếu")
    lan.say("Chào cô, con là Lan đây")
    assert "con là Lan đây" in ba.hears("con là Lan").text
    stage.tg.send_text(ba.user, "chào con, cô chưa bấm được")
    lan.hears("cô chưa bấm được")
    asked = lan.asks(f"xong {ticket}", f"{ticket}")
    if "kết quả" in asked:
        lan.picks("Đã giải quyết", "Đã đóng")
    assert ba.hears("đã đóng phiếu").labels[:3] == ["Rất tốt", "Tạm được", "Chưa giúp được"]
    ba.tap("Rất tốt")
    assert stage.rows("SELECT rating, status FROM tickets WHERE id = ?", ticket) == [(5, "closed")]

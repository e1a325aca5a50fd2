"""A year of nights: what a program kept on its first day, and what is left of it by when."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from bot.jobs.scheduler import Jobs
from bot.models import schema
from bot.models.schema import metadata
from tests.databases import file_bytes
from tests.privacy.tables import NOT_IN_THE_EXPORT
from tests.services.support import World, ask_for_help, telegram
from tests.support import SQLITE, Clock

DOCS = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
BA, SAU, HELPER = telegram("7001"), telegram("7002"), telegram("7003")


class _Nobody:
    """Stands where the other services stand."""

    def __getattr__(self, name: str) -> Any:
        async def tick() -> None:
            return None

        return tick


async def nights(world: World, clock: Clock, days: int, step: int = 10) -> None:
    """The purge as APScheduler's own job and trigger have it, through so many days of simulated
    time; every tenth night is enough, each does what the ones before left."""
    nobody: Any = _Nobody()
    jobs = Jobs(world.runtime, nobody, nobody, nobody, nobody, nobody, nobody)
    job = jobs.schedule().get_job("purge")
    end = clock.at + timedelta(days=days)
    while (due := job.trigger.get_next_fire_time(None, clock.at + timedelta(days=step))) <= end:
        clock.forward((due - clock.at).total_seconds())
        await job.func()
    clock.forward((end - clock.at).total_seconds())
    await job.func()


def count(world: World, table: str) -> int:
    query = select(func.count()).select_from(metadata.tables[table])
    return int(world.do(lambda c: c.execute(query).scalar_one()))


async def a_day(world: World) -> int:
    """Somebody asks, wants alerts, is helped and rates it; another request stays open."""
    team = world.team("Tổ một", "-1")
    member = world.member(team, "Lan", HELPER.external_id)
    await world.say(BA, "câu hỏi thầm kín")
    await world.say(BA, "nhận cảnh báo")
    await world.press(BA, "alerts:everywhere")
    await ask_for_help(world, BA)
    ticket = world.do(lambda c: int(c.execute(select(func.max(schema.tickets.c.id))).scalar_one()))
    world.do(lambda c: _give(c, ticket, team))
    world.claim(ticket, member)
    await world.say(BA, "lời nhắn cho người giúp")
    await world.say(BA, "hủy phiếu")
    await world.press(BA, f"dropped:{ticket}")
    await ask_for_help(world, SAU, "0900000002")
    return ticket


def _give(connection: Connection, ticket: int, team: int) -> None:
    one = schema.tickets.c.id == ticket
    connection.execute(schema.tickets.update().where(one).values(team_id=team))


@SQLITE
async def test_a_year_later_nothing_personal_is_left(runtime: Any, clock: Clock) -> None:
    world = World(runtime)
    ticket = await a_day(world)
    settings = runtime.settings
    assert count(world, "consents") >= 3
    await nights(world, clock, settings.retention_days + 20)
    # Texts, contact and talk are gone; counts, progress and the wish for alerts stay.
    asked = world.do(lambda c: c.execute(schema.questions.select()).all())
    assert asked
    assert [row.text for row in asked if row.text] == []
    row = world.do(
        lambda c: c.execute(schema.tickets.select().where(schema.tickets.c.id == ticket)).one()
    )
    assert (row.contact, row.words, row.failed) == (None, None, "")
    assert all(
        line.payload is None
        for line in world.do(lambda c: c.execute(schema.ticket_messages.select()).all())
        if line.ticket_id == ticket
    )
    assert world.state(BA).alerts
    await nights(world, clock, settings.chat_days)
    disk = file_bytes(runtime.db)
    for gone in (BA.external_id.encode(), "thầm kín".encode()):
        assert gone not in disk
    # Whose request is still open is still known, and so are helpers.
    assert SAU.external_id.encode() in disk
    assert HELPER.external_id.encode() in disk
    chat = world.do(
        lambda c: c.execute(
            schema.chats.select().where(schema.chats.c.external_id.like("gone:%"))
        ).one()
    )
    assert chat.state is None
    for name in ("consents", "alert_subscriptions", "guide_views", "timers"):
        table = metadata.tables[name]
        query = select(func.count()).select_from(table).where(table.c.chat_id == chat.id)
        assert world.do(lambda c, q=query: c.execute(q).scalar_one()) == 0, name  # type: ignore[misc]


@SQLITE
async def test_who_comes_back_in_time_is_known(runtime: Any, clock: Clock) -> None:
    world = World(runtime)
    await world.say(BA, "chào")
    for _ in range(3):
        await nights(world, clock, runtime.settings.chat_days - 30, step=30)
        await world.say(BA, "menu")
    assert world.state(BA).greeted
    assert count(world, "chats") == 1


@SQLITE
async def test_who_was_forgotten_can_begin_anew(runtime: Any, clock: Clock) -> None:
    world = World(runtime)
    await world.say(BA, "chào")
    await nights(world, clock, runtime.settings.chat_days + 30, step=30)
    await world.say(BA, "tôi đã gửi những gì")
    assert count(world, "chats") == 2
    assert world.state(BA).greeted


@SQLITE
async def test_a_removed_member_is_forgotten(runtime: Any, clock: Clock) -> None:
    world = World(runtime)
    member = world.member(world.team(), "Lan Removed", "7009")
    now = clock()
    one = schema.members.c.id == member
    world.do(lambda c: c.execute(schema.members.update().where(one).values(removed_at=now)))
    await nights(world, clock, runtime.settings.retention_days + 20)
    assert b"Lan Removed" not in file_bytes(runtime.db)
    assert count(world, "members") == 1


def test_every_personal_table_has_its_time_in_the_docs() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    named = set(re.findall(r"`([a-z_]+)(?:\.[a-z_]+)?`", "\n".join(rows)))
    content = {name for name, why in NOT_IN_THE_EXPORT.items() if "nothing of a" in why}
    counts = {"question_counts", "question_marks", "cluster_members", "clusters"}
    lacking = set(metadata.tables) - named - content - counts
    assert lacking - {"rollup_lease", "cursors", "job_runs"} <= {
        "training_runs",
        "nlu_models",
        "nlu_publications",
        "send_slots",
    }

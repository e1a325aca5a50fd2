"""A database copied into another: every table, both ways, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, inspect, select, text

from bot.errors import StoreError
from bot.models.schema import chats, inbox, metadata, questions, teams, ticket_events, tickets
from bot.store import copying, migrate
from bot.store.copying import copy_database
from bot.store.db import make_engine
from tests.databases import Postgres

NOW = datetime(2026, 11, 22, 8, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Engine]:
    """A migrated SQLite file with rows."""
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        fill(connection)
        connection.exec_driver_sql("COMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def pg(postgres: Postgres) -> Iterator[Engine]:
    """A PostgreSQL database with nothing in it, not even tables."""
    with postgres.empty() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def fill(c: Connection, number: int = 2_500) -> None:
    c.execute(insert(teams).values(id=7, name="Tổ Rạch Gốc", created_at=NOW, active=True))
    c.execute(
        insert(chats),
        [
            {"id": n, "channel": "web", "external_id": f"x{n}", "created_at": NOW, "seen_at": NOW}
            for n in range(1, number + 1)
        ],
    )
    c.execute(
        insert(inbox),
        [
            {
                "id": n,
                "chat_id": 1,
                "source": "web",
                "external_id": str(n),
                "payload": bytes([0, n % 256, 255]),
                "received_at": NOW + timedelta(microseconds=n),
            }
            for n in (1, 2, 900)
        ],
    )
    # Handled and gone: its number is not given again.
    c.execute(inbox.delete().where(inbox.c.id == 900))
    values = {"asked_at": NOW, "channel": "web", "intent": "qr_pay", "confidence": 0.1 + 0.2}
    row = {**values, "id": 2, "outcome": "answered", "guide_id": "", "text": "mã \u1ebf 'x'"}
    c.execute(insert(questions).values(row))
    ticket = {"status": "waiting", "topic": "QR", "created_at": NOW, "due_at": NOW}
    c.execute(insert(tickets).values(id=2, chat_id=1, due_kind="claim", team_id=7, **ticket))
    event = {"at": NOW, "kind": "opened", "actor_kind": "citizen", "rung": "hamlet"}
    c.execute(insert(ticket_events).values(ticket_id=2, data=b"\x00\xff", **event))


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as c:
        return {
            t.name: [tuple(r) for r in c.execute(select(t).order_by(*t.primary_key.columns))]
            for t in metadata.sorted_tables
        }


def next_inbox_id(engine: Engine) -> int:
    values = {"chat_id": 1, "source": "web", "external_id": "new", "received_at": NOW}
    with engine.begin() as c:
        made: int = c.execute(insert(inbox).values(values).returning(inbox.c.id)).scalar_one()
    return made


def test_to_postgresql_and_back_nothing_is_different(
    lite: Engine, pg: Engine, tmp_path: Path
) -> None:
    before = rows(lite)
    heard: list[tuple[str, int, int]] = []
    done = copy_database(lite, pg, lambda *said: heard.append(said))
    assert rows(pg) == before == rows(lite)
    assert done.rows["chats"] == 2_500
    assert done.total == sum(map(len, before.values()))
    assert ("chats", 0, 2_500) in heard
    assert ("chats", 2_500, 2_500) in heard
    back = make_engine(f"sqlite:///{tmp_path / 'b.db'}")
    copy_database(pg, back)
    assert rows(back) == before
    # 900 was given once, and is gone: neither gives it again.
    assert next_inbox_id(pg) == 901
    with back.connect() as c:
        assert c.execute(text("SELECT seq FROM sqlite_sequence WHERE name='inbox'")).scalar() == 900
    back.dispose()


def test_what_is_copied_into_must_be_empty(lite: Engine, pg: Engine) -> None:
    copy_database(lite, pg)
    before = rows(pg)
    with pytest.raises(StoreError, match=r"the target has rows already \(.+\): copy into an empty"):
        copy_database(lite, pg)
    assert rows(pg) == before


def test_a_source_of_another_revision_is_named(tmp_path: Path, pg: Engine) -> None:
    old = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with pytest.raises(StoreError, match="at revision none, this program needs"):
        copy_database(old, pg)
    migrate.upgrade(old, "0001")
    with pytest.raises(StoreError, match="at revision 0001, this program needs"):
        copy_database(old, pg)
    assert inspect(pg).get_table_names() == []
    old.dispose()


def test_a_table_that_reads_back_differently_leaves_nothing(
    lite: Engine, pg: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(pg)
    with pg.begin() as c:
        # A database that changes what it is given.
        c.execute(
            text(
                "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN NEW.topic := 'x'; RETURN NEW; END $$"
            )
        )
        c.execute(
            text("CREATE TRIGGER l BEFORE INSERT ON tickets FOR EACH ROW EXECUTE FUNCTION lose()")
        )
    with pytest.raises(StoreError, match="tickets: what was written reads back differently"):
        copy_database(lite, pg)
    assert not any(rows(pg).values())


def test_a_database_that_breaks_half_way_leaves_nothing(lite: Engine, pg: Engine) -> None:
    migrate.upgrade(pg)
    with pg.begin() as c:
        c.execute(text("ALTER TABLE questions ADD CONSTRAINT no CHECK (text IS NULL)"))
    with pytest.raises(StoreError, match="given up and nothing of it kept"):
        copy_database(lite, pg)
    assert not any(rows(pg).values())


def test_the_source_may_change_meanwhile(lite: Engine, pg: Engine) -> None:
    before = rows(lite)

    def disturb(table: str, done: int, _of: int) -> None:
        if table == "chats" and done == 0:
            other = make_engine(str(lite.url))
            with other.connect() as c:
                c.exec_driver_sql("BEGIN IMMEDIATE")
                c.execute(questions.delete())
                c.execute(text("UPDATE chats SET channel='zalo_oa'"))
                c.exec_driver_sql("COMMIT")
            other.dispose()

    copy_database(lite, pg, disturb)
    assert rows(pg) == before


def test_chunks_are_smaller_than_the_largest_table_here() -> None:
    assert copying._CHUNK < 2_500

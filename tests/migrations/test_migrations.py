"""Migrations: they make what the models say, both ways, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, event, inspect, text

from bot.domain.effects import LogQuestion, Outcome
from bot.errors import StartupError
from bot.models.schema import metadata
from bot.store import guides, inbox, migrate, records
from bot.store.db import make_engine
from bot.store.inbox import ChatKey
from tests.conftest import DATABASES
from tests.databases import Postgres
from tests.support import START

ROOT = Path(migrate.MIGRATIONS).parent


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of each kind with nothing in it."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path}/empty.db"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            yield stack.enter_context(server.empty())


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    made = make_engine(empty_url)
    yield made
    made.dispose()


def at(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return migrate.current(connection)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def seed(connection: Connection) -> None:
    chat = inbox.chat_id(connection, ChatKey("web", "a"), START)
    row = inbox.put(connection, chat, "web", "1", b"x", START)
    assert row is not None
    effect = LogQuestion("câu hỏi", "qr_pay", 0.5, Outcome.ANSWERED)
    records.log_question(connection, row, chat, "web", None, effect, START)


def test_head_is_what_the_models_say(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_difference_would_be_seen(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_timers_due_at"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert len(compare_metadata(context, metadata)) == 1


def constraints(engine: Engine) -> dict[str, dict[str, str]]:
    """Check constraints (autogenerate does not compare them) by table and name."""
    seen = inspect(engine)
    return {
        table: {
            str(c["name"]): " ".join(c["sqltext"].split())
            for c in seen.get_check_constraints(table)
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_check_constraints_and_numbering_are_what_the_models_say(
    engine: Engine, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    migrate.upgrade(engine)
    with ExitStack() as stack:
        if engine.dialect.name == "sqlite":
            url = f"sqlite:///{tmp_path}/models.db"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            url = stack.enter_context(server.empty())
        models = make_engine(url)
        stack.callback(models.dispose)
        metadata.create_all(models)
        assert constraints(engine) == constraints(models)
        assert sum(len(found) for found in constraints(engine).values()) >= 6
        if engine.dialect.name == "sqlite":
            assert (
                numbered(engine)
                == numbered(models)
                == {
                    "alerts",
                    "cluster_replies",
                    "clusters",
                    "content_draft_texts",
                    "content_drafts",
                    "guide_reviews",
                    "inbox",
                    "link_codes",
                    "nlu_models",
                    "nlu_publications",
                    "outbox",
                    "releases",
                    "roster_files",
                    "timers",
                    "training_runs",
                    "voice_notes",
                }
            )


def numbered(engine: Engine) -> set[str]:
    """SQLite tables whose ids are never given again."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    with engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def test_up_from_empty_and_twice(engine: Engine) -> None:
    assert at(engine) is None
    migrate.upgrade(engine)
    assert at(engine) == migrate.head()
    made = tables(engine)
    assert made == set(metadata.tables) | {"alembic_version"}
    migrate.upgrade(engine)
    assert (at(engine), tables(engine)) == (migrate.head(), made)


def test_down_to_nothing_and_up_again_with_data_in(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        seed(connection)
    migrate.downgrade(engine, "base")
    assert tables(engine) == {"alembic_version"}
    assert at(engine) is None
    migrate.upgrade(engine)
    assert at(engine) == migrate.head()
    with engine.begin() as connection:
        seed(connection)
        assert records.question_count(connection) == 1


def test_upgrading_keeps_the_data(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        seed(connection)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert records.question_count(connection) == 1


def test_what_was_withdrawn_stays_withdrawn_both_ways(engine: Engine) -> None:
    """From 0002 on recalls have a table of their own."""
    migrate.upgrade(engine, "0001")
    columns = "guide_id, revision, payload, first_seen, recalled_at, why"
    rows = [
        "'qr_pay', 'r1', '{}', '2025-11-22', '2025-11-23', 'sai'",
        "'qr_pay', 'r2', '{}', '2025-11-22', NULL, NULL",
        "'scam_link', 'r1', '{}', '2025-11-22', '2025-11-23', ''",
    ]
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(f"INSERT INTO guide_revisions ({columns}) VALUES ({row})"))
    migrate.upgrade(engine)
    with engine.begin() as connection:
        withdrawn = {key: item.why for key, item in guides.recalls(connection).items()}
        assert withdrawn[("qr_pay", "r1")] == "sai"
        assert withdrawn[("scam_link", "r1")]
        assert len(withdrawn) == 2
        assert guides.revision(connection, "qr_pay", "r2") == {}
        guides.recall(connection, "qr_pay", "r2", "phí", START, step=2, title="Trả")
    migrate.downgrade(engine, "0001")
    with engine.connect() as connection:
        query = "SELECT revision, why FROM guide_revisions WHERE recalled_at IS NOT NULL"
        found = sorted(tuple(row) for row in connection.execute(text(query)))
    assert [revision for revision, _ in found] == ["r1", "r1"]
    assert "sai" in [why for _, why in found]
    migrate.upgrade(engine)


def test_open_tickets_get_a_deadline_and_keep_their_talk(engine: Engine) -> None:
    """From 0003 on an open ticket has one; on SQLite no row may go with the change."""
    migrate.upgrade(engine, "0002")
    statements = [
        "INSERT INTO teams (id, name, commune, created_at) VALUES (1, 'Tổ', '', '2025-11-22')",
        *(
            "INSERT INTO tickets (id, status, urgent, topic, guide_title, failed, commune, "
            f"team_id, created_at, claimed_at) VALUES ({number}, '{status}', 0, 'x', '', '', '', "
            f"{team}, '2025-11-22', '2025-11-22')"
            for number, status, team in (
                (1, "waiting", "1"),
                (2, "claimed", "1"),
                (3, "closed", "1"),
                (4, "waiting", "NULL"),
            )
        ),
        "INSERT INTO ticket_messages (ticket_id, at, author, name) "
        "VALUES (2, '2025-11-22', 'citizen', '')",
    ]
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    migrate.upgrade(engine)
    query = text("SELECT due_kind, due_at IS NOT NULL, rung FROM tickets ORDER BY id")
    with engine.connect() as connection:
        assert [(row[0], bool(row[1]), row[2]) for row in connection.execute(query)] == [
            ("claim", True, "hamlet"),
            ("reply", True, "hamlet"),
            (None, False, "hamlet"),
            ("claim", True, "province"),
        ]
        lines = connection.execute(text("SELECT count(*) FROM ticket_messages"))
        assert lines.scalar() == 1
    migrate.downgrade(engine, "0002")
    with engine.connect() as connection:
        for table, rows in (("tickets", 4), ("ticket_messages", 1)):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == rows
    migrate.upgrade(engine)


def test_teams_and_members_keep_what_hangs_on_them_both_ways(engine: Engine) -> None:
    """0004 makes `teams` anew on SQLite: nobody may be lost with the old table."""
    migrate.upgrade(engine, "0003")
    statements = [
        "INSERT INTO teams (id, name, commune, created_at) VALUES (1, 'Tổ', '', '2025-11-22')",
        "INSERT INTO teams (id, name, commune, created_at) "
        "VALUES (2, 'Xã', 'Tân Ân', '2025-11-22')",
        "INSERT INTO members (id, team_id, name, telegram_id, created_at) "
        "VALUES (1, 1, 'Lan', '501', '2025-11-22')",
        "INSERT INTO tickets (id, status, urgent, topic, guide_title, failed, commune, team_id, "
        "claimed_by, created_at, claimed_at, due_at, due_kind) VALUES (1, 'claimed', 0, 'x', '', "
        "'', '', 1, 1, '2025-11-22', '2025-11-22', '2025-11-23', 'reply')",
    ]
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    migrate.upgrade(engine)
    with engine.begin() as connection:
        rungs = connection.execute(text("SELECT rung FROM teams ORDER BY id")).scalars()
        assert list(rungs) == ["province", "commune"]
        served = connection.execute(text("SELECT team_id, locality_code FROM team_coverage"))
        assert [tuple(row) for row in served] == [(1, "")]
        columns = "id, name, key, commune, created_at"
        # Two hamlets' teams of one name, which there could not be before.
        for number in (3, 4):
            values = f"{number}, 'Tổ', 'k{number}', '', '2025-11-22'"
            connection.execute(text(f"INSERT INTO teams ({columns}) VALUES ({values})"))
    migrate.downgrade(engine, "0003")
    with engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM teams ORDER BY id")).scalars().all()
        assert names[:2] == ["Tổ", "Xã"]
        assert len(set(names)) == 4
        held = connection.execute(text("SELECT team_id, claimed_by FROM tickets")).one()
        assert tuple(held) == (1, 1)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        query = text("SELECT name, telegram_id, role, max_open FROM members")
        assert tuple(connection.execute(query).one()) == ("Lan", "501", "member", 5)
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_migration_that_would_break_a_reference_is_undone(tmp_path: Path) -> None:
    """SQLite's foreign keys are not enforced meanwhile, so they are checked at the end."""
    engine = make_engine(f"sqlite:///{tmp_path}/broken.db")
    migrate.upgrade(engine, "0003")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(
            text("INSERT INTO members (team_id, name, created_at) VALUES (9, 'x', '2025-11-22')")
        )
        connection.execute(text("PRAGMA foreign_keys=ON"))
    with pytest.raises(StartupError, match="a row of members points to a row of teams that is not"):
        migrate.upgrade(engine)
    assert at(engine) == "0003"
    assert "join_links" not in tables(engine)
    engine.dispose()


def test_a_database_newer_than_the_program_is_refused(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartupError, match=r"revision 9999, which this version does not know"):
        migrate.upgrade(engine)
    # The refusal leaves no lock behind.
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{migrate.head()}'"))
    migrate.upgrade(engine)


def test_a_database_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("this is no database, however long it goes on" * 50)
    for url in (f"sqlite:///{path}", "postgresql+psycopg://nobody@127.0.0.1:1/none"):
        engine = make_engine(url)
        with pytest.raises(StartupError, match="the database cannot be used") as caught:
            migrate.upgrade(engine)
        assert "\n" not in str(caught.value)
        engine.dispose()


_START = """
import sys
from bot.store import migrate
from bot.store.db import make_engine
sys.stdin.readline()
engine = make_engine(sys.argv[1])
migrate.upgrade(engine)
with engine.connect() as connection:
    print(migrate.current(connection))
"""


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _START, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    for process in processes:
        # They wait for this line with everything imported that is imported early.
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    results = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], results
    assert {out.strip() for out, _ in results} == {migrate.head()}


class Killed(BaseException):
    """What a kill half way looks like to the database: the connection ends, nothing is cleaned."""


@pytest.mark.parametrize("after", [1, 7, 15])
def test_stopped_half_way_it_leaves_the_old_schema(empty_url: str, after: int) -> None:
    engine = make_engine(empty_url)
    made: list[str] = []

    def stop(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(("CREATE", "INSERT")):
            made.append(statement)
            if len(made) > after:
                raise Killed

    event.listen(engine, "before_cursor_execute", stop)
    with pytest.raises(Killed):
        migrate.upgrade(engine)
    engine.dispose()
    assert len(made) > after

    again = make_engine(empty_url)
    assert tables(again) == set()
    migrate.upgrade(again)
    assert at(again) == migrate.head()
    again.dispose()


def test_known_revisions_are_a_chain_named_like_their_files() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    chain = [revision.revision for revision in script.walk_revisions()]
    assert chain[::-1] == migrate.known()
    assert script.get_current_head() == migrate.head()

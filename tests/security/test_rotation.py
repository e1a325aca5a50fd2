"""Another data key: nothing is lost, nothing stays behind, whatever happens half way."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError

from bot.errors import BadRequest, StoreError
from bot.models.schema import metadata, outbox, ticket_events
from bot.models.types import Sealed
from bot.services import backup, rotation
from bot.services.keys import key_path, open_vault
from bot.services.rotation import PLACES, Rotated
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import audit, data_keys
from bot.store.crypto import KeyFile, Vault
from bot.store.db import Database
from tests.security.sealed import expected, fill, read_all
from tests.support import SQLITE

ROWS = 7
NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


def opened(database: Database, folder: Path, **settings: object) -> Runtime:
    """What a program that starts now has; with the key in a file."""
    values = {"var_dir": folder, "data_key": SecretStr(""), **settings}
    made = Settings(_env_file=None, **values)  # type: ignore[arg-type]
    folder.mkdir(exist_ok=True)
    runtime = Runtime(made, database, open_vault(made))
    assert database.write_now(lambda c: data_keys.key_fits(c, runtime.vault))
    return runtime


@pytest.fixture
def program(database: Database, tmp_path: Path) -> Runtime:
    """An installation with values in every sealed column."""
    runtime = opened(database, tmp_path / "var")
    fill(database, runtime.vault, ROWS)
    return runtime


def rotate(runtime: Runtime, *, leaked: bool = False) -> Rotated:
    return rotation.rotate(runtime, leaked=leaked, pause=lambda _: None)


def only_new(runtime: Runtime) -> Vault:
    """A vault with the writing key alone, deriving what the database says."""
    path = key_path(runtime.settings)
    assert path is not None
    vault = Vault(KeyFile(path).read()[0])
    assert runtime.db.read_now(lambda c: data_keys.key_belongs(c, vault))
    return vault


def test_every_sealed_column_has_its_place() -> None:
    sealed = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    }
    assert sealed == {(place.table.name, place.column) for place in PLACES}
    assert len(sealed) >= 13


def test_everything_is_sealed_anew_and_reads_the_same(program: Runtime) -> None:
    old = program.vault.marks[0]
    phone_hash, cookie = program.vault.derive("phone"), program.vault.derive_signing("cookie")
    done = rotate(program)
    assert done.began
    assert done.done
    assert done.values == {str(place): ROWS for place in PLACES}
    new = only_new(program)
    assert new.marks[0] != old
    assert program.db.read_now(lambda c: read_all(c, new)) == expected(ROWS)
    # Hashes find what they found, links and cookies hold.
    assert (new.derive("phone"), new.derive_signing("cookie")) == (phone_hash, cookie)
    found = program.db.read_now(lambda c: audit.chunk(c, audit.Filter(), 0))
    assert [(line.who, line.action) for line in found] == [("(command)", "key.rotate")]


def test_twice_in_a_row_and_the_first_key_is_forgotten(program: Runtime, tmp_path: Path) -> None:
    rotate(program)
    rotate(program)
    new, second, first = rotation.status(program).keys
    for name in (first, second):
        assert name in rotation.status(program).forgettable()
        rotation.forget(program, name)
        program.vault.refresh()
    assert rotation.status(program).keys == (new,)
    again = opened(program.db, tmp_path / "var")
    assert program.db.read_now(lambda c: read_all(c, again.vault)) == expected(ROWS)


class _Killed(Exception):
    pass


def _killed_after(chunks: int) -> Callable[[str, int], None]:
    counted = itertools.count(1)

    def progress(_place: str, _done: int) -> None:
        if next(counted) >= chunks:
            raise _Killed

    return progress


@pytest.mark.parametrize("chunks", [1, 2, 5, 9, 12, 13])
def test_killed_half_way_it_goes_on(program: Runtime, tmp_path: Path, chunks: int) -> None:
    with pytest.raises(_Killed):
        rotation.rotate(program, progress=_killed_after(chunks), pause=lambda _: None)
    again = opened(program.db, tmp_path / "var")
    assert rotation.status(again).unfinished
    assert program.db.read_now(lambda c: read_all(c, again.vault)) == expected(ROWS)
    done = rotate(again)
    assert not done.began
    assert done.done
    assert len(again.vault.marks) == 2
    assert not rotation.status(again).unfinished
    assert program.db.read_now(lambda c: read_all(c, only_new(again))) == expected(ROWS)


def test_killed_before_the_database_knows(program: Runtime, tmp_path: Path) -> None:
    """The new key is in the file, and nothing else has happened yet."""
    path = key_path(program.settings)
    assert path is not None
    before = program.vault.derive("phone")
    KeyFile(path).write([bytes(range(32)), *KeyFile(path).read()])
    again = opened(program.db, tmp_path / "var")
    assert again.vault.derive("phone") == before
    assert rotation.status(again).unfinished
    assert not rotate(again).began
    assert only_new(again).derive("phone") == before


def test_programs_that_run_meanwhile_read_and_write_all_the_time(
    program: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program with a vault of its own: it takes the new key up by itself."""
    monkeypatch.setattr("bot.store.crypto.LOOK_SECONDS", 0.0)
    serving = opened(program.db, tmp_path / "var")
    over, failed, turns = threading.Event(), [], itertools.count()
    place = next(p for p in PLACES if p.table is outbox)

    def write(connection: Connection, turn: int) -> None:
        value = serving.vault.seal(f"turn {turn}".encode(), place.purpose)
        connection.execute(update(outbox).where(outbox.c.id == 1).values(payload=value))

    def serve() -> None:
        try:
            while not over.is_set():
                turn = next(turns)
                program.db.write_now(lambda c, turn=turn: write(c, turn))  # type: ignore[misc]
                program.db.read_now(lambda c: read_all(c, serving.vault))
        except StoreError as error:
            failed.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    done = rotation.rotate(program, pause=lambda _: None)
    over.set()
    thread.join(30)
    assert failed == []
    assert done.done
    assert serving.vault.marks[0] == program.vault.marks[0]
    assert next(turns) > 1
    found = program.db.read_now(lambda c: read_all(c, only_new(program)))
    assert len(found["outbox.payload"]) == ROWS


@SQLITE
def test_what_no_key_reads_is_told_and_left(program: Runtime) -> None:
    stranger = Vault(b"x" * 32).seal(b"?", "outbox")

    def harm(connection: Connection) -> None:
        connection.execute(update(outbox).where(outbox.c.id == 3).values(payload=stranger))

    program.db.write_now(harm)
    done = rotate(program)
    assert done.unreadable == {"outbox.payload": 1}
    assert done.values["outbox.payload"] == ROWS - 1
    assert done.done


@SQLITE
def test_values_from_before_keys_had_names_are_read_and_sealed_anew(program: Runtime) -> None:
    """A database of the first version: nonce, ciphertext and tag only."""

    def strip(connection: Connection) -> None:
        for row in connection.execute(outbox.select()).all():
            bare = row.payload[6:]
            where = update(outbox).where(outbox.c.id == row.id)
            connection.execute(where.values(payload=bare))

    program.db.write_now(strip)
    assert program.db.read_now(lambda c: read_all(c, program.vault)) == expected(ROWS)
    assert not rotation.status(program).unfinished
    assert rotate(program).began
    assert program.db.read_now(lambda c: read_all(c, only_new(program))) == expected(ROWS)


@SQLITE
def test_backups_say_which_key_they_need_and_hold_it(program: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    program.settings = program.settings.model_copy(update={"backup_dir": folder})
    file, told = backup.make_backup(program.db.engine, folder, NOW)
    old = rotation.status(program).keys[0]
    assert told.keys == [old]
    rotate(program)
    after, told = backup.make_backup(program.db.engine, folder, NOW.replace(hour=21))
    assert told.keys == [rotation.status(program).keys[0]]
    assert [each.keys for each in rotation.status(program).backups] == [tuple(told.keys), (old,)]
    assert rotation.status(program).forgettable() == []
    with pytest.raises(BadRequest, match="a backup needs it"):
        rotation.forget(program, old)
    # With the old key in the file the old backup can be put back, and the change goes on there.
    new = replace(program, settings=Settings(_env_file=None, var_dir=tmp_path / "new"))
    backup.restore(file, new.settings, program.vault, NOW)
    assert (tmp_path / "new" / "congdanso.db").exists()
    with pytest.raises(StoreError, match=rf"another data key \({old}\)"):
        backup.restore(file, new.settings, only_new(program), NOW)
    file.unlink()
    assert rotation.status(program).forgettable() == [old]
    rotation.forget(program, old)
    assert after.exists()


@SQLITE
def test_an_old_backup_put_back_takes_the_new_key(program: Runtime, tmp_path: Path) -> None:
    phone = program.vault.derive("phone")
    file, _ = backup.make_backup(program.db.engine, tmp_path / "b", NOW)
    rotate(program)
    settings = Settings(_env_file=None, var_dir=tmp_path / "new")
    (tmp_path / "new").mkdir()
    backup.restore(file, settings, program.vault, NOW)
    path = key_path(program.settings)
    assert path is not None
    (tmp_path / "new" / "key").write_bytes(path.read_bytes())
    from bot.store.db import make_engine

    database = Database(make_engine(settings.sqlalchemy_url))
    restored = opened(database, tmp_path / "new")
    assert rotation.status(restored).unfinished
    assert not rotate(restored).began
    assert database.read_now(lambda c: read_all(c, only_new(restored))) == expected(ROWS)
    assert only_new(restored).derive("phone") == phone
    database.close()


@SQLITE
def test_after_a_leak_links_and_cookies_are_called_in_but_numbers_are_found(
    program: Runtime, tmp_path: Path
) -> None:
    phone, cookie = program.vault.derive("phone"), program.vault.derive_signing("cookie")
    rotate(program, leaked=True)
    started = opened(program.db, tmp_path / "var")
    assert started.vault.derive("phone") == phone
    assert started.vault.derive_signing("cookie") != cookie


@SQLITE
def test_a_key_in_the_environment_is_changed_by_its_owner(
    database: Database, tmp_path: Path
) -> None:
    first, second = "A" * 43 + "=", "B" * 43 + "="
    before = opened(database, tmp_path / "var", data_key=SecretStr(first))
    fill(database, before.vault, ROWS)
    with pytest.raises(BadRequest, match="CONGDANSO_DATA_KEY=NEW,OLD") as caught:
        rotate(before)
    assert first not in str(caught.value)
    between = opened(database, tmp_path / "var", data_key=SecretStr(f"{second},{first}"))
    assert rotation.status(between).unfinished
    done = rotate(between)
    assert (done.began, done.done) == (False, True)
    after = opened(database, tmp_path / "var", data_key=SecretStr(second))
    assert database.read_now(lambda c: read_all(c, after.vault)) == expected(ROWS)
    assert after.vault.derive("phone") == before.vault.derive("phone")
    assert not list((tmp_path / "var").iterdir())


@SQLITE
def test_without_the_old_key_half_way_nothing_starts(program: Runtime) -> None:
    with pytest.raises(_Killed):
        rotation.rotate(program, progress=_killed_after(2), pause=lambda _: None)
    path = key_path(program.settings)
    assert path is not None
    new, old = KeyFile(path).read()
    for key in (new, old):
        assert not program.db.write_now(lambda c, key=key: data_keys.key_fits(c, Vault(key)))  # type: ignore[misc]


@SQLITE
@pytest.mark.parametrize(
    ("name", "why"), [("00000000", "there is none"), ("", "there is none"), ("first", "writes")]
)
def test_what_cannot_be_forgotten(program: Runtime, name: str, why: str) -> None:
    named = rotation.status(program).keys[0] if name == "first" else name
    with pytest.raises(BadRequest, match=why):
        rotation.forget(program, named)


def test_a_vault_shows_no_key() -> None:
    key = bytes(range(32))
    assert key.hex() not in repr(Vault(key)) + str(vars(Vault(key))["_ring"])
    assert "AAEC" not in repr(Vault(key))


def test_the_log_of_a_ticket_is_changed_by_nothing_else(program: Runtime, tmp_path: Path) -> None:
    """Sealed anew while keys change, erased at any time; nothing else, and nothing afterwards."""
    log = ticket_events
    other = program.vault.seal(b"{}", "ticket.event")

    def refused(**values: object) -> bool:
        def work(connection: Connection) -> None:
            connection.execute(update(log).where(log.c.id == 2).values(**values))

        try:
            program.db.write_now(work)
        except DBAPIError as error:
            return "append-only" in str(error.orig)
        return False

    assert refused(data=other)
    with pytest.raises(_Killed):
        rotation.rotate(program, progress=_killed_after(2), pause=lambda _: None)
    # A change is under way.
    assert refused(kind="closed")
    assert refused(data=other, at=NOW)
    assert refused(actor_kind="staff")
    assert not refused(data=other)
    rotate(opened(program.db, tmp_path / "var"))
    assert refused(data=other)
    assert not refused(data=None)
    assert refused(data=other)

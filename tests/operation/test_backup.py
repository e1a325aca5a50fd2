"""Backups: made beside a running program, checked, and put back whole or not at all."""

from __future__ import annotations

import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, insert, text
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import StartupError, StoreError
from bot.models.schema import chats, questions
from bot.services import backup
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import data_keys, migrate
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from tests.databases import Postgres
from tests.operation.test_copying import fill, rows
from tests.support import Clock

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
VAULT = Vault(bytes(range(32)))


def settings_of(folder: Path, url: str = "", **more: object) -> Settings:
    values = {"var_dir": folder, "database_url": url, "data_key": SecretStr(""), **more}
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def filled(settings: Settings, template: Path | None = None, number: int = 300) -> Engine:
    """A database with rows, made with VAULT; `template` is a migrated file to begin with."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    if template is not None:
        shutil.copy(template, settings.var_dir / "congdanso.db")
    engine = make_engine(settings.sqlalchemy_url)
    migrate.upgrade(engine)
    db = Database(engine)
    assert db.write_now(lambda c: data_keys.key_fits(c, VAULT))
    db.write_now(lambda c: fill(c, number))
    db.close()
    return engine


@pytest.fixture
def lite(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Settings, Engine]]:
    settings = settings_of(tmp_path / "var")
    engine = filled(settings, sqlite_template)
    yield settings, engine
    engine.dispose()


def closed(engine: Engine) -> Engine:
    engine.dispose()
    return engine


def test_put_back_everything_is_as_it_was(lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    _, engine = lite
    before = rows(engine)
    file, told = backup.make_backup(engine, tmp_path / "b", NOW)
    assert told.total == sum(map(len, before.values()))
    assert told.revision == migrate.head()
    assert file.stat().st_mode & 0o777 == 0o600
    assert backup.made_at(file) == NOW
    new = settings_of(tmp_path / "new")
    assert backup.restore(file, new, VAULT, NOW) == told
    restored = make_engine(new.sqlalchemy_url)
    assert rows(restored) == before
    restored.dispose()


def test_what_was_there_is_kept_beside(lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = lite
    file, _ = backup.make_backup(engine, tmp_path / "b", NOW)
    with engine.connect() as c:
        c.exec_driver_sql("BEGIN IMMEDIATE")
        c.execute(questions.delete())
        c.exec_driver_sql("COMMIT")
    later = rows(engine)
    closed(engine)
    backup.restore(file, settings, VAULT, NOW)
    kept = settings.var_dir / "congdanso.db.before-restore-20261122-203000Z"
    old = make_engine(f"sqlite:///{kept}")
    assert rows(old) == later
    assert len(rows(engine)["questions"]) == 1
    closed(old)


def test_a_program_that_runs_stands_against_it(
    lite: tuple[Settings, Engine], tmp_path: Path
) -> None:
    settings, engine = lite
    file, _ = backup.make_backup(engine, tmp_path / "b", NOW)
    db = Database(engine)
    db.read_now(lambda c: c.execute(text("SELECT 1")).all())
    before = rows(engine)
    with pytest.raises(StoreError, match="a program is running on it; stop it, then restore"):
        backup.restore(file, settings, VAULT, NOW)
    assert rows(engine) == before
    db.close()
    backup.restore(file, settings, VAULT, NOW)


def test_of_postgresql_into_either(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.empty() as url, postgres.empty() as other:
        engine = filled(settings_of(tmp_path / "var", url))
        before = rows(engine)
        file, _ = backup.make_backup(engine, tmp_path / "b", NOW)
        with pytest.raises(StoreError, match="the target has rows already"):
            backup.restore(file, settings_of(tmp_path / "var", url), VAULT, NOW)
        backup.restore(file, settings_of(tmp_path / "var", other), VAULT, NOW)
        there = make_engine(other)
        assert rows(there) == before == rows(engine)
        closed(there)
        closed(engine)
    lite = settings_of(tmp_path / "lite")
    backup.restore(file, lite, VAULT, NOW)
    assert rows(closed(make_engine(lite.sqlalchemy_url))) == before


def test_another_key_is_refused_before_anything_changes(
    lite: tuple[Settings, Engine], tmp_path: Path
) -> None:
    settings, engine = lite
    file, _ = backup.make_backup(engine, tmp_path / "b", NOW)
    before = rows(engine)
    closed(engine)
    wanted = r"was made with another data key \([0-9a-f]{8}\); set CONGDANSO_DATA_KEY"
    with pytest.raises(StoreError, match=wanted):
        backup.restore(file, settings, Vault(bytes(32)), NOW)
    assert rows(engine) == before


def test_of_an_older_version_it_is_brought_up_to_date(tmp_path: Path) -> None:
    old = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate.upgrade(old, "0001")
    with old.connect() as c:
        c.exec_driver_sql("BEGIN IMMEDIATE")
        c.execute(
            text(
                "INSERT INTO chats (id, channel, external_id, is_group, state_version, next_seq,"
                " acked_seq, created_at, seen_at) VALUES"
                " (1, 'web', 'x', 0, 0, 1, 0, '2026-01-01', '2026-01-01')"
            )
        )
        c.exec_driver_sql("COMMIT")
    file = old_backup(old, tmp_path, "0001")
    new = settings_of(tmp_path / "var")
    backup.restore(file, new, VAULT, NOW)
    engine = make_engine(new.sqlalchemy_url)
    with engine.connect() as c:
        assert migrate.current(c) == migrate.head()
        assert c.execute(chats.select()).one().external_id == "x"
    closed(engine)
    closed(old)


def old_backup(engine: Engine, folder: Path, revision: str) -> Path:
    """A backup as an older (or newer) version would have made it."""
    copy = folder / "copy.sqlite"
    with engine.connect() as c:
        c.exec_driver_sql("VACUUM INTO ?", (str(copy),))
    told = backup.Described(1, NOW.isoformat(), revision, backup._sha256(copy), {})
    file = folder / "old.backup"
    backup._pack(file, copy, told)
    return file


def test_of_a_newer_version_it_is_refused(lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = lite
    file = old_backup(engine, tmp_path, "9999")
    closed(engine)
    with pytest.raises(StoreError, match=r"of a newer version \(revision 9999\)"):
        backup.restore(file, settings, VAULT, NOW)


def test_a_damaged_file_changes_nothing(lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = lite
    file, _ = backup.make_backup(engine, tmp_path / "b", NOW)
    before = rows(engine)
    closed(engine)
    chance, whole = random.Random(20261122), file.read_bytes()
    bad = tmp_path / "bad.backup"
    refused = 0
    for turn in range(40):
        at = chance.randrange(len(whole))
        flipped = bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :]
        bad.write_bytes(whole[:at] + (b"" if turn % 2 else flipped))
        refused += not restored(bad, settings)
    # A bit may be one that says nothing (a time in the zip's own list): then all of it came back.
    assert refused >= 35
    assert rows(engine) == before


def restored(file: Path, settings: Settings) -> bool:
    try:
        backup.restore(file, settings, VAULT, NOW)
    except StoreError:
        return False
    return True


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7", os.urandom(2000)])
def test_no_backup_at_all(content: bytes, lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = lite
    closed(engine)
    bad = tmp_path / "x.backup"
    bad.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged, or no backup"):
        backup.restore(bad, settings, VAULT, NOW)
    with zipfile.ZipFile(bad, "w") as packed:
        packed.writestr(backup.DESCRIPTION, '{"form": 1}')
    with pytest.raises(StoreError, match="is damaged, or no backup"):
        backup.restore(bad, settings, VAULT, NOW)
    with pytest.raises(StoreError, match="cannot be read"):
        backup.restore(tmp_path / "nothing", settings, VAULT, NOW)


def test_a_folder_that_cannot_be_written(lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    _, engine = lite
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="no backup could be written"):
        backup.make_backup(engine, tmp_path / "file", NOW)


def test_two_of_one_second_do_not_replace_each_other(
    lite: tuple[Settings, Engine], tmp_path: Path
) -> None:
    _, engine = lite
    file, _ = backup.make_backup(engine, tmp_path, NOW)
    whole = file.read_bytes()
    with pytest.raises(StoreError, match="is there already"):
        backup.make_backup(engine, tmp_path, NOW)
    assert file.read_bytes() == whole
    assert [f.name for f in backup.backups(tmp_path)] == [file.name]
    assert not list(tmp_path.glob(".making-*"))


def test_writing_goes_on_meanwhile(lite: tuple[Settings, Engine], tmp_path: Path) -> None:
    _, engine = lite
    db = Database(engine)
    waiting = [db.submit(adding(n)) for n in range(1_000, 1_200)]
    file, told = backup.make_backup(engine, tmp_path / "b", NOW)
    for future in waiting:
        future.result()
    # One moment: some of them, in order, and never a gap.
    assert 300 <= told.rows["chats"] <= 500
    copy, _ = backup.unpack(file, tmp_path)
    seen = [int(str(row[0])) for row in rows(closed(make_engine(f"sqlite:///{copy}")))["chats"]]
    new = [number for number in seen if number >= 1_000]
    assert new == list(range(1_000, 1_000 + len(new)))
    db.close()


def adding(number: int) -> Callable[[Connection], None]:
    values = {"id": number, "channel": "web", "external_id": f"y{number}"}

    def work(connection: Connection) -> None:
        connection.execute(insert(chats).values(created_at=NOW, seen_at=NOW, **values))

    return work


# Every night ------------------------------------------------------------------------------------


def test_every_night_one_and_the_old_ones_go(tmp_path: Path, sqlite_template: Path) -> None:
    settings = settings_of(tmp_path / "var", backup_dir=tmp_path / "b", backup_keep=3)
    runtime = Runtime(settings, Database(filled(settings, sqlite_template)), VAULT)
    clock = Clock()
    runtime.now = clock
    nights = [NOW + timedelta(days=day) for day in range(5)]
    for night in nights:
        clock.at = night
        assert backup.nightly(runtime)
        # Another scheduler, a minute later.
        clock.at = night + timedelta(minutes=1)
        assert not backup.nightly(runtime)
    assert [backup.made_at(f) for f in backup.backups(tmp_path / "b")] == nights[:-4:-1]
    runtime.db.close()


def test_without_a_folder_there_is_none(tmp_path: Path, sqlite_template: Path) -> None:
    settings = settings_of(tmp_path / "var")
    runtime = Runtime(settings, Database(filled(settings, sqlite_template)), VAULT)
    assert not backup.nightly(runtime)
    runtime.db.close()


# As typed ---------------------------------------------------------------------------------------


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(tmp_path / "var"))
    run = CliRunner().invoke
    nothing = run(app, ["backup"])
    assert isinstance(nothing.exception, StartupError)
    assert "there is no database yet" in str(nothing.exception)
    assert run(app, ["team", "add", "Tổ Một"]).exit_code == 0
    made = run(app, ["backup", "--keep", "1"])
    assert made.exit_code == 0, made.exception
    file = next((tmp_path / "var" / "backups").glob("*.backup"))
    assert str(file) in made.output
    assert "keep the data key" in made.output
    assert run(app, ["restore", str(file)], input="n\n").exit_code == 1
    done = run(app, ["restore", str(file), "--yes"])
    assert done.exit_code == 0, done.exception
    assert "Tổ Một" in run(app, ["team", "list"]).output
    there = f"sqlite:///{tmp_path}/var/congdanso.db"
    copied = run(app, ["db", "copy", there, f"sqlite:///{tmp_path}/two.db"])
    assert copied.exit_code == 0, copied.exception
    for wrong, said in (
        (["nonsense", there], "must begin with sqlite:///"),
        ([there, there], "must be two databases"),
        ([f"sqlite:///{tmp_path}/none.db", there], "there is no such database"),
    ):
        refused = run(app, ["db", "copy", *wrong])
        assert isinstance(refused.exception, StartupError)
        assert said in str(refused.exception)

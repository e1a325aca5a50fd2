"""What `congdanso doctor` finds, and that it changes nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from bot.cli import app
from bot.services import doctor
from bot.services.doctor import Counted, examine, worst
from bot.services.findings import Finding, Verdict
from bot.services.health import Disk
from bot.settings import Settings
from bot.store import data_keys, migrate
from bot.store.crypto import load_vault
from bot.store.db import Database, make_engine
from tests.databases import Postgres

NOTHING = Counted(0, 0)


def settings_of(folder: Path, **more: object) -> Settings:
    values = {"var_dir": folder, "port": 1, "data_key": SecretStr(""), **more}
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A var folder with a key and a database of this revision."""
    var = tmp_path / "var"
    var.mkdir()
    shutil.copy(sqlite_template, var / "congdanso.db")
    vault = load_vault("", var)
    db = Database(make_engine(f"sqlite:///{var / 'congdanso.db'}"))
    assert db.write_now(lambda c: data_keys.key_fits(c, vault))
    db.close()
    return var


def of(found: list[Finding], what: str) -> list[Finding]:
    return [each for each in found if each.what == what]


def only(settings: Settings, what: str, content: Counted = NOTHING) -> Finding:
    (found,) = of(examine(settings, lambda: content), what)
    return found


def test_a_sound_installation(folder: Path, tmp_path: Path) -> None:
    found = examine(settings_of(folder), lambda: NOTHING)
    assert [f.what for f in found if f.verdict is Verdict.BAD] == []
    for what in ("folder", "data key", "database", "content"):
        assert [f.verdict for f in of(found, what)] == [Verdict.OK]
    assert all(
        each.todo for each in found if each.verdict is Verdict.WARN and each.what != "program"
    )
    assert only(settings_of(folder), "understanding").verdict is Verdict.WARN


def test_nothing_is_made_or_changed(tmp_path: Path) -> None:
    examine(settings_of(tmp_path / "var"), lambda: NOTHING, online=True)
    assert list(tmp_path.iterdir()) == []


def test_an_old_database_is_not_migrated(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'congdanso.db'}")
    migrate.upgrade(engine, "0001")
    found = only(settings_of(tmp_path), "database")
    assert found.verdict is Verdict.WARN
    assert found.said.startswith("is at revision 0001, not")
    with engine.connect() as connection:
        assert migrate.current(connection) == "0001"
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    newer = only(settings_of(tmp_path), "database")
    assert newer.verdict is Verdict.BAD
    assert "newer version" in newer.said
    engine.dispose()


def test_another_key(folder: Path) -> None:
    other = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    found = of(examine(settings_of(folder, data_key=SecretStr(other)), lambda: NOTHING), "database")
    assert [f.said for f in found if f.verdict is Verdict.BAD] == [
        "was written with another data key"
    ]


def test_a_key_that_is_none(folder: Path) -> None:
    found = only(settings_of(folder, data_key=SecretStr("geheim")), "data key")
    assert found.verdict is Verdict.BAD
    assert "geheim" not in found.said


def test_a_key_that_others_can_read(folder: Path) -> None:
    (folder / "key").chmod(0o644)
    found = only(settings_of(folder), "data key")
    assert found.verdict is Verdict.BAD
    assert found.todo == f"chmod 600 {folder / 'key'}"


def test_a_damaged_database(folder: Path) -> None:
    file = folder / "congdanso.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=DELETE")
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name='chats'").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)
    found = of(examine(settings_of(folder), lambda: NOTHING), "database")
    assert worst(found) is Verdict.BAD


def test_a_database_that_does_not_answer_hides_nothing_else(folder: Path) -> None:
    url = "postgresql://nobody:sesam@127.0.0.1:1/x"
    found = examine(settings_of(folder, database_url=url), lambda: NOTHING)
    (bad,) = of(found, "database")
    assert bad.verdict is Verdict.BAD
    assert "refused" in bad.said
    assert "sesam" not in bad.said
    assert of(found, "content")


def test_postgresql(postgres: Postgres, folder: Path) -> None:
    with postgres.database() as url:
        assert only(settings_of(folder, database_url=url), "database") == Finding(
            "database", Verdict.OK, f"PostgreSQL, revision {migrate.head()}"
        )


@pytest.mark.parametrize(
    ("counted", "verdict"),
    [(Counted(2, 1), Verdict.BAD), (Counted(0, 1), Verdict.WARN), (NOTHING, Verdict.OK)],
)
def test_content(counted: Counted, verdict: Verdict, folder: Path) -> None:
    assert only(settings_of(folder), "content", counted).verdict is verdict


def test_content_that_cannot_be_read(folder: Path) -> None:
    def broken() -> Counted:
        raise OSError("no such folder")

    (found,) = of(examine(settings_of(folder), broken), "content")
    assert found.verdict is Verdict.BAD


def test_a_platform_out_of_reach_never_tells_the_token(folder: Path) -> None:
    settings = settings_of(
        folder,
        telegram_token=SecretStr("1:geheim"),
        telegram_api_url="http://127.0.0.1:1/bot",
        zalo_bot_token=SecretStr("2:geheim"),
        zalo_bot_api_url="http://127.0.0.1:1",
    )
    found = examine(settings, lambda: NOTHING, online=True)
    for name in ("telegram", "zalo bot"):
        (bad,) = of(found, name)
        assert bad.verdict is Verdict.BAD
    assert "geheim" not in repr(found)
    assert of(examine(settings, lambda: NOTHING), "telegram") == []


def test_a_disk_that_is_nearly_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, verdict in ((50, Verdict.OK), (10, Verdict.WARN), (2, Verdict.BAD)):
        monkeypatch.setattr(doctor, "disk_of", lambda _, n=free: Disk(n << 30, 100 << 30))
        found = only(settings_of(folder), "disk")
        assert (found.verdict, bool(found.todo)) == (verdict, verdict is not Verdict.OK)


@pytest.mark.parametrize(
    ("date", "off"), [("Mon, 01 Jan 2024 00:00:00 GMT", True), ("nonsense", False), ("", False)]
)
def test_a_clock_that_is_off_is_seen_by_an_answer(date: str, off: bool) -> None:
    headers = {"date": date} if date else {}
    assert bool(list(doctor._clock(httpx.Response(200, headers=headers)))) is off


def test_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(folder))
    monkeypatch.setenv("CONGDANSO_PORT", "1")
    well = CliRunner().invoke(app, ["doctor"])
    assert well.exit_code == 0, well.output
    assert "database: SQLite" in well.output
    (folder / "key").chmod(0o644)
    ill = CliRunner().invoke(app, ["doctor", "--json"])
    assert ill.exit_code == 1
    told = {each["what"]: each for each in json.loads(ill.output)}
    assert told["data key"]["verdict"] == "bad"

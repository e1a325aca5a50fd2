"""`congdanso key …` and what doctor says of keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import BadRequest
from bot.services import rotation
from bot.services.doctor_keys import key_look, keys_look
from bot.services.findings import Verdict
from bot.services.keys import open_vault
from bot.settings import Settings, load_settings
from bot.store import data_keys
from bot.store.crypto import KeyFile
from bot.store.db import Database, make_engine
from tests.security.sealed import expected, fill, read_all


@pytest.fixture
def installed(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation that the environment names, with values in every sealed column."""
    var = tmp_path / "var"
    var.mkdir()
    (var / "congdanso.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(var))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rotation, "LOOK_SECONDS", 0.0)
    settings = load_settings()
    database = Database(make_engine(settings.sqlalchemy_url))
    fill(database, open_vault(settings), 3)
    database.close()
    return settings


def run(*words: str) -> tuple[int, str]:
    """The exit code and what was printed. What was raised is raised again."""
    result = CliRunner().invoke(app, ["key", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def looked(settings: Settings) -> list[tuple[Verdict, str]]:
    return [(each.verdict, each.said) for each in keys_look(settings)]


def test_the_whole_way(installed: Settings) -> None:
    code, said = run("status")
    first = said.split()[1]
    assert (code, said) == (0, f"writes: {first}\n")
    assert run("rotate")[0] == 0
    code, said = run("status")
    assert code == 0
    assert f"old:    {first}, not needed by the database" in said
    assert f"congdanso key forget {first}" in said
    assert looked(installed) == [(Verdict.WARN, f"{first} is needed by nothing any more")]
    assert run("forget", first) == (0, f"key {first} is forgotten\n")
    assert looked(installed) == []
    assert [each.verdict for each in key_look(installed)] == [Verdict.OK]
    database = Database(make_engine(installed.sqlalchemy_url))
    found = database.read_now(lambda c: read_all(c, open_vault(installed)))
    database.close()
    assert found == expected(3)


def test_what_is_printed_holds_no_key(installed: Settings) -> None:
    before = (installed.var_dir / "key").read_text().split()
    said = run("rotate")[1] + run("status")[1]
    keys = {*before, *(installed.var_dir / "key").read_text().split()}
    assert len(keys) == 2
    assert not [key for key in keys if key in said]


def test_a_change_that_is_not_done_is_told(installed: Settings) -> None:
    file = KeyFile(installed.var_dir / "key")
    assert run("status")[0] == 0
    file.write([b"n" * 32, *file.read()])
    ((verdict, said),) = looked(installed)
    assert verdict is Verdict.WARN
    assert "a change of the key is not done" in said
    assert "`congdanso key rotate` goes on with it" in run("status")[1]
    assert "was there already and writes now" in run("rotate")[1]


def test_a_program_that_goes_on_with_the_old_key_is_told(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_keys, "others", lambda *_: {"outbox.payload": 2})
    monkeypatch.setattr(rotation, "_PASSES", 3)
    code, said = run("rotate")
    assert code == 1
    assert "a program still writes with another key (outbox.payload 2)" in said
    monkeypatch.undo()
    database = Database(make_engine(installed.sqlalchemy_url))
    assert len(database.read_now(data_keys.marks)) == 2
    database.close()


def test_backups_that_need_an_old_key_keep_it(installed: Settings) -> None:
    first = run("status")[1].split()[1]
    assert CliRunner().invoke(app, ["backup"]).exit_code == 0
    run("rotate")
    assert looked(installed) == [(Verdict.OK, f"{first} is kept for backups made with it")]
    with pytest.raises(BadRequest, match="a backup needs it"):
        run("forget", first)
    assert run("forget", first, "--anyway")[0] == 0
    ((verdict, said),) = looked(installed)
    assert (verdict, said) == (Verdict.WARN, f"backups need {first}, which is not here")


def test_a_key_file_of_ones_own(
    installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CONGDANSO_DATA_KEY_FILE is changed in place, and read by others it is told."""
    own = tmp_path / "secrets" / "data.key"
    own.parent.mkdir()
    own.write_bytes((installed.var_dir / "key").read_bytes())
    own.chmod(0o644)
    (installed.var_dir / "key").unlink()
    monkeypatch.setenv("CONGDANSO_DATA_KEY_FILE", str(own))
    settings = load_settings()
    ((bad, said),) = [(each.verdict, each.said) for each in key_look(settings)]
    assert (bad, said) == (Verdict.BAD, f"{own} can be read by others")
    assert run("rotate")[0] == 0
    assert len(own.read_text().split()) == 2
    assert own.stat().st_mode & 0o777 == 0o600
    assert not (settings.var_dir / "key").exists()

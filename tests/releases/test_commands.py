"""content status, content check and content export on what the console has published."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.releases.shop import NAME, Process, make_folder


@pytest.fixture
def process(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Process:
    """A program that has published an edit, ended; the commands find its database."""
    var = tmp_path / "var"
    var.mkdir()
    (var / "congdanso.db").write_bytes(sqlite_template.read_bytes())
    made = Process(f"sqlite:///{var / 'congdanso.db'}", make_folder(tmp_path / "content"), var)

    async def publish() -> None:
        await made.serve()
        await made.publish(title="Của trang")

    asyncio.run(publish())
    made.close()
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(var))
    monkeypatch.setenv("CONGDANSO_CONTENT_DIR", str(made.folder))
    monkeypatch.setenv("CONGDANSO_DATA_KEY", "")
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["content", *words])


def test_an_edit_is_shown_exported_and_then_the_same(process: Process) -> None:
    assert f"{NAME}: served; the file is as it was" in run("status").output
    done = run("export")
    assert done.exit_code == 0, done.output
    assert "1 file(s) written" in done.output
    assert "title: Của trang" in process.text
    assert f"{NAME}: served; the file says the same" in run("status").output
    assert "0 file(s) written, 1 as they are" in run("export").output


def test_a_conflict_is_named_and_nothing_is_written(process: Process, tmp_path: Path) -> None:
    process.change_file(title="Của tệp")
    before = process.text
    assert run("status").exit_code == 1
    done = run("export")
    assert done.exit_code == 1
    assert "conflict" in done.output
    assert process.text == before
    assert run("export", "--out", str(tmp_path / "out")).exit_code == 1
    assert not (tmp_path / "out").exists()
    checked = run("check")
    assert checked.exit_code == 1
    assert "console has published another text" in checked.output


def test_force_goes_with_served_guides_only(process: Process) -> None:
    refused = run("export", "--force")
    assert "--force goes with" in str(refused.exception)
    assert "--out is missing" in str(run("export", "--all").exception)

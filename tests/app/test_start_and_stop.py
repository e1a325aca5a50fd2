"""`congdanso serve` as people meet it: starts, says what is wrong in one line, stops cleanly."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import httpx
import pytest

from bot.__main__ import main
from bot.settings import ROOT
from tests.process import Served, with_model

pytestmark = pytest.mark.program


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(arguments: list[str], var_dir: Path, **settings: str) -> Done:
    """A command of the program, to its end, in this process (a new one takes seconds)."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
    environment |= {"CONGDANSO_VAR_DIR": str(var_dir), **settings}
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(sys, "argv", ["congdanso", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def assert_one_clear_line(done: Done, *words: str) -> None:
    """Exit code 2, one line on stderr with these words, no traceback."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("congdanso: http")]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("congdanso: ")
    for word in words:
        assert word in lines[0]


def test_as_a_process(tmp_path: Path) -> None:
    """One of them as people run it: the installed command, its exit code and its one line."""
    command = Path(sys.executable).with_name("congdanso")
    environment = {**os.environ, "CONGDANSO_VAR_DIR": str(tmp_path), "CONGDANSO_PORT": "eighty"}
    done = subprocess.run([command, "serve"], env=environment, capture_output=True, text=True)
    assert_one_clear_line(Done(done.returncode, done.stdout, done.stderr), "CONGDANSO_PORT")


def test_port_taken(tmp_path: Path) -> None:
    """Another program has the port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run(["serve"], tmp_path, CONGDANSO_PORT=port)
    assert_one_clear_line(done, port, "CONGDANSO_PORT")


def test_a_parent_of_the_database_is_a_file(tmp_path: Path) -> None:
    """Root ignores permissions, but nobody can make a folder inside a file."""
    (tmp_path / "file").write_text("")
    done = run(["serve"], tmp_path / "file" / "var", CONGDANSO_PORT="0")
    assert_one_clear_line(done, "CONGDANSO_VAR_DIR")


def test_the_database_is_not_one(tmp_path: Path) -> None:
    """A file that is no database."""
    (tmp_path / "congdanso.db").write_bytes(b"not a database at all" * 100)
    done = run(["serve"], tmp_path, CONGDANSO_PORT="0")
    assert_one_clear_line(done, "CONGDANSO_VAR_DIR")


def test_postgresql_out_of_reach(tmp_path: Path) -> None:
    """Nobody listens there."""
    url = "postgresql://somebody:secret-word@127.0.0.1:1/none"
    done = run(["serve"], tmp_path, CONGDANSO_PORT="0", CONGDANSO_DATABASE_URL=url)
    assert_one_clear_line(done, "CONGDANSO_DATABASE_URL")
    assert "secret-word" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONGDANSO_PORT", "eighty"),
        ("CONGDANSO_PORT", "70000"),
        ("CONGDANSO_LOG_LEVEL", "loud"),
        ("CONGDANSO_RETENTION_DAYS", "0"),
        ("CONGDANSO_DATA_KEY", "too-short"),
        ("CONGDANSO_DATABASE_URL", "mysql://x/y"),
        ("CONGDANSO_TELEGRAM_MODE", "pigeon"),
    ],
)
def test_wrong_setting(name: str, value: str, tmp_path: Path) -> None:
    """The variable is named."""
    assert_one_clear_line(run(["serve"], tmp_path, **{"CONGDANSO_PORT": "0", name: value}), name)


def test_webhook_without_a_secret(tmp_path: Path) -> None:
    """Settings that need each other."""
    settings = {"CONGDANSO_TELEGRAM_TOKEN": "1:x", "CONGDANSO_TELEGRAM_MODE": "webhook"}
    done = run(["serve"], tmp_path, CONGDANSO_PORT="0", **settings)
    assert_one_clear_line(done, "CONGDANSO_TELEGRAM_WEBHOOK_SECRET")


def test_invalid_guide(tmp_path: Path) -> None:
    """File, line and field are named."""
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content)
    guide = content / "guides" / "qr_pay.yml"
    guide.write_text(guide.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")
    line = len(guide.read_text(encoding="utf-8").splitlines())
    done = run(["serve"], tmp_path / "var", CONGDANSO_PORT="0", CONGDANSO_CONTENT_DIR=str(content))
    assert_one_clear_line(done, f"qr_pay.yml:{line}", "colour")


def test_missing_phrase(tmp_path: Path) -> None:
    """The bot's own words are checked as well."""
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content)
    phrases = content / "phrases.yml"
    text = phrases.read_text(encoding="utf-8")
    phrases.write_text(text.replace("  thanks: ", "  thanx: "), encoding="utf-8")
    done = run(["serve"], tmp_path / "var", CONGDANSO_PORT="0", CONGDANSO_CONTENT_DIR=str(content))
    assert done.returncode == 2
    assert "say.thanks" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly_with_a_page_open(stop: signal.Signals, tmp_path: Path) -> None:
    """An open stream does not hold the program back, and the next start is served."""
    with (
        Served(with_model(tmp_path / "var"), {}) as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=10) as client,
    ):
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/readyz").json()["ready"] is True
        assert "congdanso_engine_ready 1.0" in client.get("/metrics").text
        client.post("/chat/open", json={})
        with client.stream("GET", "/chat/stream") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 2000"
            assert "event: message" in lines
            assert served.process is not None
            served.process.send_signal(stop)
            # The stream ends; were it held open, this would time out.
            list(lines)
        assert served.process.wait(10) == 0

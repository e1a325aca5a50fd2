"""The real program as its own process, for tests that kill it and for benches."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx

from nlu.engine import DATA_DIR, train_embedded
from tests.fakes.telegram import DEFAULT_TOKEN

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "var" / "models"
WEBHOOK_SECRET = "invented-webhook-secret"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def trained_models() -> Path:
    """The folder of the model of the shipped data, trained once per data and code.

    Kept in var/models, where `serve` keeps it too; a lock lets one of several test processes train
    while the others wait.
    """
    MODELS.parent.mkdir(exist_ok=True)
    with (MODELS.parent / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        train_embedded(DATA_DIR, MODELS)
    return MODELS


def with_model(var_dir: Path) -> Path:
    """A var folder whose engine is trained already."""
    trained_models()
    var_dir.mkdir(parents=True, exist_ok=True)
    link = var_dir / "models"
    if not link.exists():
        link.symlink_to(MODELS)
    return var_dir


def telegram_settings(api: str, *, webhook_port: int | None = None) -> dict[str, str]:
    """Environment for a bot on a fake Bot API, with the sending limits lifted."""
    environment = {
        "CONGDANSO_TELEGRAM_TOKEN": DEFAULT_TOKEN,
        "CONGDANSO_TELEGRAM_API_URL": api,
        "CONGDANSO_SEND_PER_SECOND": "0",
        "CONGDANSO_SEND_PER_CHAT_SECOND": "0",
        "CONGDANSO_SEND_PER_GROUP_MINUTE": "0",
        "CONGDANSO_MESSAGES_PER_MINUTE": "0",
    }
    if webhook_port is not None:
        environment |= {
            "CONGDANSO_TELEGRAM_MODE": "webhook",
            "CONGDANSO_TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "CONGDANSO_PUBLIC_URL": f"http://127.0.0.1:{webhook_port}",
        }
    return environment


class Served:
    """`congdanso serve` as a process on a port of its own."""

    command: tuple[str, ...] = (sys.executable, "-m", "bot", "serve")

    def __init__(self, var_dir: Path, settings: Mapping[str, str], port: int | None = None) -> None:
        self.var_dir = var_dir
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")},
            "CONGDANSO_VAR_DIR": str(var_dir),
            "CONGDANSO_PORT": str(self.port),
            "CONGDANSO_LOG_LEVEL": "warning",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True, timeout: float = 90) -> Self:
        """Start; with `wait` return when it is ready to answer."""
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self._environment)
        if wait:
            self.until_ready(timeout)
        return self

    def until_ready(self, timeout: float = 90) -> None:
        """Return when /readyz says yes. RuntimeError when the process ended or time is up."""
        deadline = time.monotonic() + timeout
        # Without `verify=False` every look would load the machine's certificates.
        client = httpx.Client(base_url=self.url, trust_env=False, verify=False)
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError("the program ended before it was ready")
            with contextlib.suppress(httpx.TransportError):
                if client.get("/readyz").status_code == 200:
                    return
            # A process start is waited for by asking it; there is nothing else to wait on.
            time.sleep(0.05)
        raise RuntimeError("the program was not ready in time")

    def kill(self) -> None:
        """SIGKILL: no goodbye of any kind."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """A signal and the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(30)

    def sending(self) -> int:
        """How many messages were being sent when the process died (SQLite only)."""
        with contextlib.closing(sqlite3.connect(self.var_dir / "congdanso.db")) as db:
            row = db.execute("SELECT count(*) FROM outbox WHERE status = 'sending'").fetchone()
        return int(row[0])

    def __enter__(self) -> Self:
        """Start and wait."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop whatever still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

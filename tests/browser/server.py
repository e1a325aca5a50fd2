"""The real program and a real browser, for the browser tests and the screenshot."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("congdanso")
PHONE = (360, 740)
_CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_URL = re.compile(r"http://127\.0\.0\.1:(\d+)")


class Server:
    """`congdanso serve` on its own folder; stopped and started again, it keeps its port."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = 0
        self.output: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Returns once the port is open."""
        process = subprocess.Popen(
            [str(COMMAND), "serve"],
            cwd=ROOT,
            env=_environment(self.var, self.port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._process = process
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line)
            if found := _URL.search(line):
                self.port = int(found[1])
                break
        else:
            raise RuntimeError("congdanso serve ended:\n" + "".join(self.output))
        threading.Thread(target=self.output.extend, args=(process.stdout,), daemon=True).start()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Returns once the process is gone."""
        process = self._process
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            self._process = None


def train(var: Path) -> None:
    """Make the model before the server starts, so that no test waits for it."""
    command = [str(COMMAND), "nlu", "train"]
    subprocess.run(command, cwd=ROOT, env=_environment(var, 0), check=True, capture_output=True)


def same_model(trained: Path, var: Path) -> Path:
    """A folder with that model and nothing else."""
    shutil.copytree(trained / "models", var / "models")
    return var


def launch(playwright: Playwright) -> Browser:
    """Chromium, without anything it would fetch by itself."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    return playwright.chromium.launch(executable_path=path, args=_CHROMIUM_ARGS)


def _environment(var: Path, port: int) -> dict[str, str]:
    settings = {
        "CONGDANSO_PORT": str(port),
        "CONGDANSO_VAR_DIR": str(var),
        "CONGDANSO_DATABASE_URL": "",
        "CONGDANSO_TELEGRAM_TOKEN": "",
        # A killed worker's conversations are taken over soon.
        "CONGDANSO_LEASE_SECONDS": "2",
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
    return {**kept, **settings}

"""The real Rasa as the program makes, trains and starts it, for tests that may kill it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.process import ROOT, free_port

VAR = ROOT / "var"
_START_SECONDS = 180


def run(*words: str, timeout: float = 900) -> str:
    """A command of the program to its end, on the project's own var/; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class RealRasa:
    """`congdanso rasa serve` as a process; its output goes to `log`."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start and wait until the model is loaded; how many seconds that took."""
        command = [sys.executable, "-m", "bot", "rasa", "serve", "--port", str(self.port)]
        started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=_environment(), stdout=log, stderr=subprocess.STDOUT
            )
        while time.monotonic() - started < _START_SECONDS:
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/status", trust_env=False).status_code == 200:
                    return time.monotonic() - started
            # A process start is waited for by asking it; there is nothing else to wait on.
            time.sleep(0.2)
        raise RuntimeError("Rasa was not ready in time")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM and the exit code; nothing when it does not run."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.terminate()
        return self.process.wait(30)

    def memory(self) -> float:
        """Resident memory in MB (Linux)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
    return kept | {"CONGDANSO_VAR_DIR": str(VAR)}

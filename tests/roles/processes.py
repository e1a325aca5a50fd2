"""web, worker and scheduler as processes of their own, for tests and benches."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.fakes.telegram import RemoteTelegram
from tests.process import ROOT, Served, free_port, telegram_settings, with_model

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#: Leases and sweeps that a test can wait for.
QUICK = {"CONGDANSO_LEASE_SECONDS": "1.5", "CONGDANSO_POLL_SECONDS": "0.2"}


class Role(Served):
    """One role as a process. A worker or scheduler answers for its health on the port."""

    def __init__(
        self, role: str, var_dir: Path, settings: Mapping[str, str], port: int | None = None
    ) -> None:
        super().__init__(var_dir, settings, port)
        self.role = role

    def start(self, *, wait: bool = True, timeout: float = 90) -> Self:
        """Start; with `wait` return when it is ready."""
        command = [sys.executable, "-m", "bot", self.role, "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment)
        if wait:
            self.until_ready(timeout)
        return self


def settings_of(api: str, url: str, port: int, quick: bool = True) -> dict[str, str]:
    """Environment for every role of one installation; `port` is the webhook's."""
    settings = telegram_settings(api, webhook_port=port)
    settings |= {"CONGDANSO_DATABASE_URL": url, "CONGDANSO_DATA_KEY": KEY}
    return settings | (QUICK if quick else {})


@contextlib.contextmanager
def roles(
    folder: Path,
    remote: RemoteTelegram,
    url: str,
    names: Sequence[str],
    more: Mapping[str, str] | None = None,
) -> Iterator[list[Role]]:
    """Processes of these roles, all ready, stopped afterwards."""
    settings = settings_of(remote.url, url, free_port()) | dict(more or {})
    made = [Role(name, with_model(folder / "var"), settings) for name in names]
    with contextlib.ExitStack() as stack:
        for role in made:
            stack.push(role.__exit__)
            role.start(wait=False)
        for role in made:
            role.until_ready()
        yield made


def run(role: str, var_dir: Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A role that is expected to end by itself."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", role],
        cwd=ROOT,
        env={**kept, "CONGDANSO_VAR_DIR": str(var_dir), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

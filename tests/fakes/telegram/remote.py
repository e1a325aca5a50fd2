"""RemoteTelegram: drives a fake that runs as its own process, through its control API."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx

from .model import Json
from .state import DEFAULT_TOKEN

ROOT = Path(__file__).resolve().parents[3]


class RemoteTelegram:
    """A client of the control API; `do` names an action of FakeTelegram."""

    def __init__(self, port: int) -> None:
        """Talk to the fake on that loopback port."""
        self.port = port
        self.url = f"http://127.0.0.1:{port}/bot"
        self.file_url = f"http://127.0.0.1:{port}/file/bot"
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/control/", timeout=70, trust_env=False
        )

    @classmethod
    @contextmanager
    def spawn(cls, log: str | Path | None = None, *options: str) -> Iterator[Self]:
        """Run a fake of its own process for the length of the block."""
        command = [
            sys.executable,
            "-m",
            "tests.fakes.telegram",
            "--port",
            "0",
            *options,
        ]
        if log:
            command += ["--log", str(log)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("the fake Telegram did not start")
                with (remote := cls(int(json.loads(line)["port"]))).http:
                    yield remote
            finally:
                process.terminate()
                process.wait(10)

    def _checked(self, answer: httpx.Response) -> Any:
        out = answer.json()
        if answer.status_code != 200:
            raise RuntimeError(out["error"])
        return out

    def do(self, action: str, **arguments: Any) -> Any:
        """Perform an action (user, group, send_text, press, fault, …) with its arguments."""
        return self._checked(self.http.post(action, json=arguments))

    def batch(self, steps: list[tuple[str, Json]]) -> list[Any]:
        """Perform many actions in one request."""
        body = [{"action": action, "args": arguments} for action, arguments in steps]
        answer: list[Any] = self._checked(self.http.post("batch", json=body))
        return answer

    def update(self, update: Json) -> Json:
        """Inject a raw update."""
        answer: Json = self._checked(self.http.post("update", json=update))
        return answer

    def settings(self, **values: Any) -> Json:
        """Change rate_limits, conflict_terminates, webhook_retry, callback_timeout, privacy."""
        answer: Json = self._checked(self.http.post("settings", json=values))
        return answer

    def status(self) -> Json:
        """Return counts: calls, pending, sent, polling, the webhook."""
        answer: Json = self._checked(self.http.get("status"))
        return answer

    def calls(self, timeout: float = 0, **query: Any) -> list[Json]:
        """Return recorded calls; query: after (a seq), method, chat_id, count to wait for."""
        found: list[Json] = self._checked(
            self.http.get("calls", params={"timeout": timeout, **query})
        )
        return found

    def messages(self, chat_id: int, timeout: float = 0, **query: Any) -> list[Json]:
        """Return what the bot sent to a chat; query: after (a message id), containing."""
        found: list[Json] = self._checked(
            self.http.get("messages", params={"chat_id": chat_id, "timeout": timeout, **query})
        )
        return found

    def wait_message(
        self,
        chat_id: int,
        containing: str = "",
        after: int | None = None,
        timeout: float = 10.0,
    ) -> Json:
        """Block until the bot has sent such a message; return the first one."""
        query: Json = {"containing": containing}
        if after is not None:
            query["after"] = after
        found = self.messages(chat_id, timeout, **query)
        if not found:
            raise TimeoutError(f"no message to {chat_id} containing {containing!r}")
        return found[0]


__all__ = ["DEFAULT_TOKEN", "RemoteTelegram"]

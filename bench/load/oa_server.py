"""The fake Official Account platform as its own process: `python -m bench.load.oa_server --log F`.

Prints {"port": N, "refresh": a refresh token} and writes every message that a person would see to
the log, one JSON a line, as the fake Bot API server does.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tests.zalo.oa_fake import FakeOa

_KEEP = 1000


class LoggedOa(FakeOa):
    """Keeps its log in a file, and little in memory."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log.open("a", encoding="utf-8", buffering=1)

    def _message(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        answer = super()._message(path, data)
        if answer["error"] == 0:
            sent = self.messages[-1]
            call = {"method": "message", "chat_id": sent.user, "time": time.time()}
            self._log.write(json.dumps(call | {"params": {"text": sent.text}}) + "\n")
        if len(self.messages) > _KEEP:
            self.messages.clear()
            self.calls.clear()
        return answer


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, required=True)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with LoggedOa(given.log) as fake:
        _, refresh = fake.grant()
        print(json.dumps({"port": fake.port, "refresh": refresh}), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()

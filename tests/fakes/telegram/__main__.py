"""Run the fake as its own process: `python -m tests.fakes.telegram --port 0 --log FILE`."""

from __future__ import annotations

import argparse
import json

from .server import FakeTelegram
from .state import DEFAULT_TOKEN


def main() -> None:
    """Parse the arguments, print {"port": N} once listening, serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--log", help="append every accepted call to this file, one JSON a line")
    parser.add_argument("--log-rejected", action="store_true", help="log refused calls too")
    parser.add_argument("--token", action="append", help="accepted token (may be repeated)")
    parser.add_argument("--rate-limits", action="store_true", help="apply Telegram's limits")
    parser.add_argument("--privacy", action="store_true", help="the bot has privacy mode on")
    args = parser.parse_args()
    fake = FakeTelegram(
        args.token or [DEFAULT_TOKEN],
        rate_limits=args.rate_limits,
        privacy=args.privacy,
        log=args.log,
        log_rejected=args.log_rejected,
    )
    fake.port = args.port
    fake.serve(lambda: print(json.dumps({"port": fake.port}), flush=True))
    fake.close_log()


if __name__ == "__main__":
    main()

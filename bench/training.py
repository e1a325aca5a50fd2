"""Replies while a model is being trained beside the program: latency with and without.

`uv run python -m bench.training` serves congdanso on SQLite with a fake Bot API server, measures
the time from a POST to its sendMessage, then does so while `nlu retrain` trains, and prints both.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.reply import Run, ours
from nlu.embedded.metrics import percentile
from tests.fakes.telegram import RemoteTelegram
from tests.process import ROOT


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=600, help="messages of each run")
    parser.add_argument("--rate", type=float, default=30.0, help="messages a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "calls.jsonl"
        with RemoteTelegram.spawn(log) as remote, ours(remote, folder / "var") as (port, _):
            run = Run(remote, log, port, 1_000_000)
            run.latency(60, given.rate)
            alone = run.latency(given.messages, given.rate)
            training = _train(folder / "var")
            try:
                beside = run.latency(given.messages, given.rate)
                still = training.poll() is None
            finally:
                training.terminate()
                training.wait(20)
    if not still:
        sys.exit("the training ended before the messages did: give fewer --messages")
    print(f"{given.messages} messages at {given.rate:g}/s")
    print("| | p50 ms | p95 ms | p99 ms |")
    print("|---|---:|---:|---:|")
    for name, times in (("alone", alone), ("with a training beside", beside)):
        cells = " | ".join(f"{percentile(times, share):.1f}" for share in (0.5, 0.95, 0.99))
        print(f"| {name} | {cells} |")
    print(f"p95 ratio: {percentile(beside, 0.95) / percentile(alone, 0.95):.2f}")


def _train(var: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "CONGDANSO_VAR_DIR": str(var)}
    command = [sys.executable, "-m", "bot", "nlu", "retrain"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()

"""From the POST of a Telegram update to the sendMessage call: latency and sustained rate.

`uv run python -m bench.reply` starts a fake Bot API server, then in turn the bare echo bot and
congdanso on SQLite, each with the same generator, and prints one table. Sending limits are lifted
(CONGDANSO_SEND_* = 0), texts are distinct, nothing is cached. Times are the fake server's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.load import Posters, read_log, text_update
from nlu.embedded.metrics import percentile
from tests.fakes.telegram import DEFAULT_TOKEN, RemoteTelegram
from tests.process import (
    ROOT,
    WEBHOOK_SECRET,
    Served,
    free_port,
    telegram_settings,
    with_model,
)

_CONNECTIONS = 32


def texts(count: int) -> list[str]:
    """Distinct realistic messages: the validation sentences, each with a number of its own."""
    with (ROOT / "nlu" / "data" / "validation.tsv").open(encoding="utf-8", newline="") as file:
        lines = [
            row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    random.Random(7).shuffle(lines)
    return [f"{lines[i % len(lines)]} lan {i // len(lines) + 1}" for i in range(count)]


@contextlib.contextmanager
def echo(remote: RemoteTelegram) -> Iterator[tuple[int, int]]:
    """The reference."""
    port = free_port()
    command = [sys.executable, "-m", "bench.echo_bot", "--port", str(port)]
    command += ["--token", DEFAULT_TOKEN, "--api", remote.url]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _until_served(process, port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def ours(remote: RemoteTelegram, folder: Path) -> Iterator[tuple[int, int]]:
    """congdanso as it is shipped, but for the sending limits."""
    port = free_port()
    settings = telegram_settings(remote.url, webhook_port=port)
    with Served(with_model(folder), settings, port) as served:
        assert served.process is not None
        yield port, served.process.pid


def _until_served(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("the echo bot did not come up")


#: Per server: latencies (ms), sustained rates (a second), CPU (ms a message).
Results = dict[str, tuple[list[float], list[float], list[float]]]


class Run:
    """One server measured."""

    def __init__(self, remote: RemoteTelegram, log: Path, port: int, first_chat: int) -> None:
        self._remote = remote
        self._log = log
        self._port = port
        self._next = first_chat

    def _poster(self) -> Posters:
        headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        return Posters(self._port, "/telegram/webhook", headers, _CONNECTIONS)

    def _people(self, count: int) -> list[int]:
        ids = list(range(self._next, self._next + count))
        self._next += count
        self._remote.batch([("user", {"id": i}) for i in ids])
        return ids

    def _sent(self, chats: set[int], count: int) -> dict[int, list[float]]:
        """When each chat was sent to; waits until `count` sends are in the log."""
        deadline = time.monotonic() + 120
        while True:
            found: dict[int, list[float]] = {}
            for call in read_log(self._log):
                if call["method"] == "sendMessage" and call["chat_id"] in chats:
                    found.setdefault(call["chat_id"], []).append(call["time"])
            if sum(map(len, found.values())) >= count:
                return found
            if time.monotonic() > deadline:
                raise RuntimeError(f"{sum(map(len, found.values()))} of {count} were answered")
            time.sleep(0.2)

    def latency(self, count: int, per_second: float) -> list[float]:
        """Milliseconds from POST to sendMessage, one message a person, on a steady beat."""
        people = self._people(count)
        bodies = [
            (chat, text_update(chat, chat, text))
            for chat, text in zip(people, texts(count), strict=True)
        ]
        poster = self._poster()
        asyncio.run(poster.at_rate(bodies, per_second))
        sent = self._sent(set(people), count)
        return [(sent[chat][0] - poster.began[chat]) * 1000 for chat in people]

    def sustained(self, count: int, people: int) -> float:
        """Messages a second, as fast as the server takes them, until the last is answered."""
        ids = self._people(people)
        first = self._next
        bodies = [
            (first + i, text_update(first + i, ids[i % people], text))
            for i, text in enumerate(texts(count))
        ]
        self._next += count
        poster = self._poster()
        asyncio.run(poster.as_fast_as_taken(bodies))
        sent = self._sent(set(ids), count)
        last = max(max(times) for times in sent.values())
        return count / (last - min(poster.began.values()))


def cpu_seconds(pid: int) -> float:
    """User and system time a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=600, help="messages of the latency run")
    parser.add_argument("--rate", type=float, default=30.0, help="messages a second of that run")
    parser.add_argument("--burst", type=int, default=2000, help="messages of the sustained run")
    parser.add_argument("--people", type=int, default=200, help="people of the sustained run")
    parser.add_argument("--rounds", type=int, default=3, help="sustained runs of each, in turn")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(given, Path(folder))


def _measure(given: argparse.Namespace, folder: Path) -> None:
    results: Results = {"echo": ([], [], []), "congdanso": ([], [], [])}
    log = folder / "calls.jsonl"
    with RemoteTelegram.spawn(log) as remote:
        first = 1_000_000
        for turn in range(given.rounds):
            for name in results:
                server = echo(remote) if name == "echo" else ours(remote, folder / "var")
                with server as (port, pid):
                    run = Run(remote, log, port, first)
                    run.latency(60, given.rate)
                    if turn == 0:
                        results[name][0].extend(run.latency(given.messages, given.rate))
                    before = cpu_seconds(pid)
                    results[name][1].append(run.sustained(given.burst, given.people))
                    results[name][2].append((cpu_seconds(pid) - before) / given.burst * 1000)
                    first += 1_000_000
    _print(results, given)


def _print(results: Results, given: argparse.Namespace) -> None:
    print(f"latency at {given.rate:g}/s, {given.messages} messages; sustained: {given.burst}")
    print("| server | p50 ms | p95 ms | p99 ms | sustained/s (each run) | CPU ms a message |")
    print("|---|---|---|---|---|---|")
    for name, (latency, rates, cpu) in results.items():
        cells = " | ".join(f"{percentile(latency, share):.1f}" for share in (0.5, 0.95, 0.99))
        runs = ", ".join(f"{rate:.0f}" for rate in rates)
        middle = sorted(rates)[len(rates) // 2]
        used = sorted(cpu)[len(cpu) // 2]
        print(f"| {name} | {cells} | {middle:.0f} ({runs}) | {used:.1f} |")
    ratios = [
        mine / theirs
        for mine, theirs in zip(results["congdanso"][1], results["echo"][1], strict=True)
    ]
    print("sustained, congdanso / echo, pair by pair: " + ", ".join(f"{r:.2f}" for r in ratios))


if __name__ == "__main__":
    main()

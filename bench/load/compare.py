"""Every channel of congdanso, and beside it the echo bot or Rasa, in turn in one run."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.load import rasa, report
from bench.load.channels import Channel, TelegramPeople, WebPeople, ZaloPeople
from bench.load.measure import CONNECTIONS, Crowd, Figures
from bench.load.programs import Fakes, Target, congdanso, echo_bot, fakes
from bench.load.wire import Generator, Item, request
from bench.reply import texts
from tests.process import ROOT

_WARM = 40
_CEILING = 5000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what."""

    rounds: int = 3
    rate: float = 50.0
    messages: int = 600
    burst: int = 2000
    people: int = 200
    at_once: int = 500
    channels: tuple[str, ...] = ("telegram", "zalo", "web", "mix")
    against: str = "echo"
    rasa_var: Path = Path("var")


async def run(folder: Path, plan: Plan) -> report.Row:
    """Measure and print; everything measured."""
    result: report.Row = {"machine": report.machine(), "ceiling": await ceiling()}
    print(f"the generator alone: {result['ceiling']:.0f} messages/s", flush=True)
    if plan.against == "rasa":
        rows = await rasa.rounds(folder, plan.rasa_var, plan.rounds, plan.burst)
        print(report.table(rows))
        return result | {"rows": rows}
    rows = []
    with fakes(folder) as made:
        rows += await _telegram(made, folder, plan)
        with congdanso(made, folder / "var") as target:
            result["start_s"] = target.start
            for name in plan.channels:
                if name != "telegram":
                    rows += await _channel(name, made, target, plan)
    print(report.table(rows))
    if "start_s" in result:
        print(f"start to ready: {result['start_s']:.1f} s")
    for rate, cpu in report.ratios(rows, "sustained", "telegram", "echo"):
        print(f"congdanso / echo: rate {rate:.2f}; by CPU a message {cpu:.2f}")
    return result | {"rows": rows}


async def ceiling() -> float:
    """Messages a second the generator makes of a server that does nothing."""
    with _sink() as port:
        generator = Generator(port, CONNECTIONS)
        body = b"{}" + b" " * 300
        items = [Item(n, str(n % 97), request("/", body)) for n in range(_CEILING)]
        began = time.perf_counter()
        await generator.as_fast_as_taken(items)
        return _CEILING / (time.perf_counter() - began)


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    command = [sys.executable, "-m", "bench.load.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield int(json.loads(process.stdout.readline())["port"])
        finally:
            process.terminate()


async def _telegram(made: Fakes, folder: Path, plan: Plan) -> list[report.Row]:
    """Both servers in turn, each round with new people."""
    if "telegram" not in plan.channels:
        return []
    servers: list[Callable[[], AbstractContextManager[Target]]] = [
        lambda: congdanso(made, folder / "var")
    ]
    if plan.against == "echo":
        servers.insert(0, lambda: echo_bot(made))
    rows = []
    for _ in range(plan.rounds):
        for server in servers:
            with server() as target:
                people = TelegramPeople(made.remote, made.telegram_log)
                crowd = Crowd(target, [people])
                await crowd.latency(_WARM, plan.rate)
                rows.append(_said(await crowd.latency(plan.messages, plan.rate)))
                rows.append(_said(await crowd.sustained(texts(plan.burst), plan.people)))
                await people.close()
    return rows


async def _channel(name: str, made: Fakes, target: Target, plan: Plan) -> list[report.Row]:
    channels = channels_of(name, made, target)
    crowd = Crowd(target, channels, name)
    try:
        await crowd.latency(_WARM, plan.rate)
        rows = [_said(await crowd.latency(plan.messages, plan.rate))]
        for _ in range(plan.rounds):
            rows.append(_said(await crowd.sustained(texts(plan.burst), plan.people)))
        if name == "zalo" and plan.at_once:
            for _ in range(plan.rounds):
                rows.append(_said(await crowd.at_once(texts(plan.at_once))))
    finally:
        for channel in channels:
            await channel.close()
    return rows


def channels_of(name: str, made: Fakes, target: Target) -> Sequence[Channel]:
    """The channels that a name stands for."""
    telegram = TelegramPeople(made.remote, made.telegram_log)
    zalo, web = ZaloPeople(made.zalo_log), WebPeople(target.port)
    known: dict[str, Sequence[Channel]] = {
        "telegram": [telegram],
        "zalo": [zalo],
        "web": [web],
        "mix": [telegram, zalo, web],
    }
    return known[name]


def _said(figures: Figures) -> report.Row:
    row = figures.row()
    print(report.table([row]).splitlines()[-1], flush=True)
    return row

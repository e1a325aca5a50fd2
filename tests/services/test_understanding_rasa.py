"""Rasa behind the bot: who answers, and where operators see it."""

from __future__ import annotations

import asyncio
import time

import pytest
import structlog

from bot.services.metrics import Metrics
from bot.services.understanding import Understanding
from nlu.engine import RasaServer
from tests.fakes.rasa import FakeRasa, Way
from tests.process import trained_models

TEXT = "làm thẻ căn cước"


def counted(metrics: Metrics, name: str, **labels: str) -> float:
    """A metric's value now."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


def server_of(fake: FakeRasa) -> RasaServer:
    """Quick to give up and quick to look again."""
    return RasaServer(fake.url, timeout=0.3, failures=3, pause=0.1)


async def until(understanding: Understanding, nlu: str) -> None:
    """Wait for the switch."""
    for _ in range(200):
        if understanding.nlu == nlu:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"nlu is {understanding.nlu!r}, not {nlu!r}")


async def test_without_rasa_nothing_is_asked() -> None:
    metrics = Metrics()
    understanding = Understanding(trained_models(), metrics)
    assert understanding.nlu == "embedded"
    await understanding.start()
    assert (await understanding.parse(TEXT)).intent == "chip_id_card"
    assert counted(metrics, "congdanso_parses_total", engine="embedded") == 1
    await understanding.watch()
    understanding.stop()


async def test_down_and_up_again_without_a_message() -> None:
    metrics = Metrics()
    with FakeRasa() as fake, structlog.testing.capture_logs() as logs:
        understanding = Understanding(trained_models(), metrics, rasa=server_of(fake))
        await understanding.start()
        watching = asyncio.create_task(understanding.watch())
        assert understanding.nlu == "rasa"
        assert counted(metrics, "congdanso_rasa_up") == 1
        fake.stop()
        await until(understanding, "embedded (rasa down)")
        assert counted(metrics, "congdanso_rasa_up") == 0
        assert counted(metrics, "congdanso_rasa_failures_total", why="connection") >= 3
        assert (await understanding.parse(TEXT)).intent == "chip_id_card"
        fake.start()
        await until(understanding, "rasa")
        assert (await understanding.parse(TEXT)).intent == "chip_id_card"
        watching.cancel()
        understanding.stop()
    assert counted(metrics, "congdanso_parses_total", engine="embedded") == 1
    assert counted(metrics, "congdanso_parses_total", engine="rasa") == 1
    said = [line["event"] for line in logs if line["event"].startswith("nlu: ")]
    assert said == ["nlu: rasa", "nlu: embedded (rasa down)", "nlu: rasa"]
    assert not [line for line in logs if TEXT in str(line)]


async def test_ready_with_rasa_down_from_the_start() -> None:
    """Nobody waits for a server that is not there."""
    fake = FakeRasa()
    understanding = Understanding(trained_models(), Metrics(), rasa=server_of(fake))
    await understanding.start()
    assert understanding.ready
    assert understanding.nlu == "embedded (rasa down)"
    assert (await understanding.parse(TEXT)).intent == "chip_id_card"
    understanding.stop()


async def test_a_slow_rasa_does_not_hold_the_program() -> None:
    """Forty people write at once to a server that hangs: all are answered, and the loop runs."""
    with FakeRasa() as fake:
        understanding = Understanding(
            trained_models(), Metrics(), rasa=RasaServer(fake.url, timeout=0.5, pause=60)
        )
        await understanding.start()
        fake.way = Way.SILENT
        started = time.monotonic()
        asked = asyncio.gather(*(understanding.parse(TEXT) for _ in range(40)))
        longest = 0.0
        while not asked.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        assert [found.intent for found in await asked] == ["chip_id_card"] * 40
        assert time.monotonic() - started < 2.5
        assert longest < 0.4
        understanding.stop()


async def test_more_than_a_slow_rasa_can_take() -> None:
    """It answers each in time and fails none; those it has no time for do not queue for long."""
    metrics = Metrics()
    with FakeRasa() as fake:
        fake.way = Way.SLOW
        server = RasaServer(fake.url, timeout=0.5, pause=60)
        understanding = Understanding(trained_models(), metrics, rasa=server)
        await understanding.start()
        started = time.monotonic()
        found = await asyncio.gather(*(understanding.parse(TEXT) for _ in range(100)))
        assert time.monotonic() - started < 2
        assert [parse.intent for parse in found] == ["chip_id_card"] * 100
        assert understanding.nlu == "rasa"
        understanding.stop()
    by_rasa = counted(metrics, "congdanso_parses_total", engine="rasa")
    busy = counted(metrics, "congdanso_rasa_failures_total", why="busy")
    assert by_rasa >= 8
    assert busy >= 50
    assert by_rasa + busy == 100


async def test_asking_before_it_is_ready_is_our_mistake() -> None:
    with pytest.raises(RuntimeError):
        await Understanding(trained_models(), Metrics()).parse(TEXT)

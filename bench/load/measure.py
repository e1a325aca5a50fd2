"""Measuring one server: latency on a beat, what it sustains, and many at the same moment."""

from __future__ import annotations

import asyncio
import itertools
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.load.channels import Channel, WebPeople
from bench.load.programs import Target
from bench.load.scripts import talk
from bench.load.wire import Generator, Item
from nlu.embedded.metrics import percentile

CONNECTIONS = 32
#: Seconds between two messages of one person at least, where latency is measured: a thing said
#: belongs to the last message before it.
_PAUSE = 4.0
_PATIENCE = 180.0
_LOOK = 0.2


class Unanswered(RuntimeError):
    """Messages were taken and not answered in time."""


@dataclass(slots=True)
class Figures:
    """What one run gave. Times in milliseconds, CPU in milliseconds of the server a message."""

    server: str
    channel: str
    kind: str
    messages: int
    sends: int
    rate: float
    cpu_ms: float
    generator_cpu_ms: float
    rss_mb: float
    reply_ms: list[float] = field(default_factory=list)
    acknowledged_ms: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """For a table or a file: lists as their percentiles."""
        row = asdict(self)
        for name in ("reply_ms", "acknowledged_ms"):
            values = row.pop(name)
            for share in (0.5, 0.95, 0.99):
                place = f"{name.removesuffix('_ms')}_p{share * 100:.0f}"
                row[place] = percentile(values, share) if values else None
            row[f"{name.removesuffix('_ms')}_max"] = max(values, default=None)
        return row


class Crowd:
    """People of one channel, or of several, who write to one server."""

    def __init__(self, target: Target, channels: Sequence[Channel], name: str = "") -> None:
        self.target = target
        self.channels = list(channels)
        self.name = name or "+".join(c.name for c in channels)
        self._numbers = itertools.count(1)
        self._seeds = itertools.count(1)
        #: What was written for pages that are not of this run.
        self._before = target.told_on_web() if self._pages else 0

    @property
    def _pages(self) -> list[WebPeople]:
        return [c for c in self.channels if isinstance(c, WebPeople)]

    async def latency(self, count: int, per_second: float) -> Figures:
        """Conversations as they are typed, on a steady beat: POST to the first answer."""
        people = await self.people(max(1, min(count, round(per_second * _PAUSE))))
        talks = {who: talk(next(self._seeds)) for who, _ in people}
        plan = list(itertools.islice(itertools.cycle(people), count))
        return await self._run(
            "latency",
            [self._item(who, channel, next(talks[who])) for who, channel in plan],
            people,
            per_second,
        )

    async def sustained(self, texts: Sequence[str], people: int) -> Figures:
        """As fast as they are taken, until the last is answered."""
        return await self.say(await self.people(min(people, len(texts))), texts)

    async def say(self, people: list[tuple[str, Channel]], texts: Sequence[str]) -> Figures:
        """These people write the texts in turn, as fast as they are taken."""
        items = [
            self._item(who, channel, text)
            for (who, channel), text in zip(itertools.cycle(people), texts, strict=False)
        ]
        return await self._run("sustained", items, people, 0.0)

    async def at_once(self, texts: Sequence[str]) -> Figures:
        """One message of each person, all at the same moment."""
        made = await self.people(len(texts))
        items = [
            self._item(who, channel, text) for (who, channel), text in zip(made, texts, strict=True)
        ]
        return await self._run("at once", items, made, -1.0)

    async def people(self, count: int) -> list[tuple[str, Channel]]:
        """So many who have never written, spread evenly over the channels."""
        made: list[list[tuple[str, Channel]]] = []
        for n, channel in enumerate(self.channels):
            share = count // len(self.channels) + (n < count % len(self.channels))
            made.append([(who, channel) for who in await channel.people(share)])
        mixed = itertools.chain.from_iterable(itertools.zip_longest(*made))
        return [person for person in mixed if person is not None]

    def _item(self, who: str, channel: Channel, text: str) -> Item:
        return Item(next(self._numbers), who, channel.message(who, text))

    async def _run(
        self, kind: str, items: list[Item], people: list[tuple[str, Channel]], rate: float
    ) -> Figures:
        generator = Generator(self.target.port, CONNECTIONS)
        before = self._said(people)
        cpu, own = self.target.cpu(), time.process_time()
        if rate > 0:
            await generator.at_rate(items, rate)
        elif rate < 0:
            await generator.at_once(items)
        else:
            await generator.as_fast_as_taken(items)
        await self._until_answered(items, people, before)
        cpu, own = self.target.cpu() - cpu, time.process_time() - own
        heard = self._said(people)
        sends = sum(len(heard[who]) - len(before[who]) for who, _ in people)
        last = max(times[-1] for times in heard.values())
        first = min(generator.began.values())
        return Figures(
            self.target.name,
            self.name,
            kind,
            len(items),
            sends,
            len(items) / (last - first),
            cpu / len(items) * 1000,
            own / len(items) * 1000,
            self.target.rss_mb(),
            _latencies(items, generator, heard) if kind != "sustained" else [],
            [seconds * 1000 for seconds in generator.acknowledged.values()],
        )

    def _said(self, people: list[tuple[str, Channel]]) -> dict[str, list[float]]:
        """When each person was told something."""
        found: dict[str, list[float]] = {}
        for channel in self.channels:
            mine = [who for who, of in people if of is channel]
            found |= {who: list(h.times) for who, h in channel.heard(mine).items()}
        return found

    async def _until_answered(
        self,
        items: list[Item],
        people: list[tuple[str, Channel]],
        before: dict[str, list[float]],
    ) -> None:
        """Until everything taken is worked off and has been seen to arrive."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            heard = self._said(people)
            sends = sum(len(heard[who]) - len(before[who]) for who in heard)
            silent = [who for who in heard if len(heard[who]) == len(before[who])]
            enough = not silent and (self.target.database is not None or sends >= len(items))
            if enough and self.target.left() == 0 and self._pages_are_told():
                return
            if time.monotonic() > deadline:
                raise Unanswered(
                    f"{sends} sends for {len(items)} messages, {len(silent)} people were told "
                    f"nothing, {self.target.left()} events or messages wait"
                )
            await asyncio.sleep(_LOOK)

    def _pages_are_told(self) -> bool:
        told = sum(page.told for page in self._pages)
        return not self._pages or told >= self.target.told_on_web() - self._before


def _latencies(
    items: list[Item], generator: Generator, heard: dict[str, list[float]]
) -> list[float]:
    """Milliseconds from each message to what was said first after it."""
    found = []
    for item in items:
        began, times = generator.began[item.number], heard[item.who]
        place = bisect_left(times, began)
        if place == len(times):
            raise Unanswered("a message was not answered")
        found.append((times[place] - began) * 1000)
    return found

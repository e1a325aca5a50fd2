"""Clusters that stay themselves from one grouping to the next, and localities that name nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bot.services.runtime import Runtime
from bot.store import clusters as store
from bot.store.clusters import Grouped, Unanswered

#: The newest questions only: grouping them takes half a minute and 0.8 GB (docs/nlu-loop.md).
QUESTIONS_MOST = 20_000
#: Smaller counts could name somebody in a small place.
SHOWN_LEAST = 5
_CHUNK = 25


def same_clusters(
    before: Mapping[int, set[int]], groups: Sequence[Sequence[int]]
) -> list[int | None]:
    """The id each group keeps, None for a new one.

    A cluster is the same one when the group has most of those of its members that are still in
    any group; of several groups that claim an id, the one that shares most.
    """
    home = {number: cluster for cluster, members in before.items() for number in members}
    left = Counter(home[number] for group in groups for number in group if number in home)
    claims: list[tuple[int, int, int]] = []
    for place, group in enumerate(groups):
        shared = Counter(home[number] for number in group if number in home)
        claims += [
            (-common, cluster, place)
            for cluster, common in shared.items()
            if 2 * common > left[cluster]
        ]
    kept: dict[int, int] = {}
    taken = set[int]()
    for _, cluster, place in sorted(claims):
        if place not in kept and cluster not in taken:
            kept[place] = cluster
            taken.add(cluster)
    return [kept.get(place) for place in range(len(groups))]


async def put_clusters(
    runtime: Runtime, found: Sequence[Mapping[str, Any]], asked: Sequence[Unanswered]
) -> int:
    """Keep what a grouping found, in short transactions; how many clusters."""
    db, now = runtime.db, runtime.now()
    times: dict[int, datetime] = {each.id: each.asked_at for each in asked}
    members = [[int(number) for number in each["members"]] for each in found]
    before = await db.read(store.members_of_all)
    kept = same_clusters(before, members)
    groups = [
        Grouped(number, group, [(str(n), float(p)) for n, p in each["nearest"]])
        for number, group, each in zip(kept, members, found, strict=True)
    ]
    for start in range(0, len(groups), _CHUNK):
        chunk = groups[start : start + _CHUNK]
        await db.write(partial(store.put, groups=chunk, asked_at=times, now=now))
    placed = {number for group in members for number in group}
    gone = sorted({n for group in before.values() for n in group} - placed)
    for start in range(0, len(gone), 500):
        ids = gone[start : start + 500]
        await db.write(partial(store.leave, question_ids=ids))
    while await db.write(lambda c: store.drop_before(c, now)):
        pass
    return len(groups)


def shown_areas(counts: Mapping[str, int]) -> tuple[list[tuple[str, int]], int]:
    """The places with their counts, the largest first, and how many came from elsewhere.

    No place with fewer than `SHOWN_LEAST` is named; and since the total is known, what is left
    over must not give one away either: then the smallest named place is left out as well.
    """
    large = sorted(
        ((area, n) for area, n in counts.items() if area and n >= SHOWN_LEAST),
        key=lambda item: (-item[1], item[0]),
    )
    rest = sum(counts.values()) - sum(n for _, n in large)
    while large and 0 < rest < SHOWN_LEAST:
        rest += large.pop()[1]
    return large, rest

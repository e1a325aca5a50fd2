"""Small counts of places are not shown, and cannot be worked out from what is.

A count of 1 to 4 in a place may be about people their neighbours know. Such a cell is hidden, and
with it as many of the smallest others as are needed so that their sum, which everybody can work out
as the total less what is shown, leaves each hidden cell room to be 5 or more (complementary
suppression; Hundepool and others, Statistical Disclosure Control, 2012, chapter 4). Where that
cannot be the total is hidden too. Nothing (0) is about nobody and is shown.

Pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

#: Counts below it are small.
LEAST = 5

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shown(Generic[K]):
    """A table as it may be shown: None is a hidden count."""

    cells: Mapping[K, int | None]
    total: int | None


def small(count: int) -> bool:
    """Whether a count is of so few that it is not shown."""
    return 0 < count < LEAST


def suppressed(cells: Mapping[K, int], hidden: Sequence[K] = ()) -> Shown[K]:
    """The cells that may be shown together with their total; `hidden` are hidden in any case."""
    gone = {key for key, count in cells.items() if small(count) or (key in hidden and count)}
    total = sum(cells.values())
    left = sorted(
        (key for key, count in cells.items() if count and key not in gone),
        key=lambda key: (cells[key], str(key)),
    )
    while gone and left and not _covered([cells[key] for key in gone]):
        gone.add(left.pop(0))
    open_total = not small(total) and (not gone or _covered([cells[key] for key in gone]))
    return Shown(
        {key: None if key in gone else count for key, count in cells.items()},
        total if open_total else None,
    )


def _covered(hidden: Sequence[int]) -> bool:
    """Whether nothing follows from the sum of hidden cells: there are two or more, and each could
    be as large as is shown elsewhere."""
    return len(hidden) > 1 and sum(hidden) - (len(hidden) - 1) >= LEAST


def chain(counts: Sequence[int]) -> list[int | None]:
    """Counts each of which is a part of the one before: hidden where it is small, or where the
    difference to the last one shown is."""
    found: list[int | None] = []
    last: int | None = None
    for count in counts:
        show = not small(count) and (last is None or not small(last - count))
        found.append(count if show else None)
        last = count if show else last
    return found

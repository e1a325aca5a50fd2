"""Many hosts in little memory: sorted 64-bit hashes, looked up by bisection.

Half a million hosts take 4.5 MB and a lookup some microseconds. A list's host stands for itself and
everything under it. Two different hosts have the same hash once in 10^7 lists of this size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PARENTS_MOST = 8


@dataclass(frozen=True, slots=True)
class Source:
    """A list: its name as citizens read it, and the day it was fetched, as they read it."""

    name: str
    date: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a host was found; `bad` is False where staff cleared it."""

    source: str
    date: str
    bad: bool = True
    staff: bool = False


def host_hash(host: str) -> int:
    """64 bits of a host."""
    return int.from_bytes(hashlib.blake2b(host.encode(), digest_size=8).digest(), "big")


class HostLists:
    """What lists and staff say of hosts."""

    def __init__(
        self,
        lists: Sequence[tuple[Source, Iterable[str]]] = (),
        staff: Mapping[str, bool] | None = None,
    ) -> None:
        """`staff` maps a host to whether it is bad; it outweighs every list."""
        self._sources = [source for source, _ in lists]
        self._staff = dict(staff or {})
        self._hashes, self._of = _arrays([hosts for _, hosts in lists])

    def __len__(self) -> int:
        return len(self._hashes)

    def find(self, host: str, registered: str) -> Hit | None:
        """The entry of this host, or of one above it down to the registered domain."""
        for name in _upwards(host, registered):
            bad = self._staff.get(name)
            if bad is not None:
                return Hit("", "", bad, staff=True)
        if not len(self._hashes):
            return None
        for name in _upwards(host, registered):
            wanted = np.uint64(host_hash(name))
            at = int(np.searchsorted(self._hashes, wanted))
            if at < len(self._hashes) and self._hashes[at] == wanted:
                source = self._sources[self._of[at]]
                return Hit(source.name, source.date)
        return None


def _upwards(host: str, registered: str) -> list[str]:
    if not registered:
        return [host] if host else []
    names = [host]
    while host != registered and "." in host and len(names) < _PARENTS_MOST:
        host = host.partition(".")[2]
        names.append(host)
    return names if names[-1] == registered else [*names, registered]


def _arrays(lists: Sequence[Iterable[str]]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    parts = [np.fromiter(map(host_hash, hosts), dtype=np.uint64) for hosts in lists]
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.uint8)
    hashes = np.concatenate(parts)
    of = np.concatenate([np.full(len(part), i, np.uint8) for i, part in enumerate(parts)])
    # The first list that has a host is the one that is named.
    unique, first = np.unique(hashes, return_index=True)
    return unique, of[first]


#: No lists at all.
NO_HOSTS = HostLists()

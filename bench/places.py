"""How well written places are found, and how fast: `uv run python -m bench.places [--misses]`.

The addresses are tests/locality/addresses.tsv: written as people write, each with the codes it may
mean. *first* counts those whose first candidate is one of these, *three* those that have one among
the first three, *all* those that have every one of them (at most five are offered). Where nothing
is meant, only nothing is right.

The speed is measured with the shipped provinces, 1,000 invented communes and 10,000 hamlets.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.locality.codes import hamlet_code
from bot.locality.files import load_gazetteer
from bot.locality.find import find_places
from bot.locality.gazetteer import Commune, Gazetteer, Hamlet
from bot.locality.index import Hamlets
from bot.settings import ROOT
from nlu.embedded.metrics import percentile

FOLDER = ROOT / "tests" / "locality"
NONE = "-"
_COMMUNES, _HAMLETS = 1_000, 10_000
_SYLLABLES = (
    *("An", "Bình", "Cẩm", "Châu", "Đại", "Đông", "Đức", "Giang", "Hà", "Hải", "Hòa", "Hồng"),
    *("Hưng", "Khánh", "Lạc", "Lâm", "Long", "Lộc", "Minh", "Mỹ", "Nam", "Ninh", "Phong", "Phú"),
    *("Phước", "Quang", "Sơn", "Tam", "Tân", "Tây", "Thạnh", "Thành", "Thắng", "Thịnh", "Thuận"),
    *("Tiến", "Trung", "Trường", "Văn", "Vĩnh", "Xuân", "Yên"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """A written place and the codes it may mean, none for a text that means no place."""

    kind: str
    text: str
    expected: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """How many of one kind there are, and how many were found."""

    count: int = 0
    first: int = 0
    three: int = 0
    every: int = 0

    def add(self, expected: tuple[str, ...], found: tuple[str, ...]) -> bool:
        """Count one; whether its first candidate is right."""
        first = found[0] in expected if found else not expected
        self.count += 1
        self.first += first
        self.three += bool(set(found[:3]) & set(expected)) or not (found or expected)
        self.every += set(expected) <= set(found) if expected else not found
        return first


@cache
def addresses() -> tuple[Address, ...]:
    """The written addresses."""
    return tuple(
        Address(
            row["kind"],
            row["text"],
            tuple(code for code in row["expected"].split() if code != NONE),
        )
        for row in _table(FOLDER / "addresses.tsv")
    )


@cache
def places() -> tuple[Gazetteer, Hamlets]:
    """The shipped gazetteer and the hamlets of the tests."""
    gazetteer = load_gazetteer(ROOT / "content" / "localities")
    rows = _table(FOLDER / "hamlets.tsv")
    return gazetteer, Hamlets(
        Hamlet(hamlet_code(row["commune"], row["name"]), row["name"]) for row in rows
    )


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def measure(wanted: Iterable[Address]) -> tuple[dict[str, Tally], list[tuple[Address, str]]]:
    """The tallies by kind, and the addresses whose first candidate is wrong, with what came."""
    gazetteer, hamlets = places()
    tallies: dict[str, Tally] = defaultdict(Tally)
    wrong = []
    for address in wanted:
        found = find_places(address.text, gazetteer, hamlets)
        codes = tuple(candidate.code for candidate in found)
        if not tallies[address.kind].add(address.expected, codes):
            wrong.append((address, " ".join(codes) or NONE))
    return dict(tallies), wrong


def total(tallies: Iterable[Tally]) -> Tally:
    """All kinds together."""
    whole = Tally()
    for each in tallies:
        whole.count += each.count
        whole.first += each.first
        whole.three += each.three
        whole.every += each.every
    return whole


def crowded() -> tuple[Gazetteer, Hamlets]:
    """The shipped places, many invented communes of the same provinces, and many hamlets."""
    real, _ = places()
    chance = random.Random(5)
    invented = {}
    for number in range(_COMMUNES):
        code = f"{chance.choice(sorted(real.loaded))}.{90_000 + number}"
        invented[code] = Commune(code, "Xã " + " ".join(chance.choices(_SYLLABLES, k=2)))
    gazetteer = Gazetteer(real.provinces, {**real.communes, **invented}, real.old, real.aliases)
    codes = sorted(gazetteer.communes)
    hamlets: list[Hamlet] = []
    while len(hamlets) < _HAMLETS:
        name = " ".join(chance.choices(_SYLLABLES, k=2))
        name = (
            chance.choice(("Ấp", "Thôn", "Xóm", "Buôn"))
            + " "
            + chance.choice((name, str(chance.randint(1, 20))))
        )
        hamlets.append(Hamlet(hamlet_code(chance.choice(codes), name), name))
    return gazetteer, Hamlets(hamlets)


def speed() -> tuple[float, list[float]]:
    """Seconds to make the index, and milliseconds for each address, of processor time."""
    gazetteer, hamlets = crowded()
    begun = time.process_time()
    find_places("", gazetteer, hamlets)
    made = time.process_time() - begun
    times = []
    for address in addresses() * 3:
        begun = time.process_time()
        find_places(address.text, gazetteer, hamlets)
        times.append((time.process_time() - begun) * 1000)
    return made, times


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list the wrong ones")
    parser.add_argument("--half", choices=("odd", "even"), help="every second address only")
    given = parser.parse_args()
    wanted = addresses()
    if given.half:
        wanted = wanted[given.half == "even" :: 2]
    tallies, wrong = measure(wanted)
    print(f"{'kind':16}{'count':>6}{'first':>8}{'three':>8}{'all':>8}")
    for kind, tally in [*tallies.items(), ("together", total(tallies.values()))]:
        shares = (tally.first, tally.three, tally.every)
        cells = "".join(f"{share / tally.count:8.1%}" for share in shares)
        print(f"{kind:16}{tally.count:6}{cells}")
    if given.misses:
        for address, found in wrong:
            print(f"{address.kind}: {address.text!r}: {found}; must be {address.expected}")
    made, times = speed()
    print(
        f"{_COMMUNES:,} communes and {_HAMLETS:,} hamlets besides: index {made:.2f} s, one text "
        f"p50 {percentile(times, 0.5):.2f} ms, p99 {percentile(times, 0.99):.2f} ms, "
        f"worst {max(times):.2f} ms"
    )


if __name__ == "__main__":
    main()

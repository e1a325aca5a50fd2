"""The link checker on a list of links with known answers. `python -m bench.links FILE.tsv`.

FILE has the columns label (scam, benign), url, first_seen, slice. Printed: shares at the shipped
thresholds, before and after a day (`--split`), what the rules alone and the model alone reach at
the same share of false alarms, every false alarm, and the misses by kind. `--retrain` trains a
second model with the scam hosts seen before the split and measures the later ones with it.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.safety.links.checker import LinkChecker
from bot.safety.links.knowledge import Knowledge, load_knowledge
from bot.safety.links.model import HostModel, load_model
from bot.safety.links.report import LinkFinding, Verdict
from bot.safety.links.train import train
from bot.settings import ROOT

FOLDER = ROOT / "content" / "safety"


@dataclass(frozen=True)
class Row:
    """A line of the file."""

    scam: bool
    url: str
    seen: str
    slice: str


def read(file: Path) -> list[Row]:
    """Every line."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return [Row(r["label"] == "scam", r["url"], r["first_seen"], r["slice"]) for r in rows]


def share(findings: Sequence[LinkFinding], *verdicts: Verdict) -> str:
    """How many of them got one of the verdicts."""
    number = sum(f.verdict in verdicts for f in findings)
    return f"{number}/{len(findings)} = {number / max(1, len(findings)):.1%}"


def table(rows: Sequence[Row], check: Callable[[str], LinkFinding], split: str) -> None:
    """The shares of each slice."""
    groups: dict[str, list[LinkFinding]] = defaultdict(list)
    for row in rows:
        finding = check(row.url)
        groups["scam, all" if row.scam else "benign, all"].append(finding)
        if row.scam:
            groups[f"scam, {'before' if row.seen < split else 'from'} {split}"].append(finding)
        groups[f"{'scam' if row.scam else 'benign'}, {row.slice}"].append(finding)
    print(f"{'':42}{'dangerous':>22}{'or caution':>22}{'official':>22}")
    for name, found in sorted(groups.items()):
        worst = share(found, Verdict.DANGEROUS)
        both = share(found, Verdict.DANGEROUS, Verdict.CAUTION)
        print(f"{name:42}{worst:>22}{both:>22}{share(found, Verdict.OFFICIAL):>22}")


def at_false_alarms(rows: Sequence[Row], check: Callable[[str], LinkFinding], most: float) -> str:
    """The share of scam links above the score that `most` of the benign ones reach."""
    good = sorted((check(r.url).score for r in rows if not r.scam), reverse=True)
    limit = good[int(len(good) * most)]
    bad = [check(r.url).score for r in rows if r.scam]
    return f"{sum(score > limit for score in bad) / max(1, len(bad)):.1%} (score > {limit:.3f})"


def speed(rows: Sequence[Row], check: Callable[[str], LinkFinding]) -> str:
    """Milliseconds a link."""
    times = []
    for row in rows:
        # The time of this thread: what else runs on the machine does not count.
        started = time.thread_time()
        check(row.url)
        times.append((time.thread_time() - started) * 1000)
    times.sort()
    p99 = times[int(len(times) * 0.99)]
    return f"median {statistics.median(times):.3f} ms, p99 {p99:.3f} ms, most {times[-1]:.3f} ms"


def alarms(rows: Sequence[Row], checker: LinkChecker) -> None:
    """Every benign link that is not left alone, with its reasons."""
    for row in rows:
        found = checker.check(row.url)
        if not row.scam and found.verdict in (Verdict.DANGEROUS, Verdict.CAUTION):
            keys = ", ".join(reason.key for reason in found.reasons)
            print(f"  {found.verdict.value:10}{found.score:.3f}  {row.url:55}{row.slice:24}{keys}")


def misses(rows: Sequence[Row], checker: LinkChecker, each: int) -> None:
    """Scam links that were not called dangerous, by slice and by the kind of their name."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found = checker.check(row.url)
        if row.scam and found.verdict is not Verdict.DANGEROUS:
            seen = [r.key for r in found.reasons if r.key not in ("nothing", "model", "suffix")]
            kind = seen[0] if seen else "no cue in the name"
            kinds[f"{row.slice}: {kind} -> {found.verdict.value}"].append(found.host)
    for kind, hosts in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"  {len(hosts):4} {kind}: {' '.join(hosts[:each])}")


def without_model(knowledge: Knowledge, model: HostModel) -> LinkChecker:
    """A checker whose model says nothing."""
    return LinkChecker(knowledge, HostModel(model.weights * 0, 0.0))


def main() -> None:
    """Parse arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--split", default="2023-07")
    parser.add_argument("--model", type=Path, default=FOLDER / "links_model.npz")
    parser.add_argument("--misses", type=int, default=8, help="hosts shown of each kind of miss")
    parser.add_argument("--retrain", action="store_true")
    given = parser.parse_args()
    rows = read(given.file)
    knowledge = load_knowledge(FOLDER)
    model = load_model(given.model)
    checker = LinkChecker(knowledge, model)
    table(rows, checker.check, given.split)
    rules = without_model(knowledge, model)
    for name, check in (("rules + model", checker.check), ("rules alone", rules.check)):
        for most in (0.008, 0.01, 0.05):
            print(f"{name}, at {most:.1%} false alarms: {at_false_alarms(rows, check, most)}")
    print(f"speed: {speed(rows, checker.check)}")
    if given.retrain:
        retrained(rows, knowledge, given.split)
    print("false alarms:")
    alarms(rows, checker)
    print("misses by kind:")
    misses(rows, checker, given.misses)
    print(Counter(row.slice for row in rows))


def retrained(rows: Sequence[Row], knowledge: Knowledge, split: str) -> None:
    """A model that also saw the earlier scam hosts, on the later ones."""
    earlier = [row.url for row in rows if row.scam and row.seen < split]
    later = [row for row in rows if not row.scam or row.seen >= split]
    print(f"retrained with {len(earlier)} hosts seen before {split}, measured on the later ones:")
    table(later, LinkChecker(knowledge, train(knowledge, earlier)).check, split)


if __name__ == "__main__":
    main()

"""Every kind of fault at full size, counted: `python -m bench.faults`.

The same runs as `pytest -m faults`, larger. Prints the table of docs/reliability.md and writes the
figures to var/faults.json; exits with 1 when a message was lost, doubled beyond doubt, out of order
or late.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bot.domain.channels import TELEGRAM, ZALO_BOT, ZALO_OA
from bot.services.runtime import Runtime
from bot.settings import ROOT, Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from tests.databases import migrated_sqlite
from tests.faults import fronts, networks, platforms
from tests.faults.clocks import jumping, scheduled
from tests.faults.disks import unwritable
from tests.faults.engines import without_rasa
from tests.faults.kills import killed_on_postgresql, killed_on_sqlite, killed_roles
from tests.faults.ledger import Score
from tests.faults.poison import poisoned
from tests.faults.servers import lasting_postgres, restarted
from tests.faults.small_disk import FULL, READ_ONLY
from tests.faults.talks import WITHOUT_TOKEN
from tests.support import Clock

Run = Callable[[Path], Score]
#: What the platforms' outages are called: `gone`, `gone-oa`, `gone-bot`…
_SUFFIXES = {TELEGRAM: "", ZALO_OA: "-oa", ZALO_BOT: "-bot"}
_HEAD = "| Fault | Times | Asked | Lost | Doubled / in doubt | Out of order | Late | Given up | s |"


def runs(seed: int, scale: float) -> dict[str, Run]:
    """Every run by its name; `scale` 1 is the full size."""

    def many(number: int) -> int:
        return max(1, round(number * scale))

    def on_postgresql(run: Callable[[Path, str, int, int], Score], kills: int) -> Run:
        def go(folder: Path) -> Score:
            with lasting_postgres() as server:
                return run(folder, server.url, many(kills), seed)

        return go

    def simulated(run: Callable[[Runtime, Clock, Path], Score]) -> Run:
        def go(folder: Path) -> Score:
            with _runtime(folder) as (runtime, clock):
                return run(runtime, clock, folder)

        return go

    def away(way: fronts.Way, channel: str) -> Run:
        minutes = 60 * min(scale, 1)
        return simulated(lambda r, c, f: platforms.away(r, c, f, way, minutes, seed, channel))

    ways = networks.Way
    return {
        "kill": lambda f: killed_on_sqlite(f, many(50), seed),
        "kill-pg": on_postgresql(killed_on_postgresql, 50),
        "kill-roles": on_postgresql(killed_roles, 50),
        "restart-pg": lambda f: restarted(f, many(20), seed),
        "full": lambda f: unwritable(f, FULL, many(10), seed),
        "read-only": lambda f: unwritable(f, READ_ONLY, many(10), seed),
        **{
            f"{way.name.lower()}{suffix}": away(way, channel)
            for channel, suffix in _SUFFIXES.items()
            for way in fronts.Way
        },
        "gone-oa-token": away(fronts.Way.GONE, WITHOUT_TOKEN),
        "windows-oa": simulated(lambda r, c, _: platforms.closing(r, c)),
        "429": lambda f: networks.storm(f, many(2_000), seed),
        "trickle": lambda f: networks.bad_network(f, ways.TRICKLE, many(1_000), seed),
        "resets": lambda f: networks.bad_network(f, ways.RESETS, many(2_000), seed),
        "clock": simulated(lambda r, c, f: jumping(r, c, f, many(40), seed)),
        "schedulers": simulated(lambda r, c, f: scheduled(r, c, many(400), many(1_000), seed)),
        "rasa": lambda f: without_rasa(f, many(10), seed),
        "poison": simulated(lambda r, c, f: poisoned(r, c, f, many(250), seed)),
    }


@contextmanager
def _runtime(folder: Path) -> Iterator[tuple[Runtime, Clock]]:
    """A runtime on a new SQLite file with the shipped content and a clock to be moved."""
    clock = Clock()
    database = Database(make_engine(f"sqlite:///{migrated_sqlite(folder)}"))
    settings = Settings(_env_file=None, var_dir=folder / "var")
    try:
        yield Runtime(settings, database, Vault(bytes(range(32))), now=clock, owner="one"), clock
    finally:
        database.close()


def main() -> None:
    """Run what is asked for, all without a word; print as it goes."""
    known = runs(1, 1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="1: the full size")
    args = parser.parse_args()
    if wrong := set(args.names) - set(known):
        parser.error(f"no such run: {', '.join(sorted(wrong))}")
    scores, failed = [], []
    for name, run in runs(args.seed, args.scale).items():
        if args.names and name not in args.names:
            continue
        try:
            with tempfile.TemporaryDirectory() as folder:
                made = run(Path(folder))
            scores.append(made)
            made.check()
        except Exception:  # noqa: BLE001 - the others are run all the same
            traceback.print_exc()
            failed.append(name)
    print(f"\n{date.today()}, {platform.machine()}, {platform.system()}, seed {args.seed}\n")
    print(table(scores))
    file = ROOT / "var" / "faults.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([each.row() for each in scores], indent=1, ensure_ascii=False))
    print(f"\nfailed: {', '.join(failed) or 'none'}; figures: {file}")
    sys.exit(1 if failed else 0)


def table(scores: list[Score]) -> str:
    """In Markdown."""
    lines = [_HEAD, "|" + " --- |" * 9]
    for each in scores:
        note = f" ({each.note})" if each.note else ""
        lines.append(
            f"| {each.fault}{note} | {each.times} | {each.asked} | {each.lost} "
            f"| {each.doubled} / {each.uncertain} | {each.disordered} | {each.missed} "
            f"| {each.given_up} | {each.seconds:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

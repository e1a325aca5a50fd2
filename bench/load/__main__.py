"""Load over real HTTP, with real processes: `uv run python -m bench.load`.

Without `--soak` or `--growth`: congdanso on SQLite and, in turn with it, a bare echo bot, with the
same generator and the same fake Bot API server; then Zalo's webhook, the web chat, and a mix.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.load import charts, compare, growth, report, soak
from bench.load.rasa import RasaMissing


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each server, in turn")
    parser.add_argument("--rate", type=float, default=50.0, help="messages a second for latency")
    parser.add_argument("--messages", type=int, default=600, help="messages of a latency run")
    parser.add_argument("--burst", type=int, default=2000, help="messages of a sustained run")
    parser.add_argument("--people", type=int, default=200, help="people of a sustained run")
    parser.add_argument("--at-once", type=int, default=500, help="webhooks at the same moment")
    parser.add_argument("--channels", default="telegram,zalo,web,mix", help="which, of these four")
    parser.add_argument("--against", choices=("echo", "rasa", "nothing"), default="echo")
    parser.add_argument("--rasa-env", type=Path, default=Path("var"), help="var_dir with rasa-env")
    parser.add_argument("--soak", type=float, metavar="MINUTES", nargs="?", const=10.0)
    parser.add_argument("--growth", action="store_true", help="cost as the database grows")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="stored messages")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("--charts", type=Path, help="draw pictures into this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            result = asyncio.run(_chosen(given, folder))
        except RasaMissing as error:
            parser.exit(2, f"{error}\n")
    if given.json is not None:
        report.write(given.json, result)
    if given.charts is not None:
        charts.draw(result, given.charts)


async def _chosen(given: argparse.Namespace, folder: Path) -> report.Row:
    if given.soak is not None:
        return await soak.run(folder, given.soak, given.rate)
    if given.growth:
        sizes = [int(size) for size in given.sizes.split(",")]
        return await growth.run(folder, sizes, given.rate, given.messages, given.burst)
    plan = compare.Plan(
        rounds=given.rounds,
        rate=given.rate,
        messages=given.messages,
        burst=given.burst,
        people=given.people,
        at_once=given.at_once,
        channels=tuple(given.channels.split(",")),
        against=given.against,
        rasa_var=given.rasa_env,
    )
    return await compare.run(folder, plan)


if __name__ == "__main__":
    main()

"""`uv run poe audit`: is a flaw known in a version that is pinned?

pip-audit asks the advisory database of OSV (https://osv.dev) about every pin of pyproject.toml. It
is fetched and run by `uvx`, so that it is no part of the program. Exit codes: 0 none known, 1 some
known, 2 nothing is known of it, because the database (or pip-audit itself) was out of reach or
could not look at every pin: that is no pass.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
PIP_AUDIT = ("uvx", "pip-audit@2.10.1")
OSV = "https://api.osv.dev/v1/query"
CLEAN, KNOWN, UNKNOWN = 0, 1, 2
_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Audit:
    """How it ended: one of the exit codes, and what to print."""

    code: int
    said: list[str]


def main() -> None:
    """Look, say what was found, and exit with its code."""
    options = argparse.ArgumentParser(description="Is a flaw known in a version that is pinned?")
    options.add_argument("--database", default=OSV, help="address of the advisory database")
    given = options.parse_args()
    found = audit(pins(PYPROJECT), given.database)
    print("\n".join(found.said), file=sys.stderr if found.code == UNKNOWN else sys.stdout)
    raise SystemExit(found.code)


def pins(pyproject: Path) -> list[str]:
    """Every pinned version, as requirements."""
    uv = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["uv"]
    # What builds it is pinned apart, and may be pinned to another version.
    return sorted({*uv["constraint-dependencies"], *uv["build-constraint-dependencies"]})


def audit(
    requirements: Sequence[str], database: str = OSV, command: Sequence[str] = PIP_AUDIT
) -> Audit:
    """Ask about all of them. `command` is pip-audit."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(requirements) + "\n")
        file.flush()
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        asked = ["--requirement", file.name, "--vulnerability-service", "osv"]
        full = [*command, *options, *asked, "--osv-url", database]
        try:
            done = subprocess.run(full, capture_output=True, text=True, timeout=_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return _unknown(f"{command[0]} could not be run: {error}")
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return _unknown(f"the advisory database at {database} did not answer: {why}")
    return _judged(told, requirements)


def _judged(told: list[dict[str, object]], requirements: Sequence[str]) -> Audit:
    flaws, looked, skipped = [], set(), []
    for each in told:
        if "skip_reason" in each:
            skipped.append(f"{each['name']}: {each['skip_reason']}")
            continue
        looked.add(_name(str(each["name"])))
        for flaw in each["vulns"]:  # type: ignore[attr-defined]
            mended = ", ".join(flaw["fix_versions"]) or "no version yet"
            flaws.append(f"{each['name']} {each['version']}: {flaw['id']}, mended in {mended}")
    if flaws:
        return Audit(KNOWN, [*sorted(flaws), "take a mended version: `uv run poe pin`"])
    # Another Python, another system: those pins are none of this machine.
    wanted = {_name(each.partition("==")[0]) for each in requirements if ";" not in each}
    skipped += [f"{name}: was not looked at" for name in sorted(wanted - looked)]
    if skipped:
        return _unknown("not every pin was looked at: " + "; ".join(skipped))
    return Audit(CLEAN, [f"no flaw is known in {len(looked)} pinned versions"])


def _unknown(why: str) -> Audit:
    return Audit(UNKNOWN, [why, "nothing was audited: this is no pass; try again with the network"])


def _name(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    main()

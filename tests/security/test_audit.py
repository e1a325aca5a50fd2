"""`poe audit` passes only when every pin was looked at and none has a known flaw."""

from __future__ import annotations

import json
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import audit
from scripts.audit import CLEAN, KNOWN, PYPROJECT, UNKNOWN

PINS = ["jinja2==3.1.6", "typing-extensions==4.16.0", "numpy==2.4.6 ; python_full_version < '3.12'"]
FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.7"], "aliases": [], "description": "…"}


def tool(folder: Path, said: object, code: int = 0, error: str = "") -> list[str]:
    """A pip-audit that says this and keeps what it was given."""
    made = folder / "pip-audit"
    text = said if isinstance(said, str) else json.dumps(said)
    made.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"i = sys.argv.index('--requirement') + 1\n"
        f"pathlib.Path({str(folder / 'asked')!r}).write_text("
        f"pathlib.Path(sys.argv[i]).read_text() + ' '.join(sys.argv[1:]))\n"
        f"print({text!r})\nprint({error!r}, file=sys.stderr)\nsys.exit({code})\n"
    )
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return [str(made)]


def listed(**vulns: list[object]) -> dict[str, object]:
    names = {"jinja2": "3.1.6", "typing_extensions": "4.16.0"}
    return {
        "dependencies": [
            {"name": name, "version": version, "vulns": vulns.get(name, [])}
            for name, version in names.items()
        ]
    }


def test_clean(tmp_path: Path) -> None:
    found = audit.audit(PINS, "http://127.0.0.1:9/q", tool(tmp_path, listed()))
    assert (found.code, found.said) == (CLEAN, ["no flaw is known in 2 pinned versions"])
    asked = (tmp_path / "asked").read_text()
    assert all(pin in asked for pin in PINS)
    assert "--osv-url http://127.0.0.1:9/q" in asked


def test_a_flaw_is_named(tmp_path: Path) -> None:
    found = audit.audit(PINS, command=tool(tmp_path, listed(jinja2=[FLAW]), 1))
    assert found.code == KNOWN
    assert found.said[0] == "jinja2 3.1.6: PYSEC-2026-1, mended in 3.1.7"


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("said", ["", "<html>", "[]", "{}", "null"])
def test_no_answer_is_no_pass(said: str, code: int, tmp_path: Path) -> None:
    found = audit.audit(PINS, command=tool(tmp_path, said, code, "ConnectionError: refused"))
    assert found.code == UNKNOWN
    assert "did not answer: ConnectionError: refused" in found.said[0]
    assert "this is no pass" in found.said[1]


def test_a_pin_that_was_not_looked_at_is_no_pass(tmp_path: Path) -> None:
    missing = {"dependencies": listed()["dependencies"][:1]}  # type: ignore[index]
    found = audit.audit(PINS, command=tool(tmp_path, missing))
    assert found.code == UNKNOWN
    assert "typing-extensions: was not looked at" in found.said[0]
    skipped = {"dependencies": [*listed()["dependencies"], {"name": "x", "skip_reason": "?"}]}  # type: ignore[misc]
    assert audit.audit(PINS, command=tool(tmp_path, skipped)).code == UNKNOWN


def test_without_the_tool_it_is_no_pass(tmp_path: Path) -> None:
    found = audit.audit(PINS, command=[str(tmp_path / "nothing")])
    assert found.code == UNKNOWN
    assert "could not be run" in found.said[0]


def test_every_pin_is_asked_about_and_the_command_is_there() -> None:
    asked = audit.pins(PYPROJECT)
    assert len(asked) > 90
    assert all("==" in pin for pin in asked)
    tasks = tomllib.loads(PYPROJECT.read_text())["tool"]["poe"]["tasks"]
    assert tasks["audit"]["cmd"] == "python -m scripts.audit"

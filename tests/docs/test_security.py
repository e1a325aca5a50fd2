"""Every test that docs/security.md names is there, and every boundary has its threats."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from bot.settings import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_ROW = re.compile(r"^\| ([STRIDE]) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
NAMED = sorted(set(_TEST.findall(PAGE)))


@cache
def names_in(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_it_exists(file: str, name: str) -> None:
    assert (ROOT / file).is_file(), file
    assert name in names_in(ROOT / file)


def test_every_answer_names_a_test() -> None:
    rows = _ROW.findall(PAGE)
    assert len(rows) >= 60
    assert [threat for _, threat, _, tests in rows if not _TEST.search(tests)] == []
    # No row of a table was written in another form and so left out.
    assert len(re.findall(r"^\| [A-Z] \|", PAGE, re.M)) == len(rows)


def test_every_letter_and_boundary() -> None:
    parts = re.split(r"^## ", PAGE, flags=re.M)[1:]
    tables = {part.splitlines()[0]: {row[0] for row in _ROW.findall(part)} for part in parts}
    tables = {name: letters for name, letters in tables.items() if letters}
    assert len(tables) >= 9
    assert all(len(letters) >= 3 for letters in tables.values()), tables
    assert set().union(*tables.values()) == set("STRIDE")


def test_every_test_of_security_is_named() -> None:
    """At least one of each file."""
    files = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/security").glob("test_*.py")
    }
    assert files - {file for file, _ in NAMED} == {"tests/security/test_key_command.py"}

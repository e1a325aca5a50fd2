"""Every `congdanso …` command and every setting that the documents name exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from bot.cli import app
from bot.settings import ROOT, Settings, secret_settings

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_COMMAND = re.compile(r"(?:^|`|\s)(?:uv run (?:--no-dev )?)?congdanso ([a-z][^`\n]*)")
_FENCE = re.compile(r"^\s*```(?:sh|ini)\n(.*?)^\s*```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(?:uv run )?congdanso ([a-z][^`…]*)[^`]*`")


def commands(page: Path) -> Iterator[str]:
    """What stands behind `congdanso` in fenced shell blocks and in backticks."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCE.findall(text):
        for line in block.splitlines():
            found = _COMMAND.search(line)
            if found:
                yield found.group(1)
    yield from _INLINE.findall(_FENCE.sub("", text))


WRITTEN = [(page.relative_to(ROOT), line) for page in PAGES for line in commands(page)]


@pytest.mark.parametrize(("page", "line"), WRITTEN, ids=lambda value: str(value).strip())
def test_command_exists(page: Path, line: str) -> None:
    """Walk the command line's own tree; nothing is run."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(line.replace("…", ""))
    while isinstance(command, TyperGroup) and words:
        name = words.pop(0)
        assert name in command.commands, f"{page}: congdanso {line}: there is no {name!r}"
        command = command.commands[name]
    known = {option for param in command.params for option in param.opts} | {"--help"}
    named = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert named <= known, f"{page}: congdanso {line}"


def test_commands_were_found() -> None:
    """The search above finds what it is for."""
    groups = {line.split()[0] for _, line in WRITTEN}
    assert groups >= {"serve", "chat", "ask", "settings", "nlu", "content", "staff", "team"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_named_exist(page: Path) -> None:
    """CONGDANSO_… names only settings there are (CONGDANSO_SEND_* stands for several)."""
    known = {f"CONGDANSO_{name.upper()}" for name in Settings.model_fields}
    known |= {f"CONGDANSO_{name.upper()}_FILE" for name in secret_settings()}
    named = set(re.findall(r"CONGDANSO_[A-Z0-9_]*[A-Z0-9]", page.read_text(encoding="utf-8")))
    assert named <= known

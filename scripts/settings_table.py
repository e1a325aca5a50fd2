"""`uv run poe docs`: write the table of settings in docs/settings.md from bot.settings.Settings."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from pydantic import SecretStr

from bot.settings import ROOT, Settings

PAGE = ROOT / "docs" / "settings.md"
_HEAD = "| Setting | Default | What it is |\n|---|---|---|\n"


def main() -> None:
    """Put the table of today into the page."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def with_table(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(_HEAD)
    after = rest.partition("\n\n")[2]
    return f"{before}{_HEAD}{''.join(rows())}\n{after}"


def rows() -> Iterator[str]:
    """One line of Markdown a setting."""
    for name, field in Settings.model_fields.items():
        yield f"| `CONGDANSO_{name.upper()}` | {_plain(field.default)} | {field.description} |\n"


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = f"{value.relative_to(ROOT)} beside the program"
    return f"`{value}`" if value != "" else "empty"


if __name__ == "__main__":
    main()

"""docs/console.md against the console: its pages, its pictures, its table of roles."""

from __future__ import annotations

from bot.console.nav import MENU
from bot.settings import ROOT
from scripts.console_table import hung, with_table

DOCS = ROOT / "docs"
PAGE = (DOCS / "console.md").read_text(encoding="utf-8")
#: Pictures are for reading on the web: all together a few megabytes.
_MOST = 150_000


def test_the_table_of_roles_is_the_routes() -> None:
    """Renewed by `uv run poe docs`."""
    routes = hung()
    assert len(routes) > 40
    assert with_table(PAGE, routes) == PAGE


def test_every_page_of_the_menu_is_told_and_shown() -> None:
    """Pictures are renewed by `uv run poe pictures`."""
    for entry in MENU:
        assert f"{entry.title} (`{entry.url}`)" in PAGE
        for width in (360, 1440):
            name = f"images/console/{entry.id}-{width}.png"
            assert f"({name})" in PAGE
            assert 1_000 < (DOCS / name).stat().st_size < _MOST, name

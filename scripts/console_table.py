"""`uv run poe docs`: write the table of pages and roles in docs/console.md from the routes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.console.router import console_site
from bot.console.site import Hung
from bot.services.runtime import Runtime
from bot.services.staff import Role
from bot.settings import ROOT, Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from bot.weblib.deps import WebDeps

PAGE = ROOT / "docs" / "console.md"
_COLUMNS = " | ".join(f"`{role}`" for role in Role)
_HEAD = f"| Address | | {_COLUMNS} |\n|---|---|{'---|' * len(Role)}\n"
_WHAT = {"GET": "see", "POST": "do"}


def main() -> None:
    """Put the table of today into the page."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), hung()), encoding="utf-8")


def hung() -> Sequence[Hung]:
    """Every route of the console that needs a login; nothing is read or written for it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, var_dir=Path(folder))
        database = Database(make_engine("sqlite://"))
        try:
            runtime = Runtime(settings, database, Vault(bytes(32)))
            return tuple(console_site(WebDeps(runtime, lambda _chat: None)).hung)
        finally:
            database.close()


def with_table(page: str, routes: Sequence[Hung]) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(_HEAD)
    after = rest.partition("\n\n")[2]
    return f"{before}{_HEAD}{''.join(rows(routes))}\n{after}"


def rows(routes: Sequence[Hung]) -> Iterator[str]:
    """One line of Markdown a route, by address."""
    for each in sorted(routes, key=lambda r: (r.path.rstrip("/"), r.path, r.method)):
        may = " | ".join("yes" if role.covers(each.role) else "" for role in Role)
        yield f"| `{each.path}` | {_WHAT[each.method]} | {may} |\n"


if __name__ == "__main__":
    main()

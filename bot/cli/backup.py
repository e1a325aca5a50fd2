"""backup, restore, db copy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import StartupError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

db_group = typer.Typer(help="The database as a whole.", no_args_is_help=True)


@db_group.callback()
def _db() -> None:
    """The database as a whole."""


def backup(
    to: Annotated[
        Path | None, typer.Option(help="Folder; without it CONGDANSO_BACKUP_DIR, or var/backups.")
    ] = None,
    keep: Annotated[
        int, typer.Option(min=0, help="Delete older backups there but this many; 0: none.")
    ] = 0,
) -> None:
    """Back the database up, also while the program serves. The data key is not in it."""
    from bot.services.backup import drop_old, make_backup
    from bot.store.db import make_engine

    settings = load_settings()
    _there(settings)
    folder = to or settings.backup_dir or settings.var_dir / "backups"
    engine = make_engine(settings.sqlalchemy_url)
    try:
        made, told = make_backup(engine, folder, datetime.now(UTC))
    finally:
        engine.dispose()
    print(
        f"{made}: {told.total} rows, {made.stat().st_size / 1e6:.1f} MB; checked by reading it back"
    )
    named = f" {' and '.join(told.keys)}" if told.keys else ""
    print(f"keep the data key{named} (CONGDANSO_DATA_KEY or var/key) somewhere else: not in it")
    if keep:
        for old in drop_old(folder, keep):
            print(f"{old}: deleted")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `congdanso backup` made.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database. Stop every program on it first."""
    from bot.services.backup import restore as put_back
    from bot.services.keys import open_vault

    settings = load_settings()
    if not yes:
        typer.confirm(f"Put {file} in the place of the database?", abort=True)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    vault = open_vault(settings)
    with _bars() as bars:
        told = put_back(file, settings, vault, datetime.now(UTC), _shown(bars))
    print(f"restored: {told.total} rows of {told.made_at}")
    print("messages that waited to be sent then are sent when the program starts")


@db_group.command("copy")
def copy(
    source: Annotated[str, typer.Argument(help="sqlite:///path/file.db or postgresql://…")],
    target: Annotated[str, typer.Argument(help="The other; without rows.")],
) -> None:
    """Copy a database into another kind, all or nothing. Stop every program on it first."""
    from bot.store.copying import copy_database
    from bot.store.db import make_engine

    engines = [make_engine(_address(url)) for url in (source, target)]
    if not engines[0].url.database or engines[0].url == engines[1].url:
        raise StartupError("the two addresses must be two databases")
    try:
        if engines[0].dialect.name == "sqlite" and not Path(engines[0].url.database).is_file():
            raise StartupError(f"{engines[0].url.database}: there is no such database")
        with _bars() as bars:
            done = copy_database(engines[0], engines[1], _shown(bars))
    finally:
        for engine in engines:
            engine.dispose()
    print(f"copied and compared: {done.total} rows in {len(done.rows)} tables")
    print("the data key stays the same: give it to the program on the new database")


def _address(url: str) -> str:
    found = Settings(_env_file=None, database_url=url).sqlalchemy_url
    if not url or not found.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise StartupError(
            "an address must begin with sqlite:/// or postgresql://, such as "
            "sqlite:///var/congdanso.db"
        )
    return found


def _there(settings: Settings) -> None:
    file = settings.var_dir / "congdanso.db"
    if settings.sqlalchemy_url.startswith("sqlite") and not file.is_file():
        raise StartupError(f"{file}: there is no database yet, so nothing to back up")


def _bars() -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True)


def _shown(bars: Progress) -> Callable[[str, int, int], None]:
    """A bar for each table."""
    tasks: dict[str, TaskID] = {}

    def show(table: str, done: int, of: int) -> None:
        if table not in tasks:
            tasks[table] = bars.add_task(table, total=of)
        bars.update(tasks[table], completed=done)

    return show

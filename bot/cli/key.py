"""key status, rotate, forget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.services.runtime import Runtime

group = typer.Typer(
    help="The data key, with which what people write is sealed in the database.",
    no_args_is_help=True,
)
_UNFINISHED = "a change of keys is not done: `congdanso key rotate` goes on with it"


@group.callback()
def _key() -> None:
    """The data key."""


@contextmanager
def _opened() -> Iterator[Runtime]:
    from bot.app import open_runtime

    runtime = open_runtime(load_settings())
    try:
        yield runtime
    finally:
        runtime.db.close()


@group.command("status")
def status() -> None:
    """Which keys there are, what is sealed with old ones, and which backups need which.

    Keys go by names that tell nothing of them.
    """
    from bot.services import rotation

    with _opened() as runtime:
        found = rotation.status(runtime)
    print(f"writes: {found.keys[0]}")
    for name in found.keys[1:]:
        needed = "needed" if name in found.needed else "not needed"
        print(f"old:    {name}, {needed} by the database")
    for place, number in found.others.items():
        print(f"{place}: {number} not sealed with {found.keys[0]} by name")
    for each in found.backups:
        keys = " and ".join(each.keys) or "a key it does not name"
        print(f"{each.file.name}: needs {keys}" + ("" if each.readable else ", which is not here"))
    if found.unfinished:
        print(_UNFINISHED)
    for name in found.forgettable():
        print(f"nothing needs {name} any more: `congdanso key forget {name}`")


@group.command("rotate")
def rotate(
    leaked: Annotated[
        bool,
        typer.Option(
            "--leaked",
            help="Somebody else may have the key: also call in every link of a helper and every "
            "cookie of the web chat.",
        ),
    ] = False,
) -> None:
    """Seal everything with a new key, also while the programs serve.

    Killed half way, the same command goes on. Exit code 1 when something was left.
    """
    from bot.services import rotation

    with _opened() as runtime:
        done = rotation.rotate(runtime, leaked=leaked)
    print(f"key {done.key} {'is new and' if done.began else 'was there already and'} writes now")
    for place, number in done.values.items():
        print(f"{place}: {number} sealed anew")
    for place, number in done.unreadable.items():
        print(f"{place}: {number} can be read with no key that is here; left as they are")
    if leaked:
        print(
            "start every program again now: until then they take the old links and cookies; "
            "helpers get a new link with their next notice"
        )
    if not done.done:
        some = ", ".join(f"{place} {number}" for place, number in done.late.items())
        print(f"a program still writes with another key ({some}): start it again, then once more")
    print(
        "keep a copy of the new key apart from the backups; the old one stays for backups made "
        "before: `congdanso key status` says when nothing needs it"
    )
    if done.unreadable or not done.done:
        raise typer.Exit(1)


@group.command("forget")
def forget(
    name: Annotated[str, typer.Argument(help="The old key, as `congdanso key status` names it.")],
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Though backups need it: they are lost then.")
    ] = False,
) -> None:
    """Drop an old key for good. Refused while the database needs it, or a backup does."""
    from bot.services import rotation

    with _opened() as runtime:
        rotation.forget(runtime, name, anyway=anyway)
    print(f"key {name} is forgotten")

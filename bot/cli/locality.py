"""locality load, locality find."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.guides.errors import Problem
    from bot.locality.convert import Source
    from bot.locality.gazetteer import Province

group = typer.Typer(help="Provinces, communes and hamlets.", no_args_is_help=True)


@group.command()
def load(
    wheel: Annotated[Path, typer.Argument(help="From `pip download --no-deps vietnamadminunits`.")],
    province: Annotated[
        list[str], typer.Option(help="A province's name or code, as often as wanted; or all.")
    ],
    into: Annotated[
        Path | None, typer.Option(help="Folder to write to; localities in the content folder.")
    ] = None,
) -> None:
    """Write the files of provinces: their communes, and what these were before 1/7/2025."""
    from bot.locality.convert import provinces, read_wheel

    folder = into or load_settings().content_dir / "localities"
    source = read_wheel(wheel)
    every = provinces(source)
    for line in write(source, every, chosen(every, province), folder):
        print(line)


def chosen(every: list[Province], wanted: list[str]) -> list[Province]:
    """The provinces meant; LocalityError names one there is not."""
    from bot.locality.codes import key_of_name
    from bot.locality.errors import LocalityError

    if wanted == ["all"]:
        return every
    by_name = {key_of_name(p.name): p for p in every} | {p.code: p for p in every}
    found = [by_name.get(name if name.isdigit() else key_of_name(name)) for name in wanted]
    for name, one in zip(wanted, found, strict=True):
        if one is None:
            names = ", ".join(p.name for p in every)
            raise LocalityError(f"{name!r}: is no province; must be one of {names}, or all")
    return [one for one in found if one is not None]


def write(source: Source, every: list[Province], wanted: list[Province], folder: Path) -> list[str]:
    """Write the files; what each has, one line a file."""
    from bot.locality.codes import slug_of_name
    from bot.locality.convert import about, places
    from bot.locality.files import PROVINCES, province_text, provinces_text

    # All are made before the first is written.
    text = provinces_text(about(source, "All provinces after 1/7/2025."), every)
    files, said = {PROVINCES: text}, [f"{PROVINCES}: {len(every)} provinces"]
    for one in wanted:
        communes, old = places(source, one.code)
        name = f"{slug_of_name(one.name)}.csv"
        what = f"{one.name} after 1/7/2025: communes, and what they were before."
        files[name] = province_text(about(source, what), communes, old)
        divided = sum(len(each.successors) > 1 for each in old)
        said.append(
            f"{name}: {len(communes)} communes out of {len(old)} old ones, {divided} divided"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return said


@group.command()
def find(
    text: Annotated[str, typer.Argument(help="A place as a citizen would type it.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Candidates at most.")] = 5,
) -> None:
    """Print the places a text may mean, best first: code, score, name, why."""
    from bot.app import open_runtime
    from bot.services.places import Places

    runtime = open_runtime(load_settings())
    try:
        places = Places(runtime)
        places.start()
        found = places.atlas.find(text, limit=limit)
    finally:
        runtime.db.close()
    for each in found:
        print(f"{each.code}\t{each.score:.2f}\t{each.name}\t{each.why}")
    if not found:
        raise typer.Exit(1)


def place_problems(content_dir: Path) -> list[Problem]:
    """What is wrong with a content folder's localities, for `content check`."""
    from bot.guides.errors import Problem
    from bot.locality.errors import LocalityError
    from bot.locality.files import load_gazetteer

    try:
        load_gazetteer(content_dir / "localities")
    except LocalityError as error:
        return [Problem("localities", 1, "-", str(error))]
    return []

"""poster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.locality.atlas import Atlas
    from bot.posters.draw import Code
    from bot.posters.words import PosterWords
    from bot.services.runtime import Runtime


def poster(
    place: Annotated[
        str, typer.Argument(help="A hamlet's or commune's code, or its name as people write it.")
    ],
    out: Annotated[Path, typer.Option(help="The PDF file to write.")],
    team: Annotated[
        str, typer.Option(help="The team's name; else the team that serves the place.")
    ] = "",
) -> None:
    """Make an A4 poster whose QR codes open the assistant and say where one lives."""
    from bot.app import open_runtime
    from bot.locality.codes import payload_of
    from bot.posters.draw import Poster, draw_poster
    from bot.posters.words import load_poster_words
    from bot.services.places import Places

    settings = load_settings()
    words = load_poster_words(settings.content_dir / "poster.yml")
    runtime = open_runtime(settings)
    try:
        places = Places(runtime)
        places.start()
        code = _code(places.atlas, place)
        team = team or _team_of(runtime, code)
    finally:
        runtime.db.close()
    label = places.atlas.label(code)
    address = f"{settings.public_url.rstrip('/')}/?loc={payload_of(code).removeprefix('loc_')}"
    codes = _codes(settings, words, payload_of(code), address)
    typed = settings.public_url.partition("://")[2].rstrip("/")
    pdf = draw_poster(Poster(label, team, codes, typed), words)
    _write(out, pdf)
    print(f"{out}: {label}" + (f", {team}" if team else ""))
    for each in codes:
        print(f"{each.caption}: {each.holds}")


def _code(atlas: Atlas, place: str) -> str:
    """The place that is meant. BadRequest says what there is when it is not clear."""
    from bot.errors import BadRequest
    from bot.locality.codes import is_code

    if is_code(place):
        if atlas.known(place) != place:
            raise BadRequest(
                f"{place}: there is no such place; hamlets come with a roster, and "
                "`congdanso locality find NAME` shows codes"
            )
        return place
    found = [c for c in atlas.find(place) if "." in c.code]
    if len(found) != 1:
        lines = "".join(f"\n  {c.code}  {c.name}" for c in found)
        hint = f"; give one of these codes:{lines}" if found else "; give its commune too"
        raise BadRequest(f"{place!r}: {len(found) or 'no'} places are called so{hint}")
    return found[0].code


def _team_of(runtime: Runtime, code: str) -> str:
    """The name of the nearest team that serves a place; "" when there is none."""
    from sqlalchemy import Connection

    from bot.domain.tickets import Rung
    from bot.store import members, tickets

    def look(connection: Connection) -> str:
        for rung in Rung:
            for team_id in members.desk_of(connection, code, rung):
                found = tickets.team(connection, team_id)
                if found is not None:
                    return found.name
        return ""

    return runtime.db.read_now(look)


def _codes(settings: Settings, words: PosterWords, payload: str, address: str) -> tuple[Code, ...]:
    """The ways in that are set up. SettingsError when none is."""
    from bot.errors import SettingsError
    from bot.posters.draw import Code

    codes = []
    if settings.public_url:
        codes.append(Code(address, words.web))
    if settings.zalo_url:
        note = words.zalo_send.format(code=payload.upper())
        codes.append(Code(settings.zalo_url, words.zalo, note))
    if settings.telegram_name:
        name = settings.telegram_name.lstrip("@")
        codes.append(Code(f"https://t.me/{name}?start={payload}", words.telegram))
    if not codes:
        raise SettingsError(
            "CONGDANSO_PUBLIC_URL, CONGDANSO_ZALO_URL, CONGDANSO_TELEGRAM_NAME: at least one is "
            "needed for a poster, which would lead nowhere"
        )
    return tuple(codes)


def _write(out: Path, pdf: bytes) -> None:
    from bot.errors import BadRequest

    part = out.with_name(out.name + ".part")
    try:
        part.write_bytes(pdf)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadRequest(f"{out}: cannot be written ({error.strerror})") from error

"""team add, team list, team member."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.settings import load_settings

team_group = typer.Typer(help="Teams and their members.", no_args_is_help=True)


@team_group.command("add")
def team_add(
    name: Annotated[str, typer.Argument(help="The team's name, shown to citizens.")],
    commune: Annotated[
        str, typer.Option(help="Commune it serves; empty: everywhere no other team does.")
    ] = "",
    telegram_group: Annotated[
        str | None, typer.Option(help="Id of its Telegram group, such as -1001234567890.")
    ] = None,
) -> None:
    """Add a team, or change the one of this name."""
    from bot.app import open_runtime
    from bot.store.tickets import add_team

    runtime = open_runtime(load_settings())
    try:
        team_id = runtime.db.write_now(
            lambda c: add_team(c, name, commune, telegram_group, runtime.now())
        )
    finally:
        runtime.db.close()
    print(f"team {team_id}: {name} ({commune or 'everywhere'})")


@team_group.command("list")
def team_list() -> None:
    """List the teams."""
    from bot.app import open_runtime
    from bot.store.tickets import all_teams

    runtime = open_runtime(load_settings())
    try:
        for team in runtime.db.read_now(all_teams):
            place = team.commune or "everywhere"
            print(f"{team.id}\t{team.name}\t{place}\t{team.group or '-'}")
    finally:
        runtime.db.close()


@team_group.command("member")
def team_member(
    team_id: Annotated[int, typer.Argument(help="The team's number, from `team list`.")],
    name: Annotated[str, typer.Argument(help="The member's name, shown to citizens.")],
    telegram_id: Annotated[
        str | None, typer.Option(help="Their Telegram account's number, when they use it.")
    ] = None,
) -> None:
    """Add a member and print the signed address of their own page."""
    from sqlalchemy import Connection

    from bot.app import open_runtime
    from bot.domain.tickets import MemberView
    from bot.errors import BadRequest
    from bot.services.links import desk_url
    from bot.store import tickets

    runtime = open_runtime(load_settings())

    def work(connection: Connection) -> int:
        if tickets.team(connection, team_id) is None:
            raise BadRequest(f"team {team_id}: there is none; see `congdanso team list`")
        return tickets.add_member(connection, team_id, name, telegram_id, runtime.now())

    try:
        member_id = runtime.db.write_now(work)
        print(desk_url(runtime, MemberView(member_id, team_id, name), runtime.now()))
    finally:
        runtime.db.close()

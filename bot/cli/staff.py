"""staff add, invite, list, role, area, reset-password, sessions, remove."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.services.runtime import Runtime
    from bot.services.staff_admin import Link, StaffAdmin

group = typer.Typer(
    help="Logins for the staff console: who, with which role, for which places.",
    no_args_is_help=True,
)

T = TypeVar("T")
Name = Annotated[str, typer.Argument(help="Login name.")]
RoleOption = Annotated[str, typer.Option(help="viewer, editor, lead or admin.")]
Areas = Annotated[
    list[str] | None,
    typer.Option(
        "--area",
        help="A province or commune they are responsible for, by code (96, 96.32083) or name; "
        "may be repeated. None: everywhere.",
    ),
]


@group.callback()
def _staff() -> None:
    """Logins for the staff console."""


@dataclass(frozen=True, slots=True)
class _Open:
    """The accounts, open for one command."""

    runtime: Runtime
    admin: StaffAdmin

    def do(self, work: Callable[[Connection], T]) -> T:
        """One transaction."""
        return self.runtime.db.write_now(work)

    def areas(self, written: list[str] | None, role: str) -> tuple[str, ...]:
        """The codes of what was given as --area."""
        from bot.services.places import Places
        from bot.services.staff import good_role
        from bot.services.staff_areas import areas_of

        return areas_of("\n".join(written or ()), good_role(role), Places(self.runtime).atlas)


@contextmanager
def _opened() -> Iterator[_Open]:
    from bot.app import open_runtime
    from bot.services.staff_admin import COMMAND, StaffAdmin

    runtime = open_runtime(load_settings())
    try:
        yield _Open(runtime, StaffAdmin(runtime, COMMAND))
    finally:
        runtime.db.close()


@group.command("add")
def add(
    username: Name,
    role: RoleOption = "admin",
    area: Areas = None,
    password: Annotated[
        str,
        typer.Option(
            prompt="Password (10 characters or more)",
            confirmation_prompt=True,
            hide_input=True,
            help="Asked for when not given.",
        ),
    ] = "",
) -> None:
    """Add a login with a password you choose. For others rather use `invite`."""
    from bot.services.staff import good_role
    from bot.services.staff_admin import hashed

    with _opened() as staff:
        kind, scope = good_role(role), staff.areas(area, role)
        kept = hashed(password, username)
        staff.do(lambda c: staff.admin.add(c, username, kept, kind, scope))
        print(f"{username}: added as {role}; log in at {staff.runtime.settings.base_url}/staff")


@group.command("invite")
def invite(username: Name, role: RoleOption = "viewer", area: Areas = None) -> None:
    """Add a login and print a link with which they set their own password."""
    from bot.services.staff import good_role

    with _opened() as staff:
        kind, scope = good_role(role), staff.areas(area, role)
        _print(staff.do(lambda c: staff.admin.invite(c, username, kind, scope)))


@group.command("list")
def list_staff() -> None:
    """List everybody: name, role, places, when they were last there."""
    with _opened() as staff:
        for person in staff.runtime.db.read_now(staff.admin.everybody):
            account = person.account
            if person.link_until is not None:
                state = f"invited until {person.link_until:%Y-%m-%d %H:%M} UTC"
            elif not account.usable:
                state = "no password: `staff reset-password` makes a link"
            elif person.seen_at is not None:
                state = f"there at {person.seen_at:%Y-%m-%d %H:%M} UTC"
            else:
                state = "not logged in"
            places = ", ".join(account.scope) or "everywhere"
            print(f"{account.username}\t{account.role}\t{places}\t{state}")


@group.command("role")
def role(username: Name, new: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Give somebody another role; they log in again. An admin is responsible for everywhere."""
    from bot.services.staff import Role, good_role

    kind = good_role(new)

    def work(connection: Connection) -> None:
        scope = staff.admin.account(connection, username).scope
        staff.admin.change(connection, username, kind, () if kind is Role.ADMIN else scope)

    with _opened() as staff:
        staff.do(work)
        print(f"{username}: {new}")


@group.command("area")
def area(
    username: Name,
    places: Annotated[
        list[str] | None,
        typer.Argument(help="Codes or names of provinces and communes; none: everywhere."),
    ] = None,
) -> None:
    """Say which places somebody is responsible for."""
    from bot.services.staff import good_role

    with _opened() as staff:
        account = staff.runtime.db.read_now(lambda c: staff.admin.account(c, username))
        kind, scope = good_role(account.role), staff.areas(places, account.role)
        staff.do(lambda c: staff.admin.change(c, username, kind, scope))
        print(f"{account.username}: {', '.join(scope) or 'everywhere'}")


@group.command("reset-password")
def reset_password(username: Name) -> None:
    """Print a link with which they set a new password; the old one is not good any more."""
    with _opened() as staff:
        _print(staff.do(lambda c: staff.admin.reset(c, username)))


@group.command("sessions")
def sessions(
    username: Name,
    end: Annotated[bool, typer.Option("--end", help="Log them out everywhere.")] = False,
) -> None:
    """List where somebody is logged in, or log them out everywhere."""
    from datetime import timedelta

    from bot.store import staff_sessions

    with _opened() as staff:
        if end:
            ended = staff.do(lambda c: staff.admin.end_sessions(c, username))
            print(f"{username}: {ended} sessions ended")
            return
        runtime, now = staff.runtime, staff.runtime.now()
        idle = now - timedelta(minutes=runtime.settings.staff_idle_minutes)

        def living(connection: Connection) -> list[staff_sessions.Device]:
            account = staff.admin.account(connection, username)
            return staff_sessions.devices(connection, account.id, now, idle)

        for device in runtime.db.read_now(living):
            print(
                f"since {device.started_at:%Y-%m-%d %H:%M} UTC, last used "
                f"{device.used_at:%Y-%m-%d %H:%M} UTC, until {device.expires_at:%Y-%m-%d %H:%M} UTC"
            )


@group.command("remove")
def remove(username: Name) -> None:
    """End a login. The name stays taken; what they did stays in the record."""
    with _opened() as staff:
        staff.do(lambda c: staff.admin.remove(c, username))
        print(f"{username}: removed")


def _print(link: Link) -> None:
    print(
        f"{link.username}: give them this link; it works once, "
        f"until {link.expires_at:%Y-%m-%d %H:%M} UTC"
    )
    print(link.url)

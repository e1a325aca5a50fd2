"""What an admin does with accounts: inviting, changing, resetting, ending.

Each function does all or nothing in a transaction its caller opened, and writes the record. `who`
is the admin's login name, or COMMAND from a command line, where whoever sits at it may do all.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import Connection

from bot.services.runtime import Runtime
from bot.services.staff import (
    Fault,
    Role,
    StaffRefused,
    by_name,
    check_password,
    clean_name,
    clean_password,
    good_name,
    new_account,
)
from bot.services.staff_logins import token_hash
from bot.store import audit, invites
from bot.store import staff as store
from bot.store import staff_sessions as sessions
from bot.store.staff import Account

#: In the record, for what was done from a command line. No login name begins so.
COMMAND = "(command)"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to set a password with; shown once, kept nowhere."""

    username: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the list shows it. `link_until`: a link to set a password waits so long."""

    account: Account
    seen_at: datetime | None
    link_until: datetime | None


class StaffAdmin:
    """Changes accounts on behalf of `who`."""

    def __init__(self, runtime: Runtime, who: str) -> None:
        self._runtime = runtime
        self._who = who

    # Looking.

    def everybody(self, connection: Connection) -> list[Person]:
        """Every account that was not removed, by name."""
        seen = sessions.seen(connection)
        links = invites.waiting(connection, self._runtime.now())
        living = [a for a in store.accounts(connection) if not a.removed]
        living.sort(key=lambda a: a.username.casefold())
        return [Person(a, seen.get(a.id), links.get(a.id)) for a in living]

    def account(self, connection: Connection, which: int | str) -> Account:
        """A living account by number or name. Raises StaffRefused."""
        every = [a for a in store.accounts(connection) if not a.removed]
        if isinstance(which, int):
            found = next((a for a in every if a.id == which), None)
        else:
            found = by_name(every, which)
        if found is None:
            shown = which if isinstance(which, int) else clean_name(which)
            raise StaffRefused(Fault.GONE, f"there is no staff member {shown!r}")
        return found

    # Doing.

    def add(
        self,
        connection: Connection,
        username: str,
        password_hash: str,
        role: Role,
        scope: Sequence[str] = (),
    ) -> int:
        """Make an account with a password that was hashed already."""
        name, now = good_name(username), self._runtime.now()
        made = new_account(connection, name, password_hash, role, now, scope)
        self._record(connection, "staff.add", _told(name, role, scope))
        return made

    def invite(
        self, connection: Connection, username: str, role: Role, scope: Sequence[str] = ()
    ) -> Link:
        """Make an account without a password, and a link to set one."""
        name, now = good_name(username), self._runtime.now()
        staff_id = new_account(connection, name, "", role, now, scope)
        self._record(connection, "staff.invite", _told(name, role, scope))
        return self._link(connection, staff_id, name)

    def change(
        self, connection: Connection, which: int | str, role: Role, scope: Sequence[str]
    ) -> None:
        """Another role or other places. With another role they log in again."""
        account = self._other(connection, which)
        if role == account.role and tuple(scope) == account.scope:
            return
        if role is not Role.ADMIN:
            self._not_the_last(connection, account)
        store.change(connection, account.id, role, scope)
        if role != account.role:
            sessions.end_of(connection, account.id)
        self._record(connection, "staff.change", _told(account.username, role, scope))

    def reset(self, connection: Connection, which: int | str) -> Link:
        """A new link; from now on neither the old password nor a session is good."""
        account = self._other(connection, which)
        store.set_password(connection, account.id, "")
        sessions.end_of(connection, account.id)
        self._record(connection, "staff.reset", account.username)
        return self._link(connection, account.id, account.username)

    def end_sessions(self, connection: Connection, which: int | str) -> int:
        """Log them out everywhere; returns of how many devices."""
        account = self.account(connection, which)
        ended = sessions.end_of(connection, account.id)
        self._record(connection, "staff.sessions_end", account.username)
        return ended

    def remove(self, connection: Connection, which: int | str) -> None:
        """End an account. Its name stays taken, tickets keep the name of who helped."""
        account = self._other(connection, which)
        self._not_the_last(connection, account)
        store.remove(connection, account.id, self._runtime.now())
        self._record(connection, "staff.remove", account.username)

    # Inside.

    def _other(self, connection: Connection, which: int | str) -> Account:
        """The account of somebody else: nobody locks themself out."""
        store.one_change_at_a_time(connection)
        account = self.account(connection, which)
        if account.username == self._who:
            raise StaffRefused(Fault.SELF, "one's own account is changed by another admin")
        return account

    def _not_the_last(self, connection: Connection, account: Account) -> None:
        """Somebody who can log in must be left to let others in."""
        if account.role != Role.ADMIN or not account.usable:
            return
        every = store.accounts(connection)
        if not any(a.usable and a.role == Role.ADMIN and a.id != account.id for a in every):
            raise StaffRefused(
                Fault.LAST_ADMIN,
                f"{account.username} is the last admin: make another one first",
            )

    def _link(self, connection: Connection, staff_id: int, name: str) -> Link:
        token, now = secrets.token_urlsafe(32), self._runtime.now()
        expires_at = now + timedelta(hours=self._runtime.settings.staff_invite_hours)
        invites.put(connection, token_hash(token), staff_id, now, expires_at)
        return Link(name, f"{self._runtime.settings.base_url}/staff/join/{token}", expires_at)

    def _record(self, connection: Connection, action: str, subject: str) -> None:
        audit.record(connection, self._who, action, subject, self._runtime.now())


def hashed(password: str, username: str, hasher: PasswordHasher | None = None) -> str:
    """A password to keep. Raises StaffRefused. Takes a tenth of a second."""
    check_password(password, username)
    return (hasher or PasswordHasher()).hash(clean_password(password))


def _told(name: str, role: str, scope: Sequence[str]) -> str:
    return f"{name}: {role}" + (f" {', '.join(scope)}" if scope else "")

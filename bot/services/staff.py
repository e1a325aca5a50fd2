"""Staff: making accounts, logging in, sessions.

A login is counted as failed before the password is looked at, and taken back when it was right:
many attempts at the same moment find each other's count, so the limit holds for them too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from bot.errors import BadRequest
from bot.services.runtime import Runtime
from bot.store import records
from bot.store import staff as store
from bot.store.db import Database

log = structlog.get_logger(__name__)

SHORTEST_PASSWORD = 10
_LONGEST_PASSWORD = 1000
WINDOW = timedelta(minutes=15)
MOST_PER_NAME = 5
MOST_PER_ADDRESS = 20
#: A password check takes 64 MiB and a whole core for a moment: never many at once.
_CHECKS_AT_ONCE = 2
_NAME = re.compile(r"[^\W_](?:[\w.\- ]{0,62}[^\W_])")


class Role(StrEnum):
    """What somebody of the staff may do; each role may do what the ones before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    LEAD = "lead"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Whether this role is at least the needed one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is logged in; `csrf` belongs into every form of theirs."""

    staff_id: int
    username: str
    role: Role
    csrf: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that went well; `token` goes into the cookie and nowhere else."""

    token: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many failures: how long until the next try."""

    wait: timedelta


# Accounts ---------------------------------------------------------------------------------------


def add_staff(
    db: Database,
    username: str,
    password: str,
    role: str,
    now: datetime,
    hasher: PasswordHasher | None = None,
) -> int:
    """Make an account; returns its id. BadRequest says what is wrong with the values. Blocking."""
    name = clean_name(username)
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"the name {username!r} cannot be used: 2 to 64 letters, digits, spaces and . - _, "
            "beginning and ending with a letter or a digit"
        )
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise BadRequest(f"the password must have {SHORTEST_PASSWORD} to 1000 characters")
    if role not in list(Role):
        raise BadRequest(f"the role {role!r} is not one of {', '.join(Role)}")
    hashed = (hasher or PasswordHasher()).hash(_password(password))

    def work(connection: Connection) -> int | None:
        if _by_name(store.accounts(connection), name) is not None:
            return None
        return store.add(connection, name, hashed, role, now)

    made = db.write_now(work)
    if made is None:
        raise BadRequest(f"the name {name!r} is taken (names of removed staff stay taken)")
    return made


def remove_staff(db: Database, username: str, now: datetime) -> None:
    """End an account and its sessions. BadRequest when there is none. Blocking."""

    def work(connection: Connection) -> bool:
        account = _by_name(store.accounts(connection), username)
        if account is None or account.removed:
            return False
        store.remove(connection, account.id, now)
        return True

    if not db.write_now(work):
        raise BadRequest(f"there is no staff member {clean_name(username)!r}")


def clean_name(username: str) -> str:
    """A name as it is kept: composed letters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", username).split())


def _by_name(accounts: list[store.Account], username: str) -> store.Account | None:
    # Phones write the first letter of a field large: capitals make no difference.
    wanted = clean_name(username).casefold()
    return next((a for a in accounts if a.username.casefold() == wanted), None)


def _password(password: str) -> str:
    # The same letters typed on two keyboards may come in two encodings (RFC 8265).
    return unicodedata.normalize("NFC", password)


# Logins -----------------------------------------------------------------------------------------


class Logins:
    """Logging in, out, and who a cookie belongs to."""

    def __init__(self, runtime: Runtime, hasher: PasswordHasher | None = None) -> None:
        self._runtime = runtime
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_CHECKS_AT_ONCE, "password")
        # Checked for names that do not exist, so that they take as long as names that do.
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._key = runtime.vault.derive("login throttle")

    async def log_in(
        self, username: str, password: str, address: str
    ) -> LoggedIn | Throttled | None:
        """A new session; None when name and password do not belong together."""
        name, place = self._keys(username, address)
        counted = await self._runtime.db.write(lambda c: self._count(c, name, place))
        if isinstance(counted, Throttled):
            log.warning("login throttled")
            return counted
        account = await self._verify(username, password)
        if account is None:
            log.info("login failed")
            return None
        return await self._open(account, name, counted)

    async def visit(self, token: str) -> Visit | None:
        """Whose session a cookie is; None when it ended."""
        if not token:
            return None
        now = self._runtime.now()
        hashed = _hash(token)
        found = await self._runtime.db.read(lambda c: store.session(c, hashed, now))
        if found is None:
            return None
        return Visit(found.staff_id, found.username, Role(found.role), found.csrf)

    async def log_out(self, token: str) -> None:
        """End a session."""
        hashed = _hash(token)
        await self._runtime.db.write(lambda c: store.end_session(c, hashed))

    def _keys(self, username: str, address: str) -> tuple[str, str]:
        """Keys of the failure counts. Hashed: people type passwords into the name's field."""
        name = clean_name(username).casefold()
        return self._hide("name", name), self._hide("address", address)

    def _hide(self, kind: str, value: str) -> str:
        mac = hmac.digest(self._key, f"{kind}:{value}".encode(), hashlib.sha256)
        return f"{kind}:{mac.hex()}"

    def _count(self, connection: Connection, name: str, place: str) -> list[int] | Throttled:
        store.one_login_at_a_time(connection)
        now = self._runtime.now()
        waits = [
            oldest + WINDOW - now
            for key, most in ((name, MOST_PER_NAME), (place, MOST_PER_ADDRESS))
            for number, oldest in (store.failures(connection, key, now - WINDOW),)
            if number >= most and oldest is not None
        ]
        # A refused try does not count: whoever waits gets in.
        if waits:
            return Throttled(max(waits))
        return store.add_failures(connection, (name, place), now)

    async def _verify(self, username: str, password: str) -> store.Account | None:
        accounts = await self._runtime.db.read(store.accounts)
        account = _by_name([a for a in accounts if not a.removed], username)
        hashed = account.password_hash if account else self._nobody
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._threads, self._matches, hashed, password)
        return account if right else None

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, _password(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _open(self, account: store.Account, name: str, counted: list[int]) -> LoggedIn:
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        lasts = timedelta(hours=self._runtime.settings.staff_session_hours)

        def work(connection: Connection) -> None:
            now = self._runtime.now()
            store.forgive(connection, name, counted)
            records.purge_sessions(connection, now)
            store.open_session(connection, _hash(token), account.id, csrf, now + lasts)

        await self._runtime.db.write(work)
        log.info("login", staff=account.id, role=account.role)
        return LoggedIn(token, lasts)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

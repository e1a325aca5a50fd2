"""Logging in, sessions, setting one's own password.

A login is counted as failed before the password is looked at, and taken back when it was right:
many attempts at the same moment find each other's count, so the limit holds for them too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from bot.services.runtime import Runtime
from bot.services.staff import (
    Fault,
    Role,
    StaffRefused,
    Visit,
    by_name,
    check_password,
    clean_name,
    clean_password,
)
from bot.store import audit, invites, records
from bot.store import staff as store
from bot.store import staff_sessions as sessions
from bot.store.invites import Invite
from bot.store.staff_sessions import Device

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=15)
MOST_PER_NAME = 5
MOST_PER_ADDRESS = 20
#: A password check takes 64 MiB and a whole core for a moment: never many at once.
_CHECKS_AT_ONCE = 2
#: A session's last use is written this often at most.
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that went well; `token` goes into the cookie and nowhere else."""

    token: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many failures: how long until the next try."""

    wait: timedelta


def token_hash(token: str) -> str:
    """What a cookie's or a link's token is kept by."""
    return hashlib.sha256(token.encode()).hexdigest()


class Logins:
    """Logging in, out, and who a cookie belongs to."""

    def __init__(self, runtime: Runtime, hasher: PasswordHasher | None = None) -> None:
        self._runtime = runtime
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_CHECKS_AT_ONCE, "password")
        self._nobody = ""
        self._nobody_lock = threading.Lock()
        self._key = runtime.vault.derive("login throttle")

    async def log_in(
        self, username: str, password: str, address: str, before: str = ""
    ) -> LoggedIn | Throttled | None:
        """A new session; None when name and password do not belong together.

        `before` is the cookie the browser came with: that session ends.
        """
        checked = await self._checked(username, password, address)
        if not isinstance(checked, _Checked):
            return checked
        account = checked.account

        def work(connection: Connection) -> LoggedIn | None:
            self._forgive(connection, checked)
            if not _still(connection, account):
                return None
            if before:
                sessions.end(connection, token_hash(before))
            audit.record(connection, account.username, "login", "", self._runtime.now())
            return self._begin(connection, account.id)

        session = await self._runtime.db.write(work)
        log.info("login", staff=account.id, role=account.role)
        return session

    async def visit(self, token: str, *, use: bool = True) -> Visit | None:
        """Whose session a cookie is; None when it ended. `use`: a person is there, not a script
        of a page that was left open."""
        if not token:
            return None
        now, hashed = self._runtime.now(), token_hash(token)
        found = await self._runtime.db.read(
            lambda c: sessions.find(c, hashed, now, self._idle_since(now))
        )
        if found is None:
            return None
        if use and now - found.used_at >= _TOUCH:
            await self._runtime.db.write(lambda c: sessions.used(c, hashed, now))
        return Visit(
            found.staff_id,
            found.username,
            Role(found.role),
            found.csrf,
            found.scope,
            sessions.handle_of(hashed),
        )

    async def log_out(self, token: str, who: str) -> None:
        """End a session."""
        hashed, now = token_hash(token), self._runtime.now()

        def work(connection: Connection) -> None:
            sessions.end(connection, hashed)
            audit.record(connection, who, "logout", "", now)

        await self._runtime.db.write(work)

    # One's own account.

    async def devices(self, visit: Visit) -> list[Device]:
        """Where somebody is logged in."""
        now = self._runtime.now()
        return await self._runtime.db.read(
            lambda c: sessions.devices(c, visit.staff_id, now, self._idle_since(now))
        )

    async def end_devices(self, visit: Visit, handle: str) -> int:
        """End one of one's sessions by its handle, or with "" all but this one; how many."""
        now = self._runtime.now()

        def work(connection: Connection) -> int:
            one_of = {"only": handle} if handle else {"but": visit.session}
            ended = sessions.end_of(connection, visit.staff_id, **one_of)
            if ended:
                audit.record(connection, visit.username, "session.end", visit.username, now)
            return ended

        return await self._runtime.db.write(work)

    async def change_password(
        self, visit: Visit, old: str, new: str, address: str
    ) -> LoggedIn | Throttled | None:
        """Another password: every session ends and a new one begins. None when the old one is
        wrong. Raises StaffRefused when the new one cannot be."""
        check_password(new, visit.username)
        checked = await self._checked(visit.username, old, address)
        if not isinstance(checked, _Checked):
            return checked
        hashed = await self._hash(new)

        def work(connection: Connection) -> LoggedIn | None:
            self._forgive(connection, checked)
            if not _still(connection, checked.account):
                return None
            return self._renew(connection, visit.staff_id, visit.username, hashed)

        return await self._runtime.db.write(work)

    # Links.

    async def invite(self, token: str) -> Invite | None:
        """Whose link this is, used or over as it may be; None when there is none."""
        return await self._runtime.db.read(lambda c: invites.find(c, token_hash(token)))

    async def accept(self, token: str, password: str) -> LoggedIn:
        """Set the password of whose link it is, and log them in. Raises StaffRefused; the link
        stays good when the password was the trouble."""
        invite = await self.invite(token)
        self._check_invite(invite)
        assert invite is not None
        check_password(password, invite.username)
        hashed, owner = await self._hash(password), invite

        def work(connection: Connection) -> LoggedIn:
            now = self._runtime.now()
            if not invites.use(connection, token_hash(token), now):
                self._check_invite(invites.find(connection, token_hash(token)))
            return self._renew(connection, owner.staff_id, owner.username, hashed)

        return await self._runtime.db.write(work)

    def _check_invite(self, invite: Invite | None) -> None:
        if invite is not None and invite.used:
            raise StaffRefused(Fault.USED, "the link was used before")
        if invite is None or invite.expires_at <= self._runtime.now():
            raise StaffRefused(Fault.LINK, "the link is not good, or not any more")

    # Inside.

    async def _checked(
        self, username: str, password: str, address: str
    ) -> _Checked | Throttled | None:
        """The account of a name with the right password; the failure is counted first."""
        name, place = self._keys(username, address)
        counted = await self._runtime.db.write(lambda c: self._count(c, name, place))
        if isinstance(counted, Throttled):
            log.warning("login throttled")
            return counted
        account = await self._verify(username, password)
        if account is None:
            log.info("login failed")
            return None
        return _Checked(account, name, counted)

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
        account = by_name([a for a in accounts if a.usable], username)
        hashed = account.password_hash if account else ""
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._threads, self._matches, hashed, password)
        return account if right else None

    def _matches(self, hashed: str, password: str) -> bool:
        # Asked for known names too: the first login takes longer whatever the name.
        nobody = self._hash_of_nobody()
        try:
            return self._hasher.verify(hashed or nobody, clean_password(password))
        except (VerificationError, InvalidHashError):
            return False

    def _hash_of_nobody(self) -> str:
        """Checked for names that do not exist, so that they take as long as names that do.

        Made at the first login: it takes 64 MiB and a tenth of a second, which no start needs.
        """
        with self._nobody_lock:
            self._nobody = self._nobody or self._hasher.hash(secrets.token_hex(16))
        return self._nobody

    async def _hash(self, password: str) -> str:
        loop = asyncio.get_running_loop()
        hash_it, clean = self._hasher.hash, clean_password(password)
        return await loop.run_in_executor(self._threads, hash_it, clean)

    def _forgive(self, connection: Connection, checked: _Checked) -> None:
        store.forgive(connection, checked.name, checked.counted)

    def _renew(self, connection: Connection, staff_id: int, who: str, hashed: str) -> LoggedIn:
        store.set_password(connection, staff_id, hashed)
        invites.forget_open(connection, staff_id)
        sessions.end_of(connection, staff_id)
        audit.record(connection, who, "password.set", who, self._runtime.now())
        return self._begin(connection, staff_id)

    def _begin(self, connection: Connection, staff_id: int) -> LoggedIn:
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self._runtime.now()
        lasts = timedelta(hours=self._runtime.settings.staff_session_hours)
        records.purge_sessions(connection, now)
        sessions.begin(connection, token_hash(token), staff_id, csrf, now, now + lasts)
        return LoggedIn(token, lasts)

    def _idle_since(self, now: datetime) -> datetime:
        return now - timedelta(minutes=self._runtime.settings.staff_idle_minutes)


def _still(connection: Connection, account: store.Account) -> bool:
    """Nobody removed it or gave it another password while this one was looked at."""
    now = by_name(store.accounts(connection), account.username)
    return now is not None and now.usable and now.password_hash == account.password_hash


@dataclass(frozen=True, slots=True)
class _Checked:
    """A right password: whose, and the failures to take back."""

    account: store.Account
    name: str
    counted: list[int]

"""Staff: roles, who is logged in, and what names, passwords and accounts must be like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from sqlalchemy import Connection

from bot.domain.areas import covers
from bot.errors import BadRequest
from bot.store import staff as store
from bot.store.db import Database

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
#: Fewer different characters are a pattern: "1212121212", "aaaaaaaaaa".
_FEWEST_DIFFERENT = 5
#: A name with this many characters more, or fewer, is guessed first: "nguyenlan1".
_AROUND_NAME = 3
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
    """Who is logged in; `csrf` belongs into every form of theirs.

    `scope` holds the codes of the places somebody is responsible for, as "96" (a province) or
    "96.32083" (a commune); empty, it is everywhere. `session` names this login among their others.
    """

    staff_id: int
    username: str
    role: Role
    csrf: str
    scope: tuple[str, ...] = ()
    session: str = ""

    def sees(self, code: str) -> bool:
        """Whether what concerns a place is theirs; what has no place is for those of everywhere."""
        return not self.scope or any(covers(area, code) for area in self.scope)


class Fault(StrEnum):
    """Why something about an account is refused; the console has a sentence for each."""

    NAME = "name"
    TAKEN = "taken"
    ROLE = "role"
    AREA = "area"
    ADMIN_AREA = "admin_area"
    GONE = "gone"
    SELF = "self"
    LAST_ADMIN = "last_admin"
    SHORT = "short"
    LONG = "long"
    WEAK = "weak"
    LINK = "link"
    USED = "used"


class StaffRefused(BadRequest):
    """What was asked cannot be; nothing was changed. `detail` is what of it is wrong."""

    def __init__(self, fault: Fault, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.detail = detail


# What values must be like -----------------------------------------------------------------------


def clean_name(username: str) -> str:
    """A name as it is kept: composed letters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", username).split())


def clean_password(password: str) -> str:
    """A password as it is hashed: the same letters typed on two keyboards may come in two
    encodings (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def good_name(username: str) -> str:
    """The name, clean. Raises StaffRefused."""
    name = clean_name(username)
    if not _NAME.fullmatch(name):
        raise StaffRefused(
            Fault.NAME,
            f"the name {username!r} cannot be used: 2 to 64 letters, digits, spaces and . - _, "
            "beginning and ending with a letter or a digit",
        )
    return name


def good_role(role: str) -> Role:
    """The role of that word. Raises StaffRefused."""
    if role not in list(Role):
        raise StaffRefused(Fault.ROLE, f"the role {role!r} is not one of {', '.join(Role)}")
    return Role(role)


def check_password(password: str, username: str) -> None:
    """Raises StaffRefused for a password that is too short or guessed first.

    Length and a look at the obvious, no rules of letters and signs (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST_PASSWORD:
        raise StaffRefused(
            Fault.SHORT, f"the password must have {SHORTEST_PASSWORD} to 1000 characters"
        )
    if len(password) > LONGEST_PASSWORD:
        raise StaffRefused(
            Fault.LONG, f"the password must have {SHORTEST_PASSWORD} to 1000 characters"
        )
    if _guessed(clean_password(password).casefold(), clean_name(username).casefold()):
        raise StaffRefused(
            Fault.WEAK,
            "the password is guessed first: not digits only, not the login name, not a few "
            "characters over and over",
        )


def _guessed(password: str, name: str) -> bool:
    if password.isdecimal() or len(set(password)) < _FEWEST_DIFFERENT:
        return True
    return name in password and len(password) <= len(name) + _AROUND_NAME


# Accounts ---------------------------------------------------------------------------------------


def by_name(accounts: Sequence[store.Account], username: str) -> store.Account | None:
    """The account of a name. Phones write the first letter large: capitals make no difference."""
    wanted = clean_name(username).casefold()
    return next((a for a in accounts if a.username.casefold() == wanted), None)


def new_account(
    connection: Connection,
    name: str,
    password_hash: str,
    role: Role,
    now: datetime,
    scope: Sequence[str] = (),
) -> int:
    """Make an account with values that were checked. Raises StaffRefused when the name is taken."""
    made = None
    if by_name(store.accounts(connection), name) is None:
        made = store.add(connection, name, password_hash, role, now, scope)
    if made is None:
        raise StaffRefused(
            Fault.TAKEN, f"the name {name!r} is taken (names of removed staff stay taken)"
        )
    return made


def add_staff(
    db: Database,
    username: str,
    password: str,
    role: str,
    now: datetime,
    hasher: PasswordHasher | None = None,
    scope: Sequence[str] = (),
) -> int:
    """Make an account; returns its id. BadRequest says what is wrong with the values. Blocking.

    `scope` holds codes that were checked (`staff_areas.areas_of`).
    """
    name = good_name(username)
    check_password(password, name)
    kind = good_role(role)
    hashed = (hasher or PasswordHasher()).hash(clean_password(password))
    return db.write_now(lambda c: new_account(c, name, hashed, kind, now, scope))

"""Which data keys a database was written with, and writing its values anew with another one.

Kept under names of their own in `cursors`: the mark of the key that writes, the marks of keys that
some value may still be sealed with, and, sealed, what other keys are derived from.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    LargeBinary,
    Table,
    bindparam,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from bot.errors import StoreError
from bot.models.schema import cursors
from bot.store.crypto import Vault, key_name
from bot.store.records import cursor, set_cursor
from bot.store.sql import insert

_WRITES = "data_key"
_BEFORE = "data_key_before:"
_ROOTS = {"derive_root": "root", "signing_root": "signing"}


# Marks ------------------------------------------------------------------------------------------


def marks(connection: Connection) -> set[str]:
    """The marks of every key that is needed to read this database; none when no key was used."""
    query = select(cursors.c.value).where(
        (cursors.c.name == _WRITES) | cursors.c.name.startswith(_BEFORE)
    )
    return set(connection.execute(query).scalars())


def key_fits(connection: Connection, vault: Vault) -> bool:
    """Whether this database can be read with these keys; the first one is remembered.

    Without one nothing sealed with it can be read: better no start than every message lost. A
    writing key that the database does not know yet is noted: a change of keys has begun.
    """
    writes = vault.marks[0]
    statement = insert(connection, cursors).values(name=_WRITES, value=writes)
    connection.execute(statement.on_conflict_do_nothing())
    if not key_belongs(connection, vault):
        return False
    if cursor(connection, _WRITES) != writes:
        begin(connection, vault)
    return True


def key_belongs(connection: Connection, vault: Vault) -> bool:
    """Like `key_fits`, remembering nothing; a database that no key was used with fits any.

    A vault that fits derives from then on what this database's hashes and links were made with.
    """
    if not marks(connection) <= set(vault.marks):
        return False
    kept = [cursor(connection, name) for name in _ROOTS]
    writes = cursor(connection, _WRITES)
    if kept[0] and kept[1]:
        root, signing = (
            vault.open(base64.b64decode(value), purpose)
            for value, purpose in zip(kept, _ROOTS.values(), strict=True)
            if value
        )
        vault.adopt(root, signing)
    elif writes:
        vault.adopt_key(writes)
    return True


def begin(connection: Connection, vault: Vault) -> None:
    """The vault's first key writes from now on; what wrote before is needed until `finish`."""
    before = cursor(connection, _WRITES)
    keep_roots(connection, vault)
    if before and before != vault.marks[0]:
        set_cursor(connection, _BEFORE + key_name(before), before)
    set_cursor(connection, _WRITES, vault.marks[0])
    _drop_before(connection, vault.marks[0])


def keep_roots(connection: Connection, vault: Vault) -> None:
    """Keep, sealed with the writing key, what other keys are derived from."""
    for (name, purpose), value in zip(_ROOTS.items(), vault.roots, strict=True):
        set_cursor(connection, name, base64.b64encode(vault.seal(value, purpose)).decode())


def finish(connection: Connection) -> None:
    """Nothing is sealed with a key from before any more."""
    connection.execute(delete(cursors).where(cursors.c.name.startswith(_BEFORE)))


def _drop_before(connection: Connection, mark: str) -> None:
    # A key that writes again is none from before.
    connection.execute(delete(cursors).where(cursors.c.name == _BEFORE + key_name(mark)))


def unfinished(connection: Connection) -> set[str]:
    """The marks of keys that some value may still be sealed with besides the writing one."""
    return marks(connection) - {cursor(connection, _WRITES)}


# Values -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A column of sealed values. `at_once`: how many of them fit into memory and a transaction."""

    table: Table
    column: str
    purpose: str
    at_once: int = 200

    def __str__(self) -> str:
        return f"{self.table.name}.{self.column}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What became of one chunk. `last` is where it ended; None when it was the last one."""

    done: int
    unreadable: int
    last: tuple[object, ...] | None


def others(connection: Connection, places: Iterable[Place], vault: Vault) -> dict[str, int]:
    """How many values each column has that are not sealed with the writing key; no zeros."""
    found = {
        str(place): connection.execute(
            select(func.count()).select_from(place.table).where(_other(place, vault))
        ).scalar_one()
        for place in places
    }
    return {name: number for name, number in found.items() if number}


def rewrite(
    connection: Connection, place: Place, vault: Vault, after: tuple[object, ...] | None
) -> Chunk:
    """Seal the next values after a row anew. What another transaction changes meanwhile is left
    to the next pass; so is nothing that cannot be read, which is only counted."""
    keys = list(place.table.primary_key.columns)
    column = place.table.c[place.column]
    query = select(*keys, column).where(_other(place, vault))
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*[literal(value) for value in after]))
    rows = connection.execute(query.order_by(*keys).limit(place.at_once)).all()
    changes, unreadable = [], 0
    for *key, sealed in rows:
        try:
            plain = vault.open(sealed, place.purpose)
        except StoreError:
            unreadable += 1
            continue
        becomes = vault.seal(plain, place.purpose)
        change: dict[str, object] = {f"key_{n}": value for n, value in enumerate(key)}
        changes.append({**change, "was": sealed, "becomes": becomes})
    done = 0
    if changes:
        statement = update(place.table).where(column == bindparam("was", type_=LargeBinary))
        for n, each in enumerate(keys):
            statement = statement.where(each == bindparam(f"key_{n}"))
        statement = statement.values({place.column: bindparam("becomes", type_=LargeBinary)})
        done = sum(connection.execute(statement, change).rowcount for change in changes)
    last = tuple(rows[-1][:-1]) if len(rows) == place.at_once else None
    return Chunk(done, unreadable, last)


def _other(place: Place, vault: Vault) -> ColumnElement[bool]:
    column = place.table.c[place.column]
    begins = func.substr(column, 1, len(vault.prefix), type_=LargeBinary)
    return column.is_not(None) & (begins != literal(vault.prefix, LargeBinary))

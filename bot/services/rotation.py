"""Changing the data key: a new one writes, everything stored is sealed anew, the old one is dropped
once nothing needs it any more.

The new key goes first into the key file, from which every program takes it up by itself, and what
the database needs is noted before anything is sealed with it. Values are sealed anew in chunks,
each a short transaction, so that programs serve meanwhile. Killed anywhere, the next call goes on
where values of another key are left. The old key stays in the file until `forget`, for backups.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from bot.errors import BadRequest, SettingsError, StartupError
from bot.models import schema
from bot.services.backup import backups, description_of
from bot.services.keys import key_path
from bot.services.posting import INBOX, OUTBOX, STATE
from bot.services.runtime import Runtime
from bot.services.staff_admin import COMMAND
from bot.settings import Settings
from bot.store import audit, data_keys
from bot.store.crypto import LOOK_SECONDS, KeyFile, Vault, key_name, new_key
from bot.store.data_keys import Place
from bot.store.members import PHONE, TEAM_PHONE
from bot.store.roster_files import FILE
from bot.store.rosters import CHANGE
from bot.store.ticket_contact import CONTACT, NOTE
from bot.store.ticket_events import DATA
from bot.store.tickets import LINE
from bot.store.trust_words import WORDS
from bot.store.voice import PURPOSE as VOICE
from bot.store.voice import PURPOSE as VOICE_NOTES
from bot.store.zalo_tokens import PURPOSE as ZALO_TOKENS

#: Every column of sealed values; a test compares them with the tables.
PLACES = (
    Place(schema.chats, "state", STATE),
    Place(schema.inbox, "payload", INBOX),
    Place(schema.outbox, "payload", OUTBOX),
    Place(schema.teams, "phone", TEAM_PHONE),
    Place(schema.members, "phone", PHONE),
    Place(schema.tickets, "contact", CONTACT),
    Place(schema.tickets, "words", WORDS),
    Place(schema.tickets, "rating_note", NOTE),
    Place(schema.ticket_messages, "payload", LINE),
    Place(schema.ticket_events, "data", DATA),
    Place(schema.roster_rows, "payload", CHANGE),
    Place(schema.roster_files, "payload", FILE, at_once=1),
    Place(schema.voice_notes, "payload", VOICE, at_once=2),
    Place(schema.zalo_tokens, "sealed", ZALO_TOKENS),
    Place(schema.voice_notes, "payload", VOICE_NOTES, at_once=1),
)
_PASSES = 20

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done, by column: values sealed anew, values that no key can read (they are left as
    they are), and values that some program wrote with another key to the end."""

    key: str
    began: bool
    values: dict[str, int]
    unreadable: dict[str, int]
    late: dict[str, int]

    @property
    def done(self) -> bool:
        """Whether the database needs no other key any more."""
        return not self.late


@dataclass(frozen=True, slots=True)
class BackupKeys:
    """A backup, the names of the keys it needs (none: it does not say), whether all are here."""

    file: Path
    keys: tuple[str, ...]
    readable: bool


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """How it stands. Keys by name, the writing one first; `needed` are those of the database;
    `others` counts values that are not sealed with the writing key, by column."""

    keys: tuple[str, ...]
    needed: frozenset[str]
    others: dict[str, int]
    backups: list[BackupKeys] = field(default_factory=list)

    @property
    def unfinished(self) -> bool:
        """Whether `rotate` has something left to do."""
        return len(self.needed) > 1 or (len(self.keys) > 1 and bool(self.others))

    def forgettable(self) -> list[str]:
        """Old keys that neither the database nor a backup needs."""
        if len(self.needed) > 1:
            return []
        wanted = {name for each in self.backups for name in each.keys}
        unknown = any(not each.keys for each in self.backups)
        return [name for name in self.keys[1:] if name not in wanted and not unknown]


def rotate(
    runtime: Runtime,
    *,
    leaked: bool = False,
    progress: Progress | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Rotated:
    """Change the data key, or go on with a change that was begun. Blocking.

    `leaked`: somebody else may have the old key; links and cookies that were signed with what it
    gave are called in too, at once where `rotate` runs and in programs when they start again.
    BadRequest when the key is in the environment and holds no new one.
    """
    began = not _begun(runtime)
    if began:
        _begin(runtime)
    if leaked:
        root, _ = runtime.vault.roots
        runtime.vault.adopt(root, new_key())
    runtime.db.write_now(lambda c: data_keys.begin(c, runtime.vault))
    values, unreadable, late = _rewrite_all(runtime, progress, pause)
    name = key_name(runtime.vault.marks[0])

    def note(connection: Connection) -> None:
        if not late:
            data_keys.finish(connection)
        action = "key.leaked" if leaked else "key.rotate"
        audit.record(connection, COMMAND, action, f"key {name}", runtime.now())

    runtime.db.write_now(note)
    runtime.db.checkpoint()
    return Rotated(name, began, values, unreadable, late)


def status(runtime: Runtime) -> KeyStatus:
    """Keys, what the database needs, and what each backup needs. Blocking; counts every value."""
    vault = runtime.vault
    needed = runtime.db.read_now(data_keys.marks)
    others = runtime.db.read_now(lambda c: data_keys.others(c, PLACES, vault))
    keys = tuple(key_name(mark) for mark in vault.marks)
    names = frozenset(key_name(mark) for mark in needed)
    return KeyStatus(keys, names, others, list(backup_keys(runtime.settings, keys)))


def backup_keys(settings: Settings, keys: tuple[str, ...]) -> Iterator[BackupKeys]:
    """What each backup in the configured folder needs, given the names of the keys at hand."""
    folder = settings.backup_dir or settings.var_dir / "backups"
    for file in backups(folder):
        told = description_of(file)
        if told is not None:
            yield BackupKeys(file, tuple(told.keys), set(told.keys) <= set(keys))


def forget(runtime: Runtime, name: str, *, anyway: bool = False) -> None:
    """Drop an old key from the key file for good. BadRequest when it is needed: `anyway` drops it
    though backups need it, never though the database does."""
    path = key_path(runtime.settings)
    if path is None:
        raise BadRequest("CONGDANSO_DATA_KEY holds the keys: take the old one out of it yourself")
    file = KeyFile(path)
    found = status(runtime)
    if name not in found.keys:
        raise BadRequest(f"key {name}: there is none; `congdanso key status` lists them")
    if name == found.keys[0]:
        raise BadRequest(f"key {name}: is the one that writes; `congdanso key rotate` first")
    if len(found.needed) > 1:
        raise BadRequest(f"key {name}: the database needs it; `congdanso key rotate` first")
    # What a program wrote with it since; what no key can read is lost with it or without it.
    for place in PLACES:
        _rewrite(runtime, place, {}, {}, None)
    if name not in found.forgettable() and not anyway:
        raise BadRequest(
            f"key {name}: a backup needs it, or does not say what it needs; delete the backups "
            "from before, or give --anyway: they can be restored by nobody then"
        )
    file.write([key for key in file.read() if key_name(Vault(key).marks[0]) != name])
    now = runtime.now()
    runtime.db.write_now(lambda c: audit.record(c, COMMAND, "key.forget", f"key {name}", now))


# Inside -----------------------------------------------------------------------------------------


def _begun(runtime: Runtime) -> bool:
    """Whether a change of keys is under way. Values of one key alone that do not name it are from
    before keys had names: they are none."""
    vault = runtime.vault
    if runtime.db.read_now(data_keys.unfinished):
        return True
    return len(vault.marks) > 1 and bool(
        runtime.db.read_now(lambda c: data_keys.others(c, PLACES, vault))
    )


def _begin(runtime: Runtime) -> None:
    file = _key_file(runtime.settings)
    vault = runtime.vault
    # First of all what was derived from the old key is kept: whoever opens the database with the
    # new key first must find it.
    runtime.db.write_now(lambda c: data_keys.keep_roots(c, vault))
    try:
        file.write([new_key(), *file.read()])
    except OSError as error:
        raise StartupError(
            f"{file.path}: cannot be written ({error.strerror}); run this as the user it belongs to"
        ) from error
    vault.refresh()


def _key_file(settings: Settings) -> KeyFile:
    path = key_path(settings)
    if path is None:
        raise BadRequest(
            "CONGDANSO_DATA_KEY holds the key, which a command cannot change. Make a new one "
            "(`openssl rand -base64 32`), set CONGDANSO_DATA_KEY=NEW,OLD, start every program "
            "again, and give this command again. Or put the key into a file and name that in "
            "CONGDANSO_DATA_KEY_FILE: then this command does all of it"
        )
    if path.is_symlink() or not os.access(path.parent, os.W_OK):
        raise SettingsError(f"{path}: must be a file in a folder that can be written")
    return KeyFile(path)


def _rewrite_all(
    runtime: Runtime, progress: Progress | None, pause: Callable[[float], None]
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Pass after pass until none is left: programs write with the old key for a moment yet."""
    done: dict[str, int] = {}
    unreadable: dict[str, int] = {}
    late: dict[str, int] = {}
    for turn in range(_PASSES):
        unreadable = {}
        for place in PLACES:
            _rewrite(runtime, place, done, unreadable, progress)
        found = runtime.db.read_now(lambda c: data_keys.others(c, PLACES, runtime.vault))
        late = {name: n - unreadable.get(name, 0) for name, n in found.items()}
        late = {name: n for name, n in late.items() if n > 0}
        # Twice: between the first and the second every program has seen the new key.
        if turn and not late:
            break
        pause(1.5 * LOOK_SECONDS)
    runtime.db.write_now(lambda c: data_keys.keep_roots(c, runtime.vault))
    return done, unreadable, late


def _rewrite(
    runtime: Runtime,
    place: Place,
    done: dict[str, int],
    unreadable: dict[str, int],
    progress: Progress | None,
) -> None:
    after: tuple[object, ...] | None = None
    vault, name = runtime.vault, str(place)
    while True:
        chunk = runtime.db.write_now(
            lambda c, after=after: data_keys.rewrite(c, place, vault, after)  # type: ignore[misc]
        )
        if chunk.done:
            done[name] = done.get(name, 0) + chunk.done
        if chunk.unreadable:
            unreadable[name] = unreadable.get(name, 0) + chunk.unreadable
        if progress is not None:
            progress(name, chunk.done)
        after = chunk.last
        if after is None:
            return

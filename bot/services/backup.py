"""Backups: one file that holds the whole database at one moment, checked before it counts.

The file is a zip of an SQLite database (also when the program runs on PostgreSQL, so that a backup
of either can be restored into either) and a description. It is made while the program serves. The
data key is not in it: messages in a backup can be read by nobody without the key, and the key must
be kept somewhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from bot.errors import StoreError
from bot.services import erasing
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import forgetting, migrate, snapshots
from bot.store.copying import Progress, copy_database
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine

DATABASE, DESCRIPTION = "database.sqlite", "backup.json"
_FORM = 1
_NAME = re.compile(r"congdanso-\d{8}-\d{6}Z\.backup")
#: No database here is near it; a file that unpacks to more is none of ours.
_MOST_BYTES = 1 << 40
#: A backup younger than this is tonight's.
_NIGHT = timedelta(hours=12)

#: What the zip library raises for a file that somebody harmed or that is none.
_NO_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    EOFError,
    RuntimeError,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Described:
    """What a backup says of itself. `made_at` is ISO 8601, UTC; `rows` by table; `keys` are the
    names of the data keys it is read with, the older ones of which may be needed no more by the
    database itself (none in backups of older versions)."""

    form: int
    made_at: str
    revision: str
    sha256: str
    rows: dict[str, int]
    keys: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def make_backup(engine: Engine, folder: Path, now: datetime) -> tuple[Path, Described]:
    """Back the database up into `folder`, which is made; the new file and what it says. Blocking.

    StoreError says why there is none; nothing half-written is left.
    """
    target = folder / f"congdanso-{now.astimezone(UTC):%Y%m%d-%H%M%S}Z.backup"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as scratch:
            copy = Path(scratch, DATABASE)
            snapshots.snapshot(engine, copy)
            told = _describe(copy, now)
            packed = Path(scratch, "packed")
            _pack(packed, copy, told)
            _check(packed)
            # Linked, not renamed: a second backup of the same second does not replace the first.
            _link(packed, target)
    except OSError as error:
        raise StoreError(f"{folder}: no backup could be written ({error.strerror})") from error
    _sync(folder)
    return target, told


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, the newest first; an absent folder has none."""
    if not folder.is_dir():
        return []
    return sorted((f for f in folder.iterdir() if _NAME.fullmatch(f.name)), reverse=True)


def drop_old(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep`; returns what was deleted."""
    old = backups(folder)[max(keep, 1) :]
    for file in old:
        file.unlink(missing_ok=True)
    return old


def nightly(runtime: Runtime) -> bool:
    """The backup of this night, and no more of the old ones than are kept; False when it is there.

    Another scheduler may have made it; a failure is logged and StoreError raised. Blocking.
    """
    settings, now = runtime.settings, runtime.now()
    folder = settings.backup_dir
    if folder is None:
        return False
    newest = next(iter(backups(folder)), None)
    if newest is not None and now - made_at(newest) < _NIGHT:
        return False
    made, told = make_backup(runtime.db.engine, folder, now)
    drop_old(folder, settings.backup_keep)
    log.info("backed up", rows=told.total, bytes=made.stat().st_size)
    return True


def made_at(file: Path) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(file.name, "congdanso-%Y%m%d-%H%M%SZ.backup").replace(tzinfo=UTC)


def restore(
    file: Path, settings: Settings, vault: Vault, now: datetime, progress: Progress | None = None
) -> Described:
    """Put a backup in the place of the database that the settings name. Blocking.

    SQLite: the present file is kept beside it as `….before-restore-<time>`. PostgreSQL: the
    database must have no rows. StoreError says what stands against it: a damaged file, another
    data key, a newer version, a program that still runs. Then nothing has changed.
    """
    with tempfile.TemporaryDirectory(prefix="congdanso-restore-", dir=_near(settings)) as scratch:
        copy, told = unpack(file, Path(scratch))
        engine = make_engine(f"sqlite:///{copy}")
        try:
            if not snapshots.key_belongs(engine, vault):
                named = f" ({', '.join(told.keys)})" if told.keys else ""
                raise StoreError(
                    f"{file}: was made with another data key{named}; set CONGDANSO_DATA_KEY (or "
                    f"put back {settings.var_dir / 'key'}) of that time, or add that key after the "
                    "present one, then restore"
                )
            migrate.upgrade(engine)
            _forget_again(engine, settings, vault, datetime.fromisoformat(told.made_at), now)
            url = make_url(settings.sqlalchemy_url)
            if url.get_backend_name() == "sqlite":
                # The file alone is moved: nothing may be left in its log.
                snapshots.fold_log(engine)
                engine.dispose()
                _take_place(copy, Path(str(url.database)), now)
            else:
                _fill(engine, settings, progress)
        finally:
            engine.dispose()
    return told


def _forget_again(
    engine: Engine, settings: Settings, vault: Vault, made_at: datetime, now: datetime
) -> None:
    """Erase again whoever had everything erased since: by the list beside the database, and by the
    database that is about to be replaced."""
    url = make_url(settings.sqlalchemy_url)
    known = erasing.read_ledger(settings.var_dir)
    if url.get_backend_name() != "sqlite" or Path(str(url.database)).is_file():
        present = make_engine(settings.sqlalchemy_url)
        try:
            known = erasing.merged(known, forgetting.ledger_of(present))
        finally:
            present.dispose()
    database = Database(engine)
    try:
        after = made_at - erasing.CLOCKS
        done = database.write_now(lambda c: forgetting.erase_again(c, vault, known, after, now))
    finally:
        database.close()
    if done:
        log.info("erased again", people=done)


def unpack(file: Path, folder: Path) -> tuple[Path, Described]:
    """The database in a backup, unpacked into `folder` and checked, and what the backup says.

    StoreError when it is damaged, is no backup, or is of a newer version.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            told = _description(packed)
            if told.revision not in migrate.known():
                raise StoreError(
                    f"{file}: is of a newer version (revision {told.revision}); install that one"
                )
            if packed.getinfo(DATABASE).file_size > _MOST_BYTES:
                raise StoreError(f"{file}: is too large to be a backup")
            copy = Path(packed.extract(DATABASE, folder))
    except _NO_ZIP as error:
        raise StoreError(f"{file}: is damaged, or no backup ({type(error).__name__})") from error
    except OSError as error:
        raise StoreError(f"{file}: cannot be read ({error.strerror})") from error
    if _sha256(copy) != told.sha256:
        raise StoreError(f"{file}: is damaged: its checksum is another")
    if not snapshots.is_whole(copy):
        raise StoreError(f"{file}: is damaged: SQLite finds faults in it")
    return copy, told


def description_of(file: Path) -> Described | None:
    """What a backup says of itself, unchecked; None when it is damaged or gone."""
    try:
        with zipfile.ZipFile(file) as packed:
            return _description(packed)
    except (*_NO_ZIP, OSError):
        return None


def _link(packed: Path, target: Path) -> None:
    try:
        os.link(packed, target)
    except FileExistsError as error:
        raise StoreError(f"{target}: is there already; wait a second and try again") from error


# Making ----------------------------------------------------------------------------------------


def _describe(copy: Path, now: datetime) -> Described:
    engine = make_engine(f"sqlite:///{copy}")
    try:
        revision, rows = snapshots.revision_and_rows(engine)
        keys = snapshots.keys(engine)
        snapshots.fold_log(engine)
    finally:
        engine.dispose()
    made_at = now.astimezone(UTC).isoformat(timespec="seconds")
    return Described(_FORM, made_at, revision, _sha256(copy), rows, keys)


def _pack(target: Path, copy: Path, told: Described) -> None:
    # For nobody else on this machine: names of staff and teams are readable in it.
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with (
        os.fdopen(descriptor, "wb") as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
    ):
        packed.writestr(DESCRIPTION, json.dumps(asdict(told), indent=1))
        packed.write(copy, DATABASE)
        packed.close()
        out.flush()
        os.fsync(out.fileno())


def _check(packed: Path) -> None:
    """A backup that cannot be read back is none."""
    with tempfile.TemporaryDirectory(dir=packed.parent) as scratch:
        unpack(packed, Path(scratch))


def _description(packed: zipfile.ZipFile) -> Described:
    told = json.loads(packed.read(DESCRIPTION))
    described = Described(**told)
    if described.form != _FORM:
        raise ValueError("another form")
    return described


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Restoring -------------------------------------------------------------------------------------


def _near(settings: Settings) -> Path:
    """A folder on the disk of the database, so that the restored file can be moved into place."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    return settings.var_dir


def _fill(engine: Engine, settings: Settings, progress: Progress | None) -> None:
    target = make_engine(settings.sqlalchemy_url)
    try:
        copy_database(engine, target, progress)
    finally:
        target.dispose()


def _take_place(copy: Path, place: Path, now: datetime) -> None:
    with snapshots.nobody_uses(place):
        os.chmod(copy, 0o600)
        if place.exists():
            stamp = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}Z"
            kept = place.with_name(f"{place.name}.before-restore-{stamp}")
            shutil.copy2(place, kept)
        for rest in ("-wal", "-shm"):
            place.with_name(place.name + rest).unlink(missing_ok=True)
        os.replace(copy, place)
        _sync(place.parent)

"""What is wrong with an installation, and what to do about it; changes nothing, migrates nothing.

Each look answers one `Finding`. A look that itself fails is a finding too, so that one broken part
never hides the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import CongdansoError
from bot.services.doctor_keys import key_look, keys_look
from bot.services.doctor_roles import roles_look
from bot.services.findings import Finding, Verdict
from bot.services.health import Level, backup_of, disk_of, unsafe
from bot.services.keys import key_path, open_vault
from bot.settings import Settings
from bot.store import checkup, migrate
from bot.store.checkup import Checked
from nlu.engine import EngineError, load_embedded

#: Clocks further apart than this spoil signatures, one-time links and deadlines.
_CLOCK_SECONDS = 30
_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Counted:
    """Problems of the content."""

    errors: int
    warnings: int


Look = Callable[[Settings], Iterator[Finding]]


def examine(
    settings: Settings, content: Callable[[], Counted], *, online: bool = False
) -> list[Finding]:
    """Every finding, in the order in which one would mend them. Blocking.

    `content` counts the problems of the content folder. With `online` the platforms are asked too.
    """
    found: list[Finding] = []
    looks: list[tuple[str, Look]] = [
        ("folder", _folder),
        ("data key", key_look),
        ("database", _database),
        ("data keys", keys_look),
        ("disk", _disk),
        ("backup", _backup),
        ("content", lambda _: _content(content())),
        ("understanding", _model),
        ("settings", _unsafe),
        ("program", _program),
        ("roles", roles_look),
    ]
    if online:
        looks.append(("platforms", _platforms))
    for what, look in looks:
        try:
            found += look(settings)
        except (CongdansoError, EngineError, SQLAlchemyError, OSError, ValueError) as error:
            found.append(Finding(what, Verdict.BAD, _short(error), "see docs/operations.md"))
    return found


def worst(found: list[Finding]) -> Verdict:
    """The worst of the verdicts."""
    order = list(Verdict)
    return max((each.verdict for each in found), key=order.index, default=Verdict.OK)


def _short(error: Exception) -> str:
    reason = str(getattr(error, "orig", error)).strip().splitlines()
    return reason[0] if reason else type(error).__name__


# One look each ---------------------------------------------------------------------------------


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.var_dir
    if not folder.is_dir():
        yield Finding(
            "folder",
            Verdict.WARN,
            f"{folder} is not there yet",
            "`congdanso serve` makes it; or set CONGDANSO_VAR_DIR to the folder that is in use",
        )
        return
    probe = folder / ".doctor"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "folder",
            Verdict.BAD,
            f"{folder} cannot be written ({error.strerror})",
            "give it to the user the program runs as",
        )
        return
    yield Finding("folder", Verdict.OK, f"{folder} can be written")


def _database(settings: Settings) -> Iterator[Finding]:
    file = _sqlite_file(settings)
    if file is not None and not file.is_file():
        yield Finding("database", Verdict.WARN, f"{file} is made at the first start")
        return
    path = key_path(settings)
    vault = open_vault(settings) if path is None or path.is_file() else None
    checked = checkup.look(settings.sqlalchemy_url, vault)
    yield _revision(checked)
    if not checked.key_fits:
        yield Finding(
            "database",
            Verdict.BAD,
            "was written with another data key",
            "put the old CONGDANSO_DATA_KEY (or var/key) back",
        )
    if checked.faults:
        yield Finding(
            "database",
            Verdict.BAD,
            f"is damaged: {checked.faults}",
            "stop the program and `congdanso restore` the last backup",
        )
    apart = abs((datetime.now(UTC) - checked.now).total_seconds())
    if apart > _CLOCK_SECONDS:
        yield Finding(
            "clock",
            Verdict.BAD,
            f"this machine and the database's are {apart:.0f} s apart",
            "turn on time synchronisation (timedatectl set-ntp true) on both",
        )


def _sqlite_file(settings: Settings) -> Path | None:
    prefix = "sqlite:///"
    url = settings.sqlalchemy_url
    return Path(url.removeprefix(prefix)) if url.startswith(prefix) else None


def _revision(checked: Checked) -> Finding:
    at, head = checked.revision, migrate.head()
    if at == head:
        return Finding("database", Verdict.OK, f"{checked.kind}, revision {at}")
    if at and at not in migrate.known():
        return Finding(
            "database",
            Verdict.BAD,
            f"is of a newer version (revision {at}; this program knows {head})",
            "install the newer version again, or restore a backup",
        )
    return Finding(
        "database",
        Verdict.WARN,
        f"is at revision {at or 'none'}, not {head}",
        "back up, then start the program: it migrates at start",
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    disk = disk_of(settings.var_dir)
    said = f"{disk.free / 1e9:.1f} of {disk.total / 1e9:.1f} GB free"
    todo = "" if disk.level is Level.OK else "delete old backups and logs, or give it more room"
    yield Finding("disk", _as_verdict(disk.level), said, todo)


def _backup(settings: Settings) -> Iterator[Finding]:
    backup, now = backup_of(settings), datetime.now(UTC)
    if backup.newest is not None:
        hours = (now - backup.newest).total_seconds() / 3600
        said = f"the newest is {hours:.0f} hours old"
    else:
        said = f"none ({backup.folder})"
    level = backup.level(now)
    todo = "" if level is Level.OK else "set CONGDANSO_BACKUP_DIR, or run `congdanso backup`"
    yield Finding("backup", _as_verdict(level), said, todo)


def _content(counted: Counted) -> Iterator[Finding]:
    if counted.errors:
        yield Finding(
            "content",
            Verdict.BAD,
            f"{counted.errors} errors",
            "`congdanso content check` names file, line and field",
        )
    elif counted.warnings:
        yield Finding(
            "content", Verdict.WARN, f"{counted.warnings} warnings", "`congdanso content check`"
        )
    else:
        yield Finding("content", Verdict.OK, "no problems")


def _model(settings: Settings) -> Iterator[Finding]:
    try:
        engine = load_embedded(settings.var_dir / "models")
    except EngineError as error:
        yield Finding(
            "understanding",
            Verdict.WARN,
            _short(error),
            "`congdanso nlu train`; or start: a minute, in which messages wait",
        )
        return
    yield Finding("understanding", Verdict.OK, f"{engine.name}, model {engine.model_id[:12]}")


_UNSAFE = {
    "http": ("CONGDANSO_PUBLIC_URL is http", "put a proxy with TLS in front and use https"),
    "cookies": ("cookies go over http too", "set CONGDANSO_SECURE_COOKIES=true"),
    "local": ("nobody outside this machine can reach it", "set CONGDANSO_PUBLIC_URL"),
    "key_beside": ("the data key lies beside the data", "set CONGDANSO_DATA_KEY"),
    "key_open": ("the data key can be read by others", "chmod 600 var/key"),
    "no_staff": ("nobody can log in", "`congdanso staff add NAME`"),
}
_NEW_SECRET = "set it to what `openssl rand -hex 32` gives"


def _unsafe(settings: Settings) -> Iterator[Finding]:
    words = [word for word in unsafe(settings) if word != "key_open"]
    for word in words:
        said, todo = _UNSAFE.get(word, (f"{word} could be guessed", _NEW_SECRET))
        yield Finding("settings", Verdict.WARN, said, todo)
    if not words:
        yield Finding("settings", Verdict.OK, "nothing is at a default that is for trials only")


def _program(settings: Settings) -> Iterator[Finding]:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{host}:{settings.port}/readyz"
    try:
        answer = httpx.get(url, timeout=_TIMEOUT, trust_env=False)
    except httpx.TransportError:
        yield Finding("program", Verdict.WARN, f"does not run at {host}:{settings.port}")
        return
    if answer.status_code == httpx.codes.OK:
        yield Finding("program", Verdict.OK, f"runs at {host}:{settings.port} and is ready")
    else:
        yield Finding(
            "program", Verdict.BAD, f"{url} answers {answer.status_code}", f"look at {url}"
        )


def _platforms(settings: Settings) -> Iterator[Finding]:
    token = settings.telegram_token.get_secret_value()
    if token:
        base = settings.telegram_api_url.rstrip("/")
        yield from _asked("telegram", base, f"{token}/getMe", "CONGDANSO_TELEGRAM_TOKEN")
    token = settings.zalo_bot_token.get_secret_value()
    if token:
        base = settings.zalo_bot_api_url.rstrip("/")
        yield from _asked("zalo bot", f"{base}/bot", f"{token}/getMe", "CONGDANSO_ZALO_BOT_TOKEN")
    if settings.zalo_oa_app_id:
        yield Finding("zalo oa", Verdict.OK, "set; `congdanso zalo status` tells of its tokens")


def _asked(name: str, base: str, path: str, setting: str) -> Iterator[Finding]:
    try:
        answer = httpx.get(base + path, timeout=_TIMEOUT)
    except httpx.HTTPError as error:
        # The address holds the token: only the kind of the error is told.
        yield Finding(
            name,
            Verdict.BAD,
            f"cannot be reached ({type(error).__name__})",
            "open the way out through the firewall to its API",
        )
        return
    yield from _clock(answer)
    if answer.status_code == httpx.codes.OK:
        yield Finding(name, Verdict.OK, "answers, and takes the token")
    else:
        yield Finding(
            name, Verdict.BAD, f"answers {answer.status_code}", f"set {setting} to a valid token"
        )


def _clock(answer: httpx.Response) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart > _CLOCK_SECONDS:
        yield Finding(
            "clock",
            Verdict.BAD,
            f"is {apart:.0f} s off",
            "turn on time synchronisation (timedatectl set-ntp true)",
        )


def _as_verdict(level: Level) -> Verdict:
    return {Level.OK: Verdict.OK, Level.RED: Verdict.BAD}.get(level, Verdict.WARN)

"""The looks at the data key, and at a change of it that is not done."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from bot.services.findings import Finding, Verdict
from bot.services.keys import key_path, open_vault
from bot.services.rotation import PLACES, backup_keys
from bot.settings import Settings
from bot.store import checkup
from bot.store.crypto import key_name

_ROTATE = "`congdanso key rotate` goes on with it, also while the program serves"


def key_look(settings: Settings) -> Iterator[Finding]:
    """Whether there is one, and who may read it."""
    file = key_path(settings)
    if file is None:
        open_vault(settings)
        yield Finding("data key", Verdict.OK, "from CONGDANSO_DATA_KEY")
        return
    if not file.is_file() and settings.data_key_file is None:
        yield Finding("data key", Verdict.WARN, f"{file} is made at the first start")
        return
    open_vault(settings)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding("data key", Verdict.BAD, f"{file} can be read by others", f"chmod 600 {file}")
        return
    yield Finding("data key", Verdict.OK, f"{file}; keep a copy apart from the backups")


def keys_look(settings: Settings) -> Iterator[Finding]:
    """Old keys: whether the database or a backup needs them. Nothing with one key alone."""
    file = key_path(settings)
    if file is not None and not file.is_file():
        return
    vault = open_vault(settings)
    keys = tuple(key_name(mark) for mark in vault.marks)
    used = checkup.keys(settings.sqlalchemy_url, PLACES, vault)
    if used is not None and (len(used.needed) > 1 or (len(keys) > 1 and used.others)):
        number = sum(used.others.values())
        said = f"a change of the key is not done: {number} values are sealed with another"
        yield Finding("data key", Verdict.WARN, said, _ROTATE)
        return
    found = list(backup_keys(settings, keys))
    wanted = {name for each in found for name in each.keys}
    unnamed = any(not each.keys for each in found)
    lost = sorted(wanted - set(keys))
    if lost:
        yield Finding(
            "data key",
            Verdict.WARN,
            f"backups need {', '.join(lost)}, which is not here",
            "add that key after the present one, or delete those backups",
        )
    for name in keys[1:]:
        if name in wanted or unnamed:
            yield Finding("data key", Verdict.OK, f"{name} is kept for backups made with it")
        else:
            yield Finding(
                "data key",
                Verdict.WARN,
                f"{name} is needed by nothing any more",
                f"`congdanso key forget {name}`",
            )

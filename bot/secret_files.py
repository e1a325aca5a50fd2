"""Secrets from files: `CONGDANSO_<SETTING>_FILE` names a file with the value of a secret setting.

Container engines and systemd (LoadCredential) hand out secrets so. An environment shows to whoever
may look at the process, a file to whom it is given.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.errors import SettingsError

#: No token or key is near it.
_BYTES_MOST = 64_000


class SecretFiles(PydanticBaseSettingsSource):
    """Reads the files that `variables` (lower case) name for the settings in `secret`."""

    def __init__(
        self,
        settings: type[BaseSettings],
        variables: Mapping[str, str | None],
        prefix: str,
        secret: tuple[str, ...],
    ) -> None:
        super().__init__(settings)
        self._variables = variables
        self._prefix = prefix
        self._secret = secret

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file of one setting; None when no file is named."""
        named = f"{self._prefix}{field_name}_file"
        path = self._variables.get(named.lower())
        if field_name not in self._secret or not path:
            return None, field_name, False
        if self._variables.get(named.lower().removesuffix("_file")):
            name = named.upper().removesuffix("_FILE")
            raise SettingsError(f"{name} and {named.upper()}: set one of them, not both")
        return _read(Path(path), named.upper()), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every value that comes from a file."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def _read(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_BYTES_MOST + 1)
    except OSError as error:
        raise SettingsError(f"{name}: {path} cannot be read ({error.strerror})") from error
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}: {path} must be text") from error
    if not text or len(raw) > _BYTES_MOST:
        raise SettingsError(f"{name}: {path} must hold the value and nothing else")
    return text


def others_may_read(path: Path) -> bool:
    """Whether a file is open to more than its owner and group. False when it is not there."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o007)
    except OSError:
        return False

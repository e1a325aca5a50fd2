"""The data key that the settings name."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from bot.store.crypto import Vault, load_vault


def open_vault(settings: Settings) -> Vault:
    """The vault of an installation. SettingsError, StartupError."""
    return load_vault(
        settings.data_key.get_secret_value(), settings.var_dir, settings.data_key_file
    )


def key_path(settings: Settings) -> Path | None:
    """The file the keys are in; None when they are in the environment."""
    if settings.data_key.get_secret_value():
        return None
    return settings.data_key_file or settings.var_dir / "key"

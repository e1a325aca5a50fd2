"""What settings must be together, when each alone is right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.errors import SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings

_BOT_SECRET = re.compile(r"[A-Za-z0-9_-]{8,256}")


def check_together(settings: Settings) -> None:
    """What no setting is wrong in alone. Raises SettingsError."""
    if settings.data_key.get_secret_value() and settings.data_key_file is not None:
        raise SettingsError("CONGDANSO_DATA_KEY and CONGDANSO_DATA_KEY_FILE: set one of them")
    if settings.telegram_mode == "webhook" and settings.telegram_token.get_secret_value():
        if not settings.telegram_webhook_secret.get_secret_value():
            raise SettingsError(
                "CONGDANSO_TELEGRAM_WEBHOOK_SECRET: is needed with CONGDANSO_TELEGRAM_MODE=webhook"
            )
        if not settings.public_url:
            raise SettingsError(
                "CONGDANSO_PUBLIC_URL: is needed with CONGDANSO_TELEGRAM_MODE=webhook"
            )
    if settings.zalo_oa_app_id:
        _check_zalo_oa(settings)
    if settings.zalo_bot_mode == "webhook" and settings.zalo_bot_token.get_secret_value():
        _check_zalo_bot(settings)
    if settings.nlu == "rasa":
        _check_rasa(settings)
    if not settings.sqlalchemy_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            "CONGDANSO_DATABASE_URL: must begin with postgresql:// (or be empty for SQLite)"
        )


def _check_zalo_oa(settings: Settings) -> None:
    for name in ("zalo_oa_app_secret", "zalo_oa_webhook_secret"):
        if not getattr(settings, name).get_secret_value():
            raise SettingsError(
                f"CONGDANSO_{name.upper()}: is needed with CONGDANSO_ZALO_OA_APP_ID"
            )


def _check_zalo_bot(settings: Settings) -> None:
    secret = settings.zalo_bot_webhook_secret.get_secret_value()
    if not _BOT_SECRET.fullmatch(secret):
        raise SettingsError(
            "CONGDANSO_ZALO_BOT_WEBHOOK_SECRET: must be 8-256 of A-Z a-z 0-9 _ - with "
            "CONGDANSO_ZALO_BOT_MODE=webhook"
        )
    if not settings.public_url.startswith("https://"):
        raise SettingsError(
            "CONGDANSO_PUBLIC_URL: must begin with https:// with CONGDANSO_ZALO_BOT_MODE=webhook"
        )


def _check_rasa(settings: Settings) -> None:
    url = urlsplit(settings.rasa_url)
    try:
        right = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        right = False
    if not right:
        raise SettingsError("CONGDANSO_RASA_URL: must look like http://127.0.0.1:5005")
    # A conversation is not lost to another worker while its message is with Rasa.
    if settings.rasa_timeout > settings.lease_seconds / 3:
        raise SettingsError(
            "CONGDANSO_RASA_TIMEOUT: must be at most a third of CONGDANSO_LEASE_SECONDS "
            f"({settings.lease_seconds:g})"
        )

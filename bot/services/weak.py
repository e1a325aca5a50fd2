"""Secrets that anybody could guess: left at what an example says, too short, or one letter over and
over. A secret that is not used is not weak."""

from __future__ import annotations

import re

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.settings import Settings
from bot.store.crypto import weak_key

#: What programs that ask a secret of us must not be guessed: 16 of 64 letters are 96 bits.
_LONG = 16
_DIFFERENT = 6
_EXAMPLES = re.compile(
    r"(?i)change.?me|secret|passw|example|default|invented|sample|placeholder|your.?|"
    r"webhook|telegram|zalo|token|admin|postgres|congdanso|test|demo|12345|qwerty|abcdef|(?:^|[^a-z])(?:todo|xxx)"
)
#: Settings whose value we choose ourselves; tokens are made by the platforms.
_CHOSEN = ("telegram_webhook_secret", "zalo_bot_webhook_secret")
_LOCAL = ("", "localhost", "127.0.0.1", "::1")


def weak(secret: str) -> bool:
    """Whether somebody could guess it."""
    return (
        len(secret) < _LONG
        or len(set(secret)) < _DIFFERENT
        # A word in a long random secret is chance; a secret that is little else is none.
        or len(_EXAMPLES.sub("", secret)) < _LONG // 2
    )


def weak_secrets(settings: Settings) -> tuple[str, ...]:
    """The variables whose secrets are weak."""
    found = [
        name
        for name in _CHOSEN
        if (value := getattr(settings, name).get_secret_value()) and weak(value)
    ]
    if weak_key(settings.data_key.get_secret_value()):
        found.append("data_key")
    if _weak_database(settings.sqlalchemy_url):
        found.append("database_url")
    return tuple(f"CONGDANSO_{name.upper()}" for name in found)


def _weak_database(address: str) -> bool:
    try:
        url = make_url(address)
    except ArgumentError:
        return False
    if url.get_backend_name() == "sqlite" or url.query.get("host", "").__str__().startswith("/"):
        return False
    # Without a password the server tells its own machine's users apart by itself.
    password = url.password or str(url.query.get("password", ""))
    return weak(password) if password else (url.host or "") not in _LOCAL

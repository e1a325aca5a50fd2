"""Authenticated encryption of what people wrote (AES-256-GCM, RFC 5116)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError, StartupError, StoreError

_NONCE = 12
_KEY = 32


class Vault:
    """Seals and opens bytes. `purpose` binds a value to its column, so none is read as another."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise SettingsError("CONGDANSO_DATA_KEY: must be base64 of exactly 32 bytes")
        self._aead = AESGCM(key)
        self._key = key

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """nonce + ciphertext + tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The bytes back. StoreError when the key is another or the value was changed."""
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise StoreError(
                f"a stored {purpose} cannot be read: CONGDANSO_DATA_KEY is not the key it was "
                "written with"
            ) from error

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another use (signing links, cookies) that reveal nothing of the key."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(
            self._key
        )


def load_vault(configured: str, var_dir: Path) -> Vault:
    """The vault for a base64 key from settings, or for `var_dir/key`, made (0600) when missing."""
    if configured:
        return Vault(_decode(configured, "CONGDANSO_DATA_KEY"))
    path = var_dir / "key"
    try:
        if not path.exists():
            _make_key(path)
        return Vault(_decode(path.read_text(encoding="ascii").strip(), str(path)))
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{path}: the data key cannot be read or made: {error}") from error


def _make_key(path: Path) -> None:
    """The whole key or none, whatever is killed; of two processes that make it, the first wins."""
    draft = path.with_name(f".key.{os.urandom(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(_KEY)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(f"{where}: must be base64 of exactly 32 bytes") from error
    if len(key) != _KEY:
        raise SettingsError(f"{where}: must be base64 of exactly 32 bytes, is {len(key)} bytes")
    return key

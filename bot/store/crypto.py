"""Authenticated encryption of what people wrote (AES-256-GCM, RFC 5116), with a ring of keys.

The first key of the ring writes, every key reads. A sealed value names the key it was sealed with,
so that keys can be changed while programs run (bot.services.rotation); values from before keys had
names are tried with each.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError, StartupError, StoreError

_NONCE = 12
_KEY = 32
#: How a sealed value begins that names its key; then the first bytes of that key's mark.
_NAMED = b"\xc5\x01"
_ID = 4
#: A key file is looked at no more often than this, in seconds: so long a program may go on writing
#: with the key before.
LOOK_SECONDS = 1.0


class _Key:
    """One key. `mark` tells keys apart and reveals nothing of them."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise SettingsError("CONGDANSO_DATA_KEY: must be base64 of exactly 32 bytes")
        self.aead = AESGCM(key)
        self.mark = _derived(key, "key check")
        self.prefix = _NAMED + self.mark[:_ID]
        self.bytes = key

    def __repr__(self) -> str:
        return f"<key {self.mark[:_ID].hex()}>"


class Vault:
    """Seals and opens bytes. `purpose` binds a value to its column, so none is read as another.

    `reread` gives the keys as they are now when they may change while the program runs; None when
    nothing changed since the last look.
    """

    def __init__(
        self, *keys: bytes, reread: Callable[[], Sequence[bytes] | None] | None = None
    ) -> None:
        self._ring = tuple(_Key(key) for key in keys)
        self._reread = reread
        self._reading = threading.Lock()
        self._looked = time.monotonic()
        self._root = self._signing = keys[0]

    def __repr__(self) -> str:
        return f"Vault({', '.join(map(repr, self._ring))})"

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """The name of the key, nonce, ciphertext and tag."""
        if self._reread is not None and time.monotonic() - self._looked > LOOK_SECONDS:
            self.refresh()
        key, nonce = self._ring[0], os.urandom(_NONCE)
        return key.prefix + nonce + key.aead.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The bytes back. StoreError when the key is another or the value was changed."""
        plain = self._opened(sealed, purpose)
        if plain is None and self.refresh():
            plain = self._opened(sealed, purpose)
        if plain is None:
            raise StoreError(
                f"a stored {purpose} cannot be read: CONGDANSO_DATA_KEY is not the key it was "
                "written with"
            )
        return plain

    def _opened(self, sealed: bytes, purpose: str) -> bytes | None:
        start = len(_NAMED) + _ID
        bound = purpose.encode()
        for key in self._ring:
            if sealed.startswith(key.prefix):
                found = _decrypted(key, sealed[start:], bound)
                if found is not None:
                    return found
        # From before values named their key; its random beginning may look like a name.
        for key in self._ring:
            found = _decrypted(key, sealed, bound)
            if found is not None:
                return found
        return None

    def refresh(self) -> bool:
        """Take up keys that changed; whether they did."""
        if self._reread is None:
            return False
        with self._reading:
            self._looked = time.monotonic()
            try:
                keys = self._reread()
            except (SettingsError, OSError):
                # Half written, or gone for a moment: the keys in hand still serve.
                return False
            if keys is None:
                return False
            self._ring = tuple(_Key(key) for key in keys)
            return True

    # Names of keys.

    @property
    def marks(self) -> tuple[str, ...]:
        """What each key of the ring is told by, the writing one first."""
        return tuple(key.mark.hex() for key in self._ring)

    @property
    def prefix(self) -> bytes:
        """How values begin that are sealed with the writing key."""
        return self._ring[0].prefix

    # Keys for other uses.

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another use (hashes to find a number by) that reveal nothing of the key;
        the same whatever key writes now."""
        return _derived(self._root, purpose)

    def derive_signing(self, purpose: str) -> bytes:
        """32 bytes that sign links and cookies: like `derive`, until every link is called in."""
        return _derived(self._signing, purpose)

    @property
    def roots(self) -> tuple[bytes, bytes]:
        """What `derive` and `derive_signing` go out from: to be kept, sealed, in the database."""
        return self._root, self._signing

    def adopt(self, root: bytes, signing: bytes) -> None:
        """Derive from these; before anything was derived."""
        self._root, self._signing = root, signing

    def adopt_key(self, mark: str) -> None:
        """Derive from the key of this mark, which is in the ring."""
        (key,) = (each.bytes for each in self._ring if each.mark.hex() == mark)
        self.adopt(key, key)


def key_name(mark: str) -> str:
    """What people call a key: the beginning of its mark."""
    return mark[: 2 * _ID]


def weak_key(configured: str) -> bool:
    """Whether a configured key was typed, and not drawn: 32 random bytes have few repetitions."""
    try:
        keys = _decode(configured, "") if configured else []
    except SettingsError:
        return False
    return any(len(set(key)) < _KEY // 2 or key in (bytes(range(32)),) for key in keys)


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)


def _decrypted(key: _Key, sealed: bytes, bound: bytes) -> bytes | None:
    try:
        return key.aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        return None


# Where keys come from ---------------------------------------------------------------------------


def load_vault(configured: str, var_dir: Path, file: Path | None = None) -> Vault:
    """The vault for base64 keys from settings, or for a key file: `file`, which must be there, or
    `var_dir/key`, made (0600) when missing. A file is read again when it changes."""
    if configured:
        return Vault(*_decode(configured, "CONGDANSO_DATA_KEY"))
    path = file or var_dir / "key"
    try:
        if file is None and not path.exists():
            _make_key(path)
        return KeyFile(path).vault()
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{path}: the data key cannot be read or made: {error}") from error


class KeyFile:
    """A file with a key a line, the writing one first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None

    def vault(self) -> Vault:
        """A vault that follows the file."""
        return Vault(*self.read(), reread=self._changed)

    def read(self) -> list[bytes]:
        """The keys. SettingsError, OSError or UnicodeDecodeError."""
        self._seen = self._look()
        return _decode(self.path.read_text(encoding="ascii"), str(self.path))

    def write(self, keys: Sequence[bytes]) -> None:
        """Put these keys in the place of the file's; whatever is killed, all or nothing."""
        draft = _draft(self.path, keys)
        try:
            os.replace(draft, self.path)
        finally:
            draft.unlink(missing_ok=True)
        _sync(self.path.parent)

    def _look(self) -> tuple[int, int, int]:
        told = self.path.stat()
        return told.st_mtime_ns, told.st_ino, told.st_size

    def _changed(self) -> list[bytes] | None:
        if self._look() == self._seen:
            return None
        try:
            return self.read()
        except UnicodeDecodeError as error:
            raise SettingsError(f"{self.path}: must be base64") from error


def new_key() -> bytes:
    """A key that nobody has."""
    return os.urandom(_KEY)


def _make_key(path: Path) -> None:
    """The whole key or none, whatever is killed; of two processes that make it, the first wins."""
    draft = _draft(path, [new_key()])
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _draft(path: Path, keys: Sequence[bytes]) -> Path:
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _decode(text: str, where: str) -> list[bytes]:
    keys = [_decode_one(part, where) for part in text.replace(",", " ").split() or [""]]
    return list(dict.fromkeys(keys))


def _decode_one(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(f"{where}: must be base64 of exactly 32 bytes") from error
    if len(key) != _KEY:
        raise SettingsError(f"{where}: must be base64 of exactly 32 bytes, is {len(key)} bytes")
    return key

"""Cards that were drawn, as files named by what is drawn on them.

Several processes may share the folder: a file is written aside and renamed, so a reader sees all
of it or none; a file that was damaged counts as none. The folder has a limit, and what was used
longest ago goes first. What cannot be written is not kept, and nothing else happens.

Errors: none raised.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UNFINISHED = ".part"
#: Writing a card takes no time; what is this old was left by a process that died.
_UNFINISHED_SECONDS = 600
#: A use is noted this often at most: a popular card must not cost a write each time.
_NOTED_SECONDS = 3600
#: When there is too much, room for some more is made at once.
_KEEP = 0.9


def is_digest(text: str) -> bool:
    """Whether a text from outside can be the name of a card (and nothing else in the folder)."""
    return _NAME.fullmatch(text) is not None


def whole_png(data: bytes) -> bool:
    """Whether these are the bytes of one PNG, each part with the checksum it was written with."""
    if not data.startswith(_SIGNATURE):
        return False
    at, kind = len(_SIGNATURE), b""
    while at + 12 <= len(data) and kind != b"IEND":
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        kind, checksum = data[at + 4 : at + 8], data[end - 4 : end]
        if zlib.crc32(data[at + 4 : end - 4]).to_bytes(4, "big") != checksum:
            return False
        at = end
    return kind == b"IEND" and at == len(data)


class CardCache:
    """The folder. Its methods block for a moment: not for the event loop."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes

    def path(self, digest: str) -> Path:
        """Where the card is, or would be."""
        return self._folder / f"{digest}.png"

    def get(self, digest: str) -> bytes | None:
        """The card; None when it is not here, or not whole."""
        path = self.path(digest)
        try:
            data = path.read_bytes()
            unused = _age(path.stat())
        except OSError:
            return None
        if not whole_png(data):
            return None
        if unused > _NOTED_SECONDS:
            with contextlib.suppress(OSError):
                os.utime(path)
        return data

    def put(self, digest: str, png: bytes) -> bool:
        """Keep a card; whether that worked."""
        unfinished = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(_UNFINISHED, dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(png)
            os.replace(unfinished, self.path(digest))
        except OSError:
            if unfinished:
                _remove(Path(unfinished))
            return False
        self._make_room()
        return True

    def _make_room(self) -> None:
        found = sorted(self._files())
        total = sum(size for _, size, _ in found)
        if total <= self._most:
            return
        # The newest stays, however small the limit: somebody is waiting for it.
        for _, size, path in found[:-1]:
            if total <= self._most * _KEEP:
                return
            _remove(path)
            total -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """(last used, bytes, path) of every card; what was left unfinished is swept up."""
        try:
            entries = list(os.scandir(self._folder))
        except OSError:
            return
        for entry in entries:
            path = Path(entry.path)
            with contextlib.suppress(OSError):
                stat = entry.stat()
                if path.suffix == ".png" and is_digest(path.stem):
                    yield stat.st_mtime, stat.st_size, path
                elif path.suffix == _UNFINISHED and _age(stat) > _UNFINISHED_SECONDS:
                    _remove(path)


def _age(stat: os.stat_result) -> float:
    return time.time() - stat.st_mtime


def _remove(path: Path) -> None:
    # Another process may have been quicker, or (on Windows) be reading it.
    with contextlib.suppress(OSError):
        path.unlink()

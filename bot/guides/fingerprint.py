"""Whether the files of a content folder changed, without reading them.

Errors: none raised; a file or folder that cannot be looked at is as if it were not there.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

#: By path below the folder: when it was changed, its size, and its number (a file that was replaced
#: by one of the same size and time has another).
Fingerprint = Mapping[str, tuple[int, int, int]]


def fingerprint(folder: Path) -> Fingerprint:
    """The state of every file an editor means to be there, at any depth."""
    found: dict[str, tuple[int, int, int]] = {}
    for path in _files(folder):
        try:
            status = path.stat()
        except OSError:
            continue
        name = path.relative_to(folder).as_posix()
        found[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def passed_over(name: str) -> bool:
    """Whether a file is some program's own: hidden, or an editor's copy of the one before."""
    return name.startswith(".") or name.endswith("~")


def _files(folder: Path) -> Iterator[Path]:
    # Links are followed: where content is a mounted volume, everything in it may be one.
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not passed_over(name))
        yield from (Path(place, name) for name in names if not passed_over(name))

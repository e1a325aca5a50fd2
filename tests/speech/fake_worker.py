"""A worker that hears nothing: it does what its argument says, by the same protocol.

Runs as a script of its own, under the same bounds as the real one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.domain.voice import VoiceFault
from bot.speech import worker


def decode(audio: bytes, kind: str, seconds_most: int) -> bytes:
    """A recording of zeros, a second for each byte after the head."""
    if audio.endswith(b"long"):
        raise worker.Unheard(VoiceFault.TOO_LONG, 600)
    if audio.endswith(b"broken"):
        raise worker.Unheard(VoiceFault.NOT_AUDIO)
    return bytes(2 * worker.RATE)


def says(text: str) -> Callable[[Any], str]:
    return lambda _: text


def hungry(_: Any) -> str:
    eaten = []
    while True:
        eaten.append(bytearray(50_000_000))


def busy(_: Any) -> str:
    while True:
        pass


def slow(_: Any) -> str:
    time.sleep(60)
    return "muộn rồi"


def dies(_: Any) -> str:
    os._exit(7)


def garbage(_: Any) -> str:
    # The one line goes somewhere else than standard output; what it is, the protocol's owner knows.
    os.write(_answers(), b"\x00{not json\n")
    os._exit(0)


def endless(_: Any) -> str:
    while True:
        os.write(_answers(), b"x" * 65_536)


def _answers() -> int:
    """The descriptor of the real answer: the first above standard error."""
    return 3


def tries(_: Any) -> str:
    """The names of what was refused, in the order of the list below."""
    refused = []
    for name, act in (
        ("socket", lambda: socket.socket()),
        ("pair", lambda: socket.socketpair()),
        ("program", lambda: subprocess.run(["/bin/true"], check=True)),
        ("fork", os.fork),
        ("read", lambda: Path("/etc/passwd").read_text(encoding="utf-8")),
        ("write", lambda: Path("/tmp/voice-was-here").write_text("x", encoding="utf-8")),
        ("remove", lambda: os.unlink("/tmp/voice-was-here")),
        ("signal", lambda: os.kill(os.getppid(), 0)),
    ):
        try:
            act()
        except OSError:
            refused.append(name)
    return " ".join(refused)


def native(_: Any) -> str:
    """The same without Python's own hooks, which native code does not know: system calls."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    refused = []
    threads = [threading.Thread(target=lambda: refused.append(libc.socket(2, 1, 0)))]
    for each in threads:
        each.start()
        each.join()
    refused += [libc.open(b"/etc/passwd", 0), libc.fork(), libc.unlink(b"/tmp/voice-was-here")]
    return "refused" if refused == [-1] * 4 else f"done {refused}"


def about(_: Any) -> str:
    """What it was given besides the recording."""
    return f"env{len(os.environ)} cwd{os.getcwd()} fds{_open_descriptors()}"


def _open_descriptors() -> int:
    found = 0
    for number in range(3, 64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found += 1
    return found


ACTS: dict[str, Callable[[Any], str]] = {
    "hello": says("tôi muốn làm căn cước"),
    "nothing": says(""),
    "few": says("ờ"),
    "odd": says("xin \x00 chào \ud800 bác\x1b[2J"),
    "hungry": hungry,
    "busy": busy,
    "slow": slow,
    "dies": dies,
    "garbage": garbage,
    "endless": endless,
    "tries": tries,
    "native": native,
    "about": about,
}

if __name__ == "__main__":
    import ctypes  # noqa: F401 - what is needed later cannot be read from disk any more

    worker.main(lambda: (decode, ACTS[sys.argv[1]]))

"""Hearing voice notes: the protocol, and the one that starts a process for each."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.domain.voice import TRANSCRIPT_MOST, Heard, VoiceFault, judge
from bot.processes import end
from bot.speech.formats import format_of
from bot.speech.worker import Order

log = structlog.get_logger(__name__)

#: Isolated from environment variables and the working folder's modules.
COMMAND = (sys.executable, "-I", "-m", "bot.speech.worker")
#: Notes that wait while one is heard; more are told so at once.
WAITING_MOST = 8
_ANSWER_MOST = 4 * TRANSCRIPT_MOST + 1_000
#: Loading takes a second or two; hearing, half of the note's length on a slow machine.
_LOADING = 15.0
_TIMES_REAL = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of a note that is heard, megabytes of address space of what hears it."""

    seconds_most: int = 120
    memory_mb: int = 1_000

    @property
    def timeout(self) -> float:
        """Seconds after which a process is killed."""
        return _LOADING + _TIMES_REAL * self.seconds_most


class Recogniser(Protocol):
    """Hears."""

    async def hear(self, audio: bytes) -> Heard:
        """The words of a recording, or why there are none. Never raises."""


def installed() -> bool:
    """Whether the extra that hears is installed; nothing is loaded."""
    return all(importlib.util.find_spec(name) is not None for name in ("av", "vietasr"))


class ProcessRecogniser:
    """A process for each note, one after another, each within bounds and then gone."""

    def __init__(self, limits: Limits, command: Sequence[str] = COMMAND) -> None:
        self._limits = limits
        self._command = tuple(command)
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def hear(self, audio: bytes) -> Heard:
        """The words of a recording, or why there are none."""
        found = format_of(audio)
        if found is None:
            return Heard(fault=VoiceFault.NOT_AUDIO)
        if self._waiting > WAITING_MOST:
            return Heard(fault=VoiceFault.BUSY)
        limits = self._limits
        order = Order(found.name, limits.seconds_most, limits.memory_mb, int(limits.timeout))
        self._waiting += 1
        try:
            async with self._turn:
                return await self._one(order.line() + audio)
        finally:
            self._waiting -= 1

    async def _one(self, given: bytes) -> Heard:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            log.error("voice process not started", error=type(error).__name__)
            return Heard(fault=VoiceFault.FAILED)
        try:
            async with asyncio.timeout(self._limits.timeout):
                line = await _told(process, given)
        except TimeoutError:
            log.warning("voice process killed", why="time")
            return Heard(fault=VoiceFault.FAILED)
        finally:
            await end(process, group=True)
        heard = read_answer(line)
        if heard is None:
            # The bounds of memory and processor time end it this way.
            log.warning("voice process gave no answer", code=process.returncode)
            return Heard(fault=VoiceFault.FAILED)
        return heard


async def _told(process: asyncio.subprocess.Process, given: bytes) -> bytes:
    """What a process answers to what it is given."""
    assert process.stdin is not None
    assert process.stdout is not None
    answer = asyncio.ensure_future(_read(process.stdout))
    # It may end before it has read everything; what it answered still counts.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(given)
        await process.stdin.drain()
    process.stdin.close()
    try:
        return await answer
    finally:
        # Whoever ends the process reads from it next.
        answer.cancel()
        await asyncio.wait([answer])


async def _read(stream: asyncio.StreamReader) -> bytes:
    """All that comes, up to the length of an answer; more is no answer."""
    body = b""
    while len(body) <= _ANSWER_MOST:
        part = await stream.read(_ANSWER_MOST)
        if not part:
            return body
        body += part
    return b""


def read_answer(line: bytes) -> Heard | None:
    """A worker's line; None for anything that is none. Nothing of it is trusted."""
    try:
        answer = json.loads(line)
        seconds = float(answer.get("seconds", 0.0))
        fault, text = answer.get("fault"), answer.get("text")
        if not 0 <= seconds < 100_000 or not isinstance(fault or text, str):
            return None
        if fault is not None:
            return Heard(fault=VoiceFault(fault), seconds=seconds)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    words = "".join(each if each.isprintable() else " " for each in text)
    return judge(words.encode(errors="replace").decode(), seconds)

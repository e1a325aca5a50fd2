"""The process that hears, with a fake of the same protocol: bounds, faults, what it may not do."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.voice import VoiceFault
from bot.speech.formats import AAC, AMR, MP4, OGG, WAV, WEBM, format_of
from bot.speech.recogniser import WAITING_MOST, Limits, ProcessRecogniser, read_answer

FAKE = str(Path(__file__).with_name("fake_worker.py"))
NOTE = b"OggS" + b"\0" * 60
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")


def fake(act: str, seconds: float = 10, memory_mb: int = 300) -> ProcessRecogniser:
    """A recogniser whose process does this; `seconds` until it is killed."""
    limits = Limits(seconds_most=120, memory_mb=memory_mb)
    command = (sys.executable, "-I", FAKE, act)
    return _Quick(limits, command, seconds)


class _Quick(ProcessRecogniser):
    """Kills sooner than a real one, so that tests do not wait."""

    def __init__(self, limits: Limits, command: tuple[str, ...], seconds: float) -> None:
        super().__init__(_Short(limits.seconds_most, limits.memory_mb), command)
        _Short.seconds = seconds


class _Short(Limits):
    """Bounds with another time."""

    seconds: float = 10

    @property
    def timeout(self) -> float:
        """Seconds."""
        return type(self).seconds


async def test_what_was_said_comes_back() -> None:
    heard = await fake("hello").hear(NOTE)
    assert (heard.text, heard.fault, heard.seconds) == ("tôi muốn làm căn cước", None, 2.0)


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        ("nothing", VoiceFault.SILENT),
        ("dies", VoiceFault.FAILED),
        ("garbage", VoiceFault.FAILED),
        ("endless", VoiceFault.FAILED),
        ("hungry", VoiceFault.FAILED),
    ],
)
async def test_a_process_that_fails_is_a_fault_and_no_more(act: str, fault: VoiceFault) -> None:
    assert (await fake(act).hear(NOTE)).fault is fault


@pytest.mark.parametrize("act", ["slow", "busy"])
async def test_a_process_that_hangs_is_killed(act: str) -> None:
    heard = await asyncio.wait_for(fake(act, seconds=1.5).hear(NOTE), 20)
    assert heard.fault is VoiceFault.FAILED


@pytest.mark.parametrize(
    ("tail", "fault"),
    [(b"long", VoiceFault.TOO_LONG), (b"broken", VoiceFault.NOT_AUDIO)],
)
async def test_what_the_decoder_refuses_is_told(tail: bytes, fault: VoiceFault) -> None:
    assert (await fake("hello").hear(NOTE + tail)).fault is fault


async def test_no_process_for_what_is_no_recording() -> None:
    never = ProcessRecogniser(Limits(), ("/nowhere/at/all",))
    assert (await never.hear(b"<html>")).fault is VoiceFault.NOT_AUDIO
    assert (await never.hear(NOTE)).fault is VoiceFault.FAILED


async def test_one_after_another_and_not_too_many() -> None:
    recogniser = fake("hello")
    told = await asyncio.gather(*(recogniser.hear(NOTE) for _ in range(WAITING_MOST + 3)))
    faults = [each.fault for each in told]
    assert faults.count(VoiceFault.BUSY) == 2
    assert faults.count(None) == WAITING_MOST + 1


async def test_odd_letters_do_not_come_through() -> None:
    text = (await fake("odd").hear(NOTE)).text
    assert text.isprintable()
    assert text.startswith("xin chào")


async def test_it_is_given_nothing_but_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONGDANSO_DATA_KEY", "secret")
    text = (await fake("about").hear(NOTE)).text
    # One descriptor: its own copy of standard output. Python sets a variable of its own (LC_CTYPE).
    assert text in ("env0 cwd/ fds1", "env1 cwd/ fds1")


@LINUX
async def test_it_may_do_nothing_but_hear() -> None:
    heard = await fake("tries").hear(NOTE)
    assert heard.text == "socket pair program fork read write remove signal"


@LINUX
async def test_native_code_and_other_threads_may_not_either() -> None:
    assert (await fake("native").hear(NOTE)).text == "refused"


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["text", "fault", "seconds", "x"]), inner, max_size=4
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_answer_is_read_or_is_none(line: bytes) -> None:
    heard = read_answer(line)
    assert heard is None or heard.fault is not None or heard.text.isprintable()


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"OggS\0\2", OGG),
        (b"\x1a\x45\xdf\xa3\x9f", WEBM),
        (b"\0\0\0\x18ftypisom", MP4),
        (b"#!AMR\n<", AMR),
        (b"RIFF\0\0\0\0WAVEfmt ", WAV),
        (b"\xff\xf1\x60\x40\0\x1f\xfc\0", AAC),
        (b"#EXTM3U\nhttp://127.0.0.1/", None),
        (b"ffconcat version 1.0\nfile /etc/passwd", None),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", None),
        (b"", None),
    ],
)
def test_formats_by_their_first_bytes(head: bytes, found: object) -> None:
    assert format_of(head) is found

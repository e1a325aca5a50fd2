"""The process that hears one recording and ends: `python -I -m bot.speech.worker`.

In: one line of JSON (`Order`), then the recording up to the end. Out: one line of JSON, either
`{"text", "seconds"}` or `{"fault", "seconds"}`. Whatever else happens (killed by a bound, broken by
a recording) is an end without that line.

Needs the extra `congdanso[voice]`: PyAV decodes, viet-asr hears.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import wave
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from bot.domain.voice import VoiceFault
from bot.speech.formats import FORMATS
from bot.speech.sandbox import enter, seal

#: What the model was trained on: samples a second, 16 bits, one channel.
RATE = 16_000
_ORDER_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: `format` is one of `FORMATS`; the bounds are seconds of sound, megabytes
    of address space and seconds of processor time."""

    format: str
    seconds_most: int
    memory_mb: int
    cpu_seconds: int

    def line(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Unheard(Exception):
    """A recording that is not heard; `fault` says why, `seconds` how long it is where known."""

    def __init__(self, fault: VoiceFault, seconds: float = 0.0) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.seconds = seconds


#: Samples of a recording (anything with a length), of at most so many seconds. Raises Unheard.
Decode = Callable[[bytes, str, int], Any]
#: The words in samples.
Hear = Callable[[Any], str]


def main(load: Callable[[], tuple[Decode, Hear]]) -> None:
    """Take the order, draw the bounds, load what hears, hear, answer."""
    out = _only_ours()
    head = sys.stdin.buffer.readline(_ORDER_MOST)
    order = Order(**json.loads(head))
    audio = sys.stdin.buffer.read()
    enter(order.memory_mb, order.cpu_seconds)
    decode, hear = load()
    seal()
    try:
        samples = decode(audio, order.format, order.seconds_most)
        answer: dict[str, object] = {"text": hear(samples), "seconds": len(samples) / RATE}
    except Unheard as found:
        answer = {"fault": found.fault.value, "seconds": found.seconds}
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


def _only_ours() -> BinaryIO:
    """Standard output for our one line; what libraries print goes where errors go."""
    ours = os.dup(1)
    os.dup2(2, 1)
    return open(ours, "wb", buffering=0)


def load_voice() -> tuple[Decode, Hear]:
    """PyAV and viet-asr, loaded and used once, so that nothing of them is read from disk later."""
    av = importlib.import_module("av")
    numpy = importlib.import_module("numpy")
    # Its core writes some lines at each start, which are nobody's concern.
    pipeline = importlib.import_module("vietasr").Pipeline.preset("transcribe")

    def decode(audio: bytes, kind: str, seconds_most: int) -> Any:
        return _decoded(av, numpy, audio, kind, seconds_most)

    def hear(samples: Any) -> str:
        return str(pipeline.transcribe(samples).text)

    if hear(decode(_silence(), "wav", 1)):
        # What it says instead of failing: "[vietasr: model not loaded]".
        raise MemoryError("viet-asr heard words in silence: its model was not loaded")
    return decode, hear


def _silence() -> bytes:
    """Half a second of nothing as a recording."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setparams((1, 2, RATE, 0, "NONE", ""))
        writing.writeframes(bytes(RATE))
    return file.getvalue()


def _decoded(av: Any, numpy: Any, audio: bytes, kind: str, seconds_most: int) -> Any:
    """16 kHz samples of one channel. A length that is told and too long is not decoded at all; one
    that was told wrong is given up where it becomes too long."""
    if kind not in FORMATS:
        raise Unheard(VoiceFault.NOT_AUDIO)
    most, parts, length = seconds_most * RATE, [], 0
    try:
        with av.open(io.BytesIO(audio), mode="r", format=kind) as container:
            told = (container.duration or 0) / av.time_base
            if told > seconds_most + 1:
                raise Unheard(VoiceFault.TOO_LONG, told)
            if not container.streams.audio:
                raise Unheard(VoiceFault.NOT_AUDIO)
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in _frames(container, resampler):
                part = frame.to_ndarray().reshape(-1)
                parts.append(part)
                length += len(part)
                if length > most + RATE:
                    raise Unheard(VoiceFault.TOO_LONG)
    except (av.FFmpegError, ValueError) as error:
        if not length:
            raise Unheard(VoiceFault.NOT_AUDIO) from error
        # A recording that breaks off is heard as far as it goes.
    if not length:
        raise Unheard(VoiceFault.SILENT)
    return numpy.concatenate(parts)


def _frames(container: Any, resampler: Any) -> Any:
    for frame in container.decode(audio=0):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


if __name__ == "__main__":
    main(load_voice)

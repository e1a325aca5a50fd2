"""How well and how fast voice notes are heard: `python -m bench.voice`.

Needs the extra `congdanso[voice]`. With `--clips FOLDER` it hears recordings of people: the folder
has them beside a `clips.tsv` of lines "file<TAB>what is said". Without, it has sentences spoken by
espeak-ng (Debian's package of that name) in each of its three Vietnamese voices, packed as each
messenger packs them. A formant synthesiser is no person: recognisers that learned from people hear
it badly, so its figures say that the chain works, how long it takes and what memory it needs, and
nothing of how well people are heard.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import io
import json
import re
import resource
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from bot.speech.recogniser import Limits, ProcessRecogniser, installed

SENTENCES = (
    "tôi muốn làm căn cước công dân cho con tôi",
    "làm sao để đăng ký tài khoản định danh mức hai",
    "tôi bị lừa chuyển tiền qua ngân hàng rồi",
    "chỉ giúp bác cách trả tiền bằng mã quét ở chợ",
    "điện thoại của tôi không nhận được tin nhắn",
    "làm giấy khai sinh cho cháu ở trên mạng được không",
    "bảo hiểm y tế của mẹ tôi hết hạn rồi",
    "có người xưng là công an gọi điện cho tôi",
    "tôi quên mật khẩu ứng dụng định danh",
    "gặp cán bộ tổ công nghệ số giúp tôi",
)
VOICES = ("vi", "vi-vn-x-central", "vi-vn-x-south")
#: As messengers and browsers send notes: container, codec, samples a second.
PACKINGS = (
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
    ("adts", "aac", 16_000),
    ("amr", "libopencore_amrnb", 8_000),
    ("mp4", "aac", 16_000),
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    audio: bytes
    said: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a clip; `errors` words of `words` were wrong, missing or too many."""

    name: str
    said: str
    heard: str
    fault: str
    words: int
    errors: int
    seconds: float
    took: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Hear every clip; print a line each and the sums. 2 when something it needs is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.voice", description=__doc__)
    parser.add_argument("--clips", type=Path, help="folder of recordings with clips.tsv")
    parser.add_argument("--most", type=int, default=1000, help="clips heard")
    parser.add_argument("--json", type=Path, help="write the results here too")
    asked = parser.parse_args(arguments)
    if not installed():
        print("bench.voice: install the extra first: pip install 'congdanso[voice]'")
        return 2
    if asked.clips is None and shutil.which("espeak-ng") is None:
        print("bench.voice: give --clips FOLDER, or install espeak-ng to have sentences spoken")
        return 2
    clips = recorded(asked.clips) if asked.clips else spoken()
    results = asyncio.run(hear([clip for clip, _ in zip(clips, range(asked.most), strict=False)]))
    print(summary(results))
    if asked.json:
        rows = [asdict(result) for result in results]
        asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def recorded(folder: Path) -> Iterator[Clip]:
    """Recordings of people. SystemExit names the line that cannot be read."""
    for number, line in enumerate((folder / "clips.tsv").read_text("utf-8").splitlines(), 1):
        name, tab, said = line.partition("\t")
        if not tab or not (folder / name).is_file():
            sys.exit(f"clips.tsv:{number}: must be a file of the folder, a tab, and what is said")
        yield Clip(name, (folder / name).read_bytes(), said)


def spoken() -> Iterator[Clip]:
    """Every sentence in every voice, packed in turn as each messenger does."""
    number = 0
    for voice in VOICES:
        for said in SENTENCES:
            command = ["espeak-ng", "-v", voice, "-s", "130", "--stdout", said]
            wave = subprocess.run(command, capture_output=True, check=True).stdout
            packing = PACKINGS[number % len(PACKINGS)]
            yield Clip(f"{voice} {packing[0]}", packed(wave, *packing), said)
            number += 1


def packed(wave: bytes, container: str, codec: str, rate: int) -> bytes:
    """A recording in another form."""
    av: Any = importlib.import_module("av")
    out = io.BytesIO()
    with av.open(io.BytesIO(wave)) as reading, av.open(out, "w", format=container) as writing:
        stream = writing.add_stream(codec, rate=rate)
        stream.layout = "mono"
        if container == "amr":
            stream.bit_rate = 12_200
        context = stream.codec_context
        resampler = av.AudioResampler(
            format=context.format.name, layout="mono", rate=rate, frame_size=context.frame_size
        )
        for frame in (*reading.decode(audio=0), None):
            for part in resampler.resample(frame):
                writing.mux(stream.encode(part))
        writing.mux(stream.encode(None))
    return out.getvalue()


async def hear(clips: Sequence[Clip]) -> list[Result]:
    """One after another, as the program does, each in a process of its own."""
    recogniser = ProcessRecogniser(Limits())
    results = []
    for clip in clips:
        since = time.perf_counter()
        heard = await recogniser.hear(clip.audio)
        took = time.perf_counter() - since
        wanted, found = plain(clip.said), plain(heard.text)
        fault = heard.fault.value if heard.fault else ""
        errors = Levenshtein.distance(wanted, found)
        result = Result(
            clip.name, clip.said, heard.text, fault, len(wanted), errors, heard.seconds, took
        )
        print(f"{clip.name:24} {errors:2}/{len(wanted):2} {took:5.1f} s  {heard.text or fault}")
        results.append(result)
    return results


def plain(text: str) -> list[str]:
    """The words, without what is not heard."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def summary(results: Sequence[Result]) -> str:
    """Word error rate, time and memory of all."""
    words = sum(result.words for result in results)
    errors = sum(result.errors for result in results)
    took = sorted(result.took for result in results)
    sound = sum(result.seconds for result in results)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    none = sum(1 for result in results if result.fault)
    return "\n".join(
        (
            f"clips {len(results)}, not heard {none}, words {words}",
            f"word error rate {errors / max(words, 1):.1%} ({errors} of {words})",
            f"time a clip: median {took[len(took) // 2]:.1f} s, longest {took[-1]:.1f} s; "
            f"{sum(took) / max(sound, 0.1):.2f} x real time, starting the process included",
            f"memory of the process: at most {peak:.0f} MB",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())

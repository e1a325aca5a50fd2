"""Cards kept as files: whole or not at all, within a limit, shared by processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.cards.cache import CardCache, is_digest, whole_png
from bot.cards.card import StepCard
from bot.cards.draw import draw_step
from bot.settings import ROOT

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
HOUR = 3600


@pytest.fixture(scope="module")
def png() -> bytes:
    """A real card."""
    card = StepCard("Bài", "Bước 1/3", 1, 3, "eye", "Xem", "Xem kỹ.", "Trợ lý", "Kiểm tra")
    return draw_step(card)


@pytest.fixture
def cache(tmp_path: Path) -> CardCache:
    """A folder that is not there yet, with room for everything."""
    return CardCache(tmp_path / "cards", 10_000_000)


def used(cache: CardCache, digest: str, hours_ago: float) -> None:
    """As if a card had last been used so long ago."""
    at = time.time() - hours_ago * HOUR
    os.utime(cache.path(digest), (at, at))


def test_what_was_put_is_got(cache: CardCache, png: bytes) -> None:
    assert cache.get(A) is None
    assert cache.put(A, png)
    assert cache.get(A) == png
    assert cache.get(B) is None
    assert [path.name for path in cache.path(A).parent.iterdir()] == [f"{A}.png"]


@pytest.mark.parametrize(
    "digest", ["", "a", "A" * 64, "g" * 64, "../" + "a" * 61, A + "\n", "٣" * 64]
)
def test_only_a_digest_is_a_name(digest: str) -> None:
    assert not is_digest(digest)
    assert is_digest(A)


def test_a_damaged_card_counts_as_none(cache: CardCache, png: bytes) -> None:
    for damaged in (
        b"",
        png[:-1],
        png[: len(png) // 2],
        png + b"\x00",
        b"GIF89a" + png[6:],
        png[:1000] + bytes([png[1000] ^ 1]) + png[1001:],
    ):
        cache.put(A, damaged)
        assert cache.get(A) is None
    assert whole_png(png)


def test_what_was_used_longest_ago_goes_first(tmp_path: Path, png: bytes) -> None:
    cache = CardCache(tmp_path, int(len(png) * 2.5))
    for digest, hours in ((A, 3), (B, 2)):
        cache.put(digest, png)
        used(cache, digest, hours)
    # A is asked for, which counts as a use.
    assert cache.get(A) == png
    cache.put(C, png)
    assert cache.get(B) is None
    assert cache.get(A) == cache.get(C) == png


def test_the_card_somebody_waits_for_stays_in_the_smallest_of_folders(
    tmp_path: Path, png: bytes
) -> None:
    cache = CardCache(tmp_path, 1)
    cache.put(A, png)
    used(cache, A, 1)
    cache.put(B, png)
    assert cache.get(A) is None
    assert cache.get(B) == png


def test_a_popular_card_is_not_noted_each_time(cache: CardCache, png: bytes) -> None:
    cache.put(A, png)
    used(cache, A, 0.5)
    before = cache.path(A).stat().st_mtime
    cache.get(A)
    assert cache.path(A).stat().st_mtime == before
    used(cache, A, 2)
    cache.get(A)
    assert cache.path(A).stat().st_mtime > before


def test_what_a_dead_process_left_is_swept_up_and_nothing_else(
    cache: CardCache, png: bytes
) -> None:
    cache.put(A, png)
    folder = cache.path(A).parent
    dead, busy, foreign = folder / "x.part", folder / "y.part", folder / "notes.txt"
    for file in (dead, busy, foreign):
        file.write_bytes(b"half")
    for file in (dead, foreign):
        os.utime(file, (0, 0))
    cache.put(B, png)
    assert not dead.exists()
    assert busy.exists()
    assert foreign.exists()


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_card(
    tmp_path: Path, png: bytes
) -> None:
    in_the_way = tmp_path / "cards"
    in_the_way.write_text("a file where the folder should be")
    cache = CardCache(in_the_way, 10_000_000)
    assert not cache.put(A, png)
    assert cache.get(A) is None


_WRITER = """
import sys
from pathlib import Path
from bot.cards.cache import CardCache
folder, png = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
cache = CardCache(folder, len(png) * 3)
for number in range(60):
    cache.put(f"{number % 7:064x}", png)
    found = cache.get(f"{number % 5:064x}")
    assert found in (None, png), len(found)
"""


def test_several_processes_share_a_folder(tmp_path: Path, png: bytes) -> None:
    sample = tmp_path / "sample.png"
    sample.write_bytes(png)
    folder = tmp_path / "cards"
    command = [sys.executable, "-c", _WRITER, str(folder), str(sample)]
    writers = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    left = list(folder.iterdir())
    assert all(whole_png(path.read_bytes()) for path in left)
    assert 1 <= len(left) <= 4

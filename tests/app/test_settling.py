"""What stays to the end is not looked through again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bot import server


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Nothing is collected meanwhile but when told; other tests collect as ever."""
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


class Knot:
    """Something that refers to itself, as only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_left_out_and_what_comes_is_collected() -> None:
    before = len(gc.get_objects())
    server.settle()
    assert gc.get_freeze_count() >= before // 2
    assert len(gc.get_objects()) < before // 2
    for _ in range(1_000):
        Knot()
    assert gc.collect() >= 1_000


def test_garbage_is_freed_before() -> None:
    gc.collect()
    for _ in range(1_000):
        Knot()
    server.settle()
    assert not any(isinstance(each, Knot) for each in gc.get_objects())
    gc.unfreeze()
    assert not any(isinstance(each, Knot) for each in gc.get_objects())

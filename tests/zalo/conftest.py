"""The platforms of Zalo on loopback, with the channel in front of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.guides.content import Content, load_content
from bot.services.runtime import Runtime
from tests.zalo.oa_fake import FakeOa
from tests.zalo.oa_stage import OaStage, connect


@pytest.fixture(scope="package", autouse=True)
def content_is_read_once() -> Iterator[None]:
    """Nothing here changes the content, and reading it takes longer than most of these tests."""
    known: dict[Path, Content] = {}

    def read_once(folder: Path, titles: Mapping[str, str]) -> Content:
        if folder not in known:
            known[folder] = load_content(folder, titles)
        return known[folder]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.guides.taking_up.load_content", read_once)
        yield


@pytest.fixture
def oa() -> Iterator[FakeOa]:
    """The Official Account's platform."""
    with FakeOa() as fake:
        yield fake


@pytest.fixture
def stage(runtime: Runtime, oa: FakeOa) -> Iterator[OaStage]:
    """A connected account with a whole program behind it, on each kind of database."""
    made = OaStage(runtime, oa)
    connect(made.runtime, oa)
    yield made
    made.stop()

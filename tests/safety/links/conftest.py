"""One checker for all tests of links: making it takes a tenth of a second."""

from __future__ import annotations

import pytest

from bot.safety.links.checker import LinkChecker
from bot.safety.links.knowledge import Knowledge, load_knowledge
from bot.safety.links.model import load_model
from bot.settings import ROOT

FOLDER = ROOT / "content" / "safety"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What the product ships."""
    return load_knowledge(FOLDER)


@pytest.fixture(scope="session")
def shipped(knowledge: Knowledge) -> LinkChecker:
    """The shipped checker, without lists; tests leave it as it is."""
    return LinkChecker(knowledge, load_model(FOLDER / "links_model.npz"))


@pytest.fixture
def checker(knowledge: Knowledge) -> LinkChecker:
    """A checker of one's own, to give lists to."""
    return LinkChecker(knowledge, load_model(FOLDER / "links_model.npz"))

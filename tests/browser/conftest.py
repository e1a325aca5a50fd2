"""One server and one browser for all tests; a fresh phone with its own storage for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.watch import Watch
from tests.chromium import PHONE
from tests.process import Served, with_model

expect.set_options(timeout=20_000)


#: A killed worker's conversations are taken over soon.
QUICK = {"CONGDANSO_LEASE_SECONDS": "2"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server the tests share."""
    with Served(with_model(tmp_path_factory.mktemp("served")), QUICK) as served:
        yield served


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Served]:
    """A server that this test may stop and start."""
    with Served(with_model(tmp_path), QUICK) as served:
        yield served


@pytest.fixture
def service_workers() -> Literal["allow", "block"]:
    """Whether phones have service workers; a test whose requests they would answer goes without."""
    return "allow"


@pytest.fixture
def phone(browser: Browser, service_workers: Literal["allow", "block"]) -> Iterator[BrowserContext]:
    """A small phone that prefers less motion, so that nothing moves while it is measured."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="vi-VN",
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
        service_workers=service_workers,
    )
    yield context
    context.close()


@pytest.fixture
def watch(phone: BrowserContext) -> Iterator[Watch]:
    """What the phone does on the network. Fails the test on a script error or a CSP violation."""
    watch = Watch(phone)
    yield watch
    assert watch.problems == []


@pytest.fixture
def page(server: Served, phone: BrowserContext, watch: Watch) -> Page:
    """The web chat, greeted."""
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    return page

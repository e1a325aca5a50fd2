"""One server and one browser for all tests; a fresh phone with its own storage for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.server import PHONE, Server, launch, same_model, train
from tests.browser.watch import Watch

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def trained(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained model; kept in pytest's cache for the next run."""
    cache = pytestconfig.cache
    var = cache.mkdir("browser-model") if cache else tmp_path_factory.mktemp("trained")
    train(var)
    return var


@pytest.fixture(scope="session")
def server(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server the tests share."""
    served = Server(same_model(trained, tmp_path_factory.mktemp("served")))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def own_server(trained: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that this test may stop and start."""
    served = Server(same_model(trained, tmp_path))
    served.start()
    yield served
    served.stop()
    print("".join(served.output))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A small phone that prefers less motion, so that nothing moves while it is measured."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="vi-VN",
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
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
def page(server: Server, phone: BrowserContext, watch: Watch) -> Page:
    """The web chat, greeted."""
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    return page

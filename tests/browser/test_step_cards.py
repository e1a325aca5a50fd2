"""A step as a picture on a small phone."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.watch import Watch

pytestmark = pytest.mark.browser

#: A guide that asks nothing before its first step.
QUESTION = "kích hoạt vneid"
ALT = re.compile(r"^Hình bước 1 trên \d: .{5,}\. .{20,}")


@pytest.fixture
def service_workers() -> Literal["block"]:
    """Pictures are asked for by the page itself, so that the tests can hold them back."""
    return "block"


@pytest.fixture
def at_step(page: Page) -> Page:
    """At the first step of a guide."""
    box = page.get_by_label("Câu hỏi")
    box.fill(QUESTION)
    box.press("Enter")
    expect(button(page, "Xem hình")).to_be_visible()
    return page


def button(page: Page, label: str) -> Locator:
    """A button of the newest message that has buttons."""
    return page.locator(".newest").get_by_role("button", name=label, exact=True)


def cards(page: Page) -> Locator:
    """The pictures of steps, as a screen reader finds them."""
    return page.get_by_role("img", name=ALT)


def loaded(card: Locator) -> None:
    """Wait until the picture itself is there."""
    expect(card).to_have_js_property("naturalWidth", 1080)


def test_a_step_is_seen_when_it_is_asked_for(at_step: Page, watch: Watch) -> None:
    page = at_step
    expect(cards(page)).to_have_count(0)
    button(page, "Xem hình").click()
    card = cards(page)
    expect(card).to_be_visible()
    loaded(card)
    # As wide as the phone allows: its smallest letters are then those of a printed book.
    box = card.bounding_box()
    assert box is not None
    assert box["width"] >= 0.9 * 360
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["height"] == pytest.approx(box["width"] * 1350 / 1080, abs=1)
    # The text is still there, for those who read.
    expect(page.locator(".newest .step")).to_be_visible()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")


def test_the_room_of_a_picture_is_kept_while_it_loads(at_step: Page, phone: BrowserContext) -> None:
    page = at_step
    held: list[Route] = []
    phone.route("**/the/*.png", lambda route: held.append(route))
    with page.expect_request("**/the/*.png"):
        button(page, "Xem hình").click()
    card = page.locator("img.card")
    expect(card).to_be_visible()
    expect(card).to_have_js_property("naturalWidth", 0)
    before = page.locator(".newest .step").bounding_box()
    with page.expect_response("**/the/*.png"):
        for route in held:
            route.continue_()
    loaded(card)
    assert page.locator(".newest .step").bounding_box() == before


def test_a_picture_that_does_not_come_leaves_the_text(at_step: Page, phone: BrowserContext) -> None:
    page = at_step
    phone.route("**/the/*.png", lambda route: route.abort())
    button(page, "Xem hình").click()
    expect(button(page, "Luôn gửi hình")).to_be_visible()
    expect(page.locator("img.card")).to_have_count(0)
    expect(page.locator(".newest .step")).to_be_visible()


def test_pictures_may_come_always_and_no_more(at_step: Page) -> None:
    page = at_step
    button(page, "Xem hình").click()
    button(page, "Luôn gửi hình").click()
    expect(page.locator(".newest img.card")).to_be_visible()
    button(page, "Xong, bước tiếp").click()
    expect(page.locator(".newest .step")).to_contain_text("Bước 2/")
    expect(page.locator(".newest img.card")).to_be_visible()
    button(page, "Thôi gửi hình").click()
    expect(button(page, "Xem hình")).to_be_visible()
    expect(page.locator(".newest img.card")).to_have_count(0)


def test_pictures_are_there_again_after_a_reload(at_step: Page) -> None:
    page = at_step
    button(page, "Xem hình").click()
    expect(cards(page)).to_be_visible()
    page.reload()
    expect(cards(page)).to_be_visible()
    loaded(cards(page))

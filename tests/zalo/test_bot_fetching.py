"""Pictures people sent, fetched: bounded, from known hosts, never from anywhere else."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.channels.fetching import Fetcher
from bot.domain.pictures import PictureFault
from bot.services.pictures import NotFetched
from tests.zalo.bot_fake import FakeZaloBot, zalo_bot


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeZaloBot]:
    with zalo_bot() as made:
        picture = io.BytesIO()
        Image.new("RGB", (40, 40), "white").save(picture, "PNG")
        made.files["a.png"] = ("image/png", picture.getvalue())
        made.files["page"] = ("text/html; charset=utf-8", b"<html>not found</html>")
        made.files["big"] = ("image/jpeg", b"\xff" * 70_000)
        yield made


def fetched(fake: FakeZaloBot, name: str, **more: Any) -> bytes:
    """The bytes of a file of the platform."""

    async def work() -> bytes:
        fetcher = Fetcher([fake.url], bytes_most=60_000, **more)
        try:
            return await fetcher.fetch(f"{fake.url}/files/{name}")
        finally:
            await fetcher.close()

    return asyncio.run(work())


def fault(fake: FakeZaloBot, name: str, **more: float) -> PictureFault:
    """Why a file was not fetched."""
    with pytest.raises(NotFetched) as caught:
        fetched(fake, name, **more)
    return caught.value.fault


def test_a_picture_is_fetched(fake: FakeZaloBot) -> None:
    assert fetched(fake, "a.png").startswith(b"\x89PNG")
    assert fetched(fake, f"to:{b'/files/a.png'.hex()}").startswith(b"\x89PNG")


def test_what_never_ends_or_is_no_picture_is_left(fake: FakeZaloBot) -> None:
    before = time.monotonic()
    assert fault(fake, "endless") is PictureFault.TOO_BIG
    assert fault(fake, "big") is PictureFault.TOO_BIG
    assert fault(fake, "page") is PictureFault.NOT_A_PICTURE
    assert fault(fake, "nothing") is PictureFault.NOT_FETCHED
    assert time.monotonic() - before < 5


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:9/x.png", "https://example.com/x.png", "file:///etc/passwd", ""]
)
def test_no_redirect_leads_elsewhere(fake: FakeZaloBot, where: str) -> None:
    asked = len(fake.asked_files)
    assert fault(fake, f"to:{where.encode().hex()}") is PictureFault.NOT_FETCHED
    # An empty one leads back to itself, a few times.
    assert len(fake.asked_files) - asked <= 3


LISTED = Fetcher(["zdn.vn", " .zalo.me ", "http://127.0.0.1:9000"])


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://photo-stal-7.zdn.vn/a.jpg", True),
        ("https://zdn.vn/a.jpg", True),
        ("https://ZDN.VN:443/a.jpg?x=1", True),
        ("https://h.zalo.me./a", True),
        ("http://127.0.0.1:9000/files/a", True),
        ("http://zdn.vn/a.jpg", False),
        ("https://zdn.vn:8443/a.jpg", False),
        ("https://evilzdn.vn/a.jpg", False),
        ("https://zdn.vn.evil.example/a.jpg", False),
        ("https://zdn.vn@evil.example/a.jpg", False),
        ("https://evil.example\\.zdn.vn/a.jpg", False),
        ("https://user:pass@zdn.vn/a.jpg", False),
        ("http://127.0.0.1:9001/files/a", False),
        ("http://127.0.0.1:9000@evil.example/", False),
        ("https://169.254.169.254/latest", False),
        ("https://[::1]/a", False),
        ("ftp://zdn.vn/a", False),
        ("//zdn.vn/a", False),
        ("https://zdn.vn/\n.jpg", False),
        ("https://zdn.vn:99999/", False),
        ("https://zdn.vn/" + "a" * 3000, False),
        ("", False),
    ],
)
def test_only_listed_hosts_are_asked(address: str, allowed: bool) -> None:
    assert LISTED.allows(address) is allowed


@given(st.text(max_size=60))
def test_no_address_breaks_the_list(text: str) -> None:
    for address in (text, f"https://{text}", f"https://{text}.evil.example/zdn.vn"):
        LISTED.allows(address)
    assert not LISTED.allows(f"https://{text.replace('/', '')}.evil.example/x")

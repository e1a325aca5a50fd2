"""What a browser loads once: how much it is, how it is kept, what makes it installable."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from PIL import Image
from starlette.testclient import TestClient

from bot.app import build, make_app
from bot.channels.web.icons import ICONS
from bot.services.runtime import Runtime
from tests.support import SQLITE

pytestmark = SQLITE

#: Bytes over the network until the chat can be used, at most.
FIRST_LOAD_MOST = 60_000
PAGES = ("/", "/khi-mat-mang", "/huong-dan", "/huong-dan/vneid_level_2")


@pytest.fixture
def client(runtime: Runtime) -> Iterator[TestClient]:
    """Somebody's browser."""
    program = build(runtime.settings, runtime)
    with TestClient(make_app(program)) as made:
        yield made
    program.cards.stop()


class _Links(HTMLParser):
    """What a page tells the browser to load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Style sheets, scripts, icons."""
        names = dict(attrs)
        url = names.get("href") if tag == "link" else names.get("src")
        if url and not url.startswith("data:"):
            self.found.add(url)


def on_the_wire(client: TestClient, path: str) -> int:
    """How many bytes a file is as it is served, with what its headers take."""
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.status_code == 200, path
        body = sum(len(part) for part in answer.iter_raw())
        return body + sum(len(k) + len(v) + 4 for k, v in answer.headers.raw)


def loaded(client: TestClient) -> set[str]:
    """Everything the page, its scripts, its manifest and its service worker load."""
    html = client.get("/").text
    worker = client.get("/sw.js").text
    files = json.loads(worker.split("const FILES = ", 1)[1].split(";\n", 1)[0])
    icons = {each["src"] for each in client.get("/manifest.webmanifest").json()["icons"]}
    return {"/", "/sw.js", *files, *icons, *_Links(html).found}


def test_the_first_load_is_small(client: TestClient) -> None:
    """All of it counts, also what is loaded in the background, and every icon."""
    sizes = {path: on_the_wire(client, path) for path in loaded(client)}
    assert len(sizes) > 15
    assert sum(sizes.values()) <= FIRST_LOAD_MOST, sizes


def test_every_script_a_page_imports_is_named_in_it(client: TestClient) -> None:
    """Else one would be waited for after the other."""
    links = _Links(client.get("/").text).found
    (main,) = (each for each in links if each.endswith("/chat.js"))
    base = main.removesuffix("/chat.js")
    todo, seen = ["chat.js"], set()
    while todo:
        name = todo.pop()
        seen.add(name)
        code = client.get(f"{base}/{name}").text
        todo += [each for each in re.findall(r"from '\./([\w.]+)'", code) if each not in seen]
    assert {f"{base}/{name}" for name in seen} <= links


@pytest.mark.parametrize("path", PAGES)
def test_pages_come_compressed_and_are_asked_for_anew(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    weak = client.get(path, headers={"If-None-Match": f"W/{answer.headers['etag']}"})
    assert weak.status_code == 304


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("", False),
    ],
)
def test_gzip_only_for_whom_can_read_it(client: TestClient, accepts: str, packed: bool) -> None:
    answer = client.get("/", headers={"Accept-Encoding": accepts})
    assert ("content-encoding" in answer.headers) is packed
    assert answer.text.startswith("<!doctype html>")


def test_scripts_are_kept_for_ever_under_the_name_of_their_version(client: TestClient) -> None:
    (style,) = (each for each in _Links(client.get("/").text).found if each.endswith(".css"))
    assert "immutable" in client.get(style).headers["cache-control"]
    # While two versions serve, the other one's page gets what there is, not to be kept.
    other = re.sub(r"/static/\w+/", "/static/000000000000/", style)
    answer = client.get(other)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert client.get(style.replace("chat.css", "no.css")).status_code == 404
    assert client.get(style.replace("chat.css", "..%2froutes.py")).status_code == 404


def test_the_worker_keeps_one_version_or_none(client: TestClient) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    version = re.search(r'const VERSION = "(\w+)"', answer.text)
    assert version
    for path in json.loads(answer.text.split("const FILES = ", 1)[1].split(";\n", 1)[0]):
        assert client.get(path).headers["x-shell"] == version[1], path


def test_installable(client: TestClient) -> None:
    """What browsers ask for: https://web.dev/articles/install-criteria."""
    assert 'rel="manifest"' in client.get("/").text
    answer = client.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert manifest["display"] == "standalone"
    assert manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["lang"] == "vi"
    assert manifest["name"]
    assert len(manifest["short_name"]) <= 12
    assert {each["purpose"] for each in manifest["icons"]} == {"any", "maskable"}
    for each in manifest["icons"]:
        answer = client.get(each["src"])
        assert answer.headers["content-type"] == each["type"] == "image/png"
        with Image.open(io.BytesIO(answer.content)) as image:
            assert "{}x{}".format(*image.size) == each["sizes"]
    assert {192, 512} <= {side for side, _ in ICONS.values()}
    assert client.get("/icons/nope.png").status_code == 404


def test_a_maskable_icon_keeps_its_drawing_in_the_middle(client: TestClient) -> None:
    """Platforms cut off all that is outside a circle of 80 % of the side."""
    with Image.open(io.BytesIO(client.get("/icons/maskable-512.png").content)) as image:
        pixels = image.convert("RGB")
    ground = pixels.getpixel((0, 0))
    for x in range(0, 512, 4):
        for y in range(0, 512, 4):
            if (x - 256) ** 2 + (y - 256) ** 2 > 205**2:
                assert pixels.getpixel((x, y)) == ground


def test_the_microphone_is_for_the_chat_page_only(client: TestClient) -> None:
    assert "microphone=(self)" in client.get("/").headers["permissions-policy"]
    for path in ("/khi-mat-mang", "/huong-dan", "/huong-dan/qr_pay", "/sw.js"):
        assert "microphone=()" in client.get(path).headers["permissions-policy"]


@pytest.mark.parametrize("path", [*PAGES, "/sw.js", "/manifest.webmanifest"])
def test_the_same_for_everybody(client: TestClient, path: str) -> None:
    assert client.post("/chat/open").status_code == 200
    known = client.get(path)
    client.cookies.clear()
    assert client.get(path).content == known.content
    assert "set-cookie" not in known.headers
    assert "default-src 'none'" in known.headers["content-security-policy"]
    assert "unsafe" not in known.headers["content-security-policy"]

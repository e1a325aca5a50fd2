"""What a browser loads once and keeps: the page, its style and scripts, what makes it installable.

All of it is the same for everybody and says nothing of anybody. The files have the version in their
address, so that a page never gets the scripts of another version; see docs/web-chat.md.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader

from bot.cards import icons
from bot.channels.web.assets import Asset, version_of
from bot.channels.web.headers import HEADERS, PAGE_HEADERS
from bot.channels.web.icons import ICONS, icon_png

NAME = "Trợ lý công dân số"
AWAY = "/khi-mat-mang"
_HERE = Path(__file__).parent
_MEDIA = {".css": "text/css", ".js": "text/javascript"}
_FOR_EVER = "public, max-age=31536000, immutable"
_WORKER = "sw.js"
#: Loaded when they are first needed, by few: neither at first nor to be kept.
_LAZY = frozenset({"record.js"})


class Shell:
    """Everything but the conversation itself."""

    def __init__(self) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["lucide"] = icons.svg
        files = {
            path.name: Asset(path.read_bytes(), _MEDIA[path.suffix])
            for path in sorted((_HERE / "static").iterdir())
            if path.suffix in _MEDIA
        }
        worker = files.pop(_WORKER)
        self._files = files
        templates = {
            path.name: Asset(path.read_bytes(), "text/html")
            for path in (_HERE / "templates").iterdir()
        }
        self.version = version_of({**files, **templates, _WORKER: worker})
        self.environment.globals |= {
            "name": NAME,
            "base": f"/static/{self.version}",
            "parts": [
                each
                for each in files
                if each.endswith(".js") and each != "chat.js" and each not in _LAZY
            ],
        }
        self.page = self._rendered("chat.html")
        self._away = self._rendered("away.html")
        self._manifest = Asset(_manifest(), "application/manifest+json")
        self._worker = self._with_version(worker)
        self._stamp = {"X-Shell": self.version}

    def router(self) -> APIRouter:
        """The routes; the page itself is the conversation's (routes.py)."""
        router = APIRouter(include_in_schema=False)
        add = partial(router.add_api_route, methods=["GET"])
        add("/static/{version}/{name}", self.static)
        add("/sw.js", self.worker)
        add("/manifest.webmanifest", self.manifest)
        add("/icons/{name}.png", self.icon)
        add(AWAY, self.away)
        return router

    async def home(self, request: Request) -> Response:
        """The chat page."""
        return self.page.response(request, {**PAGE_HEADERS, **self._stamp})

    async def away(self, request: Request) -> Response:
        """What works without a network, and the guides kept on this phone."""
        headers = {**HEADERS, **self._stamp, "Cache-Control": "no-cache"}
        return self._away.response(request, headers)

    async def static(self, request: Request, version: str, name: str) -> Response:
        """Style sheet and scripts.

        While processes of two versions serve, a page of one asks the other: it gets what there is,
        not to be kept.
        """
        asset = self._files.get(name)
        if asset is None:
            return Response(status_code=404, headers=HEADERS)
        kept = _FOR_EVER if version == self.version else "no-store"
        return asset.response(request, {**HEADERS, **self._stamp, "Cache-Control": kept})

    async def worker(self, request: Request) -> Response:
        """The service worker; asked for anew each time, so that an upgrade is seen."""
        return self._worker.response(request, {**HEADERS, "Cache-Control": "no-cache"})

    async def manifest(self, request: Request) -> Response:
        """What makes the chat installable (https://www.w3.org/TR/appmanifest/)."""
        return self._manifest.response(request, {**HEADERS, "Cache-Control": "no-cache"})

    async def icon(self, name: str) -> Response:
        """An icon of the manifest."""
        if name not in ICONS:
            return Response(status_code=404, headers=HEADERS)
        headers = {**HEADERS, "Cache-Control": "public, max-age=604800"}
        return Response(icon_png(name), media_type="image/png", headers=headers)

    def _rendered(self, template: str) -> Asset:
        html = self.environment.get_template(template).render()
        return Asset(html.encode(), "text/html; charset=utf-8")

    def _kept(self) -> list[str]:
        """The addresses of what a phone keeps."""
        return [f"/static/{self.version}/{name}" for name in self._files if name not in _LAZY]

    def _with_version(self, worker: Asset) -> Asset:
        """The worker told its version and what to keep: any change makes it another file."""
        kept = ["/", AWAY, *self._kept()]
        head = f"const VERSION = {json.dumps(self.version)};\nconst FILES = {json.dumps(kept)};\n"
        return Asset(head.encode() + worker.body, worker.media)


def _manifest() -> bytes:
    def icon(name: str, purpose: str) -> dict[str, str]:
        side, _ = ICONS[name]
        return {
            "src": f"/icons/{name}.png",
            "sizes": f"{side}x{side}",
            "type": "image/png",
            "purpose": purpose,
        }

    data = {
        "id": "/",
        "name": NAME,
        "short_name": "Công dân số",
        "description": "Hỏi cách làm giấy tờ trên mạng, trả tiền bằng mã QR, tránh lừa đảo.",
        "lang": "vi",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#eef2f0",
        "theme_color": "#0b5d57",
        "icons": [icon("192", "any"), icon("512", "any"), icon("maskable-512", "maskable")],
    }
    return json.dumps(data, ensure_ascii=False).encode()

"""Rendering of pages, and the wrapper that turns what goes wrong into a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.cards import icons
from bot.errors import StoreError
from bot.services.runtime import Runtime
from bot.weblib import words
from bot.weblib.assets import Assets
from bot.weblib.headers import secure

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
SHARED = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Retry:
    """A form to send again: where to, and its fields besides the text."""

    action: str
    fields: Mapping[str, str]


class Refused(Exception):
    """The request ends with a page that says why.

    `why` is one fixed word: `refused.html` has the sentences for it, the metrics count it.
    `typed` is what the person wrote and must not lose; with `retry` it can be sent again.
    """

    def __init__(
        self, status: int, why: str, *, link: str = "", typed: str = "", retry: Retry | None = None
    ) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.link = link
        self.typed = typed
        self.retry = retry


class Pages:
    """One site's templates. `where` names the site in metrics; `own` is for its templates only."""

    def __init__(
        self, runtime: Runtime, where: str, prefix: str, templates: Path, **own: object
    ) -> None:
        self._runtime = runtime
        self._where = where
        self.assets = Assets(f"{prefix}/static")
        self._env = Environment(
            loader=FileSystemLoader([templates, SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals.update(asset=self.assets.url, icon=_icon, prefix=prefix, **own)
        self._env.filters.update(
            local_time=words.local_time,
            short_time=words.short_time,
            iso_time=words.iso_time,
            tel=words.digits,
            number=words.number,
            age=lambda since: words.age(since, runtime.now()),
        )

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        return HTMLResponse(self._env.get_template(template).render(values), status)

    def guarded(self, handler: Handler) -> Handler:
        """The handler with its refusals and a failing database turned into pages, all secured."""

        async def wrapped(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refused as refused:
                response = self._refusal(refused)
            except (SQLAlchemyError, StoreError) as error:
                log.error("page failed", where=self._where, error=type(error).__name__)
                response = self._refusal(Refused(503, "store"))
            return secure(response, https=self._runtime.settings.https)

        return wrapped

    def _refusal(self, refused: Refused) -> Response:
        self._runtime.metrics.requests.labels(self._where, refused.why).inc()
        return self.render("refused.html", refused.status, refused=refused)


def _icon(name: str, size: int = 24) -> str:
    # Decoration only: the words beside an icon say everything.
    return icons.svg(name, size=size, aria_hidden="true", focusable="false")

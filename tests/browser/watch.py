"""What a browser does behind a test's back."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

_PATIENCE_MS = 20_000


class Watch:
    """Everything a browser context asked the network for, and what went wrong in its pages."""

    def __init__(self, context: BrowserContext) -> None:
        self.requests: list[Request] = []
        self.problems: list[str] = []
        context.on("request", lambda request: self.requests.append(request))
        context.on("console", self._console)
        context.on("weberror", lambda e: self.problems.append(str(e.error)))

    def posts(self, path: str) -> list[Request]:
        """Requests posted to a path so far."""
        return [r for r in self.requests if r.method == "POST" and urlsplit(r.url).path == path]

    def sent_ids(self) -> list[str]:
        """The ids of the messages sent so far, every try."""
        return [message_id(request) for request in self.posts("/chat/messages")]

    def _console(self, message: ConsoleMessage) -> None:
        # A request that failed is the network's doing; the tests do that on purpose.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(message.text)


def message_id(request: Request) -> str:
    """The id the browser gave a message."""
    return str(json.loads(request.post_data or "{}")["id"])


def until(page: Page, condition: str) -> None:
    """Wait until a JavaScript function says yes; it may be async.

    Playwright's own `wait_for_function` takes a promise for a yes.
    """
    loop = (
        f"for (const end = Date.now() + {_PATIENCE_MS}; Date.now() < end; ) {{ if (await holds())"
    )
    loop += " return; await new Promise((done) => setTimeout(done, 50)); }"
    page.evaluate(
        f"async () => {{ const holds = {condition}; {loop}"
        " throw new Error('never came true: ' + holds); }"
    )

"""Security headers of every page."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: `connect-src` is for the script that keeps a page fresh; everything else loads from here or not.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The address of a helper's page is its key: it must not travel to another site.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


#: For what is no page: it loads nothing, and stands in no other page.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: Half a year; a site that goes back to plain HTTP after that was warned.
_HTTPS_ONLY = "max-age=15552000"


def secure(response: Response, *, https: bool = False) -> Response:
    """Add the headers; a page is not stored anywhere unless it says so itself. `https`: browsers
    are told to come back over nothing else."""
    response.headers.update(SECURITY_HEADERS)
    if https:
        response.headers["Strict-Transport-Security"] = _HTTPS_ONLY
    response.headers.setdefault("Cache-Control", "no-store")
    return response


class Hardened:
    """ASGI: every answer has the headers, whoever made it, the framework's own refusals too. What
    an answer says itself stays."""

    def __init__(self, app: ASGIApp, https: bool = False) -> None:
        self._app = app
        found = {**SECURITY_HEADERS, "Content-Security-Policy": _NOTHING}
        found["Cache-Control"] = "no-store"
        # Guides are for everybody, search engines included.
        del found["X-Robots-Tag"]
        if https:
            found["Strict-Transport-Security"] = _HTTPS_ONLY
        self._headers = [(n.lower().encode(), v.encode()) for n, v in found.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(h for h in self._headers if h[0] not in names)]
            await send(message)

        await self._app(scope, receive, hardened)

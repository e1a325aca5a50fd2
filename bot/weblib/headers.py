"""Security headers of every page."""

from __future__ import annotations

from starlette.responses import Response

#: `connect-src` is for the script that keeps a page fresh; everything else loads from here or not.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
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

"""What comes in with a POST: where it came from, its fields, and a reply's text."""

from __future__ import annotations

import ipaddress
import re
import secrets
import unicodedata
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

MOST_CHARACTERS = 2000
_MOST_FIELDS = 60
_NONCE = re.compile(r"[0-9a-f]{32}")
#: Every control character but the line feed; they show as nothing and break other programs.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def same_origin(request: Request, base_url: str) -> bool:
    """Whether a form was sent from our own page.

    `Sec-Fetch-Site` decides where the browser sends it. Older phones send only `Origin`, and that
    is "null" because our pages ask for no referrer: then the page's own token has to do.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None or origin == "null":
        return True
    host = urlsplit(origin).netloc.lower()
    return host in (request.headers.get("host", "").lower(), urlsplit(base_url).netloc.lower())


def client_address(request: Request) -> str:
    """Where a request comes from, to count by. One connection has 2^64 addresses of IPv6: they
    count as one (RFC 6177). A proxy's X-Forwarded-For is the server's to read (uvicorn)."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return host


async def fields(request: Request) -> Mapping[str, str]:
    """The fields of a form; an empty mapping when the body is not one. The first of a name wins."""
    return dict(reversed(await pairs(request)))


async def pairs(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in order, for boxes to tick that have one name; empty when the body is
    no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return []
    body = (await request.body()).decode("ascii", "replace")
    try:
        return parse_qsl(
            body, keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return []


def typed(form: Mapping[str, str]) -> str:
    """What somebody typed into a form, to be shown to them again when it could not be used."""
    hidden = ("csrf", "nonce", "version", "seen", "what", "act", "step", "served")
    if "text" in form:
        return form["text"]
    return "\n\n".join(value for name, value in form.items() if name not in hidden and value)


def new_nonce() -> str:
    """Names one showing of a form, so that the same one sent twice acts once."""
    return secrets.token_hex(16)


def nonce_of(form: Mapping[str, str]) -> str:
    """The form's nonce; a fresh one when it carries none of ours."""
    nonce = form.get("nonce", "")
    return nonce if _NONCE.fullmatch(nonce) else new_nonce()


def clean_text(raw: str) -> str:
    """A typed text as it will be sent: one kind of line end, composed letters, no control codes."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _CONTROL.sub("", unicodedata.normalize("NFC", lines)).strip()


def text_problem(text: str) -> str:
    """Why a reply cannot be sent: "empty", "long", or nothing when it can."""
    if not text:
        return "empty"
    return "long" if len(text) > MOST_CHARACTERS else ""

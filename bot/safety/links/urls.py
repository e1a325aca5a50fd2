"""One link taken apart, as a browser would, and without ever raising.

What browsers forgive (backslashes, tabs, userinfo, numbers for addresses, percent signs in a host)
is what swindlers use, and the standard library's parser refuses or misreads it.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

#: A longer link is cut before it is looked at: no honest host stands behind it.
LINK_MOST = 10_000
HOST_MOST = 253

_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]{0,20}):", re.I)
_WEB = frozenset(("http", "https", "ftp", "ws", "wss"))
_PORT = re.compile(r":(\d{0,9})$")
_NUMBER = re.compile(r"0x[0-9a-f]{0,16}|[0-9]{1,16}", re.I)
_PARAMETERS_MOST = 40
_INVISIBLE = frozenset(("Cf", "Cc", "Cn", "Co", "Cs", "Zs", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Link:
    """`written` is the host in lower case, `host` the same with punycode decoded ("" when there is
    none); `address` is set for a host in numbers, `disguised` when these were not written as four
    decimal numbers."""

    raw: str
    scheme: str
    user: str
    written: str
    host: str
    port: str
    path: str
    query: str
    address: str = ""
    disguised: bool = False

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and decoded values of the query and the fragment, at most forty."""
        pairs = re.split(r"[&;#?]", self.query, maxsplit=_PARAMETERS_MOST)[:_PARAMETERS_MOST]
        split = (pair.partition("=") for pair in pairs)
        return [(name.lower(), unquote(value)) for name, _, value in split if value]


def parse(raw: str) -> Link:
    """A link, with or without its scheme."""
    text = "".join(c for c in raw[:LINK_MOST] if c > " ").replace("\\", "/")
    scheme, rest = _scheme(text)
    authority, path, query = _parts(rest.lstrip("/"))
    user, _, place = authority.rpartition("@")
    place, port = _port(place)
    written, host = _host(place)
    address, disguised = _address(host)
    return Link(raw, scheme, user, written, host, port, path, query, address, disguised)


def _scheme(text: str) -> tuple[str, str]:
    found = _SCHEME.match(text)
    if found is None:
        return "", text
    name, rest = found.group(1).lower(), text[found.end() :]
    # "example.com:8080/x" has no scheme but a port; "javascript:…" has one and no host.
    if rest.startswith("//") or name in _WEB:
        return name, rest
    return ("", text) if "." in name or rest[:1].isdigit() else (name, "")


def _parts(rest: str) -> tuple[str, str, str]:
    end = re.search(r"[/?#]", rest)
    if end is None:
        return rest, "", ""
    authority, tail = rest[: end.start()], rest[end.start() :]
    cut = re.search(r"[?#]", tail)
    return (
        (authority, tail, "")
        if cut is None
        else (authority, tail[: cut.start()], tail[cut.end() :])
    )


def _port(place: str) -> tuple[str, str]:
    found = None if place.endswith("]") else _PORT.search(place)
    return (place, "") if found is None else (place[: found.start()], found.group(1))


def _host(place: str) -> tuple[str, str]:
    """The host as it is written in ASCII or Unicode, and the same with its punycode decoded."""
    composed = unicodedata.normalize("NFKC", unquote(place[: HOST_MOST * 4]))
    visible = "".join(c for c in composed if unicodedata.category(c) not in _INVISIBLE)
    lower = visible.lower().replace("。", ".").strip(".")[:HOST_MOST]
    return lower, ".".join(map(_decoded, lower.split(".")))


def _decoded(label: str) -> str:
    if not label.startswith("xn--") or not label.isascii() or len(label) > 63:
        return label
    try:
        shown = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    # A decoded dot or slash would move the end of the host.
    return label if re.search(r"[\s./@:#?\\]", shown) or not shown else shown.lower()


def _address(host: str) -> tuple[str, bool]:
    if host.startswith("[") and host.endswith("]"):
        try:
            return str(ipaddress.IPv6Address(host[1:-1])), False
        except ValueError:
            return "", False
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return "", False
    numbers = [_number(part) for part in parts]
    *heads, last = numbers
    if any(n > 255 for n in heads) or last >= 256 ** (4 - len(heads)):
        return "", False
    value = sum(n << (24 - 8 * i) for i, n in enumerate(heads)) + last
    shown = str(ipaddress.IPv4Address(value))
    return shown, shown != host


def _number(part: str) -> int:
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    octal = len(part) > 1 and part.startswith("0") and all(c in "01234567" for c in part)
    return int(part, 8 if octal else 10)

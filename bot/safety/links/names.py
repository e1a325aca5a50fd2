"""Host names: which part was registered, by the public suffix list (publicsuffix.org).

Nothing is fetched: the list is the one of the installed package publicsuffixlist, with the suffixes
of private owners (github.io), under which anybody may register a name too.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache

from publicsuffixlist import PublicSuffixList


@dataclass(frozen=True, slots=True)
class Name:
    """A host in parts: `www.shop.example.com.vn` is sub `www.shop`, label `example`, and `com.vn`.

    `label` is empty where nothing was registered (a bare suffix, an address in numbers);
    `suffix` is empty where the last label is no known suffix.
    """

    host: str
    sub: str
    label: str
    suffix: str

    @property
    def registered(self) -> str:
        """The domain somebody registered, or "" when there is none."""
        return f"{self.label}.{self.suffix}" if self.label and self.suffix else ""


def split(host: str) -> Name:
    """The parts of a host that is already in lower case."""
    if _is_address(host):
        return Name(host, "", host, "")
    suffix = _list().publicsuffix(host) or ""
    above = host.removesuffix(suffix).removesuffix(".")
    sub, _, label = above.rpartition(".")
    return Name(host, sub, label, suffix)


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _is_address(host: str) -> bool:
    """Whether a host is an address in numbers, IPv6 in its brackets (RFC 3986, 3.2.2)."""
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def under(host: str, domains: frozenset[str]) -> str:
    """The entry of `domains` that is this host or stands above it, the most specific one, or ""."""
    while host not in domains:
        _, dot, host = host.partition(".")
        if not dot:
            return ""
    return host

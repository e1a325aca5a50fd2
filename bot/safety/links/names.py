"""Host names: which part was registered, by the public suffix list shipped with tldextract.

Nothing is fetched: the list is the snapshot of the installed package.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.safety.links.suffixes import split_host


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
    return Name(host, *split_host(host))


def under(host: str, domains: frozenset[str]) -> str:
    """The entry of `domains` that is this host or stands above it, the most specific one, or ""."""
    while host not in domains:
        _, dot, host = host.partition(".")
        if not dot:
            return ""
    return host

"""Which end of a host name is a public suffix, under which anybody may register a name.

The list is the snapshot that the package tldextract ships (publicsuffix.org, private domains too),
and the answers are those of tldextract, to which its tests hold them. The package itself is asked
only for what is no plain host: importing it takes requests and urllib3 along, and its tables take
6 MB, together 12 MB of every process.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import idna

if TYPE_CHECKING:
    from tldextract import TLDExtract

_SNAPSHOT = ".tld_set_snapshot"
#: A rule of the list; comments begin with slashes.
_RULE = re.compile(r"^[.*!]*\w\S*", re.MULTILINE)
#: What an address has and a host has not, and the full stops of East Asia.
_NO_HOST = re.compile(r"[/?#@:\[\]\s\u3002\uff0e\uff61]|\.$")
_IPV4_LABELS = 4


def split_host(host: str) -> tuple[str, str, str]:
    """What stands before the registered label, that label, and the suffix; "" for what is not
    there. An address in numbers is its own label."""
    if _NO_HOST.search(host):
        found = _library()(host)
        return found.subdomain, found.domain, found.suffix
    labels = host.split(".")
    at = _suffix_at(labels)
    if at is None:
        if len(labels) == _IPV4_LABELS and _is_ipv4(host):
            return "", host, ""
        return ".".join(labels[:-1]), labels[-1], ""
    return ".".join(labels[: max(at - 1, 0)]), labels[at - 1] if at else "", ".".join(labels[at:])


def _suffix_at(labels: list[str]) -> int | None:
    """Where the suffix begins; None without one."""
    rules, name, found = _rules(), "", None
    for at in range(len(labels) - 1, -1, -1):
        label = _decoded(labels[at])
        longer = f"{label}.{name}" if name else label
        if longer not in rules:
            if f"*.{name}" in rules:
                return at + 1 if f"!{longer}" in rules else at
            break
        name = longer
        if rules[name]:
            found = at
    return found


def _decoded(label: str) -> str:
    lowered = label.lower()
    if lowered.startswith("xn--"):
        try:
            return idna.decode(lowered)
        except (UnicodeError, IndexError):
            pass
    return lowered


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


@cache
def _rules() -> Mapping[str, bool]:
    """Every rule, True, and what stands above one without being one, False."""
    # By its origin: to ask for a resource of the package would import it.
    spec = find_spec("tldextract")
    assert spec is not None, "a dependency of this program"
    text = Path(spec.origin or "").with_name(_SNAPSHOT).read_text(encoding="utf-8")
    rules = dict.fromkeys(_RULE.findall(text), True)
    for rule in list(rules):
        _, _, above = rule.partition(".")
        while above:
            rules.setdefault(above, False)
            _, _, above = above.partition(".")
    return rules


@cache
def _library() -> TLDExtract:
    from tldextract import TLDExtract

    return TLDExtract(
        suffix_list_urls=(),
        cache_dir=None,
        fallback_to_snapshot=True,
        include_psl_private_domains=True,
    )

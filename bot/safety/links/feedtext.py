"""The text of a blocklist read as hosts, in the forms that lists are published in.

What is wrong with a list as a whole raises `FeedRefused`; single lines that are no host are left
out and counted.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import CongdansoError
from bot.safety.links.knowledge import Knowledge
from bot.safety.links.names import split
from bot.safety.links.urls import parse

HOSTS_MOST = 2_000_000
#: A list is compared with the one before only from this size on.
_HALVES_FROM = 20
_COLUMNS = ("host", "hostname", "domain", "url", "link", "website", "site")
_LOCAL = frozenset(("localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"))
_HOSTS_LINE = re.compile(r"\s*(?:0\.0\.0\.0|127\.0\.0\.1|::1?|fe80::\S+|ff0\d::\S+)\s+(.+)")
_ADBLOCK = re.compile(r"\|\|([^\s/^$|*]+)\^?(?:\$[\w,=~.\-|]*)?\s*$")


class FeedRefused(CongdansoError):
    """A list must not take the last good one's place; the text says why."""


class Format(StrEnum):
    """How a list is written."""

    HOSTS = "hosts"
    PLAIN = "plain"
    ADBLOCK = "adblock"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class FeedText:
    """Hosts of a list, sorted, each once; `left_out` counts lines that are no host."""

    hosts: list[str]
    left_out: int


def read_feed(raw: bytes, form: Format, knowledge: Knowledge) -> FeedText:
    """The hosts of a list. Raises FeedRefused for a web page, or where hardly a line is a host."""
    text = raw.decode("utf-8-sig", "replace")
    if re.match(r"\s*(?:<!doctype|<html|<head|<\?xml|<body)", text[:500], re.I):
        raise FeedRefused("is a web page, not a list of hosts; look whether the address has moved")
    shared = knowledge.hosts.user_content | knowledge.hosts.shorteners | knowledge.hosts.dynamic
    found: set[str] = set()
    left_out = 0
    for entry in _READERS[form](text):
        host = _host(entry)
        if not host or host in shared:
            # A place for everybody is no swindler because one page of it was.
            left_out += 1
        else:
            found.add(host)
        if len(found) > HOSTS_MOST:
            raise FeedRefused(f"has more than {HOSTS_MOST} hosts")
    if not found:
        raise FeedRefused(f"has no host in it (read as {form.value})")
    if left_out > len(found):
        raise FeedRefused(f"{left_out} of {left_out + len(found)} lines are no host ({form.value})")
    return FeedText(sorted(found), left_out)


def check_feed(text: FeedText, before: int, is_official: Callable[[str], bool]) -> None:
    """Raises FeedRefused where a list cannot be right: half is gone, or an official host in it."""
    if before >= _HALVES_FROM and len(text.hosts) * 2 < before:
        raise FeedRefused(f"has {len(text.hosts)} hosts and had {before}: more than half are gone")
    official = [host for host in text.hosts if is_official(host)]
    if official:
        shown = ", ".join(official[:3])
        raise FeedRefused(f"lists {len(official)} official host(s): {shown}")


def _host(entry: str) -> str:
    link = parse(entry.strip().removeprefix("*.").removeprefix("."))
    host = link.written
    if link.address:
        return link.address if not link.disguised else ""
    if host in _LOCAL or not host.isascii() or not re.fullmatch(r"[a-z0-9_.\-]+", host):
        host = link.host
    return host if split(host).registered and " " not in host else ""


def _plain(text: str) -> Iterator[str]:
    for line in text.splitlines():
        entry = line.partition("#")[0].strip()
        if entry:
            yield entry


def _hosts(text: str) -> Iterator[str]:
    for line in text.splitlines():
        entry = line.partition("#")[0]
        found = _HOSTS_LINE.match(entry)
        if found:
            yield from (name for name in found.group(1).split() if name not in _LOCAL)
        elif entry.strip():
            yield entry.strip()


def _adblock(text: str) -> Iterator[str]:
    for line in text.splitlines():
        entry = line.strip()
        # Comments, exceptions and rules about parts of pages say nothing of a host.
        if (
            not entry
            or entry[0] in "!["
            or entry.startswith("@@")
            or "##" in entry
            or "#@#" in entry
        ):
            continue
        found = _ADBLOCK.match(entry)
        if found:
            yield found.group(1)


def _csv(text: str) -> Iterator[str]:
    lines = (line for line in io.StringIO(text) if not line.startswith("#"))
    first = next(lines, "")
    mark = max(",;\t|", key=first.count)
    header = [cell.strip().strip('"').lower() for cell in first.split(mark)]
    column = next((header.index(name) for name in _COLUMNS if name in header), None)
    rows: Iterable[list[str]] = csv.reader(_short(lines), delimiter=mark)
    if column is None:
        # No header: the first cell of each line, also of the first.
        column = 0
        yield header[0]
    for row in rows:
        yield row[column] if column < len(row) else ""


def _short(lines: Iterable[str]) -> Iterator[str]:
    # The csv module raises at fields over 128 kB, and at NUL.
    return (line[:20_000].replace("\0", "").replace('"', "") for line in lines)


_READERS: dict[Format, Callable[[str], Iterator[str]]] = {
    Format.HOSTS: _hosts,
    Format.PLAIN: _plain,
    Format.ADBLOCK: _adblock,
    Format.CSV: _csv,
}

"""The phone numbers and addresses citizens may be sent to: content/allowed.yml as a value.

A list of what is allowed, since a wrong number read in a moment of fear costs money. Whatever is
not on it is described instead ("số in sau thẻ ATM", "Công an xã").

Errors: ContentError, naming file, line and field.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.guides.errors import Problem
from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record

_NUMBER = re.compile(r"\d[\d .]{1,14}\d", re.ASCII)
_HOST = r"(?:[a-z0-9-]+\.)+[a-z]{2,}"
_DOMAIN = re.compile(rf"(?:\*\.)?{_HOST}|{_HOST}/[a-z0-9/_.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where it was read that a number or address is what it is said to be.

    `note` says what is weak about that: a copy, a page without a date, no page at all.
    """

    url: str = ""
    date: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as citizens read it, whose it is and what they may call it for."""

    number: str
    whose: str
    use: str
    origin: Origin
    checked_on: date

    @property
    def digits(self) -> str:
        """The number without dots and spaces."""
        return only_digits(self.number)


@dataclass(frozen=True, slots=True)
class Domain:
    """An address: `*.gov.vn` is every host under it, `a.vn/b` that page only, else one host."""

    domain: str
    whose: str
    origin: Origin

    def covers(self, host: str, path: str = "") -> bool:
        """Whether an address with this host and path ("" or "/…") is meant."""
        host, path = host.casefold(), path.rstrip("/")
        if self.domain.startswith("*."):
            return f".{host}".endswith(self.domain[1:])
        own_host, slash, own_path = self.domain.partition("/")
        return host == own_host and (not slash or path == slash + own_path)


@dataclass(frozen=True, slots=True)
class Allowed:
    """All of content/allowed.yml."""

    phones: tuple[Phone, ...] = ()
    domains: tuple[Domain, ...] = ()

    def phone(self, written: str) -> Phone | None:
        """The allowed number that is written here, however it is spaced."""
        digits = only_digits(written)
        return next((phone for phone in self.phones if phone.digits == digits), None)

    def domain(self, host: str, path: str = "") -> Domain | None:
        """The entry that allows an address."""
        return next((item for item in self.domains if item.covers(host, path)), None)

    def spoken_phones(self) -> str:
        """The numbers, for a message to an author."""
        return _either(phone.number for phone in self.phones)

    def spoken_domains(self) -> str:
        """The addresses, for a message to an author."""
        return _either(item.domain for item in self.domains)


def only_digits(written: str) -> str:
    """The digits of a number as it is written."""
    return re.sub(r"\D", "", written)


def load_allowed(file: Path) -> Allowed:
    """Read allowed.yml. Raises ContentError with every problem of the file."""
    faults = Faults(str(file))
    allowed = read_allowed(file, faults)
    faults.raise_any()
    return allowed


def read_allowed(file: Path, faults: Faults) -> Allowed:
    """What allowed.yml says; meaningless when `faults` has problems afterwards."""
    top = open_record(file, faults)
    if top is None:
        return Allowed()
    allowed = Allowed(
        tuple(_phone(item) for item in top.records("phones", 1, 100)),
        tuple(_domain(item) for item in top.records("domains", 1, 100)),
    )
    top.close()
    _once(top, "phones", "number", [phone.digits for phone in allowed.phones])
    _once(top, "domains", "domain", [item.domain for item in allowed.domains])
    return allowed


def unused(allowed: Allowed, faults: Faults, used: Collection[str]) -> Iterator[Problem]:
    """A warning for each entry nobody is sent to; `used` are numbers and domains as listed."""
    listed = [(f"phones[{n}].number", item.number) for n, item in enumerate(allowed.phones, 1)]
    listed += [(f"domains[{n}].domain", item.domain) for n, item in enumerate(allowed.domains, 1)]
    for field, name in listed:
        if name not in used:
            message = f"{name!r} is in no text; remove it"
            line = faults.lines.get(field, 1)
            yield Problem(faults.file, line, field, message).as_warning()


def _phone(record: Record) -> Phone:
    phone = Phone(
        number=record.matching("number", _NUMBER, "digits with dots or spaces, in quotes"),
        whose=record.text("whose", 120),
        use=record.text("use", 160),
        origin=_origin(record),
        checked_on=record.day("checked_on"),
    )
    record.close()
    return phone


def _domain(record: Record) -> Domain:
    wanted = "a host in lower case, *.host for all under it, or host/page for one page"
    domain = Domain(
        domain=record.matching("domain", _DOMAIN, wanted),
        whose=record.text("whose", 120),
        origin=_origin(record),
    )
    record.close()
    return domain


def _origin(record: Record) -> Origin:
    """`source` and `note`: either may be missing, not both."""
    source = record.optional_record("source")
    note = record.optional_text("note", 300) or ""
    if source is None:
        if not note:
            record.fault("source", "is missing; add it, or say in `note` why there is none")
        return Origin(note=note)
    url = source.url("url")
    day = source.page_date("date") if source.optional("date") else ""
    source.close()
    return Origin(url, day, note)


def _once(top: Record, section: str, name: str, values: list[str]) -> None:
    for index, value in enumerate(values, 1):
        if value and value in values[: index - 1]:
            field = f"{section}[{index}].{name}"
            line = top.faults.lines.get(field)
            top.fault(field, f"{value!r} is listed twice; keep one of them", line)


def _either(items: Iterable[str]) -> str:
    listed: list[str] = list(items)
    return f"{', '.join(listed[:-1])} or {listed[-1]}" if len(listed) > 1 else "".join(listed)

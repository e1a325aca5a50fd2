"""The filter of the list of tickets: from the address into a question, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from bot.domain.tickets import Rung
from bot.locality.codes import is_code
from bot.services.staff import Visit
from bot.store.ticket_queue import Due, Key, Wanted, Which

_T = TypeVar("_T", bound=str)
#: SQLite and PostgreSQL keep ids in 63 bits.
_DIGITS_MOST = 18
_TOPIC_MOST = 200
_NAMES = ("which", "due", "area", "team", "member", "rung", "topic", "urgent", "mine", "q")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for, as the address says it (`given`) and as the store takes it."""

    wanted: Wanted
    given: Mapping[str, str]
    after: Key | None

    def url(self, **changes: str) -> str:
        """The address of the list with some of the filter changed; "" takes a part out."""
        values = {**self.given, **changes}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/staff/tickets?{query}" if query else "/staff/tickets"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the open tickets is asked for."""
        return bool(self.given)


def read(request: Request, visit: Visit) -> Filter:
    """The filter of an address; what is no good in it is left out."""
    params = request.query_params
    number = digits(params.get("q", "").strip().lstrip("#"))
    area = params.get("area", "")
    wanted = Wanted(
        which=_one_of(params.get("which", ""), Which) or Which.OPEN,
        due=_one_of(params.get("due", ""), Due) or Due.ANY,
        scope=visit.scope,
        area=area if is_code(area) else "",
        team=digits(params.get("team", "")),
        member=digits(params.get("member", "")),
        rung=_one_of(params.get("rung", ""), Rung) or "",
        topic=params.get("topic", "")[:_TOPIC_MOST],
        urgent=params.get("urgent") == "1",
        mine=visit.staff_id if params.get("mine") == "1" else 0,
        number=number,
    )
    return Filter(wanted, _given(wanted), _after(params.get("after", "")))


def _given(wanted: Wanted) -> dict[str, str]:
    values = {
        "which": "" if wanted.which is Which.OPEN else wanted.which.value,
        "due": wanted.due.value,
        "area": wanted.area,
        "team": str(wanted.team or ""),
        "member": str(wanted.member or ""),
        "rung": str(wanted.rung),
        "topic": wanted.topic,
        "urgent": "1" if wanted.urgent else "",
        "mine": "1" if wanted.mine else "",
        "q": str(wanted.number or ""),
    }
    return {name: values[name] for name in _NAMES if values[name]}


def digits(text: str) -> int:
    """A number that stands in an address; 0 for none."""
    good = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MOST
    return int(text) if good else 0


def _one_of(text: str, known: Iterable[_T]) -> _T | None:
    return next((each for each in known if each == text), None)


def written(key: Key) -> str:
    """A key for an address: "1-1764048600123456-12"."""
    moment = int(key.due.timestamp() * 1_000_000) if key.due else 0
    return f"{int(key.urgent)}-{moment}-{key.id}"


def _after(text: str) -> Key | None:
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    urgent, moment, number = parts
    if len(moment) > 17 or len(number) > _DIGITS_MOST:
        return None
    due = datetime.fromtimestamp(0, UTC)
    seconds, micro = divmod(int(moment), 1_000_000)
    due = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
    return Key(urgent == "1", due if int(moment) else None, int(number))

"""The question log: what the figures of other pages count, question by question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.console.areas import Areas
from bot.console.gate import PREFIX
from bot.console.scoping import places, reads_texts
from bot.console.site import Site
from bot.domain.effects import Outcome
from bot.schedule.zone import at
from bot.services.channel_words import CHANNELS
from bot.services.periods import parse_day
from bot.services.staff import Role, Visit
from bot.store import counts
from bot.store import questions as log
from bot.store.questions import Filter, Place, Question
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages

URL = f"{PREFIX}/questions"
PAGE = 50
_TOPIC_MOST, _STEP_MOST = 64, 99
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = (
    *("since", "until", "outcome", "topic", "area", "channel"),
    *("step", "walked", "guided", "ended", "understood"),
)
#: Filters that are one word of an address: its name, the words it may be, what each asks for.
_KINDS: dict[str, dict[str, bool]] = {
    "guided": {"yes": True, "no": False},
    "walked": {"yes": True, "no": False},
    "ended": {"yes": True, "no": False},
}


def routes(site: Site) -> None:
    """The log."""
    site.page("/questions", Role.VIEWER, QuestionPages(site.deps, site.pages).show)


def address(**wanted: object) -> str:
    """The address of the log with these filters (those that are empty are left out)."""
    query = urlencode(
        {name: str(value) for name, value in wanted.items() if value not in ("", None)}
    )
    return f"{URL}?{query}" if query else URL


class QuestionPages:
    """The log, newest first, paged by the time and number of the last question shown."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages
        self._areas = Areas(deps.runtime)

    async def show(self, request: Request, visit: Visit) -> Response:
        """One page of the log."""
        areas = await self._areas.ready()
        texts = reads_texts(visit)
        place = places(visit, request.query_params.get("area", ""))
        after = _after(request.query_params.get("before", ""))
        wanted, query = _filter(request, place.codes)
        # One by one, with the hour they were asked, the few questions of a commune are people.
        counted_only = not texts and any("." in code for code in place.codes)
        found: list[Question] = []
        if not counted_only:
            found = await self._deps.runtime.db.read(lambda c: log.page(c, wanted, after, PAGE + 1))
        shown = found[:PAGE]
        if place.chosen:
            query["area"] = place.chosen
        return self._pages.render(
            "questions.html",
            visit=visit,
            here="questions",
            problems=self._deps.problems(),
            questions=shown,
            texts=texts,
            counted_only=counted_only,
            titles=self._deps.titles,
            channel_words=CHANNELS,
            outcomes=list(Outcome),
            channels=await self._deps.runtime.db.read(counts.channels),
            provinces=areas.provinces(visit),
            communes=areas.communes(visit, place.chosen[:2]) if texts and place.chosen else [],
            area_name=areas.name,
            query=query,
            picked={name: query.get(name, "") for name in _FIELDS},
            paged=after is not None,
            first=address(**query),
            older=address(**query, before=_before(shown[-1])) if len(found) > PAGE else "",
            chat_url=f"{self._deps.runtime.settings.base_url}/",
        )


def _filter(request: Request, codes: tuple[str, ...]) -> tuple[Filter, dict[str, str]]:
    """What is wanted, and the same as it stands in the address; what makes no sense is left out."""
    given = {name: value.strip() for name, value in request.query_params.items()}
    query: dict[str, str] = {}

    def keep(name: str, value: object) -> bool:
        if value:
            query[name] = given[name]
        return bool(value)

    since, until = parse_day(given.get("since", "")), parse_day(given.get("until", ""))
    keep("since", since)
    keep("until", until)
    outcome = given.get("outcome", "")
    topic, channel = given.get("topic", "")[:_TOPIC_MOST], given.get("channel", "")[:16]
    step = given.get("step", "")
    numbered = step.isascii() and step.isdecimal() and 0 < int(step[:3]) <= _STEP_MOST
    kinds = {name: words.get(given.get(name, "")) for name, words in _KINDS.items()}
    for name, value in kinds.items():
        keep(name, value is not None)
    understood = given.get("understood") == "yes"
    wanted = Filter(
        since=at(since) if since else None,
        until=at(until + timedelta(days=1)) if until else None,
        areas=codes,
        channel=channel if keep("channel", channel) else "",
        topics=(topic,) if keep("topic", topic) else (),
        outcome=outcome if keep("outcome", outcome in list(Outcome)) else "",
        step=int(step) if keep("step", numbered) else None,
        walked=kinds["walked"],
        guided=kinds["guided"],
        ended=kinds["ended"],
        understood=keep("understood", understood),
    )
    return wanted, query


def _before(question: Question) -> str:
    """Where the next page begins, for an address."""
    return f"{(question.asked_at - _EPOCH) // timedelta(microseconds=1)}-{question.id}"


def _after(text: str) -> Place | None:
    """The question a page goes on behind; None for what is none."""
    moment, _, number = text.partition("-")
    if not all(part.isascii() and part.isdecimal() for part in (moment, number)):
        return None
    # As far as both databases' clocks and numbers go.
    if len(moment) > 17 or len(number) > 18:
        return None
    try:
        return Place(_EPOCH + timedelta(microseconds=int(moment)), int(number))
    except OverflowError:
        return None

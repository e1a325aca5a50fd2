"""The question log."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bot.domain.effects import Outcome
from bot.services.staff import Visit
from bot.store import records
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages

PAGE = 50
_MOST_ID_DIGITS = 18


class QuestionPages:
    """The log, newest first, paged by the id of the last question shown."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages

    async def show(self, request: Request, visit: Visit) -> Response:
        """One page of the log."""
        outcome, before = _outcome(request), _before(request)
        found = await self._deps.runtime.db.read(
            lambda c: records.latest_questions(c, before, PAGE + 1, outcome)
        )
        questions = found[:PAGE]
        return self._pages.render(
            "questions.html",
            visit=visit,
            here="questions",
            problems=self._deps.problems(),
            questions=questions,
            titles=self._deps.titles,
            outcomes=list(Outcome),
            outcome=outcome,
            paged=before is not None,
            older=_older(outcome, questions[-1].id) if len(found) > PAGE else "",
            chat_url=f"{self._deps.runtime.settings.base_url}/",
        )


def _older(outcome: str, last: int) -> str:
    query = {"outcome": outcome} if outcome else {}
    return urlencode({**query, "before": str(last)})


def _outcome(request: Request) -> str:
    wanted = request.query_params.get("outcome", "")
    return wanted if wanted in list(Outcome) else ""


def _before(request: Request) -> int | None:
    wanted = request.query_params.get("before", "")
    short = wanted.isascii() and wanted.isdecimal() and len(wanted) <= _MOST_ID_DIGITS
    return int(wanted) if short else None

"""Rosters: a file is uploaded, looked at row by row, and imported only when that was confirmed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.roster_words import in_vietnamese
from bot.console.site import Site
from bot.errors import CongdansoError
from bot.rosters.plan import What
from bot.services.rosters import Checked, Rosters
from bot.services.staff import Role, Visit
from bot.store import audit, roster_files
from bot.store import rosters as store
from bot.store.roster_files import RosterFile
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused
from bot.weblib.uploads import Upload

log = structlog.get_logger(__name__)

URL = f"{PREFIX}/rosters"
_KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
}
_SHOWN_MOST = 500
_TELL_EVERY = 1.0


def routes(site: Site) -> None:
    """Upload, look, import; export."""
    rosters = RosterPages(site.deps, site.pages)
    site.page("/rosters", Role.ADMIN, rosters.index)
    site.upload("/rosters", Role.ADMIN, "file", rosters.take)
    site.page("/rosters/export{kind}", Role.ADMIN, rosters.export)
    site.page("/rosters/{file:int}", Role.ADMIN, rosters.show)
    site.part("/rosters/{file:int}/live", Role.ADMIN, rosters.live)
    site.form("/rosters/{file:int}/import", Role.ADMIN, rosters.start)


@dataclass(frozen=True, slots=True)
class Running:
    """How an import stands: `state` is the file's, or "stopped" when nobody works at it."""

    file: RosterFile
    state: str
    done: int
    total: int


class RosterPages:
    """Pages about rosters. What runs in this process is in `_tasks`."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._runtime = deps.runtime
        self._pages = pages
        self._rosters = Rosters(deps.runtime)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    # Pages.

    async def index(self, _request: Request, visit: Visit) -> Response:
        """Where to upload, and what was uploaded last."""
        return await self._index(visit)

    async def _index(self, visit: Visit, status: int = 200, problem: str = "") -> Response:
        _everywhere(visit)
        files = await self._runtime.db.read(roster_files.latest)
        return self._render("rosters.html", visit, status, files=files, problem=problem)

    async def take(self, _request: Request, visit: Visit, sent: Upload) -> Response:
        """Keep a file and go on to what it would change."""
        _everywhere(visit)
        if not sent.data:
            return await self._index(visit, 422, "empty")
        runtime, now = self._runtime, self._runtime.now()
        name = Path(sent.name.replace("\\", "/")).name or "danh-sach"
        digest = hashlib.sha256(sent.data).hexdigest()
        missing = sent.fields.get("remove_missing") == "1"

        def work(connection: Connection) -> int:
            roster_files.forget(connection, now - roster_files.KEEP)
            number = roster_files.put(
                connection,
                runtime.vault,
                sent.data,
                digest=digest,
                who=visit.username,
                name=name,
                remove_missing=missing,
                now=now,
            )
            subject = f"roster {number}"
            audit.record(connection, visit.username, "roster.upload", subject, now)
            return number

        number = await runtime.db.write(work)
        return RedirectResponse(f"{URL}/{number}", 303)

    async def show(self, request: Request, visit: Visit) -> Response:
        """What a file would change, row by row; of one that is being imported, how far it is."""
        _everywhere(visit)
        running = await self._running(request)
        file = running.file
        if file.state != "read":
            return self._render("roster.html", visit, running=running, checked=None, problem="")
        if not file.there:
            return self._render("roster.html", visit, running=running, checked=None, problem="old")
        checked, problem = await asyncio.to_thread(self._check, file)
        return self._render("roster.html", visit, running=running, checked=checked, problem=problem)

    async def live(self, request: Request, visit: Visit) -> Response:
        """How far an import is, for the script."""
        _everywhere(visit)
        running = await self._running(request)
        return self._pages.render("roster_live.html", running=running, vi=in_vietnamese)

    async def start(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Import exactly the file that was looked at."""
        _everywhere(visit)
        file = (await self._running(request)).file
        if not hmac.compare_digest(form.get("digest", "").encode(), file.digest.encode()):
            raise Refused(403, "csrf", link=f"{URL}/{file.id}")
        runtime = self._runtime

        def work(connection: Connection) -> bool:
            if not roster_files.begin(connection, file.id, file.digest):
                return False
            subject, now = f"roster {file.id}", runtime.now()
            audit.record(connection, visit.username, "roster.import", subject, now)
            return True

        if await runtime.db.write(work):
            task = asyncio.create_task(asyncio.to_thread(self._import, file))
            self._tasks[file.id] = task
            task.add_done_callback(lambda _: self._tasks.pop(file.id, None))
        return RedirectResponse(f"{URL}/{file.id}", 303)

    async def export(self, request: Request, visit: Visit) -> Response:
        """The roster as it is stored, as .xlsx or .csv; that somebody took it is kept."""
        _everywhere(visit)
        ending = request.path_params["kind"]
        if ending not in _KINDS:
            raise Refused(404, "not_found", link=URL)
        body = await asyncio.to_thread(self._export, ending)
        now, who = self._runtime.now(), visit.username
        await self._runtime.db.write(
            lambda c: audit.record(c, who, "roster.export", f"roster{ending}", now)
        )
        name = f'attachment; filename="danh-sach-to{ending}"'
        return Response(body, media_type=_KINDS[ending], headers={"Content-Disposition": name})

    # Work in threads.

    def _check(self, file: RosterFile) -> tuple[Checked | None, str]:
        with tempfile.TemporaryDirectory(prefix="congdanso-") as folder:
            path = self._write(file, Path(folder))
            try:
                checked = self._rosters.check(path, remove_missing=file.remove_missing)
            except CongdansoError as error:
                return None, str(error).removeprefix(f"{path}: ").removeprefix(f"{path}:")
        return checked, ""

    def _write(self, file: RosterFile, folder: Path) -> Path:
        vault = self._runtime.vault
        found = self._runtime.db.read_now(lambda c: roster_files.data(c, vault, file.id))
        path = folder / f"roster{Path(file.name).suffix.lower()[:8]}"
        path.touch(0o600)
        path.write_bytes(found or b"")
        return path

    def _import(self, file: RosterFile) -> None:
        """Read the file again, compare with what is stored now, make the changes."""
        told = 0.0

        def tell(done: int, total: int) -> None:
            nonlocal told
            if time.monotonic() - told >= _TELL_EVERY or done == total:
                told = time.monotonic()
                self._runtime.db.write_now(lambda c: roster_files.progress(c, file.id, done, total))

        problem = ""
        try:
            checked, problem = self._check(file)
            if checked is not None and checked.problems:
                problem = "the file fits no more: something was changed meanwhile; upload it again"
            elif checked is not None:
                self._rosters.run(checked, tell)
        except CongdansoError as error:
            problem = str(error)
        except SQLAlchemyError as error:
            log.error("roster import failed", error=type(error).__name__)
            problem = "the database failed; upload the file again"
        self._runtime.db.write_now(lambda c: roster_files.end(c, file.id, problem))

    def _export(self, ending: str) -> bytes:
        with tempfile.TemporaryDirectory(prefix="congdanso-") as folder:
            path = Path(folder) / f"roster{ending}"
            self._rosters.export(path)
            return path.read_bytes()

    async def _running(self, request: Request) -> Running:
        number = request.path_params["file"] % 2**63

        def load(connection: Connection) -> tuple[RosterFile | None, store.Import | None]:
            return roster_files.find(connection, number), store.unfinished(connection)

        file, other = await self._runtime.db.read(load)
        if file is None:
            raise Refused(404, "not_found", link=URL)
        state = file.state
        if state == "importing" and number not in self._tasks and other is None:
            # Its process ended. What was begun has been finished by the job, or nothing was.
            state = "stopped"
        return Running(file, state, file.done, file.total)

    def _render(self, template: str, visit: Visit, status: int = 200, **values: Any) -> Response:
        return self._pages.render(
            template,
            status,
            visit=visit,
            here="rosters",
            most=_SHOWN_MOST,
            whats=tuple(What),
            vi=in_vietnamese,
            **values,
        )


def _everywhere(visit: Visit) -> None:
    """A roster is of every place: it is for those who are responsible for all of them."""
    if visit.scope:
        raise Refused(403, "role", link=PREFIX)

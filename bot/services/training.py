"""Runs: training and grouping, each in a process of its own, owned by a row of the database.

One run of a kind at a time, whatever the number of processes. Whoever takes a run keeps its row
alive; a run whose owner was killed is found by the next look and marked as failed, and nothing of
it is left but the row. The processes are niced and have one thread, so that answers come as fast as
without them (docs/nlu-loop.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.models.schema import RunKind, RunState
from bot.processes import end
from bot.services import models
from bot.services.clustering import QUESTIONS_MOST, put_clusters
from bot.services.models import figures_of, trained_dir, unfit
from bot.services.runtime import Runtime
from bot.store import audit, clusters, labels
from bot.store import training as store
from bot.store.training import Run
from nlu.engine import DATA_DIR, model_key

log = structlog.get_logger(__name__)

EVERY = 2.0
_BEAT = 2.0
#: A run not heard of for so long is dead; with its process gone on this machine, much sooner.
SILENT = timedelta(seconds=30)
_SILENT_AND_GONE = timedelta(seconds=6)
_STOPPED = "the program was stopped"
_GONE = "the process that owned it is gone"
_SECONDS_MOST = 1800.0
_LINE_MOST = 2**24
_MODULES = {RunKind.TRAIN: "nlu.embedded.retrain", RunKind.CLUSTER: "nlu.embedded.clusters"}

Progress = Callable[[str, int], None]


class RunFailed(Exception):
    """The process did not do its work; the text says why, nothing of what was in it."""


class Runs:
    """Takes runs that wait and sees them through.

    `data_dir` holds the shipped sentences, `nice` is how much other processes go first.
    """

    def __init__(self, runtime: Runtime, data_dir: Path = DATA_DIR, nice: int = 19) -> None:
        self._runtime = runtime
        self._nice = nice
        self._data = data_dir
        self._host = socket.gethostname()[:120]
        self._tasks: dict[asyncio.Task[None], Run] = {}

    # Asking and looking.

    async def ask(self, kind: RunKind, who: str) -> int | None:
        """A new run; its number, None when one of its kind is under way."""
        await self.look()
        now = self._runtime.now()

        def work(connection: Connection) -> int | None:
            run_id = store.ask(connection, kind, who, now)
            if run_id is not None:
                audit.record(connection, who, f"run.{kind.value}", f"run {run_id}", now)
            return run_id

        return await self._runtime.db.write(work)

    async def look(self) -> list[Run]:
        """The runs under way, once those that died were marked as failed."""
        now = self._runtime.now()
        runs = await self._runtime.db.read(store.open_runs)
        for run in runs:
            if self._dead(run):
                end = partial(store.end, run_id=run.id, now=now, problem=_GONE)
                await self._runtime.db.write(end)
                await asyncio.to_thread(self._clear, run.id)
                self._count(run.kind, "failed")
                log.warning("run given up", run=run.id, kind=run.kind.value)
        return [run for run in runs if not self._dead(run)]

    def _dead(self, run: Run) -> bool:
        now = self._runtime.now()
        if store.silent(run, now, SILENT):
            return True
        gone = run.host == self._host and run.pid is not None and not _alive(run.pid)
        return gone and store.silent(run, now, _SILENT_AND_GONE)

    # Doing.

    async def tick(self) -> None:
        """One round by the clock: find the dead, take what waits."""
        try:
            for run in await self.look():
                if run.state is RunState.QUEUED and await self._take(run.id):
                    self._start(run)
        except (SQLAlchemyError, StoreError) as error:
            log.warning("runs not looked at", error=type(error).__name__)

    async def nightly(self) -> None:
        """Group what nobody answered, unless that is under way."""
        await self.ask(RunKind.CLUSTER, "congdanso")

    async def run_now(self, run_id: int, progress: Progress = lambda stage, percent: None) -> Run:
        """See a run through that was just asked for; how it ended. For commands."""
        if await self._take(run_id):
            run = await self._runtime.db.read(lambda c: store.run(c, run_id))
            assert run is not None, "taken a moment ago"
            await self._see_through(run, progress)
        while True:
            run = await self._runtime.db.read(lambda c: store.run(c, run_id))
            assert run is not None, "rows of runs stay"
            if not run.open:
                return run
            # A running server was faster: its progress is shown.
            progress(run.stage, run.progress)
            await asyncio.sleep(1)
            await self.look()

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        """End what is in hand; the rows say that the program stopped."""
        in_hand = dict(self._tasks)
        for task in in_hand:
            task.cancel()
        await asyncio.gather(*in_hand, return_exceptions=True)
        for run in in_hand.values():
            # What was not begun yet has no other end.
            await self._end(run, _STOPPED, {})

    async def _take(self, run_id: int) -> bool:
        owner, host, now = self._runtime.owner, self._host, self._runtime.now()
        return await self._runtime.db.write(lambda c: store.take(c, run_id, owner, host, now))

    def _start(self, run: Run) -> None:
        task = asyncio.create_task(self._see_through(run, lambda stage, percent: None))
        self._tasks[task] = run
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def _see_through(self, run: Run, progress: Progress) -> None:
        problem, figures = "", dict[str, Any]()
        try:
            async with asyncio.timeout(_SECONDS_MOST):
                figures = await self._work(run, progress)
        except RunFailed as error:
            problem = str(error)
        except TimeoutError:
            problem = f"took longer than {_SECONDS_MOST:.0f} seconds"
        except (SQLAlchemyError, StoreError, OSError) as error:
            problem = f"{type(error).__name__} on the way"
        await self._end(run, problem, figures)

    async def _end(self, run: Run, problem: str, figures: dict[str, Any]) -> None:
        now = self._runtime.now()
        await asyncio.to_thread(self._clear, run.id)
        ended = False
        with contextlib.suppress(SQLAlchemyError, StoreError):
            ended = await self._runtime.db.write(
                lambda c: store.end(c, run.id, now, problem=problem, figures=figures)
            )
        if not ended:
            return
        self._count(run.kind, "failed" if problem else "ok")
        if problem:
            log.warning("run failed", run=run.id, kind=run.kind.value, problem=problem)
        else:
            log.info("run done", run=run.id, kind=run.kind.value)

    def _count(self, kind: RunKind, result: str) -> None:
        self._runtime.metrics.runs.labels(kind.value, result).inc()

    # The two kinds.

    async def _work(self, run: Run, progress: Progress) -> dict[str, Any]:
        folder = self._folder(run.id)
        await asyncio.to_thread(self._clear, run.id)
        folder.mkdir(mode=0o700, parents=True)
        if run.kind is RunKind.TRAIN:
            return await self._train(run, folder, progress)
        return await self._group(run, folder, progress)

    async def _train(self, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
        await self._write_labels(folder / "labels.jsonl")
        before = await self._serving()
        more = ["--models", str(trained_dir(self._runtime))]
        more += ["--before", str(before)] if before is not None else []
        figures = await self._process(run, folder, more, progress)
        figures["before_key"] = before.name if before is not None else ""
        drop = self._runtime.settings.train_drop_points
        after = figures_of(figures, "after")
        assert after is not None, "the process says it of every model"
        why = unfit(figures_of(figures, "before"), after, drop)
        figures["unfit"] = why.value if why else ""
        now = self._runtime.now()

        def keep(connection: Connection) -> tuple[int, set[str]]:
            number = store.add_model(
                connection,
                key=figures["model"],
                code=figures["code"],
                data=figures["data"],
                run_id=run.id,
                made_at=now,
                examples=figures["examples"],
                labels=figures["labels"],
                top1=after.in_scope,
                fits=why is None,
            )
            return number, models.prune(connection)

        figures["number"], kept = await self._runtime.db.write(keep)
        await asyncio.to_thread(models.remove_files, self._runtime, kept)
        return figures

    async def _group(self, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
        db = self._runtime.db
        asked = await db.read(lambda c: clusters.unanswered(c, QUESTIONS_MOST))
        rows = [{"id": each.id, "text": each.text} for each in asked]
        await asyncio.to_thread(_write, folder / "questions.jsonl", rows)
        serving = await self._serving()
        more = ["--model", str(serving)] if serving is not None else []
        found = await self._process(run, folder, more, progress)
        count = await put_clusters(self._runtime, found["clusters"], asked)
        grouped = sum(len(each["members"]) for each in found["clusters"])
        return {"questions": len(asked), "grouped": grouped, "clusters": count}

    async def _write_labels(self, path: Path) -> None:
        after, rows = 0, list[dict[str, Any]]()
        while found := await self._runtime.db.read(partial(labels.every, after=after)):
            after = found[-1].id
            rows += [
                {
                    "id": each.id,
                    "text": each.text,
                    "intent": each.intent,
                    "author": each.author,
                    "day": each.at.date().isoformat(),
                }
                for each in found
            ]
        await asyncio.to_thread(_write, path, rows)

    async def _serving(self) -> Path | None:
        """The folder of the model that serves, or of the shipped one; None without either."""
        served = await self._runtime.db.read(store.served)
        shipped = await asyncio.to_thread(model_key, self._data)
        folders = [self._runtime.settings.var_dir / "models" / shipped]
        if served is not None:
            folders.insert(0, trained_dir(self._runtime) / served.key)
        return next((folder for folder in folders if folder.is_dir()), None)

    # The process.

    async def _process(
        self, run: Run, folder: Path, more: Sequence[str], progress: Progress
    ) -> dict[str, Any]:
        command = [sys.executable, "-m", _MODULES[run.kind]]
        command += ["--run", str(folder), "--data", str(self._data), *more]
        command += ["--nice", str(self._nice)]
        process = await asyncio.create_subprocess_exec(
            *command,
            # Ours to hold: when this process dies, it ends there, and the other one ends too.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_MOST,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert process.stdout is not None
        assert process.stderr is not None
        beating = asyncio.create_task(self._beat(run.id, process))
        errors = asyncio.create_task(process.stderr.read())
        try:
            figures = await self._listen(run.id, process.stdout, progress)
            code = await process.wait()
            said = (await errors).decode(errors="replace").strip().splitlines()
        finally:
            beating.cancel()
            errors.cancel()
            await asyncio.wait([errors])
            await end(process)
        if code or figures is None:
            raise RunFailed(_why(code, said))
        return figures

    async def _listen(
        self, run_id: int, stdout: asyncio.StreamReader, progress: Progress
    ) -> dict[str, Any] | None:
        figures: dict[str, Any] | None = None
        async for line in stdout:
            event = json.loads(line)
            stage, percent = str(event["stage"]), int(event["progress"])
            figures = event.get("figures", figures)
            progress(stage, percent)
            alive = partial(
                store.beat,
                run_id=run_id,
                now=self._runtime.now(),
                stage=stage,
                progress=min(percent, 99),
            )
            await self._runtime.db.write(alive)
        return figures

    async def _beat(self, run_id: int, process: asyncio.subprocess.Process) -> None:
        while True:
            alive = partial(store.beat, run_id=run_id, now=self._runtime.now(), pid=process.pid)
            with contextlib.suppress(SQLAlchemyError, StoreError):
                ours = await self._runtime.db.write(alive)
                if not ours:
                    # Somebody took this run for dead: its result would be nobody's.
                    process.kill()
                    return
            await asyncio.sleep(_BEAT)

    # Files.

    def _folder(self, run_id: int) -> Path:
        return self._runtime.settings.var_dir.resolve() / "training" / f"run-{run_id}"

    def _clear(self, run_id: int) -> None:
        shutil.rmtree(self._folder(run_id), ignore_errors=True)


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("x", encoding="utf-8") as file:
        path.chmod(0o600)
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _why(code: int, said: Sequence[str]) -> str:
    if code < 0:
        return f"the process was ended by {signal.Signals(-code).name}"
    # Its own sentence is about the shipped files; a trace could quote what somebody wrote.
    return said[-1] if code == 2 and said else f"the process ended with code {code}"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

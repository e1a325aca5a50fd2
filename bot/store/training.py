"""Training runs, the models they made, and which one serves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.models.schema import RunKind, RunState, nlu_models, nlu_publications, training_runs
from bot.store.sql import insert

_PROBLEM_MOST = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """A run; `progress` is per cent, `figures` what it found, `problem` why it failed."""

    id: int
    kind: RunKind
    state: RunState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    beat_at: datetime | None
    ended_at: datetime | None
    owner: str
    host: str
    pid: int | None
    stage: str
    progress: int
    figures: dict[str, Any]
    problem: str

    @property
    def open(self) -> bool:
        """Whether it is waiting or at work."""
        return self.state in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Model:
    """A model trained here; `top1` is its accuracy in scope in per cent, `fits` that it may be
    published."""

    id: int
    key: str
    code: str
    data: str
    run_id: int | None
    made_at: datetime
    examples: int
    labels: int
    top1: float
    fits: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class Publication:
    """From when on which model serves; None: the model of the shipped sentences."""

    id: int
    model_id: int | None
    at: datetime
    who: str
    rollback: bool


# Runs -------------------------------------------------------------------------------------------


def ask(connection: Connection, kind: RunKind, who: str, now: datetime) -> int | None:
    """A new run that waits for a process; None when one of its kind is not over."""
    statement = insert(connection, training_runs).values(
        kind=kind.value,
        state=RunState.QUEUED.value,
        slot=kind.value,
        asked_by=who,
        asked_at=now,
        owner="",
        host="",
        stage="",
        progress=0,
        figures="",
        problem="",
    )
    once = statement.on_conflict_do_nothing().returning(training_runs.c.id)
    return connection.execute(once).scalar()


def take(connection: Connection, run_id: int, owner: str, host: str, now: datetime) -> bool:
    """Begin a run that waits; False when another process did."""
    mine = (training_runs.c.id == run_id) & (training_runs.c.state == RunState.QUEUED.value)
    values = {
        "state": RunState.RUNNING.value,
        "owner": owner,
        "host": host,
        "started_at": now,
        "beat_at": now,
    }
    return bool(connection.execute(update(training_runs).where(mine).values(values)).rowcount)


def beat(
    connection: Connection,
    run_id: int,
    now: datetime,
    *,
    stage: str | None = None,
    progress: int | None = None,
    pid: int | None = None,
) -> bool:
    """The run is alive, and this far; False when it was given up."""
    values: dict[str, Any] = {"beat_at": now}
    for name, value in (("stage", stage), ("progress", progress), ("pid", pid)):
        if value is not None:
            values[name] = value
    mine = (training_runs.c.id == run_id) & (training_runs.c.state == RunState.RUNNING.value)
    return bool(connection.execute(update(training_runs).where(mine).values(values)).rowcount)


def end(
    connection: Connection,
    run_id: int,
    now: datetime,
    *,
    problem: str = "",
    figures: dict[str, Any] | None = None,
) -> bool:
    """The run is over, well or with a problem; False when it was over before."""
    state = RunState.FAILED if problem else RunState.DONE
    mine = (training_runs.c.id == run_id) & training_runs.c.slot.is_not(None)
    values: dict[str, Any] = {
        "state": state.value,
        "slot": None,
        "ended_at": now,
        "problem": problem[:_PROBLEM_MOST],
        "figures": json.dumps(figures) if figures else "",
    }
    if not problem:
        values["progress"] = 100
    return bool(connection.execute(update(training_runs).where(mine).values(values)).rowcount)


def open_runs(connection: Connection) -> list[Run]:
    """The runs that wait or are at work."""
    query = select(training_runs).where(training_runs.c.slot.is_not(None))
    return [_run(row) for row in connection.execute(query.order_by(training_runs.c.id))]


def run(connection: Connection, run_id: int) -> Run | None:
    """A run."""
    row = connection.execute(select(training_runs).where(training_runs.c.id == run_id)).first()
    return None if row is None else _run(row)


def runs(connection: Connection, kind: RunKind, most: int) -> list[Run]:
    """The runs of a kind, the newest first."""
    query = select(training_runs).where(training_runs.c.kind == kind.value)
    found = connection.execute(query.order_by(training_runs.c.id.desc()).limit(most))
    return [_run(row) for row in found]


def _run(row: Row[Any]) -> Run:
    r = row._mapping
    return Run(
        r["id"],
        RunKind(r["kind"]),
        RunState(r["state"]),
        r["asked_by"],
        r["asked_at"],
        r["started_at"],
        r["beat_at"],
        r["ended_at"],
        r["owner"],
        r["host"],
        r["pid"],
        r["stage"],
        r["progress"],
        json.loads(r["figures"]) if r["figures"] else {},
        r["problem"],
    )


def silent(run_: Run, now: datetime, span: timedelta) -> bool:
    """Whether a run that is at work was not heard of for so long."""
    return run_.state is RunState.RUNNING and (run_.beat_at is None or now - run_.beat_at > span)


# Models -----------------------------------------------------------------------------------------


def add_model(connection: Connection, **fields: Any) -> int:
    """Remember a model, or that its files are there again; returns its number."""
    statement = insert(connection, nlu_models).values({**fields, "kept": True})
    again = {name: statement.excluded[name] for name in ("run_id", "made_at", "fits", "top1")}
    once = statement.on_conflict_do_update(index_elements=["key"], set_={**again, "kept": True})
    return int(connection.execute(once.returning(nlu_models.c.id)).scalar_one())


def models(connection: Connection) -> list[Model]:
    """The models whose files are kept, the newest first."""
    query = select(nlu_models).where(nlu_models.c.kept).order_by(nlu_models.c.id.desc())
    return [Model(*row) for row in connection.execute(query)]


def model(connection: Connection, model_id: int) -> Model | None:
    """A model."""
    row = connection.execute(select(nlu_models).where(nlu_models.c.id == model_id)).first()
    return None if row is None else Model(*row)


def let_go(connection: Connection, model_id: int) -> None:
    """Its files are deleted."""
    mine = nlu_models.c.id == model_id
    connection.execute(update(nlu_models).where(mine).values(kept=False))


def publish(
    connection: Connection, model_id: int | None, who: str, now: datetime, *, rollback: bool = False
) -> int:
    """From now on this model serves."""
    statement = insert(connection, nlu_publications).values(
        model_id=model_id, at=now, who=who, rollback=rollback
    )
    done = connection.execute(statement.returning(nlu_publications.c.id))
    return int(done.scalar_one())


def publications(connection: Connection, most: int = 50) -> list[Publication]:
    """What served from when on, the newest first."""
    query = select(nlu_publications).order_by(nlu_publications.c.id.desc()).limit(most)
    return [Publication(*row) for row in connection.execute(query)]


def served(connection: Connection) -> Model | None:
    """The model that is to serve; None for that of the shipped sentences."""
    newest = select(nlu_publications.c.model_id).order_by(nlu_publications.c.id.desc()).limit(1)
    wanted = connection.execute(newest).scalar()
    return None if wanted is None else model(connection, wanted)

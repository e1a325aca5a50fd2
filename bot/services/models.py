"""The models that were trained here: which may serve, which does, and switching without a pause.

The database says which model serves; every process looks there every few seconds, loads what is new
beside what it has, and changes over between two messages. What is being understood meanwhile is
understood to the end by the model it began with.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.models.schema import RunKind
from bot.services.runtime import Runtime
from bot.services.understanding import Understanding
from bot.store import audit
from bot.store import training as store
from bot.store.training import Model, Publication, Run
from nlu.engine import DATA_DIR, Engine, EngineError, code_key, load_trained, model_key

log = structlog.get_logger(__name__)

MODELS_KEPT = 5
EVERY = 2.0
_RUNS_SEARCHED = 50


class Unfit(StrEnum):
    """Why a model is not published."""

    GONE = "gone"
    CODE = "code"
    DROP = "drop"
    URGENT = "urgent"
    UNCOMPARED = "uncompared"


class NotPublished(Exception):
    """The model stays where it is; `why` says why."""

    def __init__(self, why: Unfit) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Figures:
    """What decides: accuracy in scope in per cent, and how many of each urgent intent are found."""

    in_scope: float
    urgent: dict[str, int]


def trained_dir(runtime: Runtime) -> Path:
    """Where the models are that were trained here."""
    return runtime.settings.var_dir / "trained"


def unfit(before: Figures | None, after: Figures, drop: float) -> Unfit | None:
    """Why the second must not take the place of the first; None when it may.

    `drop` is how many points of accuracy in scope may be lost. Of those who may have been robbed or
    ask for a person nobody more may be missed.
    """
    if before is None:
        return None
    if any(after.urgent.get(name, 0) < found for name, found in before.urgent.items()):
        return Unfit.URGENT
    # What is lost is compared in hundredths of a point, as it is shown.
    return Unfit.DROP if round(before.in_scope - after.in_scope, 2) > drop else None


def figures_of(run: dict[str, Any], which: str) -> Figures | None:
    """The figures `before` or `after` of a run; None when there was no model before."""
    held = run.get(which)
    if not held:
        return None
    place = 1 if which == "before" else 2
    urgent = {name: run["intents"].get(name, [0, 0, 0])[place] for name in run["urgent"]}
    return Figures(float(held["in_scope"]), urgent)


# What serves ------------------------------------------------------------------------------------


def stack(publications: list[Publication]) -> list[int | None]:
    """The models that were published and not taken back, the serving one last.

    At the bottom lies None, the model of the shipped sentences.
    """
    found: list[int | None] = [None]
    for each in sorted(publications, key=lambda p: p.id):
        if each.rollback and len(found) > 1:
            found.pop()
        # What lay below may be gone: then what serves is said by the line itself.
        if found[-1] != each.model_id:
            found.append(each.model_id)
    return found


def before_this(connection: Connection) -> Model | None:
    """What a rollback leads to: the model that served before, as far as its files are kept."""
    for model_id in reversed(stack(store.publications(connection))[:-1]):
        if model_id is None:
            return None
        model = store.model(connection, model_id)
        if model is not None and model.kept:
            return model
    return None


def publish(runtime: Runtime, connection: Connection, model_id: int, who: str) -> Model:
    """Let a model serve, everywhere within seconds. Raises NotPublished."""
    model = store.model(connection, model_id)
    if model is None or not model.kept:
        raise NotPublished(Unfit.GONE)
    why = verdict(runtime, connection, model)
    if why is not None:
        raise NotPublished(why)
    now = runtime.now()
    store.publish(connection, model_id, who, now)
    audit.record(connection, who, "model.publish", f"model {model_id}", now)
    return model


def roll_back(runtime: Runtime, connection: Connection, who: str) -> Model | None:
    """Let serve again what served before; None is the model of the shipped sentences.

    Raises NotPublished when nothing was published.
    """
    if len(stack(store.publications(connection))) < 2:
        raise NotPublished(Unfit.GONE)
    model, now = before_this(connection), runtime.now()
    store.publish(connection, model.id if model else None, who, now, rollback=True)
    subject = f"model {model.id}" if model else "shipped model"
    audit.record(connection, who, "model.rollback", subject, now)
    return model


def verdict(runtime: Runtime, connection: Connection, model: Model) -> Unfit | None:
    """Why a model may not take the place of what serves now; None when it may."""
    if model.code != code_key():
        return Unfit.CODE
    served = store.served(connection)
    key = served.key if served else model_key(DATA_DIR)
    if served is not None and (served.id == model.id or not served.kept):
        # It serves already, or there is nothing left that it could be worse than.
        return None
    known = known_figures(store.runs(connection, RunKind.TRAIN, _RUNS_SEARCHED))
    after = known.get(model.key)
    if after is None or key not in known:
        return Unfit.UNCOMPARED
    return unfit(known[key], after, runtime.settings.train_drop_points)


def known_figures(runs: list[Run]) -> dict[str, Figures]:
    """The figures of every model that a run compared, by key; the newest count."""
    found: dict[str, Figures] = {}
    for run in reversed(runs):
        for which, name in (("before", "before_key"), ("after", "model")):
            figures = figures_of(run.figures, which)
            if figures is not None and run.figures.get(name):
                found[str(run.figures[name])] = figures
    return found


def prune(connection: Connection) -> set[str]:
    """Let old models go; returns the keys of those that stay. What serves, and what a rollback
    leads to, is among them."""
    served, back = store.served(connection), before_this(connection)
    needed = {model.id for model in (served, back) if model is not None}
    models = store.models(connection)
    kept = [m for m in models if m.id in needed]
    kept += [m for m in models if m.id not in needed][: max(0, MODELS_KEPT - len(kept))]
    for model in models:
        if model not in kept:
            store.let_go(connection, model.id)
    return {model.key for model in kept}


def remove_files(runtime: Runtime, kept: set[str]) -> None:
    """Delete the files of every model but these: of old ones, and of runs that failed at the very
    end. Blocking; nobody else may be training."""
    for folder in trained_dir(runtime).glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


# Switching --------------------------------------------------------------------------------------


class ModelSwitch:
    """Keeps this process's engine the one that the database says."""

    def __init__(
        self, runtime: Runtime, understanding: Understanding, data_dir: Path = DATA_DIR
    ) -> None:
        self._runtime = runtime
        self._understanding = understanding
        self._data = data_dir
        self._failed = ""

    async def first(self) -> Engine | None:
        """What to begin with; None for the model of the shipped sentences."""
        model = await self._wanted()
        return await self._load(model) if model is not None else None

    async def tick(self) -> bool:
        """Look what is to serve; True when this process changed over."""
        if not self._understanding.ready:
            return False
        try:
            model = await self._wanted()
        except (SQLAlchemyError, StoreError) as error:
            log.warning("model not looked up", error=type(error).__name__)
            return False
        key = model.key if model is not None else await asyncio.to_thread(model_key, self._data)
        if key == self._understanding.model_id or key == self._failed:
            return False
        engine = await self._load(model)
        self._runtime.metrics.model_switches.labels("ok" if engine else "failed").inc()
        if engine is None:
            # Tried again when something else is published; what serves goes on.
            self._failed = key
            return False
        self._failed = ""
        self._understanding.use(engine)
        log.info("model switched", model=key[:12])
        return True

    async def _wanted(self) -> Model | None:
        model = await self._runtime.db.read(store.served)
        if model is None or model.code == await asyncio.to_thread(code_key):
            return model
        # Of another release: its numbers mean something else to this code.
        return None

    async def _load(self, model: Model | None) -> Engine | None:
        runtime = self._runtime
        try:
            if model is not None:
                return await asyncio.to_thread(load_trained, trained_dir(runtime), model.key)
            key = await asyncio.to_thread(model_key, self._data)
            return await asyncio.to_thread(load_trained, runtime.settings.var_dir / "models", key)
        except EngineError as error:
            log.warning("model cannot be loaded", error=str(error))
            return None

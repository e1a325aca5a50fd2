"""nlu retrain, nlu group: what the console's buttons do, from the command line."""

from __future__ import annotations

import asyncio
import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import BadRequest
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.models.schema import RunKind
    from bot.services.runtime import Runtime
    from bot.store.training import Run


def retrain(
    publish: Annotated[
        bool, typer.Option("--publish", help="Let the model serve, unless it is worse.")
    ] = False,
) -> None:
    """Train with the labels of staff beside the running program, and compare before and after."""
    from bot.app import open_runtime
    from bot.models.schema import RunKind
    from bot.services import models

    runtime = open_runtime(load_settings())
    try:
        run = _see_through(runtime, RunKind.TRAIN)
        _print_figures(run.figures)
        number = int(run.figures["number"])
        if publish:
            try:
                runtime.db.write_now(lambda c: models.publish(runtime, c, number, who()))
            except models.NotPublished as error:
                raise BadRequest(f"model {number} is not published: {UNFIT[error.why]}") from error
            print(f"model {number} serves within seconds, everywhere")
        elif not run.figures["unfit"]:
            print(f"congdanso nlu publish {number} lets it serve")
    finally:
        runtime.db.close()


def group() -> None:
    """Group the questions that nobody answered; the console shows the groups."""
    from bot.app import open_runtime
    from bot.models.schema import RunKind

    runtime = open_runtime(load_settings())
    try:
        run = _see_through(runtime, RunKind.CLUSTER)
    finally:
        runtime.db.close()
    figures = run.figures
    print(f"{figures['questions']} questions: {figures['grouped']} in {figures['clusters']} groups")


#: Why a model is not published, in words.
UNFIT = {
    "drop": "it understands less than before, by more than CONGDANSO_TRAIN_DROP_POINTS",
    "urgent": "it misses more of those who may have been robbed or ask for a person",
    "code": "another version of the program trained it; train again",
    "uncompared": "it was not compared with the model that serves; train again",
    "gone": "its files are not kept any more",
}


def _see_through(runtime: Runtime, kind: RunKind) -> Run:
    from bot.services.training import Runs

    runs = Runs(runtime)

    async def work() -> Run:
        number = await runs.ask(kind, who())
        if number is None:
            under_way = [run.id for run in await runs.look() if run.kind is kind]
            raise BadRequest(f"run {under_way} is under way; wait until it is over")
        try:
            return await runs.run_now(number, _progress)
        finally:
            await runs.stop()

    run = asyncio.run(work())
    if run.problem:
        raise BadRequest(f"run {run.id} failed: {run.problem}; nothing changed")
    return run


def _progress(stage: str, percent: int) -> None:
    typer.echo(f"{percent:3}% {stage}", err=True)


def _print_figures(figures: dict[str, Any]) -> None:
    before, after = figures["before"], figures["after"]
    print(f"{figures['examples']} sentences, {figures['labels']} of them labels")
    for why, number in sorted(figures["withheld"].items()):
        print(f"withheld: {number} ({why})")
    print(f"{'on the validation sentences, %':34} before  after")
    for name, value in after.items():
        old = f"{before[name]:6.2f}" if before else "     -"
        print(f"{name:34} {old} {value:6.2f}")
    for name, (total, old, new) in figures["intents"].items():
        urgent = name in figures["urgent"]
        if urgent or (before and old != new):
            mark = " (urgent)" if urgent else ""
            print(f"{name + mark:34} {old if before else '-':>6} {new:6} of {total}")
    if figures["unfit"]:
        print(f"model {figures['number']} may not serve: {UNFIT[figures['unfit']]}")


def who() -> str:
    """What the record calls whoever is at the command line."""
    return f"cli:{getpass.getuser()}"[:64]

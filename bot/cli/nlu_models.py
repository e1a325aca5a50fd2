"""nlu models, nlu publish, nlu rollback: which of the models trained here serves."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.nlu_retrain import UNFIT, who
from bot.errors import BadRequest
from bot.settings import load_settings


def models() -> None:
    """List the models that were trained here and are kept; the one that serves has a star."""
    from bot.app import open_runtime
    from bot.services.models import verdict
    from bot.store import training as store

    runtime = open_runtime(load_settings())
    try:
        kept = runtime.db.read_now(store.models)
        served = runtime.db.read_now(store.served)
        why = runtime.db.read_now(lambda c: {m.id: verdict(runtime, c, m) for m in kept})
    finally:
        runtime.db.close()
    star = "*" if served is None else " "
    print(f"{star} shipped\tthe model of the shipped sentences")
    for model in kept:
        star = "*" if served is not None and served.id == model.id else " "
        unfit = why[model.id]
        may = f"not to be published: {UNFIT[unfit]}" if unfit else ""
        print(
            f"{star} {model.id}\t{model.made_at:%Y-%m-%d %H:%M} UTC\t{model.examples} sentences\t"
            f"{model.labels} labels\t{model.top1:.2f} %\t{may}"
        )


def publish(
    number: Annotated[int, typer.Argument(help="The model's number, from `nlu models`.")],
) -> None:
    """Let a model serve, in every running process within seconds; a worse one is refused."""
    from bot.app import open_runtime
    from bot.services.models import NotPublished
    from bot.services.models import publish as let_serve

    runtime = open_runtime(load_settings())
    try:
        runtime.db.write_now(lambda c: let_serve(runtime, c, number, who()))
    except NotPublished as error:
        raise BadRequest(f"model {number} is not published: {UNFIT[error.why]}") from error
    finally:
        runtime.db.close()
    print(f"model {number} serves within seconds, everywhere")


def rollback() -> None:
    """Let serve again what served before the last publication."""
    from bot.app import open_runtime
    from bot.services.models import NotPublished, roll_back

    runtime = open_runtime(load_settings())
    try:
        model = runtime.db.write_now(lambda c: roll_back(runtime, c, who()))
    except NotPublished as error:
        raise BadRequest("nothing was published that could be taken back") from error
    finally:
        runtime.db.close()
    what = f"model {model.id}" if model else "the model of the shipped sentences"
    print(f"{what} serves within seconds, everywhere")

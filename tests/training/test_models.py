"""Which model may serve, which does, and taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.models.schema import RunKind
from bot.services import models
from bot.services.metrics import Metrics
from bot.services.models import Figures, ModelSwitch, NotPublished, Unfit, stack, unfit
from bot.services.runtime import Runtime
from bot.services.understanding import Understanding
from bot.store import training as store
from bot.store.training import Publication
from nlu.engine import Decision, Parse, Ranked, code_key, model_key
from tests.support import START


def figures(key: str, in_scope: float = 97.0, found: int = 20, before: str = "") -> dict[str, Any]:
    return {
        "model": key,
        "before_key": before or model_key(),
        "before": {"in_scope": 97.0},
        "after": {"in_scope": in_scope},
        "urgent": ["scam_victim"],
        "intents": {"scam_victim": [21, 20, found]},
    }


def trained(runtime: Runtime, key: str, code: str = "", **values: Any) -> int:
    """A model of a run that went well."""
    now = runtime.now()

    def work(c: Connection) -> int:
        run = store.ask(c, RunKind.TRAIN, "lan", now)
        assert run is not None
        store.end(c, run, now, figures=figures(key, **values))
        return store.add_model(
            c, key=key, code=code or code_key(), data="d", run_id=run, made_at=now, examples=9,
            labels=1, top1=97.0, fits=True,
        )  # fmt: skip

    return runtime.db.write_now(work)


def publish(runtime: Runtime, number: int) -> None:
    runtime.db.write_now(lambda c: models.publish(runtime, c, number, "lan"))


def served(runtime: Runtime) -> str:
    found = runtime.db.read_now(store.served)
    return found.key if found else "shipped"


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (Figures(97.0, {"a": 5}), None),
        (Figures(96.5, {"a": 6}), None),
        (Figures(96.49, {"a": 6}), Unfit.DROP),
        (Figures(99.0, {"a": 4}), Unfit.URGENT),
        (Figures(99.0, {}), Unfit.URGENT),
    ],
)
def test_limits(after: Figures, why: Unfit | None) -> None:
    assert unfit(Figures(97.0, {"a": 5}), after, 0.5) is why
    assert unfit(None, after, 0.5) is None


def line(number: int, model: int | None, *, rollback: bool = False) -> Publication:
    return Publication(number, model, START, "lan", rollback)


def test_taking_back_twice_goes_back_two() -> None:
    history = [line(1, 1), line(2, 2), line(3, 1, rollback=True), line(4, None, rollback=True)]
    assert stack(history[:2]) == [None, 1, 2]
    assert stack(history[:3]) == [None, 1]
    assert stack(history) == [None]


def test_publishing_and_taking_back(runtime: Runtime) -> None:
    one, two = trained(runtime, "k1"), trained(runtime, "k2", before="k1")
    publish(runtime, one)
    assert served(runtime) == "k1"
    publish(runtime, two)
    assert served(runtime) == "k2"
    runtime.db.write_now(lambda c: models.roll_back(runtime, c, "lan"))
    assert served(runtime) == "k1"
    assert runtime.db.write_now(lambda c: models.roll_back(runtime, c, "lan")) is None
    assert served(runtime) == "shipped"
    with pytest.raises(NotPublished):
        runtime.db.write_now(lambda c: models.roll_back(runtime, c, "lan"))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"in_scope": 96.0}, Unfit.DROP),
        ({"found": 19}, Unfit.URGENT),
        ({"code": "other"}, Unfit.CODE),
    ],
)
def test_a_worse_model_is_refused(runtime: Runtime, values: dict[str, Any], why: Unfit) -> None:
    number = trained(runtime, "k1", **values)
    with pytest.raises(NotPublished) as caught:
        publish(runtime, number)
    assert caught.value.why is why
    assert served(runtime) == "shipped"


def test_a_model_is_compared_with_what_serves_now(runtime: Runtime) -> None:
    """It was better than the one of then, but not than the one since."""
    better, worse = trained(runtime, "k1", in_scope=98.5), trained(runtime, "k2", in_scope=97.5)
    publish(runtime, better)
    with pytest.raises(NotPublished) as caught:
        publish(runtime, worse)
    assert caught.value.why is Unfit.DROP


def test_five_are_kept_besides_none_that_is_needed(runtime: Runtime) -> None:
    first = trained(runtime, "k0")
    publish(runtime, first)
    for number in range(1, 8):
        trained(runtime, f"k{number}", before="k0")
    kept = runtime.db.write_now(models.prune)
    assert kept == {"k0", "k7", "k6", "k5", "k4"}
    folder = models.trained_dir(runtime)
    for name in ("k0", "k1", "left-over"):
        (folder / name).mkdir(parents=True)
    models.remove_files(runtime, kept)
    assert [path.name for path in folder.iterdir()] == ["k0"]
    with pytest.raises(NotPublished):
        publish(runtime, 2)


class Fixed:
    """An engine that says its own name."""

    name = "embedded"

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id

    def parse(self, text: str) -> Parse:
        ranked = (Ranked(self.model_id, 1.0),)
        return Parse(text, self.model_id, 1.0, ranked, (), Decision.ANSWER)

    def parse_many(self, texts: Any) -> list[Parse]:
        return [self.parse(text) for text in texts]


@pytest.fixture
def understanding(tmp_path: Path) -> Understanding:
    made = Understanding(tmp_path, Metrics())
    made.use(Fixed(model_key()))
    made._ready.set()
    return made


async def test_another_process_switches_by_the_row(
    runtime: Runtime, understanding: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.models.load_trained", lambda _, key: Fixed(key))
    switch = ModelSwitch(runtime, understanding)
    assert not await switch.tick()
    publish(runtime, trained(runtime, "k1"))
    assert await switch.tick()
    assert (await understanding.parse("a")).intent == "k1"
    assert not await switch.tick()
    runtime.db.write_now(lambda c: models.roll_back(runtime, c, "lan"))
    assert await switch.tick()
    assert understanding.model_id == model_key()


async def test_a_model_that_cannot_be_loaded_leaves_the_old_one(
    runtime: Runtime, understanding: Understanding
) -> None:
    publish(runtime, trained(runtime, "k1"))
    switch = ModelSwitch(runtime, understanding)
    assert not await switch.tick()
    assert not await switch.tick()
    assert understanding.model_id == model_key()
    sample = runtime.metrics.registry.get_sample_value
    assert sample("congdanso_nlu_switches_total", {"result": "failed"}) == 1


async def test_a_model_of_another_release_does_not_serve(
    runtime: Runtime, understanding: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.models.load_trained", lambda _, key: Fixed(key))
    number = trained(runtime, "k1")
    publish(runtime, number)
    monkeypatch.setattr("bot.services.models.code_key", lambda: "newer")
    switch = ModelSwitch(runtime, understanding)
    assert not await switch.tick()
    assert await switch.first() is None

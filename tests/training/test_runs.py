"""Runs: one of a kind at a time, with a real process at the end of it, none forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.models.schema import RunKind, RunState
from bot.services.models import trained_dir
from bot.services.runtime import Runtime
from bot.services.training import Runs
from bot.store import clusters, labels
from bot.store import training as store
from bot.store.labels import NewLabel
from bot.store.training import Run
from nlu.engine import load_trained
from tests.support import SQLITE, Clock
from tests.training.conftest import Ask


def only(runtime: Runtime, kind: RunKind = RunKind.TRAIN) -> Run:
    (run,) = runtime.db.read_now(lambda c: store.runs(c, kind, 9))
    return run


def labelled(runtime: Runtime, *rows: tuple[str, str]) -> None:
    new = [
        NewLabel(intent, text, f"{n}", "lan", runtime.now(), "import")
        for n, (intent, text) in enumerate(rows)
    ]
    runtime.db.write_now(lambda c: labels.keep(c, new))


async def test_one_of_a_kind_at_a_time(runtime: Runtime, little: Path) -> None:
    runs = Runs(runtime, little, nice=0)
    first = await runs.ask(RunKind.TRAIN, "lan")
    assert first is not None
    assert await runs.ask(RunKind.TRAIN, "ba") is None
    assert await runs.ask(RunKind.CLUSTER, "lan") is not None
    assert await runs._take(first)
    assert not await Runs(runtime, little, nice=0)._take(first)


async def test_a_run_nobody_is_heard_of_is_marked_as_failed(
    runtime: Runtime, little: Path, clock: Clock
) -> None:
    runs = Runs(runtime, little, nice=0)
    number = await runs.ask(RunKind.TRAIN, "lan")
    assert number is not None
    assert await runs._take(number)
    folder = runs._folder(number)
    folder.mkdir(parents=True)
    (folder / "labels.jsonl").write_text("x")
    clock.forward(20)
    assert [run.id for run in await runs.look()] == [number]
    clock.forward(20)
    assert await runs.look() == []
    run = only(runtime)
    assert (run.state, run.problem) == (RunState.FAILED, "the process that owned it is gone")
    assert not folder.exists()
    assert await runs.ask(RunKind.TRAIN, "lan") is not None


async def test_a_process_that_is_gone_is_noticed_sooner(
    runtime: Runtime, little: Path, clock: Clock
) -> None:
    runs = Runs(runtime, little, nice=0)
    number = await runs.ask(RunKind.TRAIN, "lan")
    assert number is not None
    assert await runs._take(number)
    # No process has this number: Linux gives at most 4,194,304.
    runtime.db.write_now(lambda c: store.beat(c, number, runtime.now(), pid=2**22 + 1))
    clock.forward(7)
    assert await runs.look() == []


async def test_what_was_given_up_is_not_ended_once_more(runtime: Runtime, little: Path) -> None:
    number = await Runs(runtime, little, nice=0).ask(RunKind.TRAIN, "lan")

    def work(c: Connection) -> tuple[bool, bool, bool]:
        assert number is not None
        now = runtime.now()
        taken = store.take(c, number, "one", "here", now)
        return taken, store.end(c, number, now, problem="x"), store.end(c, number, now)

    assert runtime.db.write_now(work) == (True, True, False)
    assert only(runtime).state is RunState.FAILED


@SQLITE
async def test_training_from_labels_to_a_model(runtime: Runtime, little: Path) -> None:
    labelled(
        runtime,
        ("qr_pay", "máy tính tiền đưa cái hình ô vuông biểu rà điện thoại vô là sao"),
        ("qr_pay", "câu có hai nhãn"),
        ("vneid_install", "câu có hai nhãn"),
        ("land_papers", "sang tên sổ đỏ ra sao"),
    )
    runs = Runs(runtime, little, nice=0)
    number = await runs.ask(RunKind.TRAIN, "lan")
    assert number is not None
    stages: list[tuple[str, int]] = []
    run = await runs.run_now(number, lambda stage, percent: stages.append((stage, percent)))
    assert run.problem == ""
    assert (run.state, run.progress) == (RunState.DONE, 100)
    assert [stage for stage, _ in stages if stage != "read"] == [
        "check", "features", "calibrate", "fit", "save", "evaluate", "done",
    ]  # fmt: skip
    figures = run.figures
    assert figures["labels"] == 1
    assert figures["withheld"] == {"conflict": 2, "unknown": 1}
    assert figures["before"] is None
    assert figures["unfit"] == ""
    assert figures["after"]["in_scope"] > 30
    assert figures["intents"]["scam_victim"][0] > 10
    (model,) = runtime.db.read_now(store.models)
    engine = load_trained(trained_dir(runtime), model.key)
    text = "máy tính tiền đưa cái hình ô vuông biểu rà điện thoại vô là sao"
    assert engine.parse(text).intent == "qr_pay"
    # Nothing of what people wrote is left over.
    assert not list((runtime.settings.var_dir / "training").iterdir())
    assert text not in json.dumps(figures)


@SQLITE
async def test_wrong_data_fails_with_its_own_line(runtime: Runtime, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.yml").write_text('version: "3.1"\nnlu:\n- intent: nope\n  examples: |\n    - a\n')
    runs = Runs(runtime, data, nice=0)
    number = await runs.ask(RunKind.TRAIN, "lan")
    assert number is not None
    run = await runs.run_now(number)
    assert run.state is RunState.FAILED
    assert "a.yml:3: unknown intent 'nope'" in run.problem
    assert runtime.db.read_now(store.models) == []


@SQLITE
async def test_grouping_what_nobody_answered(runtime: Runtime, little: Path, ask: Ask) -> None:
    land = [ask(text) for text in ("sang tên sổ đỏ cần gì", "sang ten so do can gi vay",
                                   "sang tên sổ đỏ mất bao lâu")]  # fmt: skip
    ask("trời hôm nay đẹp quá")
    runs = Runs(runtime, little, nice=0)
    await runs.nightly()
    await runs.tick()
    await runs.idle()
    run = only(runtime, RunKind.CLUSTER)
    assert run.problem == ""
    assert run.figures == {"questions": 4, "grouped": 3, "clusters": 1}
    ((cluster, members),) = runtime.db.read_now(clusters.members_of_all).items()
    assert members == set(land)
    more = ask("sang tên sổ đỏ tốn bao nhiêu")
    await runs.nightly()
    await runs.tick()
    await runs.idle()
    assert runtime.db.read_now(clusters.members_of_all) == {cluster: {*land, more}}


@SQLITE
async def test_stopping_the_program_ends_what_is_in_hand(
    runtime: Runtime, little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Runs(runtime, little, nice=0)
    await runs.ask(RunKind.TRAIN, "lan")
    await runs.tick()
    await runs.stop()
    assert only(runtime).state is RunState.FAILED

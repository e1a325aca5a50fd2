"""`nlu tune` and `nlu compare` through the command line, without a Rasa on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.compare import sample
from nlu.data_loader import load_training, load_validation
from nlu.embedded import thresholds as embedded_thresholds
from nlu.embedded.thresholds import Thresholds, read_thresholds, write_thresholds
from nlu.engine import DATA_DIR
from nlu.rasa import files
from tests.app.test_start_and_stop import assert_one_clear_line, run
from tests.fakes.rasa import FakeRasa
from tests.process import with_model

OLD = Thresholds(0.9, 0.1, 0.9, 1.0)


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained engine."""
    return with_model(tmp_path_factory.mktemp("nlu") / "var")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A table of some validation sentences."""
    lines = ["intent\ttext", *(f"{e.intent}\t{e.text}" for e in load_validation()[::40])]
    table = tmp_path / "few.tsv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of thresholds that stands for the shipped ones, of both engines."""
    path = tmp_path / "thresholds.yml"
    write_thresholds(OLD, path)
    monkeypatch.setattr(embedded_thresholds, "THRESHOLDS_FILE", path)
    monkeypatch.setattr(files, "THRESHOLDS_FILE", path)
    return path


# tune -------------------------------------------------------------------------------------------


def test_tuning_writes_only_when_told(var_dir: Path, few: Path, file: Path) -> None:
    words = ["nlu", "tune", "--validation", str(few)]
    shown = run(words, var_dir)
    assert shown.returncode == 0, shown.stderr
    assert "is left as it is" in shown.stdout
    assert read_thresholds(file) == OLD
    written = run([*words, "--write"], var_dir)
    assert written.returncode == 0, written.stderr
    assert f"wrote {file}" in written.stdout
    assert read_thresholds(file) != OLD
    assert "congdanso nlu tune --write" in file.read_text(encoding="utf-8")


def test_a_broken_file_is_replaced_when_written(var_dir: Path, few: Path, file: Path) -> None:
    file.write_text("answer: [", encoding="utf-8")
    words = ["nlu", "tune", "--validation", str(few)]
    assert_one_clear_line(run(words, var_dir), "congdanso nlu tune --write")
    assert file.read_text(encoding="utf-8") == "answer: ["
    assert run([*words, "--write"], var_dir).returncode == 0
    assert 0 < read_thresholds(file).answer < 1


def test_tuning_a_server(var_dir: Path, few: Path, file: Path) -> None:
    with FakeRasa() as server:
        words = ["nlu", "tune", "--engine", "rasa", "--validation", str(few), "--write"]
        done = run([*words, "--url", server.url], var_dir)
    assert done.returncode == 0, done.stderr
    assert "--engine rasa" in file.read_text(encoding="utf-8")


def test_tuning_without_a_server(var_dir: Path, few: Path, file: Path) -> None:
    words = ["nlu", "tune", "--engine", "rasa", "--validation", str(few)]
    assert_one_clear_line(run([*words, "--url", "http://127.0.0.1:9"], var_dir), "Rasa")
    assert read_thresholds(file) == OLD


def test_an_address_is_for_a_server(var_dir: Path) -> None:
    done = run(["nlu", "tune", "--url", "http://127.0.0.1:9"], var_dir)
    assert done.returncode == 2
    assert "--engine rasa" in done.stderr


def test_tuning_names_bad_sentences(var_dir: Path, tmp_path: Path) -> None:
    table = tmp_path / "bad.tsv"
    table.write_text("intent\ttext\nqr_payy\txin chào\n", encoding="utf-8")
    done = run(["nlu", "tune", "--validation", str(table)], var_dir)
    assert_one_clear_line(done, "bad.tsv:2", "qr_pay")


# compare ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training folder with some sentences of each intent."""
    folder = tmp_path_factory.mktemp("small")
    sample.write(sample.some(load_training(DATA_DIR), 6), folder)
    return folder


def test_comparing_trains_measures_and_writes(small: Path, few: Path, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    words = ["nlu", "compare", "--engine", "embedded", "--data-per-intent", "4"]
    words += ["--data", str(small), "--validation", str(few), "--out", str(page)]
    done = run(words, tmp_path / "var")
    assert done.returncode == 0, done.stderr
    for word in ("Accuracy by spelling", "Costs", "F1 by intent"):
        assert word in done.stdout
    text = page.read_text(encoding="utf-8")
    assert "--data-per-intent 4" in text
    assert len(list((page.parent / "images").glob("*.svg"))) == 2
    kept = load_training(tmp_path / "var" / "compare" / "data-4")
    assert len(kept) == len(sample.some(load_training(small), 4))


@pytest.mark.parametrize("engines", ["gpt", "embedded,gpt", "", ","])
def test_engines_there_are_named(engines: str, tmp_path: Path) -> None:
    done = run(["nlu", "compare", "--engine", engines], tmp_path)
    assert done.returncode == 2
    assert "rasa-default" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_comparing_without_rasa(small: Path, few: Path, tmp_path: Path) -> None:
    words = ["nlu", "compare", "--engine", "rasa", "--data", str(small), "--validation", str(few)]
    done = run(words, tmp_path / "var")
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("congdanso: ")]
    assert len(said) == 1
    assert "congdanso rasa install" in said[0]


def test_comparing_names_bad_data(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "bad.yml").write_text("version: 3\n", encoding="utf-8")
    done = run(["nlu", "compare", "--data", str(folder)], tmp_path / "var")
    assert done.returncode == 2
    assert "bad.yml:1" in done.stderr

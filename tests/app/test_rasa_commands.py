"""Rasa from the command line and in /readyz, without a Rasa on the machine."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from bot.settings import ROOT
from nlu.data_loader import Example
from nlu.intents import INTENTS
from nlu.rasa import environment, files
from nlu.rasa.train import data, domain
from tests.app.test_start_and_stop import assert_one_clear_line, run
from tests.fakes.rasa import FakeRasa
from tests.process import Served, with_model


@pytest.mark.parametrize("command", [["rasa", "serve"], ["nlu", "train", "--engine", "rasa"]])
def test_without_the_environment(command: list[str], tmp_path: Path) -> None:
    """The command that makes it is named."""
    done = run(command, tmp_path)
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("congdanso: ")]
    assert len(said) == 1
    assert "congdanso rasa install" in said[0]
    assert not [path for path in tmp_path.rglob("*") if path.is_dir()]


def test_serving_without_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that trains is named."""
    monkeypatch.setattr(environment, "complete", lambda folder: True)
    assert_one_clear_line(run(["rasa", "serve"], tmp_path), "congdanso nlu train --engine rasa")


def test_an_environment_of_other_versions_is_not_taken(tmp_path: Path) -> None:
    folder = files.environment_dir(tmp_path)
    folder.mkdir()
    assert not environment.complete(folder)
    (folder / "congdanso-complete").write_text("0" * 64, encoding="ascii")
    assert not environment.complete(folder)


def test_installing_without_uv(tmp_path: Path) -> None:
    done = run(["rasa", "install"], tmp_path, PATH=str(tmp_path), UV="")
    assert_one_clear_line(done, "pip install uv")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONGDANSO_NLU", "gpt"),
        ("CONGDANSO_RASA_URL", "localhost:5005"),
        ("CONGDANSO_RASA_URL", "http://"),
        ("CONGDANSO_RASA_URL", "http://127.0.0.1:port"),
        ("CONGDANSO_RASA_TIMEOUT", "0"),
        ("CONGDANSO_RASA_TIMEOUT", "5"),
        ("CONGDANSO_RASA_FAILURES", "0"),
        ("CONGDANSO_RASA_PAUSE_SECONDS", "-1"),
    ],
)
def test_wrong_setting(name: str, value: str, tmp_path: Path) -> None:
    settings = {"CONGDANSO_PORT": "0", "CONGDANSO_NLU": "rasa", name: value}
    assert_one_clear_line(run(["serve"], tmp_path, **settings), name)


def test_readyz_names_the_engine(tmp_path: Path) -> None:
    """Rasa, then embedded when Rasa goes: ready all the time."""
    with FakeRasa() as fake:
        settings = {
            "CONGDANSO_NLU": "rasa",
            "CONGDANSO_RASA_URL": fake.url,
            "CONGDANSO_RASA_PAUSE_SECONDS": "0.1",
        }
        with (
            Served(with_model(tmp_path / "var"), settings) as served,
            httpx.Client(base_url=served.url, trust_env=False, timeout=10) as client,
        ):
            assert client.get("/readyz").json()["nlu"] == "rasa"
            assert "congdanso_rasa_up 1.0" in client.get("/metrics").text
            fake.stop()
            seen: dict[str, object] = {}
            while seen.get("nlu") != "embedded (rasa down)":
                answer = client.get("/readyz")
                assert answer.status_code == 200
                seen = answer.json()
            assert "congdanso_rasa_up 0.0" in client.get("/metrics").text
            assert served.stop() == 0


# What Rasa is given ------------------------------------------------------------------------------


def test_the_domain_has_every_intent() -> None:
    assert yaml.safe_load(domain()) == {"version": "3.1", "intents": list(INTENTS)}


def test_rasa_gets_every_sentence_that_has_a_word() -> None:
    """Rasa's own reading of its format, in short: a line each, and no markup."""
    texts = {"greet": ["chào", 'chào: "bác" # [x]', "- hì"], "thanks": ["cảm ơn", "👍", "....."]}
    examples = [Example(t, name, "f", 1) for name, of in texts.items() for t in of]
    entries = yaml.safe_load(data(examples))["nlu"]
    assert [(entry["intent"], entry["examples"].splitlines()) for entry in entries] == [
        ("greet", ["- chào", '- chào: "bác" # [x]', "- - hì"]),
        ("thanks", ["- cảm ơn"]),
    ]


def test_versions_are_pinned() -> None:
    lines = files.REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.match(r"^[a-z0-9._-]+==[\w.]+( ; .+)?$", line)] == []
    assert [line for line in lines if line.startswith("rasa==3.6.")]


def test_what_runs_inside_rasa_is_python_3_10_and_its_standard_library() -> None:
    """The files are copied beside the model, so what they import of `nlu` is among them."""
    names = {path.stem for path in files.component_files()}
    for path in files.component_files():
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
            elif isinstance(node, ast.Import):
                module = node.names[0].name
            else:
                continue
            top, _, rest = module.partition(".")
            known = top in sys.stdlib_module_names | {"rasa"} or (top == "nlu" and rest in names)
            assert known, f"{path}: {module}"
            # Newer than 3.10, and nothing that parses would show it.
            assert top not in {"tomllib"}, path


@pytest.mark.parametrize("config", [files.config_file(), files.DIET_CONFIG], ids=lambda p: p.name)
def test_pipelines_begin_with_our_tokenizer(config: Path) -> None:
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    assert pipeline[0]["name"] == "nlu.rasa_components.VietnameseTokenizer"
    assert pipeline[-1]["ranking_length"] == 0


def test_the_key_follows_config_and_data(tmp_path: Path) -> None:
    plain = files.model_key()
    assert files.model_key(config=files.DIET_CONFIG) != plain
    folder = tmp_path / "data"
    folder.mkdir()
    for path in files.training_files():
        (folder / path.name).write_bytes(path.read_bytes())
    assert files.model_key(folder) == plain
    (folder / "more.yml").write_text('version: "3.1"\n', encoding="utf-8")
    assert files.model_key(folder) != plain


def test_the_root_has_the_config() -> None:
    assert files.config_file() == ROOT / "config.yml"

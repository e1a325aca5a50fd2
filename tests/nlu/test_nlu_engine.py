"""Training and serving: repeatable, cheap to import, loud about broken models, calm about text."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.embedded.train import main as train_main
from nlu.engine import (
    Decision,
    Engine,
    Entity,
    ModelBroken,
    ModelMissing,
    ModelStale,
    Parse,
    Ranked,
    load_embedded,
    model_key,
    train_embedded,
)
from nlu.intents import INTENTS


def test_training_twice_gives_the_same_bytes(tiny_data: Path, tmp_path: Path) -> None:
    first = train_embedded(tiny_data, tmp_path / "one")
    second = train_embedded(tiny_data, tmp_path / "two")
    assert first.model_id == second.model_id == model_key(tiny_data)
    assert first.intents == len(INTENTS)
    names = sorted(path.name for path in first.path.iterdir())
    assert names == sorted(path.name for path in second.path.iterdir())
    for name in names:
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes(), name


def test_training_again_finds_the_model(tiny_data: Path, tmp_path: Path) -> None:
    assert train_embedded(tiny_data, tmp_path / "m").trained
    assert not train_embedded(tiny_data, tmp_path / "m").trained
    assert [path.name for path in (tmp_path / "m").iterdir()] == [model_key(tiny_data)]


def test_old_models_are_pruned(tiny_data: Path, tmp_path: Path) -> None:
    for number in range(5):
        old = tmp_path / "m" / f"old{number}"
        old.mkdir(parents=True)
        (old / "meta.json").write_text("{}", encoding="utf-8")
    report = train_embedded(tiny_data, tmp_path / "m")
    left = list((tmp_path / "m").iterdir())
    assert report.path in left
    assert len(left) == 3


def test_key_follows_the_data(tiny_data: Path) -> None:
    before = model_key(tiny_data)
    (tiny_data / "notes.txt").write_text("not training data", encoding="utf-8")
    assert model_key(tiny_data) == before
    with (tiny_data / "tiny.yml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert model_key(tiny_data) != before


def test_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        load_embedded(tmp_path)
    with pytest.raises(ModelMissing):
        load_embedded(tmp_path / "not there")


def test_stale_model(tiny_data: Path, tmp_path: Path) -> None:
    train_embedded(tiny_data, tmp_path / "m")
    with (tiny_data / "tiny.yml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    with pytest.raises(ModelStale, match="data or code changed"):
        load_embedded(tmp_path / "m", tiny_data)


@pytest.mark.parametrize("name", ["keys.npy", "idf.npy", "weights.npy", "bias.npy"])
@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_broken_model(name: str, harm: str, tiny_data: Path, tmp_path: Path) -> None:
    path = train_embedded(tiny_data, tmp_path / "m").path / name
    raw = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    else:
        path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(ModelBroken, match=name):
        load_embedded(tmp_path / "m", tiny_data)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"sha256": 1}', '{"format": 99}'])
def test_broken_meta(content: str, tiny_data: Path, tmp_path: Path) -> None:
    report = train_embedded(tiny_data, tmp_path / "m")
    (report.path / "meta.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelBroken):
        load_embedded(tmp_path / "m", tiny_data)


def test_arrays_that_do_not_fit_together(tiny_data: Path, tmp_path: Path) -> None:
    path = train_embedded(tiny_data, tmp_path / "m").path
    meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
    meta["labels"] = meta["labels"][:-1]
    (path / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    with pytest.raises(ModelBroken, match="intents"):
        load_embedded(tmp_path / "m", tiny_data)


def test_command_line_reports_progress(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_main(["--data", str(tiny_data), "--models", str(tmp_path / "m")]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0] == {"stage": "read"}
    assert events[-1]["stage"] == "done"
    assert events[-1]["model_id"] == model_key(tiny_data)


def test_command_line_names_bad_data(tiny_data: Path, tmp_path: Path) -> None:
    bad = tiny_data / "zz.yml"
    bad.write_text('version: "3.1"\nnlu:\n- intent: gret\n', encoding="utf-8")
    command = [sys.executable, "-m", "nlu.embedded.train"]
    command += ["--data", str(tiny_data), "--models", str(tmp_path / "m")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [f"{bad}:3: unknown intent 'gret': did you mean greet?"]
    assert not (tmp_path / "m").exists()


def test_serving_never_imports_scikit_learn(models: Path) -> None:
    code = (
        "import sys, pathlib, nlu.engine\n"
        "assert 'numpy' not in sys.modules, 'importing the seam must stay cheap'\n"
        f"engine = nlu.engine.load_embedded(pathlib.Path({str(models)!r}))\n"
        "engine.parse('cài vneid ở đâu')\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('sklearn', 'joblib')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_parse_shape(engine: Engine) -> None:
    parse = engine.parse("Cài VNeID trên điện thoại ở đâu")
    assert parse.text == "Cài VNeID trên điện thoại ở đâu"
    assert parse.intent == "vneid_install"
    assert parse.decision is Decision.ANSWER
    assert [ranked.name for ranked in parse.ranking][:1] == [parse.intent]
    assert {ranked.name for ranked in parse.ranking} == set(INTENTS)
    chances = [ranked.confidence for ranked in parse.ranking]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1.0, abs=1e-3)
    assert parse.confidence == chances[0]


def test_dict_has_the_shape_of_rasa() -> None:
    entity = Entity("app", "zalo", 4, 8)
    ranking = (Ranked("greet", 0.75), Ranked("thanks", 0.25))
    parse = Parse("chào Zalo", "greet", 0.75, ranking, (entity,), Decision.ANSWER)
    assert parse.as_dict() == {
        "text": "chào Zalo",
        "intent": {"name": "greet", "confidence": 0.75},
        "intent_ranking": [
            {"name": "greet", "confidence": 0.75},
            {"name": "thanks", "confidence": 0.25},
        ],
        "entities": [{"entity": "app", "value": "zalo", "start": 4, "end": 8}],
        "decision": "answer",
    }


def test_jsonl_line(engine: Engine) -> None:
    line = engine.parse("chào\nbạn \ud83d").as_jsonl()
    assert "\n" not in line
    record = json.loads(line.encode("utf-8"))
    assert list(record) == ["text", "intent", "confidence", "ranking", "decision"]
    assert record["intent"] == record["ranking"][0]["name"]
    assert record["decision"] in {"answer", "ask", "refuse"}


HOSTILE = [
    "",
    " \n\t",
    "👍",
    "😀" * 5_000,
    "a" * 100_000,
    "không được " * 9_000,
    "k1 " * 33_000,
    "\x00\x01\x02",
    bytes(range(256)).decode("utf-8", "surrogateescape"),
    bytes(range(256)).decode("utf-8", "replace") * 400,
    "\ud800\udfff" * 50_000,
    "\ufdfa" * 100_000,
    "http://a.b/" * 9_000,
    "0" * 100_000,
    "1.000.000đ " * 9_000,
    "ខ្មែរ ភាសា",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_parsed_fast(text: str, engine: Engine) -> None:
    started = time.process_time()
    parse = engine.parse(text)
    elapsed = time.process_time() - started
    assert parse.text == text
    assert parse.intent in INTENTS
    assert elapsed < 0.15  # CPU seconds; about 15 ms measured
    parse.as_jsonl().encode("utf-8")


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_parsed(text: str, engine: Engine) -> None:
    parse = engine.parse(text)
    assert 0.0 <= parse.confidence <= 1.0
    for entity in parse.entities:
        assert 0 <= entity.start < entity.end <= len(text)


def test_nothing_readable_is_refused(engine: Engine) -> None:
    assert engine.parse("👍👍").decision is Decision.REFUSE


def test_many_messages_give_the_same_as_one_by_one(engine: Engine) -> None:
    texts = ["chào", "", "mất tiền rồi", "cài vneid"] * 3
    assert engine.parse_many(texts) == [engine.parse(text) for text in texts]
    assert engine.parse_many([]) == []


def test_thousands_of_messages_take_seconds(engine: Engine) -> None:
    texts = [f"cho hỏi làm thẻ căn cước số {n} ở đâu vậy cháu" for n in range(2_000)]
    started = time.process_time()
    engine.parse_many(texts)
    assert time.process_time() - started < 10


def test_engine_names_itself(engine: Engine) -> None:
    assert engine.name == "embedded"
    assert engine.model_id == model_key()


def test_confidences_do_not_depend_on_marks_placement(engine: Engine) -> None:
    one, other = engine.parse("mở khoá thẻ"), engine.parse("mở khóa thẻ")
    assert np.isclose(one.confidence, other.confidence)

"""What `nlu compare` is made of: smaller data, spellings, pipelines, tables, pictures, pages."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlu.compare import pictures
from nlu.compare.contestants import Contestant, Name, Training, raw, with_epochs
from nlu.compare.measure import SHOWN, Measured, measure
from nlu.compare.memory import resident_mb
from nlu.compare.page import write as write_page
from nlu.compare.probe import Serving
from nlu.compare.sample import some, write
from nlu.compare.tables import sheets
from nlu.data_loader import Example, load_training
from nlu.embedded.metrics import Bin, times_ms
from nlu.embedded.model import EmbeddedEngine
from nlu.embedded.thresholds import Thresholds
from nlu.embedded.variants import VARIANTS, one_typo, teencode
from nlu.engine import DATA_DIR, Engine
from nlu.intents import INTENTS
from nlu.rasa import files

PICTURE_MOST = 200_000


@pytest.fixture(scope="module")
def training() -> list[Example]:
    """The shipped sentences."""
    return load_training(DATA_DIR)


@pytest.fixture(scope="module")
def measured(engine: Engine, validation: list[Example]) -> Measured:
    """The shipped model on some sentences, as compared."""
    assert isinstance(engine, EmbeddedEngine)
    plain = EmbeddedEngine(engine.model, engine.model_id, Thresholds())
    serving = Serving(0.25, 1.0, 3.0, 80.0)
    contestant = Contestant(Name.EMBEDDED, plain, Training(60.0, 40.0), serving)
    return measure(contestant, validation[::24])


# smaller data -----------------------------------------------------------------------------------


def test_a_sample_is_even(training: list[Example]) -> None:
    chosen = some(training, 10)
    assert set(Counter(example.intent for example in chosen).values()) == {10}
    writers = Counter(example.file for example in chosen)
    assert max(writers.values()) - min(writers.values()) <= len(INTENTS)


def test_fewer_are_a_part_of_more(training: list[Example]) -> None:
    few, more = some(training, 5), some(training, 9)
    assert set(few) < set(more)
    assert some(training, 5) == few


def test_a_sample_can_be_trained_from(training: list[Example], tmp_path: Path) -> None:
    """Written and read again it is the same sentences, whatever signs are in them."""
    odd = Example('- "a": #b\\ [c', "greet", "odd.yml", 9_999)
    chosen = [*some(training, 3), odd]
    write(chosen, tmp_path / "data")
    again = load_training(tmp_path / "data")
    assert sorted((e.intent, e.text) for e in again) == sorted((e.intent, e.text) for e in chosen)


# spellings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIANTS)
@given(text=st.text(max_size=60))
def test_any_text_can_be_respelled(name: str, text: str) -> None:
    assert VARIANTS[name](text) == VARIANTS[name](text)


def test_one_typo_is_in_one_word() -> None:
    text = "tôi muốn làm định danh mức hai thì đi tới chỗ nào bây giờ"
    pairs = list(zip(text.split(), one_typo(text).split(), strict=True))
    assert sum(first != second for first, second in pairs) == 1


def test_teencode_changes_words() -> None:
    text = "không biết làm sao được với cái điện thoại này vậy người ta nói gì rồi"
    changed = [a != b for a, b in zip(text.split(), teencode(text).split(), strict=True)]
    assert 3 <= sum(changed) < len(changed)


# pipelines --------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [files.DIET_CONFIG, files.DEFAULT_CONFIG], ids=lambda p: p.stem)
def test_epochs_are_replaced(config: Path, tmp_path: Path) -> None:
    changed = yaml.safe_load(with_epochs(config, 7, tmp_path).read_text(encoding="utf-8"))
    before = yaml.safe_load(config.read_text(encoding="utf-8"))
    assert [p["epochs"] for p in changed["pipeline"] if "epochs" in p] == [7]
    assert [p["name"] for p in changed["pipeline"]] == [p["name"] for p in before["pipeline"]]


def test_a_pipeline_without_epochs_stays(tmp_path: Path) -> None:
    assert with_epochs(files.config_file(), 7, tmp_path) == files.config_file()
    assert with_epochs(files.DIET_CONFIG, None, tmp_path) == files.DIET_CONFIG


def test_a_raw_message_names_no_intent() -> None:
    assert raw(" //greet") == "greet"
    assert raw("Làm SAO?") == "Làm SAO?"


def test_a_process_has_memory() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc here")
    held = resident_mb()
    assert held is not None
    assert 10 < held < 10_000
    assert resident_mb("nobody") is None


def test_each_message_is_timed(engine: Engine) -> None:
    times = times_ms(engine, ["chào", "cảm ơn"])
    assert len(times) == 2
    assert min(times) > 0


# figures ----------------------------------------------------------------------------------------


def test_shares_are_shares(measured: Measured) -> None:
    assert tuple(measured.variants) == SHOWN
    for accuracy in measured.variants.values():
        assert 0 <= accuracy.top1 <= accuracy.top3 <= 1
    assert measured.error == 1 - measured.variants["as written"].top1
    assert measured.variants["as written"].top1 > 0.8
    assert 0.5 < max(measured.f1.values()) <= 1


def test_tables_name_every_engine_and_intent(measured: Measured) -> None:
    tables = sheets([measured, measured])
    for table in tables:
        assert {len(row) for row in table.rows} <= {len(table.head)}
        assert table.markdown().count("\n| ") == len(table.rows) + 1
    words = "\n".join(table.markdown() for table in tables)
    for spelling in SHOWN:
        assert f"| embedded | {spelling} |" in words
    for intent in measured.f1:
        assert f"| {intent} |" in words


def test_pictures_are_small_and_whole(measured: Measured, tmp_path: Path) -> None:
    names = sorted(INTENTS)
    worst = [((names[i], names[-j - 1]), i + j) for i in range(1, 16) for j in range(20)]
    pictures.confusion(worst, tmp_path / "confusion.svg")
    bins = [Bin(n, n / 10, n / 11) for n in range(1, 11)]
    pictures.reliability({"embedded": bins, "rasa": bins}, tmp_path / "reliability.svg")
    points = [{"x": x, "y": x, "line": "a"} for x in (1, 2)]
    pictures.curves(points, ("x", "y", "line"), tmp_path / "curve.svg")
    made = sorted(tmp_path.glob("*.svg"))
    assert len(made) == 3
    for path in made:
        assert path.stat().st_size <= PICTURE_MOST
        assert ET.parse(path).getroot().tag.endswith("svg")


def test_a_page_links_what_was_written(measured: Measured, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    written = write_page(page, [measured], sheets([measured]), "uv run congdanso nlu compare")
    text = page.read_text(encoding="utf-8")
    assert written[0] == page
    for picture in written[1:]:
        assert f"(images/{picture.name})" in text
        assert picture.is_file()


def test_without_charts_nothing_is_written(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to install is said, and no page is left that links to missing pictures."""
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(pictures.ChartsMissing, match="altair"):
        write_page(tmp_path / "page.md", [measured], sheets([measured]), "how")
    assert list(tmp_path.iterdir()) == []

"""Every mistake in training files is named at once, with file and line."""

from pathlib import Path

import pytest

from nlu.data_check import CHARS_MOST, Severity, check_training
from nlu.data_loader import load_training
from nlu.engine import DATA_DIR, DataError
from nlu.intents import INTENTS, Intent, Kind

FEW = {
    "greet": Intent("greet", Kind.DIALOGUE, "Chào", ""),
    "qr_pay": Intent("qr_pay", Kind.GUIDE, "Quét QR", ""),
    "out_of_scope": Intent("out_of_scope", Kind.DIALOGUE, "Ngoài", ""),
}


def write(folder: Path, name: str, **intents: list[str]) -> Path:
    """A training file; gives its path."""
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in intents.items():
        lines += [f"- intent: {intent}", "  examples: |", *[f"    - {text}" for text in texts]]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def named(folder: Path, severity: Severity = Severity.ERROR) -> list[str]:
    """The problems as printed, the folder left out."""
    found = check_training(folder, FEW).problems
    return [str(p).replace(f"{folder}/", "") for p in found if p.severity is severity]


def test_all_mistakes_of_all_files(tmp_path: Path) -> None:
    whole = write(tmp_path, "a.yml", greet=["chào"], gret=["chào em"], qr_pay=[], out_of_scope=[""])
    with whole.open("a", encoding="utf-8") as file:
        file.write("- intent: greet\n  sentences: |\n    - alô\n")
    (tmp_path / "b.yml").write_text("nlu: [\n", encoding="utf-8")
    (tmp_path / "c.yml").write_text('version: "3.1"\nnlu:\n\t- intent: greet\n', encoding="utf-8")
    (tmp_path / "d.yml").write_bytes(b"\xff\xfe")
    places = [line.split(": ")[0] for line in named(tmp_path)]
    assert places == [
        "a.yml:6",
        "a.yml:10",
        "a.yml:13",
        "a.yml:15",
        "b.yml:2",
        "c.yml:3",
        "d.yml:1",
    ]
    assert all(line.startswith("a.yml") for line in named(tmp_path, Severity.WARNING))


def test_nothing_follows_from_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("nlu: [\n", encoding="utf-8")
    assert len(check_training(tmp_path, FEW).problems) == 1


def test_one_sentence_in_two_intents(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", greet=["chào em"], out_of_scope=["trời mưa"])
    write(tmp_path, "b.yml", qr_pay=["quét mã", "Chào em!!!"])
    assert named(tmp_path) == [
        "b.yml:6: 'Chào em!!!' is in qr_pay and in greet (a.yml:5): keep it in one intent"
    ]


def test_one_sentence_twice_in_an_intent(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", greet=["chào em", "CHÀO EM"], out_of_scope=["mưa"], qr_pay=["quét"])
    write(tmp_path, "b.yml", greet=["chào em."])
    repeats = [line for line in named(tmp_path, Severity.WARNING) if "already" in line]
    assert [line.split(": ")[0] for line in repeats] == ["a.yml:6", "b.yml:5"]
    assert all("(a.yml:5)" in line for line in repeats)


def test_too_long_and_tabs(tmp_path: Path) -> None:
    texts = ["a" * CHARS_MOST, "b" * (CHARS_MOST + 1), "chào\tem"]
    write(tmp_path, "a.yml", greet=texts, out_of_scope=["mưa"], qr_pay=["quét"])
    assert named(tmp_path) == [
        "a.yml:6: 301 characters of at most 300: shorten or split it",
        "a.yml:7: a tab in the sentence: write a space",
    ]


def test_an_intent_without_a_sentence(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", greet=["chào"])
    (line,) = named(tmp_path)
    assert "no sentence for intent qr_pay, out_of_scope" in line


@pytest.mark.parametrize("short", [0, 1])
def test_too_few_sentences(short: int, tmp_path: Path) -> None:
    counts = {"qr_pay": 120, "greet": 60, "out_of_scope": 600}
    texts = {
        name: [f"{name} {n}" for n in range(count - short)] + [f"{name} 0"] * short
        for name, count in counts.items()
    }
    write(tmp_path, "a.yml", **texts)
    few = [line for line in named(tmp_path, Severity.WARNING) if "at least" in line]
    assert len(few) == 3 * short
    if short:
        assert few[0] == (
            "a.yml:5: warning: qr_pay has 119 different sentences of at least 120: add some"
        )
    assert named(tmp_path) == []


def test_what_stops_training_is_an_error(tmp_path: Path) -> None:
    """The check and the loader agree on what is wrong."""
    write(tmp_path, "a.yml", greet=["chào"], qr_pay=["chào"], out_of_scope=["mưa"])
    with pytest.raises(DataError) as caught:
        load_training(tmp_path, FEW)
    (error,) = check_training(tmp_path, FEW).errors
    assert (error.file, error.line, error.message) == (
        caught.value.file,
        caught.value.line,
        caught.value.message,
    )


def test_shipped_sentences_have_no_errors() -> None:
    checked = check_training(DATA_DIR)
    assert checked.errors == ()
    assert {example.intent for example in checked.examples} == set(INTENTS)

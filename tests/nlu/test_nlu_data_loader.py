"""Mistakes in training and validation files are named with file, line and what would be right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nlu.data_loader import load_training, load_validation
from nlu.engine import DATA_DIR, DataError
from nlu.intents import INTENTS

Write = Callable[[str | bytes], Path]

HEAD = 'version: "3.1"\nnlu:\n'
GREET = "- intent: greet\n  examples: |\n    - chào bạn\n"

BAD_FILES: dict[str, tuple[str | bytes, int, str]] = {
    "unknown intent": (HEAD + GREET.replace("greet", "gret"), 3, "did you mean greet"),
    "nothing like an intent": (HEAD + GREET.replace("greet", "zzzz"), 3, "nlu/intents.yml"),
    "in two intents": (
        HEAD + GREET + "- intent: goodbye\n  examples: |\n    - tạm biệt\n    - Chào bạn!\n",
        9,
        "in goodbye and in greet",
    ),
    "empty intent": (HEAD + "- intent: greet\n  examples: |\n", 4, "intent greet is empty"),
    "empty sentence": (HEAD + GREET + "    -\n", 6, "empty sentence"),
    "no dash": (HEAD + GREET + "    xin chào\n", 6, "expected '- sentence'"),
    "bad indentation": (HEAD + GREET + "   - intent: thanks\n", 6, "not valid YAML"),
    "unclosed quote": (HEAD + '- intent: "greet\n', 4, "not valid YAML"),
    "tab": (HEAD + "\t- intent: greet\n", 3, "not valid YAML"),
    "duplicate key": (HEAD + GREET + "  examples: |\n    - alô\n", 6, "there twice"),
    "duplicate top key": (HEAD + GREET + "nlu:\n" + GREET, 6, "there twice"),
    "list, not a block": (HEAD + "- intent: greet\n  examples:\n  - chào\n", 5, "text block"),
    "folded block": (HEAD + "- intent: greet\n  examples: >\n    - chào\n", 4, "text block"),
    "no examples": (HEAD + "- intent: greet\n", 3, "add 'examples: |'"),
    "no intent": (HEAD + "- examples: |\n    - chào\n", 3, "without intent"),
    "unknown entry key": (HEAD + GREET + "  metadata: x\n", 6, "unknown key 'metadata'"),
    "unknown top key": (HEAD + GREET + "stories: []\n", 6, "unknown key 'stories'"),
    "entry is text": (HEAD + "- greet\n", 3, "each entry"),
    "nlu is empty": (HEAD, 2, "must be a list"),
    "no nlu": ('version: "3.1"\n', 1, "must be a list"),
    "no version": ("nlu:\n" + GREET, 1, "no version"),
    "version without quotes": ("version: 3.1\nnlu:\n" + GREET, 1, "with the quotes"),
    "empty file": ("", 1, "the file is empty"),
    "top is a list": ("- a\n", 1, "must be a mapping"),
    "control character": (HEAD + "- intent: greet\n  examples: |\n    - ch\x07o\n", 5, "YAML"),
    "not UTF-8": (HEAD.encode() + b"- intent: greet\n  examples: |\n    - ch\xe0o\n", 5, "UTF-8"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_names_file_line_and_remedy(name: str, training_file: Write) -> None:
    content, line, message = BAD_FILES[name]
    folder = training_file(content)
    with pytest.raises(DataError) as caught:
        load_training(folder)
    assert caught.value.file == str(folder / "bad.yml")
    assert caught.value.line == line
    assert message in caught.value.message
    assert str(caught.value).startswith(f"{folder / 'bad.yml'}:{line}: ")


def test_missing_intents_are_named(training_file: Write) -> None:
    with pytest.raises(DataError, match="no sentence for intent thanks, goodbye: add"):
        load_training(training_file(HEAD + GREET), ["greet", "thanks", "goodbye"])


def test_no_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no training files"):
        load_training(tmp_path)


def test_reads_sentences_with_lines(training_file: Write) -> None:
    content = HEAD + "# a comment\n" + GREET + "\n    - [Zalo](app) ơi\n"
    first, second = load_training(training_file(content), ["greet"])
    assert (first.text, first.intent, first.line) == ("chào bạn", "greet", 6)
    assert (second.text, second.line) == ("Zalo ơi", 8)


def test_repeat_in_one_intent_counts_once(training_file: Write) -> None:
    content = HEAD + GREET + "    - Chào bạn.\n    - CHÀO BẠN\n"
    assert len(load_training(training_file(content), ["greet"])) == 1


def test_lookup_tables_of_rasa_are_passed_over(training_file: Write) -> None:
    content = HEAD + GREET + "- lookup: app\n  examples: |\n    - zalo\n"
    assert len(load_training(training_file(content), ["greet"])) == 1


def test_files_are_read_in_order_of_name(tmp_path: Path) -> None:
    for name, text in (("b.yml", "alô"), ("a.yml", "chào")):
        content = f"{HEAD}- intent: greet\n  examples: |\n    - {text}\n"
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert [e.text for e in load_training(tmp_path, ["greet"])] == ["chào", "alô"]


BAD_TABLES = {
    "header": ("text\tintent\nchào\tgreet\n", 1, "intent<TAB>text"),
    "columns": ("intent\ttext\ngreet chào\n", 2, "1 columns"),
    "intent": ("intent\ttext\ngreet\tchào\nhello\tchào\n", 3, "unknown intent 'hello'"),
    "empty": ("intent\ttext\ngreet\t \n", 2, "empty text"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_validation_table_mistakes(name: str, tmp_path: Path) -> None:
    content, line, message = BAD_TABLES[name]
    path = tmp_path / "table.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_validation(path)
    assert caught.value.line == line
    assert message in caught.value.message


def test_missing_validation_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_validation(tmp_path / "none.tsv")


def test_shipped_sentences_are_sound() -> None:
    examples = load_training(DATA_DIR)
    assert {e.intent for e in examples} == set(INTENTS)


def test_validation_is_not_trained_on() -> None:
    trained = {e.text.casefold() for e in load_training(DATA_DIR)}
    held = [e.text for e in load_validation()]
    assert len(held) > 900
    # Words such as 'ok' are said by everyone; that two people write one sentence is a rare chance.
    shared = [text for text in held if text.casefold() in trained and len(text.split()) > 4]
    assert len(shared) <= 3, shared

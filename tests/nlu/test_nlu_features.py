"""Grams as numbers: the same for the same gram, different for others, and named when asked."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.data_loader import Example
from nlu.embedded.features import BLOCKS, build_vocabulary, gram_keys, gram_names
from nlu.embedded.hashing import blocks_of, word_hash
from nlu.text import normalize


def test_every_gram_has_one_key_and_every_key_one_gram(validation: list[Example]) -> None:
    keys: dict[str, int] = {}
    names: dict[int, str] = {}
    for example in validation[::5]:
        message = normalize(example.text)
        for name, key in zip(gram_names(message), gram_keys(message).tolist(), strict=True):
            assert keys.setdefault(name, key) == key
            assert names.setdefault(key, name) == name


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_has_named_keys(text: str) -> None:
    message = normalize(text)
    keys, names = gram_keys(message), gram_names(message)
    assert len(keys) == len(names)
    letters = list(BLOCKS)
    assert [letters[block] for block in blocks_of(keys).tolist()] == [name[0] for name in names]


def test_keys_do_not_depend_on_the_process() -> None:
    code = "from nlu.embedded.hashing import word_hash; print(word_hash('tiền'))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert int(said) == word_hash("tiền")


@pytest.mark.parametrize("typed", ["chuyen", "chyen", "chuyyen", "cuhyen", "chuxen", "chuyenn"])
def test_a_word_with_a_slip_has_something_of_the_word_meant(typed: str) -> None:
    """Also where hardly a run of letters is left."""

    def slips(word: str) -> set[str]:
        return {name for name in gram_names(normalize(word)) if name.startswith("s")}

    assert slips(typed) & slips("chuyen")


def test_vectors_have_length_one_and_known_columns() -> None:
    messages = [normalize(text) for text in ("quét mã trả tiền", "quét mã nhận tiền", "alo")]
    vocabulary = build_vocabulary(messages, 1)
    for message in messages:
        columns, values = vocabulary.vector(message)
        assert np.square(values).sum() == pytest.approx(1.0, abs=1e-5)
        assert len(set(columns.tolist())) == len(columns)
    columns, values = vocabulary.vector(normalize("xyz"))
    assert np.isfinite(values).all()


def test_an_empty_vocabulary_knows_nothing() -> None:
    columns, values = build_vocabulary([], 1).vector(normalize("quét mã"))
    assert len(columns) == len(values) == 0

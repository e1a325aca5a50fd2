"""Sentences that are nearly the same are found: all of them, no others, and soon."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.data_loader import Example
from nlu.near_duplicates import SAME, find_pairs, near_rate, runs_of


def examples(*texts: str, intent: str = "greet") -> list[Example]:
    return [Example(text, intent, "a.yml", line) for line, text in enumerate(texts, 1)]


def by_hand(found: list[Example]) -> set[tuple[int, int]]:
    """Each with each, by the definition (these texts are their own plain form)."""
    near = set()
    for first in found:
        for second in found:
            one, two = runs_of(first.text), runs_of(second.text)
            if first.line < second.line and one and len(one & two) > SAME * len(one | two):
                near.add((first.line, second.line))
    return near


@pytest.mark.parametrize(
    ("text", "runs"),
    [("", []), ("ok", ["ok"]), ("xong", ["xong"]), ("xin a", ["xin ", "in a"])],
)
def test_runs(text: str, runs: list[str]) -> None:
    assert runs_of(text) == set(runs)


def test_marks_capitals_and_signs_do_not_matter() -> None:
    (pair,) = find_pairs(examples("Mất tiền rồi!", "mat tien ROI", "đổi mật khẩu"))
    assert (pair.first.line, pair.second.line, pair.share) == (1, 2, 1.0)
    assert pair.one_intent
    assert not pair.repeat


def test_a_template_with_a_word_changed() -> None:
    texts = [f"chị ơi cho em hỏi cách đăng ký {word} trên điện thoại" for word in ("vneid", "sim")]
    (pair,) = find_pairs(examples(*texts, "em muốn đăng ký vneid"))
    assert SAME < pair.share < 1


def test_intents_are_told_apart() -> None:
    both = [*examples("mất tiền rồi"), Example("mat tien roi", "thanks", "b.yml", 1)]
    (pair,) = find_pairs(both)
    assert not pair.one_intent
    assert near_rate([pair], 2) == 0


def test_each_sentence_counts_once() -> None:
    found = examples("chào bạn nhé", "chào bạn nhé", "chào bạn nhé", "tạm biệt")
    assert near_rate(find_pairs(found), 4) == 0.75
    assert near_rate([], 0) == 0


def test_what_has_nothing_readable_is_like_nothing() -> None:
    assert find_pairs(examples("👍", "😀", "...")) == []


_WORDS = st.sampled_from(["a", "ba", "con", "bang", "nhieu", "1", "trieu", "truoc", "truong"])
_TEXTS = st.lists(_WORDS, max_size=12).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(_TEXTS, max_size=14))
def test_finds_what_comparing_each_with_each_finds(texts: list[str]) -> None:
    found = examples(*texts)
    pairs = find_pairs([e for e in found if e.text])
    assert {(p.first.line, p.second.line) for p in pairs} == by_hand(found)


def test_ten_thousand_sentences_take_seconds() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdeghik", k=rng.randint(2, 5))) for _ in range(900)]
    # Words as unevenly frequent as in a language.
    chances = [1 / (rank + 3) for rank in range(len(words))]
    texts = [" ".join(rng.choices(words, chances, k=14)) for _ in range(10_000)]
    texts[5_000] = texts[17] + " nhe"
    found = examples(*texts)
    started = time.process_time()
    pairs = find_pairs(found)
    assert time.process_time() - started < 20
    assert (18, 5_001) in {(p.first.line, p.second.line) for p in pairs}

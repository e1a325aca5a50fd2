"""Which labels are trained on, and as what file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.data_loader import Example, load_training, read_training
from nlu.intents import INTENTS
from nlu.label_check import Labelled, Withheld, as_yaml, plain_line, sift

SHIPPED = [Example("tải vneid ở đâu vậy", "vneid_install", "a.yml", 1)]
CHECKED = [
    Example("tui lỡ chuyển nhầm tiền cho người lạ giờ phải làm sao", "wrong_transfer", "v", 1)
]


def label(number: int, text: str, intent: str = "vneid_install") -> Labelled:
    return Labelled(number, text, intent, "lan", "2026-11-22")


def why(*labels: Labelled) -> dict[int, Withheld]:
    return sift(labels, SHIPPED, CHECKED, INTENTS)[1]


def test_a_good_sentence_is_kept() -> None:
    kept, withheld = sift([label(1, "cài  app\ncông an [x](y)")], SHIPPED, CHECKED, INTENTS)
    assert [each.text for each in kept] == ["cài app công an (x)(y)"]
    assert withheld == {}


@pytest.mark.parametrize(
    ("text", "intent", "reason"),
    [
        ("…", "vneid_install", Withheld.EMPTY),
        ("dài " * 90, "vneid_install", Withheld.LONG),
        ("câu của ý định mới", "land_papers", Withheld.UNKNOWN),
        ("Tải VNeID ở đâu vậy?", "vneid_install", Withheld.REPEAT),
        ("Tải VNeID ở đâu vậy?", "vneid_activate", Withheld.CONFLICT),
        ("tui lo chuyen nham tien cho nguoi la gio phai lam sao a", "wrong_transfer",
         Withheld.VALIDATION),
    ],
)  # fmt: skip
def test_what_is_withheld(text: str, intent: str, reason: Withheld) -> None:
    assert why(label(1, text, intent)) == {1: reason}


def test_two_labels_of_one_sentence_with_two_intents_are_both_withheld() -> None:
    found = why(label(1, "mất điện thoại"), label(2, "Mất điện thoại!", "vneid_recover"))
    assert found == {1: Withheld.CONFLICT, 2: Withheld.CONFLICT}


def test_the_same_label_counts_once() -> None:
    assert why(label(1, "mất điện thoại"), label(2, "mất điện thoại.")) == {2: Withheld.REPEAT}


def test_something_else_about_the_same_is_no_near_copy() -> None:
    assert why(label(1, "chuyển nhầm tiền rồi", "wrong_transfer")) == {}


@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(["vneid_install", "qr_pay"]))))
def test_any_text_makes_a_file_that_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    labels = [label(n, text, intent) for n, (text, intent) in enumerate(rows)]
    kept, withheld = sift(labels, SHIPPED, CHECKED, INTENTS)
    assert len(kept) + len(withheld) == len(labels)
    folder = tmp_path_factory.mktemp("yaml")
    (folder / "a.yml").write_text(as_yaml(kept, "ghi\nchú"), encoding="utf-8")
    if not kept:
        return
    mistakes: list[Exception] = []
    read = read_training(folder, mistakes.append)
    assert mistakes == []
    assert sorted((e.intent, e.text) for e in read) == sorted((e.intent, e.text) for e in kept)


def test_who_and_when_stand_in_the_file(tmp_path: Path) -> None:
    text = as_yaml([label(1, "một"), label(2, "hai", "qr_pay")])
    assert "# lan, 2026-11-22\n- intent: qr_pay\n  examples: |\n    - hai\n" in text


def test_the_little_data_is_whole(little: Path) -> None:
    assert {e.intent for e in load_training(little)} == set(INTENTS)


def test_a_line_has_no_line_ends() -> None:
    assert plain_line("a\u2028b\r\nc\x00") == "a b c"

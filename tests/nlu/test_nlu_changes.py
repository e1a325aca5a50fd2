"""What is told of how a message was read: each word once, with its reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.changes import Why, find_changes
from nlu.lexicon import KNOWN, PHRASES, TOKENS
from nlu.text import normalize, plain_words

CASES: list[tuple[str, list[tuple[str, str, Why]]]] = [
    ("cài vneid ở đâu", []),
    ("CÀI VNeID, ở đâu???", []),
    ("", []),
    ("👍", []),
    ("ko dc", [("ko", "không", Why.SHORTHAND), ("dc", "được", Why.SHORTHAND)]),
    ("tk nh", [("tk", "tài khoản", Why.OTHER), ("nh", "ngân hàng", Why.SHORTHAND)]),
    ("toi muoons caif", [("muoons", "muốn", Why.TELEX), ("caif", "cài", Why.TELEX)]),
    ("d9ie6n5 thoai5", [("d9ie6n5", "điện", Why.VNI), ("thoai5", "thoại", Why.VNI)]),
    ("hoà uỷ", [("hoà", "hòa", Why.TONE), ("uỷ", "ủy", Why.TONE)]),
    ("vângg", [("vângg", "vâng", Why.LETTERS)]),
    ("500k muc2", [("500k", "500 nghìn", Why.NUMBER), ("muc2", "muc 2", Why.NUMBER)]),
    ("10 k", [("k", "nghìn", Why.NUMBER)]),
    (
        "phây búc dzô vi ne id",
        [
            ("phây búc", "facebook", Why.PIECES),
            ("dzô", "vô", Why.SHORTHAND),
            ("vi ne id", "vneid", Why.PIECES),
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_says_what_was_read(text: str, expected: list[tuple[str, str, Why]]) -> None:
    assert [(c.typed, c.meant, c.why) for c in find_changes(text)] == expected


_WORDS = st.sampled_from(sorted({*TOKENS, *KNOWN, *(w for p in PHRASES for w in p.split())}))
_TEXTS = st.lists(st.one_of(_WORDS, st.text(max_size=6)), max_size=20).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_changes_are_words_of_the_message(text: str) -> None:
    typed, meant = f" {' '.join(plain_words(text))} ", f" {normalize(text).accented} "
    for change in find_changes(text):
        assert f" {change.typed} " in typed
        assert not change.meant or f" {change.meant} " in meant
        assert change.typed != change.meant

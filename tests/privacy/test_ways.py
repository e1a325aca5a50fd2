"""Masking by itself: every spelling and sentence, numbers cut over messages, honest sentences."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.privacy import honest, slowest
from bench.privacy_scan import found_in
from bench.privacy_ways import KINDS, PASSWORD, Sent, cut, secret, whole
from bot.safety.masking import mask
from bot.safety.split import goes_on, tail_of

#: 100 kB, in milliseconds of this process's own time; the slowest sort takes two thirds of it.
QUICK = 50.0
#: Two people who tell which password they had tried to set.
REALLY_SECRET = {"so bi mat", "passcode"}


def kept(messages: tuple[str, ...]) -> list[str]:
    """What is kept of messages that come one after another."""
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for text in messages:
        joined = goes_on(before, text)
        masked = mask(text).text
        if joined is not None:
            masked = joined.masked.text
            for place, (was, covered) in enumerate(zip(joined.before, joined.covered, strict=True)):
                at = place - len(joined.before)
                lines[at] = lines[at].removesuffix(was) + covered
        lines.append(masked)
        before = tail_of(masked, joined.covered if joined is not None else before)
    return lines


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ways", [whole, cut], ids=["whole", "cut"])
def test_no_way_of_writing_leaves_a_secret(ways: object, seed: int) -> None:
    every: list[Sent] = list(ways(random.Random(seed)))  # type: ignore[operator]
    assert len(every) > 300
    left = [s.way for s in every if found_in([s], "\n".join(kept(s.messages)).encode())]
    assert left == []


def test_the_scan_finds_every_way_when_nothing_is_masked() -> None:
    """A scan that finds nothing anywhere would prove nothing."""
    every = [*whole(random.Random(5)), *cut(random.Random(5))]
    unseen = [s.way for s in every if not found_in([s], "\n".join(s.messages).encode())]
    # A label between two halves keeps them apart for the scan, as it does for a reader.
    assert len(unseen) < len(every) / 10
    assert not [way for way in unseen if "cut" not in way]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_scan_reads_other_encodings(encoding: str) -> None:
    sent = next(iter(whole(random.Random(1))))
    assert found_in([sent], f"x {sent.secret} y".encode(encoding)) == {sent.secret}


@given(st.integers(0, 10_000), st.sampled_from(KINDS), st.data())
def test_three_pieces_and_more_are_covered_too(
    seed: int, kind: object, data: st.DataObject
) -> None:
    dice = random.Random(seed)
    if kind is PASSWORD:
        return
    value = secret(kind, dice)  # type: ignore[arg-type]
    if len(value) < 10:
        return
    cuts = sorted(data.draw(st.sets(st.integers(2, len(value) - 2), min_size=2, max_size=3)))
    pieces = [value[a:b] for a, b in zip([0, *cuts], [*cuts, len(value)], strict=True)]
    assert value not in "".join(c for line in kept(tuple(pieces)) for c in line if c.isdecimal())


@pytest.mark.parametrize("said", ["nhà tui số 84", "848 nha con", "hẹn 9 giờ 30", "còn 12, 15"])
def test_another_number_before_hides_no_secret_in_pieces(said: str) -> None:
    every = [each for each in cut(random.Random(1)) if each.kind is not PASSWORD]
    left = {
        each.way
        for each in every
        if found_in([each], "\n".join(kept((said, *each.messages))).encode())
    }
    assert left == set()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("bước 1", "2"),
        ("sinh năm 1960", "2026"),
        ("giá 500000", "300000"),
        ("gọi 113", "1900.0368"),
        ("nghị định 356/2025", "1/1/2026"),
        ("chưa nhận được mã otp", "làm lại 3 lần rồi"),
        ("quên mật khẩu", "gọi 19000368"),
        ("mật khẩu là gì", "tôi quên rồi"),
        ("nhà số 12", "ấp 3 xã Tân Ân"),
        ("2019", "2020"),
    ],
)
def test_honest_neighbours_stay_readable(first: str, second: str) -> None:
    assert kept((first, second)) == [first, second]


def test_honest_sentences_with_numbers_stay_readable() -> None:
    """All with a digit in the guides and in what people ask: prices, decrees, dates, steps."""
    lines = honest()
    assert len(lines) > 500
    changed = [line for line in lines if mask(line).kinds]
    assert [c for c in changed if not any(word in c for word in REALLY_SECRET)] == []


def test_random_text_is_masked_quickly() -> None:
    assert {name: ms for name, ms in slowest(3).items() if ms > 4 * QUICK} == {}

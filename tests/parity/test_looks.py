"""What the comparison lets pass, and what it does not."""

from __future__ import annotations

import pytest

from tests.parity.looks import BUTTONS, NUMBERS, NUMBERS_AND_TAPS, WORDS, Look, Seen

STEP = Seen("Bước 1: mở ứng dụng.", ("Xong", "Chưa được"), picture=True, alt="Hình bước 1")
NUMBERED = "Bước 1: mở ứng dụng.\n\n1. Xong\n2. Chưa được"


def agrees(look: Look, *seen: Seen) -> bool:
    """Whether these messages are the step as the channel shows it."""
    found = look.expected([STEP]).match(look.whole(seen))
    return found is not None and not look.faults(seen, [STEP])


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        (BUTTONS, [STEP]),
        (BUTTONS, [Seen("Bước 1:", picture=True), Seen("mở ứng dụng.", STEP.labels)]),
        (NUMBERS, [Seen(NUMBERED, picture=True)]),
        (NUMBERS_AND_TAPS, [Seen(NUMBERED[:20], picture=True), Seen(NUMBERED[20:], STEP.labels)]),
        (WORDS, [Seen("Bước 1: mở ứng dụng.\n\n[Hình bước 1]\n\n1. Xong\n2. Chưa được")]),
    ],
)
def test_a_channels_own_ways_pass(look: Look, seen: list[Seen]) -> None:
    assert agrees(look, *seen)


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        (BUTTONS, []),
        (BUTTONS, [Seen(STEP.text, ("Xong",), picture=True)]),
        (BUTTONS, [Seen(STEP.text, STEP.labels)]),
        (BUTTONS, [STEP, STEP]),
        (BUTTONS, [Seen("Bước 2: mở ứng dụng.", STEP.labels, picture=True)]),
        (NUMBERS, [Seen(STEP.text, picture=True)]),
        (NUMBERS, [Seen(NUMBERED.replace("\n2. ", "\n"), picture=True)]),
        (NUMBERS_AND_TAPS, [Seen(NUMBERED, ("Xong",), picture=True)]),
        (WORDS, [Seen(NUMBERED)]),
    ],
)
def test_anything_else_does_not(look: Look, seen: list[Seen]) -> None:
    assert not agrees(look, *seen)


def test_a_bubble_may_not_be_too_long() -> None:
    long = Seen("chữ " * 200)
    assert NUMBERS.faults([long], [long])
    assert not WORDS.faults([long], [long])

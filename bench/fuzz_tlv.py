"""Hostile payloads for the payment code reader: it answers or refuses by name, and never slowly.

    python -m bench.fuzz_tlv [--count 1000000] [--seed 1]

Half of the inputs are valid codes damaged in a few places, half of those with a checksum put right
again, since else nothing behind it would be reached; the rest are made of pieces.
Prints what came of them; 1 when anything was wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter

from bot.safety.qr.banks import Banks
from bot.safety.qr.reading import read_code
from bot.safety.qr.tlv import TlvError, crc, decode, encode
from bot.safety.qr.vietqr import Service, VietQr, VietQrError, payload_of, read_payment

SLOW = 0.050
_PIECES = (
    *("00", "01", "02", "38", "53", "54", "58", "59", "62", "63", "99", "000201", "010211"),
    *("A000000727", "QRIBFTTA", "QRIBFTTC", "5303704", "5802VN", "6304", "970436", "ớ", "💰"),
    *("\ud800", "\0", "|", "http://", "٣٤", "²", "-1", "+5"),
)
_LETTERS = "0123456789ABCDEFabcdef .,|:-ơ\x00"


def main() -> int:
    """Run; 1 when something was raised, slow, or not the same when written again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, came, wrong, slowest = random.Random(options.seed), Counter[str](), 0, 0.0
    banks = Banks()
    for _ in range(options.count):
        payload = _input(rng)
        # Of this thread: what else the machine does is no fault of the reader.
        started = time.thread_time()
        try:
            came[_one(payload, banks)] += 1
        except Exception as error:  # noqa: BLE001 - finding these is what this is for
            wrong += 1
            print(f"{type(error).__name__}: {error} for {payload!r}")
        slowest = max(slowest, time.thread_time() - started)
    for what, count in came.most_common():
        print(f"{count:9} {what}")
    print(f"{options.count} inputs, seed {options.seed}: {wrong} wrong, ", end="")
    print(f"slowest {slowest * 1000:.2f} ms")
    return int(wrong > 0 or slowest > SLOW)


def _one(payload: str, banks: Banks) -> str:
    read_code(payload, banks)
    try:
        objects = decode(payload)
    except TlvError as error:
        return f"refused: {error.fault.value}"
    again = encode(objects)
    if (again[:-4], again[-4:]) != (payload[:-4], payload[-4:].upper()):
        raise AssertionError("written again it is another payload")
    try:
        read = read_payment(payload)
    except TlvError as error:
        return f"a row, refused as a payment: {error.fault.value}"
    return f"read: {type(read).__name__}"


def _input(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return _damaged(rng, _valid(rng))
    if rng.random() < 0.1:
        return "".join(chr(rng.randrange(0x3000)) for _ in range(rng.randrange(200)))
    made = "".join(rng.choice(_PIECES) for _ in range(rng.randrange(1, 40)))
    return _right(made if rng.random() < 0.3 else "000201" + made) if rng.random() < 0.5 else made


def _valid(rng: random.Random) -> str:
    account = "".join(rng.choices("0123456789AB", k=rng.randrange(1, 20)))
    amount = rng.randrange(1, 10**9) if rng.random() < 0.5 else None
    memo = "".join(rng.choices("abc 019", k=rng.randrange(0, 26)))
    code = VietQr(
        "970436", account, rng.choice(list(Service)), amount, memo, once=amount is not None
    )
    try:
        return payload_of(code)
    except VietQrError as error:
        raise AssertionError("a code that is right is refused") from error


def _damaged(rng: random.Random, payload: str) -> str:
    letters = list(payload)
    for _ in range(rng.randrange(0, 4)):
        at = rng.randrange(len(letters))
        kind = rng.random()
        if kind < 0.4:
            letters[at] = rng.choice(_LETTERS)
        elif kind < 0.6:
            del letters[at]
        elif kind < 0.8:
            letters.insert(at, rng.choice(_LETTERS))
        else:
            length = rng.randrange(1, 12)
            letters[at:at] = letters[at : at + length]
        if not letters:
            break
    damaged = "".join(letters)
    return _right(damaged[:-8]) if rng.random() < 0.5 else damaged


def _right(text: str) -> str:
    """The text closed with a checksum that is right, where it can have one."""
    try:
        return f"{text}6304{crc(f'{text}6304')}"
    except TlvError:
        return text


if __name__ == "__main__":
    sys.exit(main())

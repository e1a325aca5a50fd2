"""Random and hostile links and texts into the link checker. `python -m bench.fuzz_links`.

Each input must give a verdict without raising; the slowest are printed. The same `--seed` gives the
same inputs.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from bot.safety.links.checker import LinkChecker
from bot.safety.links.knowledge import Knowledge
from bot.services.linkcheck import open_checker
from bot.settings import load_settings

#: Separated by spaces; the last ones hold what cannot stand in such a line.
_WORDS = r"""
http:// https:// hxxp:// HTTP:\\ // www. @ : ? # / \ %2e %00 % [ ] [.] (.) 。 ． xn-- xn--80ak6aa92e
а ѕ ﬁ İ ß đ 0x7f 0177 2130706433 999 ::1 [::ffff:1.2.3.4] . .. - -- _ , com vn gov.vn com.vn xyz
vietcombank shopee momo dichvucong login url=http:// ?redirect= &u= .apk chấm dot < > " “ 😀 88 vn-
h t p s mailto: javascript: data:
"""
_PIECES = [
    *_WORDS.split(),
    " ",
    "\t",
    "\n",
    "\0",
    "\ud800",
    "ê\u0309",
    "\u200b",
    "\u202e",
    "\ufeff",
]
_PIECES += ["a" * 70, "a." * 60]


def made(rng: random.Random, knowledge: Knowledge) -> str:
    """An input: pieces in a row, now and then any characters, a known word, or a very long one."""
    parts = [rng.choice(_PIECES) for _ in range(rng.randrange(1, 12))]
    if rng.random() < 0.3:
        parts.append(rng.choice(rng.choice(knowledge.brands).spellings))
    if rng.random() < 0.3:
        parts.append("".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(20))))
    rng.shuffle(parts)
    text = "".join(parts)
    return text * rng.randrange(2, 200) if rng.random() < 0.002 else text


def run(
    checker: LinkChecker, knowledge: Knowledge, many: int, seed: int
) -> list[tuple[float, str]]:
    """The slowest inputs with their milliseconds of CPU time. Raises what a check raises."""
    rng = random.Random(seed)
    slow: list[tuple[float, str]] = []
    for number in range(many):
        text = made(rng, knowledge)
        started = time.thread_time()
        try:
            checker.check(text) if number % 2 else checker.check_text(text)
        except Exception:
            print(f"input {number} of seed {seed}: {text!r}", file=sys.stderr)
            raise
        taken = (time.thread_time() - started) * 1000
        if taken > 5:
            slow = sorted([*slow, (taken, text[:60])], reverse=True)[:10]
    return slow


def main() -> None:
    """Parse arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20_261_122)
    given = parser.parse_args()
    checker, knowledge = open_checker(load_settings())
    started = time.perf_counter()
    slow = run(checker, knowledge, given.many, given.seed)
    seconds = time.perf_counter() - started
    print(f"{given.many} inputs of seed {given.seed}: none raised, {seconds:.0f} s")
    for taken, text in slow:
        print(f"  {taken:.1f} ms {text!r}")


if __name__ == "__main__":
    main()

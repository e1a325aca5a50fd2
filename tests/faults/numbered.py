"""Conversations whose answers name the question, so that a log proves loss, order and repeats.

After the greeting offers its choices, a number beyond them is answered with that very number.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import read_log
from tests.fakes.telegram import RemoteTelegram

_NUMBER = re.compile(r"không có số (\d+)")
FIRST_NUMBER = 11


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` chats that each open the bot and then type `each - 1` numbers."""

    people: int = 50
    each: int = 10
    first_chat: int = 7_000_001

    @property
    def total(self) -> int:
        """How many updates there are, and so answers."""
        return self.people * self.each

    @property
    def chats(self) -> list[int]:
        """The chats' ids."""
        return list(range(self.first_chat, self.first_chat + self.people))

    def steps(self) -> list[tuple[str, dict[str, Any]]]:
        """Actions for the fake server: everybody starts, then types, in turn."""
        steps: list[tuple[str, dict[str, Any]]] = [("user", {"id": c}) for c in self.chats]
        steps += [("start", {"user": c}) for c in self.chats]
        for number in range(FIRST_NUMBER, FIRST_NUMBER + self.each - 1):
            steps += [("send_text", {"user": c, "text": str(number)}) for c in self.chats]
        return steps

    def queue(self, remote: RemoteTelegram) -> None:
        """Put every update into the fake server's queue."""
        remote.batch(self.steps())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log says."""

    answered: int
    repeats: int
    disordered: list[int]


def judge(plan: Plan, log: Path) -> Verdict:
    """Read the log: distinct answers, repeats beyond them, and chats answered out of order."""
    heard: dict[int, list[int]] = {chat: [] for chat in plan.chats}
    for call in read_log(log):
        if call["method"] == "sendMessage" and call["chat_id"] in heard:
            heard[call["chat_id"]].append(_which(call))
    repeats = sum(sum(Counter(said).values()) - len(set(said)) for said in heard.values())
    answered = sum(len(set(said)) for said in heard.values())
    # First hearings in order; a repeat of the one just said is the doubtful send, no disorder.
    disordered = [c for c, said in heard.items() if list(dict.fromkeys(said)) != sorted(set(said))]
    return Verdict(answered, repeats, disordered)


def _which(call: dict[str, Any]) -> int:
    found = _NUMBER.search(call["params"]["text"])
    return int(found.group(1)) if found else 0


def wait_answered(plan: Plan, log: Path, count: int, timeout: float = 120) -> Verdict:
    """Read the log until `count` distinct answers are in it (or time is up); the last verdict."""
    deadline = time.monotonic() + timeout
    while True:
        verdict = judge(plan, log)
        if verdict.answered >= count or time.monotonic() > deadline:
            return verdict
        time.sleep(0.05)

"""The steps of a guide as a list: adding, moving, dropping one. Pure."""

from __future__ import annotations

import copy

from bot.console.sections import Values, dicts

#: More than the check takes would only be refused by it.
STEPS_MOST = 20
STEP_ACTS = ("add", "up", "down", "drop")


def step_changed(values: Values, act: str, number: int) -> Values | None:
    """The values with a step added behind, moved or dropped; None when that cannot be.

    What provinces say of steps by their numbers goes with the steps.
    """
    new = copy.deepcopy(values)
    steps = dicts(new.get("steps"))
    order = list(range(len(steps)))
    at = number - 1
    if act == "add" and len(steps) < STEPS_MOST and 0 <= number <= len(steps):
        steps.insert(number, {"title": "Bước mới", "text": "Viết việc cần làm ở đây."})
        order.insert(number, -1)
    elif act in ("up", "down"):
        other = at + (1 if act == "down" else -1)
        if not (0 <= at < len(steps) and 0 <= other < len(steps)):
            return None
        steps[at], steps[other] = steps[other], steps[at]
        order[at], order[other] = order[other], order[at]
    elif act == "drop" and 0 <= at < len(steps):
        del steps[at]
        del order[at]
    else:
        return None
    new["steps"] = steps
    for override in (new.get("provinces") or {}).values():
        if isinstance(override, dict) and isinstance(override.get("steps"), dict):
            _renumber(override, order)
    return new


def _renumber(override: Values, order: list[int]) -> None:
    local = override["steps"]
    moved = {
        str(now): local[str(before + 1)]
        for now, before in enumerate(order, 1)
        if str(before + 1) in local
    }
    if moved:
        override["steps"] = moved
    else:
        del override["steps"]

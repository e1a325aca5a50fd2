"""The figures of a comparison as tables, for a terminal and for a page of the documents."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlu.compare.measure import SHOWN, Measured

_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of words: the first `names` columns are left, figures are right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1

    def markdown(self) -> str:
        """As Markdown, under its title."""
        rule = "|".join(["---"] * self.names + ["---:"] * (len(self.head) - self.names))
        lines = [f"**{self.title}**", "", _line(self.head), f"|{rule}|"]
        return "\n".join([*lines, *map(_line, self.rows)]) + "\n"


def sheets(measured: Sequence[Measured]) -> list[Sheet]:
    """All tables, for people who look for one engine among them or compare them."""
    return [
        _spellings(measured),
        _errors(measured),
        _costs(measured),
        _refusals(measured),
        _f1(measured),
        *[_confusions(one) for one in measured[:1]],
    ]


def percent(share: float) -> str:
    """One digit after the point, without the sign."""
    return f"{100 * share:.1f}"


def _spellings(measured: Sequence[Measured]) -> Sheet:
    head = (
        "engine", "spelling", "top-1", "top-3", "top-1 in scope", "wrong answers",
        "in scope refused", "out of scope refused", "calibration error",
    )  # fmt: skip
    rows = []
    for one in measured:
        for name in SHOWN:
            a = one.variants[name]
            shares = (
                a.top1, a.top3, a.inside, a.wrong_answers, a.inside_refused, a.outside_refused,
                a.calibration_error,
            )  # fmt: skip
            rows.append((one.name, name, *map(percent, shares)))
    return Sheet("Accuracy by spelling, %", head, tuple(rows), names=2)


def _errors(measured: Sequence[Measured]) -> Sheet:
    """How many mistakes the first engine makes for each mistake of the others."""
    first = measured[0]
    urgent = tuple(first.urgent)
    head = ("engine", "mistakes, %", f"mistakes of {first.name} for each of its", *urgent)
    rows = [
        (
            one.name,
            percent(one.error),
            f"{first.error / one.error:.2f}" if one.error else "-",
            *(percent(one.urgent[name]) for name in urgent),
        )
        for one in measured
    ]
    return Sheet("Mistakes as written, and recall of what is urgent, %", head, tuple(rows))


def _costs(measured: Sequence[Measured]) -> Sheet:
    head = ("engine", "train, s", "train, CPU s", "load, s", "p50, ms", "p99, ms", "memory, MB")
    rows = []
    for one in measured:
        training, serving = one.contestant.training, one.contestant.serving
        rows.append(
            (
                one.name,
                f"{training.seconds:.0f}" if training else "-",
                f"{training.cpu_seconds:.0f}" if training else "-",
                f"{serving.load_seconds:.2f}",
                f"{serving.p50_ms:.2f}",
                f"{serving.p99_ms:.2f}",
                f"{serving.memory_mb:.0f}" if serving.memory_mb is not None else "-",
            )
        )
    return Sheet(
        "Costs (memory: what embedded adds to the process, the whole server of Rasa)",
        head,
        tuple(rows),
    )


def _refusals(measured: Sequence[Measured]) -> Sheet:
    head = (
        "engine", "in scope refused", "out of scope refused", "in scope answered",
        "wrong answers", "odds", "out_of_scope",
    )  # fmt: skip
    rows = [
        (
            one.name,
            percent(point.inside_refused),
            percent(point.outside_refused),
            percent(point.answered),
            percent(point.wrong),
            f"{point.thresholds.out_of_scope_odds:g}",
            f"{point.thresholds.out_of_scope:.1f}",
        )
        for one in measured
        for point in one.refusing
    ]
    return Sheet("Out of scope: what can be refused, as written, %", head, tuple(rows))


def _f1(measured: Sequence[Measured]) -> Sheet:
    rows = [
        (intent, *(percent(one.f1[intent]) for one in measured))
        for intent in sorted(measured[0].f1, key=lambda name: measured[0].f1[name])
    ]
    head = ("intent", *(one.name for one in measured))
    return Sheet(f"F1 by intent, %, the lowest of {measured[0].name} first", head, tuple(rows))


def _confusions(one: Measured) -> Sheet:
    rows = [(f"{real} → {given}", str(count)) for (real, given), count in one.confusions[:_PAIRS]]
    return Sheet(
        f"Most frequent mistakes of {one.name}", ("labelled → given", "messages"), tuple(rows)
    )


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"

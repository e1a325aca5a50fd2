"""Writes a comparison as a page of the documents, with its pictures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from nlu.compare import pictures
from nlu.compare.measure import Measured
from nlu.compare.tables import Sheet


def write(
    page: Path, measured: Sequence[Measured], tables: Sequence[Sheet], how: str
) -> list[Path]:
    """The page and, in `images/` beside it, its pictures; all files written.

    `how` is the command. The pictures come first: a page never links to one that is not there.
    Raises ChartsMissing, OSError.
    """
    images = page.parent / "images"
    sure = images / f"{page.stem}-reliability.svg"
    mixed = images / f"{page.stem}-confusion.svg"
    pictures.reliability({one.name: one.reliability for one in measured}, sure)
    pictures.confusion(measured[0].confusions, mixed)
    page.write_text(_text(measured, tables, how, sure, mixed), encoding="utf-8")
    return [page, sure, mixed]


def _text(
    measured: Sequence[Measured], tables: Sequence[Sheet], how: str, sure: Path, mixed: Path
) -> str:
    names = ", ".join(one.name for one in measured)
    day = datetime.now(UTC).date().isoformat()
    return "\n".join(
        [
            f"# Engines compared: {names}",
            "",
            f"Written {day} by `{how}`. Each engine has the thresholds that the rule of "
            "`congdanso nlu tune` chooses for it on the same sentences.",
            "",
            *(table.markdown() for table in tables),
            f"![Reliability: accuracy against confidence](images/{sure.name})",
            "",
            f"![Mistakes of {measured[0].name}: labelled against given](images/{mixed.name})",
            "",
        ]
    )

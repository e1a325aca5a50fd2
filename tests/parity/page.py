"""docs/parity.md: the matrix of scripts and channels, as the suite found it."""

from __future__ import annotations

from pathlib import Path

from bot.domain.channels import TELEGRAM, TERMINAL, WEB, ZALO_BOT, ZALO_OA
from tests.parity.script import Script

PAGE = Path(__file__).resolve().parents[2] / "docs" / "parity.md"
TITLES = {
    TELEGRAM: "Telegram",
    ZALO_OA: "Zalo OA",
    ZALO_BOT: "Zalo Bot",
    WEB: "Web chat",
    TERMINAL: "Terminal",
}
HEAD = """# The same on every channel

The scripts of `tests/parity/scripts.yml`, each played through every channel's real path: Telegram's
Bot API, Zalo's webhooks and APIs, the web chat's calls and stream, the terminal. A number means
that the person read the words of the transcript in `tests/parity/golden`, that the same was stored
(questions, tickets, alerts, timers, what is remembered, what was erased), and in how many messages
it came; "–" says why a channel cannot play a script. Channels may differ only in the ways of
`tests/parity/looks.py`: buttons or numbers, where bubbles are cut, pictures or their words.

Written and compared by `tests/parity`; `WRITE_GOLDEN=1 uv run pytest -m zalo tests/parity` writes
it anew.

"""
_written: dict[tuple[str, str], str] = {}


def note(script: str, channel: str, result: str, *, write: bool) -> None:
    """A result: kept for the page, or compared with what the page says."""
    _written[script, channel] = result
    if not write:
        said = cells().get((script, channel))
        assert said == result, f"docs/parity.md says {said!r}, found {result!r}: WRITE_GOLDEN=1"


def cells() -> dict[tuple[str, str], str]:
    """What the page says of each script and channel."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[c.strip() for c in line.split("|")[1:-1]] for line in lines if line.startswith("| `")]
    return {
        (row[0].strip("`"), channel): cell
        for row in rows
        for channel, cell in zip(TITLES, row[2:], strict=True)
    }


def text(scripts: list[Script], found: dict[tuple[str, str], str]) -> str:
    """The whole page."""
    heads = "| Script | What it is | " + " | ".join(TITLES.values()) + " |"
    lines = [heads, "|---|---" + "|---" * len(TITLES) + "|"]
    for script in scripts:
        results = " | ".join(found.get((script.id, channel), "") for channel in TITLES)
        lines.append(f"| `{script.id}` | {script.about} | {results} |")
    return HEAD + "\n".join(lines) + "\n"


def write(scripts: list[Script]) -> None:
    """Write what was found; what was not played keeps its result."""
    PAGE.write_text(text(scripts, {**cells(), **_written}), encoding="utf-8")

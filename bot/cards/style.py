"""How a card looks: its size in pixels, its colours, its letters.

The colours are those of the web chat in daylight; each pair that is drawn one on the other has a
contrast of 4.5 or more (WCAG 2.2 AA), which a test computes.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 1080, 1350
#: Seen at arm's length on a phone of five inches, letters must not be smaller than this.
TEXT_LEAST = 52
#: Largest picture that is sent over a weak network.
BYTES_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Style:
    """Colours as #rrggbb, and distances in pixels."""

    paper: str = "#ffffff"
    ink: str = "#14211f"
    main: str = "#0b5d57"
    on_main: str = "#ffffff"
    soft: str = "#dff0ec"
    quiet: str = "#52625f"
    line: str = "#c3cfcc"

    margin: int = 60
    head_size: int = 42
    label_size: int = 58
    foot_size: int = 34
    #: Letters of the step's text, the largest that fits first, each with those of its title.
    sizes: tuple[tuple[int, int], ...] = (
        (96, 112),
        (88, 104),
        (80, 96),
        (76, 92),
        (72, 88),
        (68, 84),
        (64, 78),
        (60, 72),
        (56, 66),
        (TEXT_LEAST, 60),
        (46, 54),
        (40, 46),
        (34, 40),
        (28, 32),
    )
    #: The least height of the panel with the icon. With large letters a large icon is wanted too;
    #: from `panel_yields` down letters come first.
    panel_wanted: int = 236
    panel_yields: int = 64
    panel_least: int = 124
    panel_most: int = 520

    @property
    def inner(self) -> int:
        """The width that texts may have."""
        return WIDTH - 2 * self.margin

    def ramps(self) -> tuple[tuple[str, str, int], ...]:
        """Pairs of colours that meet, with the number of shades between that smooth edges need."""
        return (
            (self.paper, self.main, 10),
            (self.paper, self.ink, 12),
            (self.paper, self.quiet, 6),
            (self.soft, self.main, 8),
            (self.paper, self.soft, 3),
            (self.paper, self.line, 3),
        )


PLAIN = Style()

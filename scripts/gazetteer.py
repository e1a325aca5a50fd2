"""`python -m scripts.gazetteer WHEEL`: write the shipped files of content/localities anew.

WHEEL is what `pip download --no-deps vietnamadminunits` gives.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.cli.locality import chosen, write
from bot.locality.convert import provinces, read_wheel
from bot.settings import ROOT

SHIPPED = ["Cà Mau", "Đắk Lắk", "Thái Nguyên"]


def main() -> None:
    """Read the wheel, write the files, say what is in them."""
    source = read_wheel(Path(sys.argv[1]))
    every = provinces(source)
    folder = ROOT / "content" / "localities"
    print(*write(source, every, chosen(every, SHIPPED), folder), sep="\n")


if __name__ == "__main__":
    main()

"""What makes a start quick, for commands that serve."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting() -> Iterator[None]:
    """Around the imports and the making of a program, until `bot.server` runs it.

    What a program is made of is no garbage, and to look for some in it while it grows takes a fifth
    of a start. Whatever ends inside leaves the collector at work.
    """
    gc.disable()
    try:
        _logs_without_rich()
        yield
    finally:
        gc.enable()


def _logs_without_rich() -> None:
    """Import structlog without what draws its errors on terminals, where there is none.

    It takes rich, pygments and attrs along when they can be imported: 5 MB, and a hundred files to
    read. `None` among the modules is how Python is told that one cannot be.
    """
    if "rich" in sys.modules or sys.stderr.isatty():
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog  # noqa: F401 - imported for what it does not take along
    finally:
        del sys.modules["rich"]

"""The load bench: `python -m bench.load --help`; docs/performance.md says what was measured."""

from bench.load.wire import Posters, read_log, text_update

__all__ = ["Posters", "read_log", "text_update"]

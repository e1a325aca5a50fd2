"""Files as they are served."""

from __future__ import annotations

import gzip

from bot.channels.web.assets import Asset, version_of


def test_another_file_is_another_version() -> None:
    one, other = Asset(b"a", "text/css"), Asset(b"b", "text/css")
    names = {version_of(each) for each in ({"x": one}, {"x": other}, {"y": one}, {})}
    assert len(names) == 4


def test_what_does_not_get_smaller_is_not_compressed() -> None:
    assert Asset(b"ab", "text/css").packed == b""
    assert Asset(b"a" * 500, "image/png").packed == b""
    assert gzip.decompress(Asset(b"a" * 500, "text/css").packed) == b"a" * 500

"""Icons out of the package `lucide` (ISC and MIT): which there are, and their shapes as SVG.

Errors: CardError for an icon there is not.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from markupsafe import Markup

from bot.cards.errors import CardError

#: The side of the square that every icon is drawn in.
SIDE = 24
_SVG = "{http://www.w3.org/2000/svg}"
_ARCHIVE = "lucide.zip"


@cache
def names() -> frozenset[str]:
    """The names of all icons. CardError when the package cannot be read."""
    return frozenset(name.removesuffix(".svg") for name in _archive().namelist())


@lru_cache(maxsize=128)
def shapes(name: str) -> str:
    """What is inside an icon's SVG. CardError when there is no such icon."""
    top = _tree(name)
    return "".join(ElementTree.tostring(node, encoding="unicode").strip() for node in top)


@lru_cache(maxsize=256)
def svg(name: str, *, size: int = SIDE, **attributes: str) -> Markup:
    """An icon to stand in a page; `attributes` with _ for -. CardError when there is none such."""
    top = _tree(name)
    top.attrib |= {"width": str(size), "height": str(size)}
    top.attrib |= {key.replace("_", "-"): value for key, value in attributes.items()}
    return Markup(ElementTree.tostring(top, encoding="unicode"))


def _tree(name: str) -> ElementTree.Element:
    if name not in names():
        raise CardError(f"there is no icon {name!r}")
    top = ElementTree.fromstring(_archive().read(f"{name}.svg"))
    for node in top.iter():
        node.tag = node.tag.removeprefix(_SVG)
    return top


@cache
def _archive() -> ZipFile:
    # Kept open: its list of contents takes longer to read than all icons of a page.
    try:
        # A package always lies in a folder here; ZipFile needs a file it can seek in.
        return ZipFile(str(resources.files("lucide") / _ARCHIVE))
    except (ImportError, OSError, BadZipFile) as error:
        raise CardError(f"the icons cannot be read: {error}") from error

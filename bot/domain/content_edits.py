"""Files of the content as the console has written them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

#: What stands for the digest of a file that is not there.
NO_FILE = ""


def digest_of(text: str) -> str:
    """The name of a text: the SHA-256 of its bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Edit:
    """A file as the console has written it. `base` is the digest of the file it was made from,
    `taken` whether a file that says the same was seen since.
    """

    name: str
    text: str
    base: str
    taken: bool = False

    @property
    def digest(self) -> str:
        """The name of its text."""
        return digest_of(self.text)


#: By the name of the file, from the content folder on.
Edits = Mapping[str, Edit]

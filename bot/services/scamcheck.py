"""What is said of a message: of its links, and of its words, each with the other's knowledge."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.guides.allowed import load_allowed
from bot.safety.checked import Checked
from bot.safety.links.checker import LinkChecker
from bot.safety.links.knowledge import Knowledge, Wording
from bot.safety.links.report import Verdict
from bot.safety.messages.check import MessageChecker
from bot.safety.messages.knowledge import FILE
from bot.safety.messages.model import MODEL_FILE
from bot.services.linkcheck import knowledge_folder
from bot.settings import Settings

_REMEMBER = 1000
_COMMON_MOST = 30


def is_common(text: str) -> bool:
    """Whether it may well be what many write: short, and letters alone."""
    return len(text) <= _COMMON_MOST and text.replace(" ", "").isalpha()


class ScamChecker:
    """Both checkers, loaded once. Asks nothing of the network."""

    def __init__(self, links: LinkChecker, words: Wording, messages: MessageChecker) -> None:
        self.links = links
        self.messages = messages
        self._words = words
        # What is typed again and again ("tiếp", "xong") is judged once. Letters alone: nothing
        # that could be anybody's number stays here.
        self._bare = lru_cache(maxsize=_REMEMBER)(messages.check)

    @classmethod
    def open(cls, settings: Settings, links: LinkChecker, knowledge: Knowledge) -> ScamChecker:
        """With what ships. Raises CongdansoError when a file of it is wrong."""
        folder = knowledge_folder(settings)
        return cls(links, knowledge.wording, _messages(folder, _changed(folder)))

    def check(self, text: str) -> Checked:
        """Everything that can be said of a message by itself."""
        links = self.links.check_text(text)
        official = [f.link for f in links.findings if f.verdict is Verdict.OFFICIAL]
        if not links.findings and is_common(text):
            found = self._bare(text)
        else:
            found = self.messages.check(
                text,
                official=official,
                dangerous=links.verdict is Verdict.DANGEROUS,
                doubtful=links.verdict is Verdict.CAUTION,
            )
        kind = self.messages.kind(found)
        return Checked(links, found, kind, self._words, self.messages.messages.wording)


@lru_cache(maxsize=2)
def _messages(folder: Path, _version: tuple[int, ...]) -> MessageChecker:
    allowed = load_allowed(_allowed(folder))
    numbers = {phone.digits: (phone.number, phone.whose) for phone in allowed.phones}
    return MessageChecker.load(folder, numbers)


def _changed(folder: Path) -> tuple[int, ...]:
    """When the files were written; a missing one is told of by whoever reads it."""
    files = (folder / FILE, folder / MODEL_FILE, _allowed(folder))
    return tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)


def _allowed(folder: Path) -> Path:
    return folder.parent / "allowed.yml"

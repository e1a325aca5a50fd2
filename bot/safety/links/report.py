"""What is said of a link, and of all links of a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """From the worst to the best; there is no "safe"."""

    DANGEROUS = "dangerous"
    CAUTION = "caution"
    UNKNOWN = "unknown"
    OFFICIAL = "official"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: its key, and the sentence a citizen reads."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class LinkFinding:
    """One link: `shown` cannot be pressed, but for an official page; `score` is from 0 to 1."""

    link: str
    host: str
    shown: str
    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, object]:
        """What the command line prints."""
        return {
            "link": self.link,
            "host": self.host,
            "verdict": self.verdict.value,
            "score": round(self.score, 4),
            "reasons": [reason.text for reason in self.reasons],
            "keys": [reason.key for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class LinkReport:
    """All links of a text, the worst first; `more` is how many were not looked at."""

    findings: tuple[LinkFinding, ...]
    more: int = 0

    @property
    def worst(self) -> LinkFinding | None:
        """The link to speak of first."""
        return self.findings[0] if self.findings else None

    @property
    def verdict(self) -> Verdict | None:
        """The worst verdict; None where there is no link."""
        if self.worst is None:
            return None
        if self.more and self.worst.verdict.rank > Verdict.CAUTION.rank:
            return Verdict.CAUTION
        return self.worst.verdict


def defang(host: str, most: int = 60) -> str:
    """A host that no platform makes a link of; of a long one the end, which says whose it is."""
    cut = host if len(host) <= most else "…" + host[-most:]
    return cut.replace(".", "[.]")

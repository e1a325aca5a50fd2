"""Whether a forwarded message looks like a swindle. Pure, and never "safe"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.safety.messages.features import OFFICIAL, Seen, see
from bot.safety.messages.knowledge import Kind, Messages, load_messages
from bot.safety.messages.model import Model, load_model
from bot.safety.messages.numbers import AskedNumber, asked_number

REASONS_MOST = 3
#: What a message is given at least that a link or a single cue makes dangerous, or doubtful.
_CERTAIN = 0.99
_KIND_WEIGHT = 1.0
#: Below this the model of what people ask takes a message for a question: of 540 swindles called
#: dangerous, of writers that it had not seen, 23 are, and for none of these is the engine sure of
#: another guide (docs/safety.md).
_OWN_BELOW = 0.6
#: No message with fewer words is doubted where no cue can be told: of 91 swindles that were
#: doubted none is so short.
_DOUBTED_LEAST = 12


class MessageVerdict(StrEnum):
    """What is said of a message."""

    DANGEROUS = "dangerous"
    CAUTION = "caution"
    NO_SIGN = "no_sign"


@dataclass(frozen=True, slots=True)
class MessageReport:
    """`score` from 0 to 1; `kind` the id of the kind of swindle it resembles ("" = none);
    `reasons` in Vietnamese, the strongest first, at most three; `number`: one it asks about;
    `asked`: whether somebody asks if it is a swindle; `own`: whether the words alone were found
    dangerous, and read more like somebody's own question than like a swindle."""

    verdict: MessageVerdict
    score: float
    kind: str
    reasons: tuple[str, ...]
    number: AskedNumber | None = None
    asked: bool = False
    own: bool = False


class MessageChecker:
    """Knowledge and model, loaded once. `numbers`: official phone numbers, (as written, whose)
    by their digits."""

    def __init__(
        self, messages: Messages, model: Model, numbers: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        self.messages = messages
        self.model = model
        self._numbers = numbers or {}

    @classmethod
    def load(
        cls, folder: Path, numbers: Mapping[str, tuple[str, str]] | None = None
    ) -> MessageChecker:
        """From `content/safety`. Raises MessagesError."""
        return cls(load_messages(folder), load_model(folder), numbers)

    def check(
        self,
        text: str,
        *,
        official: Collection[str] = (),
        dangerous: bool = False,
        doubtful: bool = False,
    ) -> MessageReport:
        """Judge a message. `official`: links in it, as written, that belong to whom they say;
        `dangerous`, `doubtful`: whether a link in it was found so, which decides by itself."""
        for link in official:
            text = text.replace(link, f" {OFFICIAL} ")
        seen = see(text, self.messages)
        score = self.model.score(seen)
        certain = dangerous or self.certain(seen)
        if certain:
            score = max(score, _CERTAIN)
        elif doubtful:
            score = max(score, self.model.caution)
        verdict = self.verdict(score)
        reasons = [] if verdict is MessageVerdict.NO_SIGN else self._reasons(seen)
        if verdict is MessageVerdict.CAUTION and not doubtful and self._too_little(seen, reasons):
            verdict = MessageVerdict.NO_SIGN
        told = verdict is not MessageVerdict.NO_SIGN
        return MessageReport(
            verdict,
            round(score, 3),
            self._kind(seen) if told else "",
            tuple(reasons) if told else (),
            asked_number(text, self.messages, self._numbers),
            seen.asked,
            verdict is MessageVerdict.DANGEROUS
            and not (certain or doubtful)
            and self.model.talk.score(seen) < _OWN_BELOW,
        )

    @staticmethod
    def _too_little(seen: Seen, reasons: Sequence[str]) -> bool:
        """Whether nothing can be told of a message that says hardly anything."""
        return not reasons and seen.words < _DOUBTED_LEAST

    def certain(self, seen: Seen) -> bool:
        """Whether one cue is enough, since nothing in the message warns of it."""
        return self.messages.overruling.isdisjoint(seen.calm) and any(
            self.messages.by_id[each].alone for each in seen.cues
        )

    def verdict(self, score: float) -> MessageVerdict:
        """What a score means."""
        if score >= self.model.dangerous:
            return MessageVerdict.DANGEROUS
        return MessageVerdict.CAUTION if score >= self.model.caution else MessageVerdict.NO_SIGN

    def kind(self, report: MessageReport) -> Kind | None:
        """The kind of swindle a report names."""
        return self.messages.kinds.get(report.kind)

    def _weight(self, cue: str) -> float:
        return max(0.0, self.model.honest.signs.get(f"cue:{cue}", 0.0))

    def _kind(self, seen: Seen) -> str:
        """The kind whose cues weigh most together."""
        weights = Counter[str]()
        for each in seen.cues:
            cue = self.messages.by_id[each]
            if cue.kind:
                weights[cue.kind] += round(
                    1000 * (_KIND_WEIGHT * (1 + cue.alone) + self._weight(each))
                )
        return weights.most_common(1)[0][0] if weights else ""

    def _reasons(self, seen: Seen) -> list[str]:
        """A cue that names a kind tells more than one that any message may have."""
        cues = [self.messages.by_id[each] for each in seen.cues]
        told = [cue for cue in cues if cue.reason]
        told.sort(key=lambda cue: (not cue.alone, not cue.kind, -self._weight(cue.id)))
        return [cue.reason for cue in told[:REASONS_MOST]]

"""How well swindles among messages are told: `python -m bench.messages [FILE.tsv] [--all]`.

Without a file: every writer of the training messages judged by a model of the others, with the
shipped thresholds; misses and false alarms are listed. With a file (label, kind, text): the shipped
model on it, marks as written and without. Both say how long a message takes.
`--questions`: how many ordinary questions of the training data of the understanding (nlu/data) are
called dangerous, by intent; those about swindles are not ordinary.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bot.cli.safety_messages import ordinary_talk
from bot.safety.links.report import Verdict
from bot.safety.messages.check import MessageVerdict
from bot.safety.messages.features import see
from bot.safety.messages.training import Example, load_examples, read_examples, unseen_scores
from bot.services.linkcheck import knowledge_folder, open_checker
from bot.services.scamcheck import ScamChecker
from bot.settings import ROOT, load_settings
from nlu.data_loader import load_training, load_validation
from nlu.engine import DATA_DIR
from nlu.text import normalize, strip_diacritics

SAFETY = ROOT / "content" / "safety"
#: Intents whose sentences tell of swindles.
ABOUT = ("scam_", "malicious_app", "account_hacked", "wrong_transfer")
_CERTAIN = 0.99


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--all", action="store_true", help="list every error, not the first 15")
    parser.add_argument("--questions", action="store_true", help="count in nlu/data")
    arguments = parser.parse_args()
    settings = load_settings()
    checker = ScamChecker.open(settings, *open_checker(settings))
    if arguments.questions:
        _questions(checker)
        return
    if arguments.file is not None:
        examples = read_examples(arguments.file)
        scores = [checker.check(each.text).message.score for each in examples]
    else:
        examples = load_examples(knowledge_folder(settings))
        scores = _unseen(examples, checker)
    for writer in sorted({each.writer for each in examples}):
        _table(writer, *_of(examples, scores, partial(_wrote, writer)), checker)
    _table("all", examples, scores, checker)
    _table("with marks", *_of(examples, scores, _marked), checker)
    _table("without marks", *_of(examples, scores, lambda e: not _marked(e)), checker)
    if arguments.file is not None:
        bare = [checker.check(normalize(e.text).stripped).message.score for e in examples]
        _table("all, marks taken off", examples, bare, checker)
    _errors(examples, scores, checker, len(examples) if arguments.all else 15)
    _speed([each.text for each in examples], checker)


def _unseen(examples: Sequence[Example], checker: ScamChecker) -> list[float]:
    """Scores by models without the writer, then what links and single cues decide."""
    messages = checker.messages
    seen = [see(each.text, messages.messages) for each in examples]
    asked = [see(each, messages.messages) for each in ordinary_talk()]
    scores = unseen_scores(examples, seen, asked)
    return [
        max(score, _CERTAIN)
        if messages.certain(found) or checker.links.check_text(e.text).verdict is Verdict.DANGEROUS
        else score
        for e, found, score in zip(examples, seen, scores, strict=True)
    ]


def _wrote(writer: str, example: Example) -> bool:
    return example.writer == writer


def _marked(example: Example) -> bool:
    return strip_diacritics(example.text) != example.text


def _of(
    examples: Sequence[Example], scores: Sequence[float], wanted: Callable[[Example], bool]
) -> tuple[list[Example], list[float]]:
    pairs = [(e, s) for e, s in zip(examples, scores, strict=True) if wanted(e)]
    return [e for e, _ in pairs], [s for _, s in pairs]


def _table(
    name: str, examples: Sequence[Example], scores: Sequence[float], checker: ScamChecker
) -> None:
    model = checker.messages.model
    bad = [s for e, s in zip(examples, scores, strict=True) if e.scam]
    good = [s for e, s in zip(examples, scores, strict=True) if not e.scam]

    def share(values: list[float], least: float) -> str:
        found = sum(v >= least for v in values)
        return f"{found:3} = {found / max(1, len(values)):6.1%}"

    print(
        f"{name:21} swindles {len(bad):4}: dangerous {share(bad, model.dangerous)}, or caution "
        f"{share(bad, model.caution)}; honest {len(good):4}: dangerous "
        f"{share(good, model.dangerous)}, or caution {share(good, model.caution)}"
    )


def _errors(
    examples: Sequence[Example], scores: Sequence[float], checker: ScamChecker, most: int
) -> None:
    model = checker.messages.model
    rows = list(zip(examples, scores, strict=True))
    false = [(e, s) for e, s in rows if not e.scam and s >= model.dangerous]
    doubted = [(e, s) for e, s in rows if e.scam and model.caution <= s < model.dangerous]
    missed = [(e, s) for e, s in rows if e.scam and s < model.caution]
    for title, found in (("caution only", doubted), ("missed", missed)):
        print(f"{title}, by kind: {dict(Counter(e.kind for e, _ in found).most_common())}")
    for title, found in (("false alarm", false), ("missed", missed)):
        for example, score in sorted(found, key=lambda pair: -pair[1])[:most]:
            print(f"{title} {score:.2f} {example.writer}/{example.kind}: {example.text[:160]}")


def _questions(checker: ScamChecker) -> None:
    """Sentences that the shipped model was trained on are counted apart."""
    learnt = frozenset(ordinary_talk())
    sentences = [e for e in load_training(DATA_DIR) if not e.intent.startswith(ABOUT)]
    groups = {
        "trained on": [e for e in sentences if e.text in learnt],
        "not trained on": [e for e in sentences if e.text not in learnt],
        "validation.tsv": [e for e in load_validation() if not e.intent.startswith(ABOUT)],
    }
    for name, asked in groups.items():
        verdicts = [checker.check(each.text).message.verdict for each in asked]
        false = [
            each
            for each, verdict in zip(asked, verdicts, strict=True)
            if verdict is MessageVerdict.DANGEROUS
        ]
        for each in false:
            print(f"false alarm {each.intent}: {each.text[:130]}")
        spam = sum(each.intent == "out_of_scope" for each in false)
        print(
            f"{name}: {len(asked)} questions, dangerous {len(false)} = "
            f"{len(false) / len(asked):.2%} ({spam} of them out_of_scope, many of those "
            f"advertisements), caution {verdicts.count(MessageVerdict.CAUTION)}"
        )


def _speed(texts: Sequence[str], checker: ScamChecker) -> None:
    took = []
    for text in texts:
        began = time.thread_time()
        checker.messages.check(text)
        took.append(time.thread_time() - began)
    took.sort()
    middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"CPU a message: p50 {middle * 1000:.2f} ms, p99 {late * 1000:.2f} ms")


if __name__ == "__main__":
    main()

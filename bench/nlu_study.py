"""`uv run python -m bench.nlu_study`: does understanding carry over to writers it never saw?

Parts: `writers` (each writer of nlu/data left out in turn; from one writer to all, tried on the
validation writers), `learning` (accuracy against sentences an intent), `models` (what else was
tried). Each is kept in var/nlu-study for the same data and code, so a run that was cut short goes
on. Writes the tables as a page, the learning curve as a picture beside it, and prints the pairs of
intents mixed up most with their messages. About 20 minutes of one processor for everything.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench import nlu_models as zoo
from bot.settings import ROOT
from nlu.compare import pictures
from nlu.compare.sample import some
from nlu.compare.tables import Sheet, percent
from nlu.data_loader import Example, load_training, load_validation
from nlu.embedded.model import EmbeddedEngine
from nlu.embedded.thresholds import read_thresholds
from nlu.embedded.train import fit
from nlu.embedded.variants import VARIANTS
from nlu.engine import DATA_DIR, Decision, model_key
from nlu.intents import OUT_OF_SCOPE

Result = dict[str, Any]
WORK = ROOT / "var" / "nlu-study"
PAGE = ROOT / "docs" / "nlu-study.md"
SIZES = (10, 20, 40, 80)
WRITERS = (1, 2, 4, 6, 8)
#: Writers the models are tried on, and not given: of the South, the North and the young.
HELD_OUT = ("camau.yml", "north.yml", "young.yml")
#: No writer of their own: written after looking at the mistakes made with a writer left out, so
#: they must not help there.
MENDED = ("neighbours.yml", "safety_cases.yml", "lost_phones.yml")
_ORDER_SEED = 1
_BADLY = "one typo, no marks"
_PAIRS, _SHOWN = 10, 12


def score(examples: Sequence[Example], tested: Sequence[Example], *, keep: bool = False) -> Result:
    """Fit the model in use and try it, decided as it is served; mistakes too if `keep`."""
    started = time.process_time()
    engine = EmbeddedEngine(fit(examples), "", read_thresholds())
    seconds = time.process_time() - started
    result: Result = {"sentences": len(examples), "tested": len(tested), "cpu": seconds}
    inside = [example for example in tested if example.intent != OUT_OF_SCOPE]
    parses = [(e, engine.parse(e.text)) for e in tested]
    ours = [(e, parse) for e, parse in parses if e.intent != OUT_OF_SCOPE]
    result["top1"] = _share(p.intent == e.intent for e, p in ours)
    result["top3"] = _share(e.intent in [r.name for r in p.ranking[:3]] for e, p in ours)
    badly = VARIANTS[_BADLY]
    result["badly"] = _share(engine.parse(badly(e.text)).intent == e.intent for e in inside)
    result["refused"] = _share(p.decision is Decision.REFUSE for _, p in ours)
    outside = [p for e, p in parses if e.intent == OUT_OF_SCOPE]
    result["outside"] = _share(p.decision is Decision.REFUSE for p in outside)
    answered = [(e, p) for e, p in parses if p.decision is Decision.ANSWER]
    result["wrong"] = _share(p.intent != e.intent for e, p in answered)
    if keep:
        result["mistakes"] = [
            [e.intent, p.intent, round(p.confidence, 3), f"{Path(e.file).name}:{e.line}", e.text]
            for e, p in parses
            if p.intent != e.intent
        ]
    return result


def writers(training: Sequence[Example], validation: Sequence[Example]) -> dict[str, Result]:
    """Each writer left out in turn; then more and more writers, tried on the validation."""
    ours = own(training)
    files = sorted({example.file for example in ours})
    found = {}
    for file in files:
        kept = [example for example in ours if example.file != file]
        held = [example for example in ours if example.file == file]
        found[f"without {Path(file).name}"] = score(kept, held, keep=True)
        _say(f"without {Path(file).name}", found)
    random.Random(_ORDER_SEED).shuffle(files)
    for count in (*WRITERS, len(files)):
        chosen = [example for example in ours if example.file in files[:count]]
        found[f"{count} writers"] = score(chosen, validation)
        _say(f"{count} writers", found)
    if len(ours) < len(training):
        found["and sentences added since"] = score(training, validation)
    return found


def own(training: Sequence[Example]) -> list[Example]:
    """The sentences of the writers, without those added after looking at mistakes."""
    return [example for example in training if Path(example.file).name not in MENDED]


def learning(training: Sequence[Example], validation: Sequence[Example]) -> dict[str, Result]:
    """Some sentences of each intent from all writers, tried on the validation."""
    found = {}
    for size in SIZES:
        found[str(size)] = score(some(training, size), validation)
        _say(f"{size} an intent", found)
    found["all"] = score(training, validation)
    return found


def models(training: Sequence[Example], validation: Sequence[Example]) -> dict[str, Result]:
    """Other models on seven writers, tried on the three others and on the validation."""
    given = zoo.lesson([e for e in own(training) if Path(e.file).name not in HELD_OUT])
    held = [e for e in training if Path(e.file).name in HELD_OUT]
    built: dict[str, zoo.Scorer] = {}
    found: dict[str, Result] = {}
    for name, make in _makers(given, built).items():
        started = time.process_time()
        built[name] = make()
        cpu = time.process_time() - started
        found[name] = {"cpu": cpu, **_tried(built[name], given.labels, held, "writers")}
        found[name] |= _tried(built[name], given.labels, validation, "validation")
        _say(name, found)
    return found


def _makers(given: zoo.Lesson, built: dict[str, zoo.Scorer]) -> dict[str, Callable[[], zoo.Scorer]]:
    use, logistic, nearest = "the model in use", "logistic regression", "nearest sentences"
    return {
        "words, linear SVM": lambda: zoo.words_svm(given),
        "words and pieces, linear SVM": lambda: zoo.pieces_svm(given),
        logistic: lambda: zoo.logistic(given),
        "complement naive Bayes": lambda: zoo.bayes(given),
        nearest: lambda: zoo.nearest(given),
        "hierarchy: family, then intent": lambda: zoo.hierarchy(given),
        use: lambda: zoo.in_use(given),
        "in use, best of whole and clauses": lambda: zoo.by_clause(built[use]),
        "ensemble: in use, logistic, nearest": lambda: zoo.ensemble(
            built[use], built[logistic], built[nearest]
        ),
    }


def _tried(
    scorer: zoo.Scorer, labels: Sequence[str], tested: Sequence[Example], name: str
) -> Result:
    """Top-1 and top-3 of what is in scope, badly typed too, and of its longest quarter."""
    inside = [example for example in tested if example.intent != OUT_OF_SCOPE]
    wanted = np.array([labels.index(example.intent) for example in inside])
    texts = [example.text for example in inside]
    order = np.argsort(-scorer(texts), axis=1)
    badly = np.argmax(scorer([VARIANTS[_BADLY](text) for text in texts]), axis=1)
    lengths = np.array([len(text.split()) for text in texts])
    long = lengths >= np.quantile(lengths, 0.75)
    right = order[:, 0] == wanted
    return {
        f"{name} top1": float(right.mean()),
        f"{name} top3": float((order[:, :3] == wanted[:, None]).any(axis=1).mean()),
        f"{name} badly": float((badly == wanted).mean()),
        f"{name} long": float(right[long].mean()),
    }


PARTS = {"writers": writers, "learning": learning, "models": models}


def run(part: str) -> dict[str, Result]:
    """The part's results, from an earlier run with the same data and code if there was one."""
    file = WORK / model_key() / f"{part}.json"
    if not file.is_file():
        found = PARTS[part](load_training(DATA_DIR), load_validation())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return dict(json.loads(file.read_text(encoding="utf-8")))


_COLUMNS = {
    "top1": "top-1", "top3": "top-3", "badly": "top-1, a typo and no marks", "wrong":
    "wrong answers", "refused": "refused", "outside": "out of scope refused",
}  # fmt: skip


def sheets(results: dict[str, dict[str, Result]]) -> list[Sheet]:
    """The tables of the parts there are."""
    found = []
    if "writers" in results:
        rows = results["writers"]
        left_out = {name: row for name, row in rows.items() if name.startswith("without")}
        mean = {key: float(np.mean([r[key] for r in left_out.values()])) for key in _COLUMNS}
        total = {"sentences": "", "tested": sum(r["tested"] for r in left_out.values())}
        found.append(_sheet("Each writer left out in turn", left_out | {"mean": total | mean}))
        more = {name: row for name, row in rows.items() if name not in left_out}
        found.append(_sheet("More writers, tried on the three of the validation", more))
        found.append(_pairs(left_out.values()))
    if "learning" in results:
        rows = {f"{size} an intent": row for size, row in results["learning"].items()}
        found.append(_sheet("More sentences of all writers, tried on the validation", rows))
    if "models" in results:
        found.append(_models(results["models"]))
    return found


def _sheet(title: str, rows: dict[str, Result]) -> Sheet:
    head = ("trained", "sentences", "tried on", *_COLUMNS.values())
    cells = [
        (name, str(row["sentences"]), str(row["tested"]), *(percent(row[key]) for key in _COLUMNS))
        for name, row in rows.items()
    ]
    return Sheet(f"{title}; in scope, %", head, tuple(cells))


def _models(rows: dict[str, Result]) -> Sheet:
    keys = [f"{where} {what}" for where in ("writers", "validation")
            for what in ("top1", "top3", "badly", "long")]  # fmt: skip
    names = {"top1": "top-1", "top3": "top-3", "badly": "badly typed", "long": "long"}
    head = tuple(f"{where}: {names[what]}" for where, what in map(str.split, keys))
    cells = [
        (name, *(percent(row[key]) for key in keys), f"{row['cpu']:.0f}")
        for name, row in rows.items()
    ]
    title = "Models on seven writers, tried on three others and on the validation; in scope, %"
    return Sheet(title, ("model", *head, "train, CPU s"), tuple(cells))


def _mixed_up(left_out: Iterable[Result]) -> list[tuple[tuple[str, str], list[list[Any]]]]:
    held: dict[tuple[str, str], list[list[Any]]] = defaultdict(list)
    for row in left_out:
        for mistake in row["mistakes"]:
            first, second = sorted(mistake[:2])
            held[first, second].append(mistake)
    return sorted(held.items(), key=lambda item: (-len(item[1]), item[0]))


def _pairs(left_out: Iterable[Result]) -> Sheet:
    rows = []
    for (first, second), mistakes in _mixed_up(left_out)[:_PAIRS]:
        counts = Counter(mistake[0] for mistake in mistakes)
        rows.append((f"{first} / {second}", str(len(mistakes)),
                     str(counts[first]), str(counts[second])))  # fmt: skip
    head = ("pair", "mistakes", "the first taken for the second", "the second for the first")
    return Sheet("Pairs mixed up most, each writer left out in turn", head, tuple(rows))


def _say(name: str, found: dict[str, Result]) -> None:
    figures = {k: round(v, 3) for k, v in list(found.values())[-1].items() if k != "mistakes"}
    print(name, figures, file=sys.stderr, flush=True)


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else 0.0


def _picture(rows: dict[str, Result], training: int, path: Path) -> None:
    names = {"top1": "as written", "badly": "a typo, no marks"}
    largest = training / len({e.intent for e in load_training(DATA_DIR)})
    points = [
        {"x": largest if size == "all" else int(size), "y": 100 * row[key], "line": name}
        for key, name in names.items()
        for size, row in rows.items()
    ]
    titles = ("sentences an intent", "top-1 of what is in scope, %", "validation")
    pictures.curves(points, titles, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.nlu_study", description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; repeatable")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args(arguments)
    results = {part: run(part) for part in options.part or PARTS}
    tables = sheets(results)
    text = [
        "# Does understanding carry over?",
        "",
        "Written by `uv run python -m bench.nlu_study`.",
    ]
    text += ["Left out or tried on means: not a sentence of that writer was trained on.", ""]
    text += [table.markdown() for table in tables]
    if "learning" in results:
        picture = options.out.parent / "images" / f"{options.out.stem}-learning.svg"
        _picture(results["learning"], results["learning"]["all"]["sentences"], picture)
        text += [f"![Learning curve](images/{picture.name})", ""]
    options.out.write_text("\n".join(text), encoding="utf-8")
    print(f"wrote {options.out}")
    left_out = [row for name, row in results.get("writers", {}).items() if "mistakes" in row]
    for (first, second), mistakes in _mixed_up(left_out)[:_PAIRS]:
        print(f"\n{first} / {second}: {len(mistakes)}")
        for real, given, confidence, where, said in sorted(mistakes, key=lambda m: -m[2])[:_SHOWN]:
            print(f"  {where} {real} -> {given} {confidence:.2f}: {said[:160]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

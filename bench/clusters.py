"""How well questions are grouped: topics withheld from everything, among what is out of scope.

`uv run python -m bench.clusters` withholds intents (their sentences are neither background nor
known), mixes so many of their sentences with the validation's sentences out of scope, and compares
the groups with the true intents. `--texts 20000` says how long many texts take.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict

from nlu.data_loader import Example, load_training, load_validation
from nlu.embedded.augment import with_typos
from nlu.embedded.clusters import find_clusters
from nlu.engine import DATA_DIR
from nlu.intents import GUIDE_INTENTS, OUT_OF_SCOPE


def measured(withheld: int, each: int, seed: int) -> tuple[int, float, float, float]:
    """Groups found, share of the topics' sentences in one, purity, adjusted Rand of those."""
    from sklearn.metrics import adjusted_rand_score

    rng = random.Random(seed)
    names = set(rng.sample(sorted(GUIDE_INTENTS), withheld))
    training = load_training(DATA_DIR)
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in training:
        by_intent[example.intent].append(example)
    asked = [e for name in sorted(names) for e in rng.sample(by_intent[name], each)]
    asked += [e for e in load_validation() if e.intent == OUT_OF_SCOPE]
    rng.shuffle(asked)
    background = [e.text for e in training if e.intent not in names]
    # Nothing says that two sentences out of scope belong together: each is a topic of its own.
    true = [e.intent if e.intent in names else f"{n}" for n, e in enumerate(asked)]
    clusters = find_clusters([e.text for e in asked], background)
    right = sum(Counter(true[p] for p in c.members).most_common(1)[0][1] for c in clusters)
    found = {place: number for number, c in enumerate(clusters) for place in c.members}
    covered = sum(true[p] in names for p in found) / (withheld * each)
    places = sorted(found)
    rand = adjusted_rand_score([true[p] for p in places], [found[p] for p in places])
    return len(clusters), covered, right / max(1, len(found)), float(rand)


def timed(count: int) -> float:
    """Seconds for so many texts, each sentence of the data with slips of its own."""
    training = load_training(DATA_DIR)
    texts = [
        with_typos(training[n % len(training)].text, n, 0.3) if n >= len(training) else text.text
        for n, text in enumerate(training[k % len(training)] for k in range(count))
    ]
    started = time.perf_counter()
    find_clusters(texts, [e.text for e in training])
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--withheld", type=int, default=15, help="topics withheld")
    parser.add_argument("--each", type=int, default=60, help="sentences of each")
    parser.add_argument("--rounds", type=int, default=3, help="choices of topics")
    parser.add_argument("--texts", type=int, default=0, help="time so many texts instead")
    given = parser.parse_args()
    if given.texts:
        print(f"{given.texts} texts: {timed(given.texts):.0f} s")
        return
    print("| groups | sentences of the topics in a group | purity | adjusted Rand |")
    print("|---:|---:|---:|---:|")
    for seed in range(given.rounds):
        groups, covered, purity, rand = measured(given.withheld, given.each, seed)
        print(f"| {groups} | {covered:.0%} | {purity:.2f} | {rand:.2f} |", flush=True)


if __name__ == "__main__":
    main()

"""Trains a Rasa model in Rasa's environment, from the same sentences as the embedded engine."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from nlu.data_loader import Example, load_training
from nlu.engine import DATA_DIR, TrainReport
from nlu.intents import INTENTS
from nlu.rasa import files
from nlu.rasa.environment import RasaFailed, last_line, python, variables
from nlu.text import normalize

KEPT_MODELS = 3
_ABANDONED_SECONDS = 7200.0
_NICE = 10
LOG = "train.log"
DATA = "data.yml"


def train(
    var_dir: Path,
    data_dir: Path = DATA_DIR,
    config: Path | None = None,
    models: Path | None = None,
) -> TrainReport:
    """Train into `models/<key>/` (by default `var_dir/rasa`), or find that model there.

    Minutes of CPU, at low priority. The folder appears complete or not at all and holds the model
    and the code that runs inside Rasa. Raises DataError, RasaFileMissing, RasaFailed, OSError.
    """
    started = time.monotonic()
    config = config or files.config_file()
    # Rasa would train over a misspelt intent without a word; this names file and line.
    examples = load_training(data_dir)
    key = files.model_key(data_dir, config)
    target = (models or files.models_dir(var_dir)) / key
    trained = not target.is_dir()
    if trained:
        interpreter = python(var_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target.parent)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
        try:
            _lay_out(made, examples, config)
            _run(made, interpreter, key, target.parent / LOG)
            _keep(made, key, target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        _prune(target)
    intents = len({example.intent for example in examples})
    return TrainReport(key, target, intents, len(examples), time.monotonic() - started, trained)


def domain() -> str:
    """Rasa's domain: the intents and nothing else, since the program leads the conversation."""
    return 'version: "3.1"\nintents:\n' + "".join(f"- {name}\n" for name in INTENTS)


def data(examples: Sequence[Example]) -> str:
    """The sentences in Rasa's format, without those of which no word is left (an emoji, say).

    Rasa's logistic regression stops at a sentence without any feature.
    """
    by_intent: dict[str, list[str]] = {}
    for example in examples:
        if normalize(example.text).accented:
            by_intent.setdefault(example.intent, []).append(f"- {example.text}\n")
    entries = [{"intent": name, "examples": "".join(lines)} for name, lines in by_intent.items()]
    return str(yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True, width=10_000))


def _lay_out(folder: Path, examples: Sequence[Example], config: Path) -> None:
    """The project Rasa sees: its working folder is where it imports `nlu` from."""
    shutil.copy(config, folder / "config.yml")
    (folder / "domain.yml").write_text(domain(), encoding="utf-8")
    (folder / DATA).write_text(data(examples), encoding="utf-8")
    (folder / "nlu").mkdir()
    for path in files.component_files():
        shutil.copy(path, folder / "nlu")


def _run(folder: Path, interpreter: Path, key: str, log_file: Path) -> None:
    command = [str(interpreter.absolute()), "-m", "rasa", "train", "nlu", "--config", "config.yml"]
    command += ["--nlu", DATA, "--domain", "domain.yml", "--out", "."]
    command += ["--fixed-model-name", key]
    with log_file.open("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=variables(), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            if hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        log.seek(0)
        said = log.read()
    # `rasa train` was seen to end with 0 though nothing was trained.
    if code != 0 or not (folder / f"{key}.tar.gz").is_file():
        raise RasaFailed(f"rasa train failed: {last_line(said)} (all of it: {log_file})")


def _keep(made: Path, key: str, target: Path) -> None:
    """Of all that the training left, what serving needs."""
    shutil.rmtree(made / ".rasa", ignore_errors=True)
    (made / DATA).unlink()
    (made / f"{key}.tar.gz").rename(made / f"{files.MODEL}-{key[:12]}.tar.gz")
    made.chmod(0o755)
    try:
        made.rename(target)
    except OSError:
        # Another process may have finished the same model first; then theirs is as good.
        if not target.is_dir():
            raise


def _remove_abandoned(models: Path) -> None:
    """Clear what a killed training left behind."""
    oldest = time.time() - _ABANDONED_SECONDS
    for folder in models.glob(".making-*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _prune(newest: Path) -> None:
    """Keep the last few models: a server of the release before may still run from its folder."""
    found = newest.parent.glob("*/config.yml")
    others = [path.parent for path in found if path.parent != newest and path.parent.name[0] != "."]
    others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in others[KEPT_MODELS - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)

"""Engines made ready to be compared: trained from one folder, served, and measured doing so."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from nlu.compare.memory import resident_mb
from nlu.compare.probe import Serving
from nlu.embedded.metrics import percentile, times_ms
from nlu.embedded.thresholds import Thresholds
from nlu.engine import Engine, EngineError
from nlu.rasa import files
from nlu.rasa.answer import RasaUnavailable
from nlu.rasa.client import RasaClient, normalized
from nlu.rasa.environment import RasaFailed, last_line
from nlu.rasa.serve import HOST, Launch, launch
from nlu.rasa.train import train as train_rasa

_START_SECONDS = 300.0
_STOP_SECONDS = 30.0
_PATIENCE = 60.0
_COSTS = "training-costs.json"


class Name(StrEnum):
    """The engines there are to compare."""

    EMBEDDED = "embedded"
    RASA = "rasa"
    DIET = "diet"
    RASA_DEFAULT = "rasa-default"


@dataclass(frozen=True, slots=True)
class Training:
    """What it took to train: seconds by the clock, and of all processors together."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Contestant:
    """An engine that answers, with the odds of out of scope at 1, and what it cost."""

    name: Name
    engine: Engine
    training: Training | None
    serving: Serving


@dataclass(frozen=True, slots=True)
class Ring:
    """Where engines are trained and served: all files go under `work`.

    `var_dir` has Rasa's environment, `data` is the training folder, `epochs` replaces those of a
    pipeline with DIET.
    """

    var_dir: Path
    work: Path
    data: Path
    epochs: int | None


def raw(text: str) -> str:
    """The message as it came, for a pipeline without our tokenizer; '/' would name an intent."""
    return text.strip().lstrip("/")


_PIPELINES: dict[Name, tuple[Callable[[], Path], Callable[[str], str]]] = {
    Name.RASA: (files.config_file, normalized),
    Name.DIET: (lambda: files.DIET_CONFIG, normalized),
    Name.RASA_DEFAULT: (lambda: files.DEFAULT_CONFIG, raw),
}


@contextmanager
def enter(ring: Ring, name: Name, texts: Sequence[str]) -> Iterator[Contestant]:
    """Train the engine, or find it trained, and serve it; `texts` are for measuring its speed.

    Raises EngineError and what it is made of.
    """
    ring.work.mkdir(parents=True, exist_ok=True)
    if name is Name.EMBEDDED:
        yield _embedded(ring, texts)
        return
    with _rasa(ring, name, texts) as contestant:
        yield contestant


def _embedded(ring: Ring, texts: Sequence[str]) -> Contestant:
    from nlu.embedded.model import load

    models = ring.work / "models"
    started, before = time.monotonic(), _children_cpu()
    options = ["--data", str(ring.data), "--models", str(models)]
    report = json.loads(_python("nlu.embedded.train", options, "").splitlines()[-1])
    training = _remember(ring, report["model_id"], report["trained"], started, before)
    serving = Serving(**json.loads(_python("nlu.compare.probe", options, json.dumps(texts))))
    engine = load(models, report["model_id"])
    engine.thresholds = Thresholds()
    return Contestant(Name.EMBEDDED, engine, training, serving)


def _python(module: str, options: list[str], given: str) -> str:
    command = [sys.executable, "-m", module, *options]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"python -m {module}: {last_line(done.stderr)}")
    return done.stdout


@contextmanager
def _rasa(ring: Ring, name: Name, texts: Sequence[str]) -> Iterator[Contestant]:
    config_file, spell = _PIPELINES[name]
    config = with_epochs(config_file(), ring.epochs, ring.work)
    started, before = time.monotonic(), _children_cpu()
    report = train_rasa(ring.var_dir, ring.data, config, ring.work / "rasa")
    training = _remember(ring, report.model_id, report.trained, started, before)
    port = _free_port()
    with _served(launch(ring.var_dir, port, folder=report.path), ring.work / "serve.log") as pid:
        engine = RasaClient(f"http://{HOST}:{port}", _PATIENCE, Thresholds(), spell=spell)
        with contextlib.closing(engine):
            seconds = _until_ready(engine, pid, ring.work / "serve.log")
            times = times_ms(engine, texts)
            serving = Serving(
                seconds, percentile(times, 0.5), percentile(times, 0.99), resident_mb(pid.pid)
            )
            yield Contestant(name, engine, training, serving)


def with_epochs(config: Path, epochs: int | None, folder: Path) -> Path:
    """The pipeline with other epochs for what has any, as a file in `folder`."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))
    learning = [part for part in pipeline["pipeline"] if "epochs" in part]
    if epochs is None or not learning:
        return config
    for part in learning:
        part["epochs"] = epochs
    changed = folder / f"{config.stem}-{epochs}.yml"
    changed.write_text(yaml.safe_dump(pipeline, sort_keys=False), encoding="utf-8")
    return changed


@contextmanager
def _served(start: Launch, log_file: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            start.command,
            cwd=start.folder,
            env=start.variables,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_ready(engine: RasaClient, process: "subprocess.Popen[bytes]", log_file: Path) -> float:
    """Seconds until the server has its model."""
    started = time.monotonic()
    while time.monotonic() - started < _START_SECONDS and process.poll() is None:
        with contextlib.suppress(RasaUnavailable):
            engine.check()
            return time.monotonic() - started
        time.sleep(0.2)
    said = log_file.read_text(encoding="utf-8", errors="replace")
    raise RasaFailed(f"Rasa did not start: {last_line(said)} (all of it: {log_file})")


def _remember(
    ring: Ring, model_id: str, trained: bool, started: float, cpu_before: float
) -> Training | None:
    """What training took, kept beside the models for the next time, when they are there."""
    file = ring.work / _COSTS
    costs = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if trained:
        training = Training(time.monotonic() - started, _children_cpu() - cpu_before)
        costs[model_id] = asdict(training)
        file.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")
    return Training(**costs[model_id]) if model_id in costs else None


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])

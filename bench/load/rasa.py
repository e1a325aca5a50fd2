"""Rasa's own server on the same dialogue, in turn with congdanso's web chat.

The same intents, sentences and pipeline (`config.yml`); a rule for each intent, which says the
guide's short answer; REST channel, tracker in memory.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench.load import report
from bench.load.channels import WebPeople
from bench.load.measure import CONNECTIONS, Crowd, Figures
from bench.load.programs import Target, congdanso, fakes
from bench.load.wire import Generator, Item, Link, request
from bench.reply import texts
from nlu.data_loader import load_training
from nlu.engine import DATA_DIR
from nlu.intents import INTENTS
from nlu.rasa import files
from nlu.rasa.environment import variables
from nlu.rasa.train import data
from tests.process import ROOT, free_port

_START_SECONDS = 300
_WARM = 40
_MISSING = """Rasa's environment is not in {folder}. Make it first (2.5 GB, minutes):
  uv run congdanso rasa install
or name the var_dir that has it: --rasa-env DIR"""


class RasaMissing(RuntimeError):
    """Rasa's environment is not there; the text says how it is made."""


async def rounds(folder: Path, var: Path, count: int, burst: int) -> list[report.Row]:
    """Both servers in turn; what each round gave. RasaMissing."""
    interpreter = _interpreter(var)
    project = _train(var / "rasa-dialogue", interpreter)
    rows = []
    for _ in range(count):
        with _served(project, interpreter) as target:
            await _rest(target, _WARM)
            rows.append((await _rest(target, burst)).row() | {"start_s": target.start})
        with fakes(folder) as made, congdanso(made, folder / "var") as target:
            pages = WebPeople(target.port)
            crowd = Crowd(target, [pages])
            await crowd.sustained(texts(_WARM), _WARM)
            row = (await crowd.sustained(texts(burst), 200)).row()
            rows.append(row | {"start_s": target.start})
            await pages.close()
        for name in ("telegram.jsonl", "zalo.jsonl"):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "var", ignore_errors=True)
    return rows


def _interpreter(var: Path) -> Path:
    found = files.environment_dir(var).absolute() / "bin" / "python"
    if not found.exists():
        raise RasaMissing(_MISSING.format(folder=var.absolute()))
    return found


def _train(project: Path, interpreter: Path) -> Path:
    """The project with its model, made once for each state of data and pipeline."""
    mark = project / "made-from"
    key = files.model_key()
    if mark.exists() and mark.read_text() == key:
        return project
    shutil.rmtree(project, ignore_errors=True)
    (project / "nlu").mkdir(parents=True)
    for path in files.component_files():
        shutil.copy(path, project / "nlu")
    examples = load_training(DATA_DIR)
    pipeline = yaml.safe_load(files.config_file().read_text(encoding="utf-8"))
    pipeline["policies"] = [{"name": "RulePolicy", "enable_fallback_prediction": False}]
    names = sorted({example.intent for example in examples})
    _write(project / "config.yml", pipeline)
    _write(project / "domain.yml", _domain(names))
    _write(project / "rules.yml", _rules(names))
    _write(project / "credentials.yml", {"rest": None})
    (project / "data.yml").write_text(data(examples), encoding="utf-8")
    command = [str(interpreter), "-m", "rasa", "train", "--data", "data.yml", "rules.yml"]
    print("training Rasa's dialogue (minutes)", flush=True)
    subprocess.run(command, cwd=project, env=variables(), check=True, stdout=subprocess.DEVNULL)
    mark.write_text(key)
    return project


def _domain(names: list[str]) -> dict[str, Any]:
    answers = {f"utter_{name}": [{"text": _answer(name)}] for name in names}
    return {"version": "3.1", "intents": names, "responses": answers}


def _rules(names: list[str]) -> dict[str, Any]:
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in names
    ]
    return {"version": "3.1", "rules": rules}


def _answer(name: str) -> str:
    """The short answer of an intent's guide; for an intent without one its title."""
    path = ROOT / "content" / "guides" / f"{name}.yml"
    if not path.exists():
        return INTENTS[name].title
    return str(yaml.safe_load(path.read_text(encoding="utf-8"))["answer"])


def _write(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")


@contextlib.contextmanager
def _served(project: Path, interpreter: Path) -> Iterator[Target]:
    port = free_port()
    command = [str(interpreter), "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1"]
    command += ["--port", str(port), "--credentials", "credentials.yml"]
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=project,
        env=variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _is_ready(port):
            if process.poll() is not None or time.monotonic() - began > _START_SECONDS:
                raise RuntimeError("Rasa's server did not come up")
            time.sleep(0.2)
        yield Target("rasa", port, process.pid, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(60)


def _is_ready(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/status", trust_env=False).status_code == 200
    return False


async def _rest(target: Target, count: int) -> Figures:
    """As fast as it answers; its answer is the answer to the POST."""
    numbers = itertools.count(1)
    items = []
    for n, text in zip(range(count), itertools.cycle(texts(count)), strict=False):
        body = json.dumps({"sender": f"p{n % 200}", "message": text}, ensure_ascii=False)
        raw = request("/webhooks/rest/webhook", body.encode())
        items.append(Item(next(numbers), f"p{n % 200}", raw))
    link = await Link.open(target.port)
    status, _, answer = await link.ask(items[0].raw)
    link.close()
    if status != 200 or not json.loads(answer):
        raise RuntimeError(f"Rasa does not answer (status {status})")
    generator = Generator(target.port, CONNECTIONS)
    cpu, own, began = target.cpu(), time.process_time(), time.perf_counter()
    await generator.as_fast_as_taken(items)
    took = time.perf_counter() - began
    return Figures(
        "rasa",
        "rest",
        "sustained",
        count,
        count,
        count / took,
        (target.cpu() - cpu) / count * 1000,
        (time.process_time() - own) / count * 1000,
        target.rss_mb(),
        [seconds * 1000 for seconds in generator.acknowledged.values()],
    )

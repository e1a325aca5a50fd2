"""The real Rasa: made, trained and served by our commands, held to the contract, and killed.

What it makes is kept in var/ and found there the next time: packages once, a model for each data.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nlu.data_loader import load_validation
from nlu.embedded import metrics
from nlu.engine import RasaServer, load_embedded, with_rasa
from nlu.rasa import files
from nlu.rasa.client import RasaClient
from tests.app.test_start_and_stop import run as run_here
from tests.fakes.rasa import UNKNOWN, recorded
from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import Plan, wait_answered
from tests.process import Served, telegram_settings, trained_models, with_model
from tests.rasa.conftest import Watcher, client_of
from tests.rasa.contract import KNOWN, EngineContract
from tests.rasa.real import RealRasa, run

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def environment() -> float:
    """Rasa's environment; how long it took."""
    # Takes minutes on a new machine, and has a timeout of its own.
    faulthandler.cancel_dump_traceback_later()
    started = time.monotonic()
    run("rasa", "install")
    return time.monotonic() - started


@pytest.fixture(scope="module")
def model(environment: float) -> float:
    """The trained model; how long it took."""
    faulthandler.cancel_dump_traceback_later()
    started = time.monotonic()
    run("nlu", "train", "--engine", "rasa")
    return time.monotonic() - started


@pytest.fixture(scope="module")
def rasa(model: float, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRasa]:
    """The server."""
    faulthandler.cancel_dump_traceback_later()
    server = RealRasa(tmp_path_factory.mktemp("rasa") / "rasa.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def engine(rasa: RealRasa) -> Iterator[RasaClient]:
    """A patient client: the contract is about answers, not about this machine's load."""
    client = client_of(rasa.url, timeout=20)
    client.check()
    yield client
    client.close()


def test_making_it_again_does_nothing(environment: float, model: float) -> None:
    """Both commands find what is there."""
    started = time.monotonic()
    assert run("rasa", "install").startswith("already there: ")
    assert run("nlu", "train", "--engine", "rasa").startswith("already trained: ")
    assert time.monotonic() - started < 30
    print(f"install {environment:.0f} s, train {model:.0f} s")


class TestRealRasa(EngineContract):
    """The contract, held by the real server."""


def test_the_model_served_is_the_one_of_this_data(engine: RasaClient) -> None:
    assert engine.check() == f"model-{files.model_key()[:12]}"


def test_the_fake_answers_in_the_same_shape(rasa: RealRasa) -> None:
    """Keys and types of what was recorded are those of today."""
    now = httpx.post(f"{rasa.url}/model/parse", json={"text": UNKNOWN}, trust_env=False).json()
    then = recorded()[UNKNOWN]
    assert now.keys() == then.keys()
    assert now["intent"].keys() == then["intent"].keys()
    assert [type(value) for value in now.values()] == [type(value) for value in then.values()]
    assert now["intent_ranking"][0].keys() == then["intent_ranking"][0].keys()


def test_how_good_and_how_fast(engine: RasaClient, rasa: RealRasa) -> None:
    """Floors a little under what was measured; `congdanso nlu compare` has the tables."""
    examples = load_validation()[::4]
    times = []
    found = []
    for example in examples:
        started = time.monotonic()
        parse = engine.parse(example.text)
        times.append(time.monotonic() - started)
        found.append(metrics.Outcome(example.intent, parse))
    times.sort()
    middle, late = times[len(times) // 2], times[int(0.99 * len(times))]
    print(f"p50 {1000 * middle:.1f} ms, p99 {1000 * late:.1f} ms, {rasa.memory():.0f} MB")
    assert metrics.top(found, 1) >= 0.80
    assert metrics.top(found, 3) >= 0.92
    assert metrics.wrong_answers(found) <= 0.10
    assert middle < 0.2


def test_it_listens_on_this_machine_only(rasa: RealRasa) -> None:
    """No authentication: nobody else may reach it."""
    listening = Path("/proc/net/tcp").read_text(encoding="ascii")
    port = f"{rasa.port:04X}"
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    places = [line.split()[1] for line in listening.splitlines() if f":{port} 0" in line]
    assert f"{loopback}:{port}" in places
    assert not [place for place in places if place.startswith("00000000:")]


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
def test_a_question_gets_the_same_guide(up: bool, rasa: RealRasa, tmp_path: Path) -> None:
    """The bot from the outside, on Rasa and with Rasa out of reach."""
    url = rasa.url if up else "http://127.0.0.1:9"
    question = ["ask", "làm định danh mức 2 ở đâu", "--json"]
    var_dir = with_model(tmp_path / "var")
    done = run_here(question, var_dir, CONGDANSO_NLU="rasa", CONGDANSO_RASA_URL=url)
    assert done.returncode == 0, done.stderr
    said = json.dumps(json.loads(done.stdout)["replies"], ensure_ascii=False)
    assert "mức 2" in said


def test_nothing_that_was_said_is_in_its_log(engine: RasaClient, rasa: RealRasa) -> None:
    for text in ("xe đạp màu tím", "/greet", "số 0912345678"):
        engine.parse(text)
    log = rasa.log.read_text(encoding="utf-8", errors="replace")
    assert "tím" not in log
    assert "0912345678" not in log


def test_killed_under_load(rasa: RealRasa, tmp_path: Path) -> None:
    """SIGKILL with 500 messages in the queue: all answered, in order, once; and back again."""
    faulthandler.cancel_dump_traceback_later()
    plan, log = Plan(), tmp_path / "calls.jsonl"
    quick = {"CONGDANSO_LEASE_SECONDS": "3", "CONGDANSO_POLL_SECONDS": "0.2"}
    settings = quick | {
        "CONGDANSO_NLU": "rasa",
        "CONGDANSO_RASA_URL": rasa.url,
        "CONGDANSO_RASA_PAUSE_SECONDS": "1",
    }
    with RemoteTelegram.spawn(log) as remote:
        served = Served(with_model(tmp_path / "var"), telegram_settings(remote.url) | settings)
        with served, httpx.Client(base_url=served.url, trust_env=False, timeout=10) as client:
            assert client.get("/readyz").json()["nlu"] == "rasa"
            plan.queue(remote)
            wait_answered(plan, log, 120)
            rasa.kill()
            verdict = wait_answered(plan, log, plan.total)
            assert client.get("/readyz").json()["nlu"] == "embedded (rasa down)"
            by_rasa, by_embedded = _parses(client, "rasa"), _parses(client, "embedded")
            print(f"understood by rasa {by_rasa}, by embedded {by_embedded}")
            print(f"back after {rasa.start():.0f} s")
            _until_rasa(client)
            assert served.stop() == 0
    assert verdict.answered == plan.total
    assert verdict.repeats == 0
    assert verdict.disordered == []
    assert by_rasa > 0
    assert by_embedded > 0
    # Everybody's /start is text too; none was understood twice.
    assert by_rasa + by_embedded in (plan.total, plan.total - plan.people)


def test_killed_while_many_ask_at_once(rasa: RealRasa, watcher: Watcher) -> None:
    """The engine by itself: real questions from eight threads, and none without its intent."""
    behind = load_embedded(trained_models())
    engine = with_rasa(RasaServer(rasa.url, timeout=2, pause=60), behind, watcher)
    engine.check()
    assert engine.up

    async def ask() -> list[str]:
        loop = asyncio.get_running_loop()
        texts = [text for text, _ in KNOWN] * 12
        asked = [loop.run_in_executor(None, engine.parse, text) for text in texts]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        rasa.kill()
        return [found.intent for found in await asyncio.gather(*asked)]

    understood = asyncio.run(ask())
    engine.close()
    assert understood == [intent for _, intent in KNOWN] * 12
    assert {"rasa", "embedded"} == set(watcher.engines)
    assert watcher.switches[-1][0] is False
    rasa.start()


def _parses(client: httpx.Client, engine: str) -> int:
    head = f'congdanso_parses_total{{engine="{engine}"}} '
    lines = client.get("/metrics").text.splitlines()
    return sum(int(float(line.removeprefix(head))) for line in lines if line.startswith(head))


def _until_rasa(client: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while client.get("/readyz").json()["nlu"] != "rasa":
        assert time.monotonic() < deadline, "Rasa is back and is not asked"
        time.sleep(0.1)

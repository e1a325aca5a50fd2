"""The same cases against the embedded engine, Rasa's client and the two together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nlu.engine import Engine, RasaServer, with_rasa
from tests.fakes.rasa import FakeRasa
from tests.rasa import contract
from tests.rasa.conftest import Watcher, client_of


@pytest.fixture(params=["embedded", "rasa", "both", "both, rasa down"])
def engine(request: pytest.FixtureRequest, embedded: Engine, watcher: Watcher) -> Iterator[Engine]:
    """Each engine there is."""
    if request.param == "embedded":
        yield embedded
        return
    with FakeRasa() as fake:
        if request.param == "rasa":
            client = client_of(fake.url)
            client.check()
            yield client
            client.close()
            return
        if "down" in request.param:
            fake.stop()
        both = with_rasa(RasaServer(fake.url, timeout=0.5), embedded, watcher)
        both.check()
        yield both
        both.close()


@pytest.mark.parametrize("text", contract.HOSTILE, ids=range(len(contract.HOSTILE)))
def test_any_text_gives_a_whole_parse(text: str, engine: Engine) -> None:
    contract.check_shape(engine, text)


@pytest.mark.parametrize(("text", "intent"), contract.KNOWN)
def test_plain_questions_are_understood(text: str, intent: str, engine: Engine) -> None:
    contract.check_known(engine, text, intent)


@pytest.mark.parametrize(
    "check",
    [
        contract.check_marks_do_not_matter_much,
        contract.check_nothing_readable_is_refused,
        contract.check_entities_fit_the_text,
        contract.check_many_is_one_by_one,
        contract.check_it_names_itself,
    ],
)
def test_whatever_the_engine(check: contract.Check, engine: Engine) -> None:
    check(engine)

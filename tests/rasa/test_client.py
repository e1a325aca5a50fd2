"""The client against a server that misbehaves: in time, in words, bounded."""

from __future__ import annotations

import time

import pytest

from nlu.rasa.answer import RasaUnavailable
from nlu.rasa.client import RasaClient
from tests.fakes.rasa import FakeRasa, Way
from tests.rasa.conftest import client_of

TEXT = "làm thẻ căn cước"


def why(client: RasaClient, text: str = TEXT) -> str:
    """The word for what went wrong."""
    with pytest.raises(RasaUnavailable) as raised:
        client.parse(text)
    assert text not in str(raised.value)
    return raised.value.why


@pytest.mark.parametrize(
    ("way", "word", "asked"),
    [
        (Way.SILENT, "timeout", 1),
        (Way.DRIPPING, "timeout", 1),
        (Way.FAILING, "status", 2),
        (Way.NO_MODEL, "status", 1),
        (Way.GARBAGE, "answer", 1),
        (Way.OTHER_JSON, "answer", 1),
        (Way.OTHER_INTENTS, "answer", 1),
        (Way.NAN, "answer", 1),
        (Way.HUGE, "answer", 1),
        (Way.CUT, "connection", 2),
    ],
)
def test_what_went_wrong(
    way: Way, word: str, asked: int, fake: FakeRasa, client: RasaClient
) -> None:
    """One word each, tried again only where that may help, within the timeout."""
    fake.way = way
    started = time.monotonic()
    assert why(client) == word
    assert time.monotonic() - started < 1.5
    assert len(fake.texts) == asked


def test_nobody_listens(fake: FakeRasa, client: RasaClient) -> None:
    fake.stop()
    assert why(client) == "connection"


@pytest.mark.parametrize("way", [Way.FAILING, Way.CUT])
def test_a_passing_failure_is_tried_again(way: Way, fake: FakeRasa, client: RasaClient) -> None:
    fake.next = [way]
    assert client.parse(TEXT).intent == "chip_id_card"
    assert len(fake.texts) == 2


def test_a_restart_in_between_is_not_noticed(fake: FakeRasa, client: RasaClient) -> None:
    """The kept connection is dead; the next try opens another."""
    client.parse(TEXT)
    fake.stop()
    fake.start()
    assert client.parse(TEXT).intent == "chip_id_card"


def test_tries_are_bounded(fake: FakeRasa) -> None:
    client = client_of(fake.url, tries=3)
    fake.way = Way.FAILING
    assert why(client) == "status"
    assert len(fake.texts) == 3
    client.close()


def test_rasa_gets_plain_words_only(fake: FakeRasa, client: RasaClient) -> None:
    """No '/intent' that Rasa would obey, nothing endless, nothing that UTF-8 cannot carry."""
    for text in ("/greet", "\ud800 a", "b" * 100_000, '/out_of_scope{"x":1}'):
        client.parse(text)
    assert not [text for text in fake.texts if text.startswith("/") or len(text) > 2_000]


def test_nothing_readable_is_not_asked(fake: FakeRasa, client: RasaClient) -> None:
    client.parse("👍")
    assert fake.texts == []


def test_the_model_is_named(fake: FakeRasa, client: RasaClient) -> None:
    assert client.model_id == ""
    assert client.check() == client.model_id == "model-0123456789ab"


@pytest.mark.parametrize("way", [Way.NO_MODEL, Way.GARBAGE, Way.OTHER_JSON, Way.SILENT, Way.CUT])
def test_a_check_fails_like_a_parse(way: Way, fake: FakeRasa, client: RasaClient) -> None:
    fake.way = way
    with pytest.raises(RasaUnavailable):
        client.check()


def test_no_intent_at_all_is_out_of_scope() -> None:
    """What DIET answers when it knows no word of the message."""
    from nlu.rasa.answer import read_ranking

    body = b'{"text": "x", "intent": {"name": null, "confidence": 0.0}, "intent_ranking": []}'
    assert [ranked.name for ranked in read_ranking(body)] == ["out_of_scope"]


@pytest.mark.parametrize(
    "ranking",
    [
        b"[]",
        b'[{"name": "greet", "confidence": 2.0}]',
        b'[{"name": "greet", "confidence": -0.1}]',
        b'[{"name": "greet", "confidence": true}]',
        b'[{"name": "greet", "confidence": 0.0}]',
        b'[{"name": 7, "confidence": 0.5}]',
        b'[{"name": "greet", "confidence": 0.5}, {"name": "greet", "confidence": 0.5}]',
        b'[{"name": "greet"}]',
        b'["greet"]',
        b"null",
        b"[" * 100_000,
    ],
    ids=range(11),
)
def test_rankings_that_are_none(ranking: bytes) -> None:
    from nlu.rasa.answer import read_ranking

    body = b'{"intent": {"name": "greet", "confidence": 0.5}, "intent_ranking": ' + ranking + b"}"
    with pytest.raises(RasaUnavailable):
        read_ranking(body)

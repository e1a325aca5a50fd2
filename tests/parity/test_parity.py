"""The same conversations on every channel: what people read, and what is stored.

`WRITE_GOLDEN=1 pytest -m zalo tests/parity` writes the transcripts and docs/parity.md anew; each
transcript is read by somebody before it is committed.
"""

from __future__ import annotations

import os

import pytest

from tests.parity import page, transcript
from tests.parity.driver import Driver
from tests.parity.drivers import DRIVERS
from tests.parity.play import Play
from tests.parity.script import CITIZEN, Script, scripts

SCRIPTS = scripts()
WRITING = os.environ.get("WRITE_GOLDEN") == "1"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_same_words_and_same_outcome(driver: Driver, script: Script) -> None:
    reason = script.unless.get(driver.name)
    if reason is not None:
        page.note(script.id, driver.name, f"– {reason}", write=WRITING)
        return
    play = Play(driver, script)
    played = play.run()
    if WRITING and driver.name == transcript.PLAIN:
        transcript.write(script.id, played)
    looks = {name: drv.look for name, (drv, _) in play.people.items()}
    found = transcript.differences(transcript.read(script.id), played, looks)
    assert not found, "\n".join(found)
    page.note(script.id, driver.name, str(played.bubbles), write=WRITING)


def test_the_page_has_every_script_and_channel() -> None:
    if WRITING:
        page.write(SCRIPTS)
    assert page.PAGE.read_text(encoding="utf-8") == page.text(SCRIPTS, page.cells())


def test_there_are_forty_scripts_and_no_transcript_too_many() -> None:
    ids = [script.id for script in SCRIPTS]
    assert len(ids) == len(set(ids)) >= 40
    places = [script.place for script in SCRIPTS if script.place]
    assert len(places) == len(set(places)), "one place has one team"
    assert {path.stem for path in transcript.GOLDEN.iterdir()} == set(ids)
    assert list(DRIVERS) == list(page.TITLES)
    assert transcript.turns(transcript.read(ids[0]))[0][1][CITIZEN]

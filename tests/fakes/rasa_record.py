"""`python -m tests.fakes.rasa_record http://127.0.0.1:5005`: record a real Rasa's answers anew."""

from __future__ import annotations

import json
import sys

import httpx

from nlu.text import normalize
from tests.fakes.rasa import ANSWERS, UNKNOWN
from tests.rasa.contract import KNOWN, OTHERS

_PLACES = 12


def main(url: str) -> None:
    """Ask what the contract asks; the far end of each ranking is left out."""
    answers = {}
    for text in (UNKNOWN, *(text for text, _ in KNOWN), *OTHERS):
        asked = {"text": normalize(text).accented}
        answer = httpx.post(f"{url}/model/parse", json=asked, trust_env=False).json()
        answers[text] = answer | {"intent_ranking": answer["intent_ranking"][:_PLACES]}
    body = json.dumps(answers, ensure_ascii=False, indent=1)
    ANSWERS.write_text(body + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

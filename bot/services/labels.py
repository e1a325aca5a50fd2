"""Labelling: one question, a whole cluster, or tens of thousands of sentences at once.

A label holds the masked text only. What was erased, or is too old to be kept, cannot be labelled.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.errors import BadRequest
from bot.safety.masking import mask
from bot.services.runtime import Runtime
from bot.services.staff import Visit
from bot.store import audit
from bot.store import labels as store
from bot.store.labels import NewIntent, NewLabel
from nlu.text import normalize

#: As `nlu check` has it: longer is no sentence somebody typed.
TEXT_MOST = 300
ROWS_MOST = 200_000
#: A new intent's sentences are worth a file of their own from so many on (docs/nlu-loop.md).
INTENT_LEAST = 60
_CHUNK = 250
#: Between two chunks, so that answers to citizens come in between.
_PAUSE = 0.02
_FAULTS_MOST = 50
_INTENT = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_INTENT_MOST = 40


class Refusal(StrEnum):
    """Why a sentence cannot be labelled."""

    GONE = "gone"
    ERASED = "erased"
    PLACE = "place"
    INTENT = "intent"
    EMPTY = "empty"
    LONG = "long"
    PRIVATE = "private"
    CONFLICT = "conflict"


class IntentFault(StrEnum):
    """Why a new intent cannot be made."""

    NAME = "name"
    SHIPPED = "shipped"
    TAKEN = "taken"
    TITLE = "title"
    COVERS = "covers"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of a file that is not taken; rows count from 1, the heading not counted."""

    row: int
    why: Refusal


@dataclass(slots=True)
class Imported:
    """What came of a file; only the first faults are named."""

    rows: int = 0
    kept: int = 0
    known: int = 0
    refused: dict[Refusal, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, row: int, why: Refusal) -> None:
        """Count a row that is not taken."""
        self.refused[why] = self.refused.get(why, 0) + 1
        if len(self.faults) < _FAULTS_MOST:
            self.faults.append(Fault(row, why))


def text_key(text: str) -> str:
    """The same for texts that are the same once normalised; says nothing of what they say."""
    return hashlib.sha256(normalize(text).accented.encode()).hexdigest()


def refusal(text: str) -> Refusal | None:
    """Why a text cannot be learned from; None when it can."""
    if not normalize(text).accented:
        return Refusal.EMPTY
    if len(text) > TEXT_MOST:
        return Refusal.LONG
    return Refusal.PRIVATE if mask(text).kinds else None


# One question, or many ---------------------------------------------------------------------------


def label_questions(
    connection: Connection,
    ids: Collection[int],
    intent: str,
    visit: Visit,
    now: datetime,
    *,
    source: str = "question",
) -> dict[int, Refusal]:
    """Label questions; what could not be, and why. In the caller's transaction."""
    found = store.asked_many(connection, ids)
    refused: dict[int, Refusal] = {}
    rows: list[NewLabel] = []
    for number in ids:
        question = found.get(number)
        if question is None:
            refused[number] = Refusal.GONE
        elif question.text is None:
            refused[number] = Refusal.ERASED
        elif not visit.sees(question.area):
            refused[number] = Refusal.PLACE
        else:
            why = refusal(question.text)
            if why is not None:
                refused[number] = why
                continue
            key = text_key(question.text)
            rows.append(NewLabel(intent, question.text, key, visit.username, now, source, number))
    store.keep(connection, rows)
    return refused


async def label_all(
    runtime: Runtime, ids: Sequence[int], intent: str, visit: Visit, source: str
) -> tuple[int, dict[Refusal, int]]:
    """Label many questions in short transactions: how many were, and why others were not."""
    kept, refused = 0, dict[Refusal, int]()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        now = runtime.now()

        def work(connection: Connection, chunk: Sequence[int] = chunk, now: datetime = now) -> Any:
            found = label_questions(connection, chunk, intent, visit, now, source=source)
            audit.record(connection, visit.username, "label.add", f"{intent} {len(chunk)}", now)
            return found

        why: dict[int, Refusal] = await runtime.db.write(work)
        kept += len(chunk) - len(why)
        for each in why.values():
            refused[each] = refused.get(each, 0) + 1
    return kept, refused


# Files ------------------------------------------------------------------------------------------


def read_rows(data: bytes, name: str = "file") -> Iterator[Mapping[str, str]]:
    """The rows of a CSV (heading `intent` and `text`) or JSONL file, as they stand.

    Raises BadRequest, naming the row, when the file is none.
    """
    try:
        said = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise BadRequest(f"{name}:{row}: not UTF-8: save the file as UTF-8") from error
    if said.lstrip().startswith("{"):
        yield from _json_rows(said, name)
    else:
        yield from _csv_rows(said, name)


def _json_rows(said: str, name: str) -> Iterator[Mapping[str, str]]:
    for number, line in enumerate(said.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadRequest(f"{name}:{number}: no JSON object: {error}") from error
        if not isinstance(row, dict):
            raise BadRequest(f"{name}:{number}: expected an object with intent and text")
        yield {str(key): str(value) for key, value in row.items() if value is not None}


def _csv_rows(said: str, name: str) -> Iterator[Mapping[str, str]]:
    first = said.split("\n", 1)[0]
    comma = max((",", ";", "\t"), key=first.count)
    rows = csv.DictReader(io.StringIO(said, newline=""), delimiter=comma)
    heading = [str(each).strip().lower() for each in rows.fieldnames or []]
    if not {"intent", "text"} <= set(heading):
        raise BadRequest(f"{name}:1: the heading must have the columns intent and text")
    rows.fieldnames = heading
    try:
        for row in rows:
            yield {key: value for key, value in row.items() if key and isinstance(value, str)}
    except csv.Error as error:
        raise BadRequest(f"{name}:{rows.line_num}: not CSV: {error}") from error


def import_labels(
    runtime: Runtime, rows: Iterator[Mapping[str, str]], known: Collection[str], who: str
) -> Imported:
    """Keep the sentences of a file as labels, in short transactions. Blocking: on a thread.

    `known` are the ids of intents there are. A row that is wrong is counted and named; a sentence
    that is there with the same intent is left as it is, with another intent it is refused.
    """
    done = Imported()
    chunk: list[tuple[int, NewLabel]] = []
    for number, row in enumerate(rows, 1):
        if number > ROWS_MOST:
            raise BadRequest(f"more than {ROWS_MOST} rows: split the file")
        done.rows = number
        intent, text = row.get("intent", "").strip(), " ".join(row.get("text", "").split())
        why = Refusal.INTENT if intent not in known else refusal(text)
        if why is not None:
            done.refuse(number, why)
            continue
        label = NewLabel(intent, text, text_key(text), who, runtime.now(), "import")
        chunk.append((number, label))
        if len(chunk) >= _CHUNK:
            _keep(runtime, chunk, done)
            chunk = []
    _keep(runtime, chunk, done)
    now = runtime.now()
    runtime.db.write_now(lambda c: audit.record(c, who, "label.import", f"{done.kept} labels", now))
    return done


def _keep(runtime: Runtime, chunk: list[tuple[int, NewLabel]], done: Imported) -> None:
    if not chunk:
        return

    def work(connection: Connection) -> tuple[int, int, list[int]]:
        there = store.intents_of(connection, {label.key for _, label in chunk})
        fresh: list[NewLabel] = []
        known, against = 0, list[int]()
        for number, label in chunk:
            intents = there.setdefault(label.key, set())
            if label.intent in intents:
                known += 1
            elif intents:
                against.append(number)
            else:
                intents.add(label.intent)
                fresh.append(label)
        store.keep(connection, fresh)
        return len(fresh), known, against

    kept, known, against = runtime.db.write_now(work)
    done.kept += kept
    done.known += known
    for number in against:
        done.refuse(number, Refusal.CONFLICT)
    time.sleep(_PAUSE)


# New intents ------------------------------------------------------------------------------------


def intent_faults(
    connection: Connection, intent: NewIntent, shipped: Collection[str]
) -> set[IntentFault]:
    """What is wrong with a new intent."""
    found = set[IntentFault]()
    if len(intent.id) > _INTENT_MOST or not _INTENT.fullmatch(intent.id):
        found.add(IntentFault.NAME)
    if intent.id in shipped:
        found.add(IntentFault.SHIPPED)
    elif intent.id in store.wanted_intents(connection):
        found.add(IntentFault.TAKEN)
    if not 3 <= len(intent.title) <= 120:
        found.add(IntentFault.TITLE)
    if not 10 <= len(intent.covers) <= 300:
        found.add(IntentFault.COVERS)
    return found

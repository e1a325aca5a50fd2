"""safety train-messages: the model that judges forwarded messages, made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.errors import CongdansoError
from bot.settings import load_settings

#: Sentences of each writer of nlu/data; more make the model larger and hardly better.
TALK_OF_EACH = 400
#: Intents whose sentences are, or tell of, swindles.
_SWINDLES = ("scam_", "malicious_app", "account_hacked", "wrong_transfer", "out_of_scope")


def train_messages(
    folder: Annotated[
        Path | None, typer.Option(help="Folder with messages.yml and messages/*.tsv.")
    ] = None,
) -> None:
    """Train the model of messages from the messages and cues of the content."""
    from bot.safety.messages.model import save_model
    from bot.safety.messages.training import train
    from bot.services.linkcheck import knowledge_folder

    chosen = folder or knowledge_folder(load_settings())
    model = train(chosen, ordinary_talk())
    try:
        path = save_model(chosen, model)
    except OSError as error:
        raise CongdansoError(f"{chosen}: cannot be written ({error.strerror})") from error
    print(f"{path}: dangerous from {model.dangerous:.3f}, caution from {model.caution:.3f}")


def ordinary_talk() -> list[str]:
    """What people ask the assistant, as many sentences of each writer, evenly taken."""
    from nlu.data_loader import load_training
    from nlu.engine import DATA_DIR

    of_writer: dict[str, list[str]] = {}
    for each in load_training(DATA_DIR):
        if not each.intent.startswith(_SWINDLES):
            of_writer.setdefault(str(each.file), []).append(each.text)
    return [
        texts[round(n * (len(texts) - 1) / (many - 1))]
        for texts in of_writer.values()
        for many in [min(TALK_OF_EACH, len(texts))]
        for n in range(many)
    ]

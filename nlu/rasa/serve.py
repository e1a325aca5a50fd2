"""Starts a Rasa server for the trained model. It takes half a minute until it answers.

The server has no authentication, and its API can load other models: it listens on loopback only.
"""

from dataclasses import dataclass
from pathlib import Path

from nlu.rasa.environment import RasaFailed, python, variables
from nlu.rasa.files import MODEL, model_folder

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start the server's process: arguments, working folder, environment variables."""

    command: list[str]
    folder: Path
    variables: dict[str, str]
    model: str


def launch(
    var_dir: Path, port: int, config: Path | None = None, folder: Path | None = None
) -> Launch:
    """The server of the model of this data and code on a port of loopback, or of that in `folder`.

    Raises RasaFileMissing when the environment or the model has to be made first.
    """
    interpreter = python(var_dir)
    folder = folder or model_folder(var_dir, config)
    found = sorted(folder.glob(f"{MODEL}-*.tar.gz"))
    if not found:
        raise RasaFailed(f"{folder} holds no model: remove it and train again")
    command = [str(interpreter.absolute()), "-m", "rasa", "run", "--enable-api"]
    command += ["--interface", HOST, "--port", str(port), "--model", found[0].name]
    model = found[0].name.removesuffix(".tar.gz")
    return Launch(command, folder.absolute(), variables(), model)

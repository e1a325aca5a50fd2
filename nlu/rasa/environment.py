"""Rasa's own environment: Python 3.10 and the versions of `requirements.txt`, made by uv.

It is apart from the program's, since Rasa 3.6 needs older versions of half of what the program
uses. It takes 2.5 GB and half a minute where packages are near.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from nlu.engine import EngineError
from nlu.rasa.files import REQUIREMENTS, RasaFileMissing, environment_dir

PYTHON = "3.10"
_DONE = "congdanso-complete"

Say = Callable[[str], None]


class RasaFailed(EngineError):
    """A command of uv or Rasa failed; the message has its last words."""


def python(var_dir: Path) -> Path:
    """The interpreter that has Rasa. Raises RasaFileMissing when it has to be made first."""
    folder = environment_dir(var_dir)
    if not complete(folder):
        raise RasaFileMissing(
            f"{folder} has no Rasa of the version wanted: run congdanso rasa install"
        )
    return _interpreter(folder)


def complete(folder: Path) -> bool:
    """Whether the environment has exactly what `requirements.txt` names now."""
    try:
        return (folder / _DONE).read_text(encoding="ascii") == _wanted()
    except (OSError, UnicodeDecodeError):
        return False


def install(var_dir: Path, say: Say = lambda line: None) -> bool:
    """Make the environment; False when it was there already.

    Raises RasaFailed when uv or Python 3.10 cannot be had or a package cannot be installed.
    """
    folder = environment_dir(var_dir).absolute()
    if complete(folder):
        return False
    uv = _uv()
    (folder / _DONE).unlink(missing_ok=True)
    say(f"making {folder} (2.5 GB)")
    # Anew each time: what an older list of versions left behind would be imported too.
    shutil.rmtree(folder, ignore_errors=True)
    _run([uv, "venv", "--quiet", "--no-project", "--python", _base_python(uv), str(folder)])
    say(f"installing {len(REQUIREMENTS.read_text(encoding='utf-8').splitlines())} packages")
    command = [uv, "pip", "install", "--quiet", "--python", str(_interpreter(folder))]
    _run([*command, "--requirement", str(REQUIREMENTS)])
    (folder / _DONE).write_text(_wanted(), encoding="ascii")
    return True


def variables() -> dict[str, str]:
    """The environment variables Rasa's processes get: nothing of ours, no telemetry, less noise."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CONGDANSO_", "PYTHON"))}
    kept.pop("VIRTUAL_ENV", None)
    return kept | {
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONWARNINGS": "ignore",
        # What the server writes at the level debug holds people's words.
        "LOG_LEVEL": "INFO",
    }


def last_line(output: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def _wanted() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def _interpreter(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _uv() -> str:
    """uv itself; `uv run` names it to what it runs."""
    found = os.environ.get("UV") or shutil.which("uv")
    if not found:
        raise RasaFailed("uv is needed to make Rasa's environment: pip install uv")
    return found


def _base_python(uv: str) -> str:
    """A Python 3.10 on this machine, or its version for uv to bring one."""
    for path in _pyenv_pythons():
        return str(path)
    found = subprocess.run(
        [uv, "python", "find", "--no-project", "--no-python-downloads", PYTHON],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else PYTHON


def _pyenv_pythons() -> Iterator[Path]:
    """Those of pyenv, which uv sees only when they are switched on."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(root.glob(f"{PYTHON}.*/bin/python{PYTHON}"))


def _run(command: list[str]) -> None:
    # Elsewhere, since inside the project uv adds the program's own pins, which Rasa cannot have.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        step = " ".join(command[1:3])
        raise RasaFailed(f"uv {step} failed: {last_line(done.stderr)}")

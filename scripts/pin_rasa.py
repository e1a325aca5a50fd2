"""`uv run poe rasa-pin`: pin the newest allowed version of everything in Rasa's environment."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from nlu.rasa.environment import PYTHON
from nlu.rasa.files import REQUIREMENTS

WANTED = Path(__file__).resolve().parent.parent / "nlu" / "rasa" / "requirements.in"


def main() -> None:
    """Rewrite `nlu/rasa/requirements.txt`: names and versions, without addresses."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", PYTHON]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", str(WANTED)]
    # Elsewhere, since inside the project uv adds the program's own pins, which Rasa cannot have.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    REQUIREMENTS.write_text(done.stdout, encoding="utf-8")
    print(f"{REQUIREMENTS}: {len(done.stdout.splitlines())}")


if __name__ == "__main__":
    main()

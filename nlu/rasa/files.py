"""Where the parts of Rasa are: what belongs to the program, and what is made under var/."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from nlu.engine import DATA_DIR, EngineError

_HERE = Path(__file__).resolve().parent
_NLU = _HERE.parent

REQUIREMENTS = _HERE / "requirements.txt"
THRESHOLDS_FILE = _HERE / "thresholds.yml"
DIET_CONFIG = _HERE / "config.diet.yml"
DEFAULT_CONFIG = _HERE / "config.default.yml"
MODEL = "model"

#: What runs inside Rasa: copied beside the model, so that it is served with the code it was
#: trained with. Python 3.10 and its standard library only.
COMPONENTS = ("__init__.py", "text.py", "lexicon.py", "syllable.py", "rasa_components.py")


class RasaFileMissing(EngineError):
    """Something that a command makes is not there; the message names the command."""


def config_file() -> Path:
    """The pipeline: `config.yml` at the project's root, or as it was packed into a wheel."""
    beside = _NLU.parent / "config.yml"
    return beside if beside.is_file() else _HERE / "config.yml"


def environment_dir(var_dir: Path) -> Path:
    """Rasa's own Python environment."""
    return var_dir / "rasa-env"


def models_dir(var_dir: Path) -> Path:
    """Trained models, a folder each."""
    return var_dir / "rasa"


def component_files() -> Iterator[Path]:
    """The files of the program that run inside Rasa."""
    return (_NLU / name for name in COMPONENTS)


def training_files(data_dir: Path = DATA_DIR) -> list[Path]:
    """The training sentences."""
    return sorted(data_dir.glob("*.yml"))


def model_key(data_dir: Path = DATA_DIR, config: Path | None = None) -> str:
    """sha256 in hex over data, config, intents, the code inside Rasa and Rasa's version.

    Raises OSError when a file cannot be read.
    """
    config = config or config_file()
    inputs = [("config", config), ("requirements", REQUIREMENTS)]
    inputs += [(f"code/{path.name}", path) for path in component_files()]
    inputs += [("intents", _NLU / "intents.yml")]
    inputs += [(f"data/{path.name}", path) for path in training_files(data_dir)]
    digest = hashlib.sha256()
    for name, path in inputs:
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def model_folder(var_dir: Path, config: Path | None = None) -> Path:
    """The folder of the trained model of this data, config and code.

    Raises RasaFileMissing when it was not trained yet.
    """
    folder = models_dir(var_dir) / model_key(config=config)
    if not folder.is_dir():
        option = f" --config {config}" if config else ""
        raise RasaFileMissing(
            f"{models_dir(var_dir)} has no model of this data: "
            f"run congdanso nlu train --engine rasa{option}"
        )
    return folder

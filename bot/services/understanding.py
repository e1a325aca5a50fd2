"""The engine: loaded when there is a fresh model, trained beside the program when there is not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog

from bot.errors import StartupError
from bot.services.metrics import Metrics
from nlu.engine import DATA_DIR, Engine, ModelBroken, ModelMissing, ModelStale, Parse, load_embedded

log = structlog.get_logger(__name__)


class Understanding:
    """Holds the engine. Until it is ready, whoever needs it waits."""

    def __init__(self, model_dir: Path, metrics: Metrics, data_dir: Path = DATA_DIR) -> None:
        self._models = model_dir
        self._data = data_dir
        self._metrics = metrics
        self._engine: Engine | None = None
        self._ready = asyncio.Event()
        self.state = "starting"

    async def start(self) -> None:
        """Load the model, training it first when there is none that fits.

        Raises StartupError with the trainer's own line when the training data is wrong.
        """
        engine = await asyncio.to_thread(self._load)
        if engine is None:
            self.state = "training"
            log.info("training the engine; messages wait meanwhile")
            await self._train()
            engine = await asyncio.to_thread(self._load)
        if engine is None:
            raise StartupError(f"{self._models}: the trained model cannot be loaded")
        self._engine = engine
        self.state = "ready"
        self._metrics.engine_ready.set(1)
        self._ready.set()
        log.info("engine ready", engine=engine.name, model=engine.model_id[:12])

    async def wait_ready(self, seconds: float) -> bool:
        """Wait at most `seconds`; whether the engine is there."""
        if self._ready.is_set():
            return True
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @property
    def ready(self) -> bool:
        """Whether messages are understood already."""
        return self._ready.is_set()

    def parse(self, text: str) -> Parse:
        """Understand one message. RuntimeError before `wait_ready` said yes (a mistake of ours)."""
        if self._engine is None:
            raise RuntimeError("the engine is not ready")
        return self._engine.parse(text)

    def _load(self) -> Engine | None:
        try:
            return load_embedded(self._models, self._data)
        except (ModelMissing, ModelStale):
            return None
        except ModelBroken as error:
            log.warning("model broken, training again", error=str(error))
            return None

    async def _train(self) -> None:
        command = [sys.executable, "-m", "nlu.embedded.train"]
        command += ["--data", str(self._data), "--models", str(self._models)]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            _, errors = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            raise
        if process.returncode != 0:
            lines = errors.decode(errors="replace").strip().splitlines()
            raise StartupError(lines[-1] if lines else "training the engine failed")

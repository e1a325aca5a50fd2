"""The engine: loaded when there is a fresh model, trained beside the program when there is not.

With Rasa, the embedded engine stands behind the server and answers whatever that does not.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import structlog

from bot.errors import StartupError
from bot.services.metrics import Metrics
from bot.services.scamcheck import is_common
from bot.settings import Nlu, Settings
from nlu.engine import (
    DATA_DIR,
    Engine,
    ModelBroken,
    ModelMissing,
    ModelStale,
    Parse,
    RasaEngine,
    RasaServer,
    load_embedded,
    with_rasa,
)

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
#: As many as the client keeps connections: more would wait in there.
_AT_ONCE = 8
_REMEMBER = 1000


def rasa_server(settings: Settings) -> RasaServer | None:
    """The Rasa server that is to understand messages; None for the engine inside."""
    if settings.nlu is not Nlu.RASA:
        return None
    return RasaServer(
        settings.rasa_url,
        settings.rasa_timeout,
        settings.rasa_failures,
        settings.rasa_pause_seconds,
    )


class RasaWatch:
    """What operators get to know of the Rasa server."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def parsed(self, engine: str) -> None:
        """Count a message."""
        self._metrics.parses.labels(engine).inc()

    def failed(self, why: str) -> None:
        """Count a failure."""
        self._metrics.rasa_failures.labels(why).inc()

    def switched(self, up: bool, why: str, model: str) -> None:
        """Say which engine answers from now on."""
        self._metrics.rasa_up.set(up)
        if up:
            log.info("nlu: rasa", model=model)
        else:
            log.warning("nlu: embedded (rasa down)", why=why)


async def _nothing_published() -> Engine | None:
    return None


class Understanding:
    """Holds the engine. Until it is ready, whoever needs it waits.

    `first` gives the model that was published, None for that of the shipped sentences.
    """

    first: Callable[[], Awaitable[Engine | None]] = staticmethod(_nothing_published)

    def __init__(
        self,
        model_dir: Path,
        metrics: Metrics,
        data_dir: Path = DATA_DIR,
        rasa: RasaServer | None = None,
    ) -> None:
        self._models = model_dir
        self._data = data_dir
        self._metrics = metrics
        self._server = rasa
        self._engine: Engine | None = None
        #: What the engine made of texts that are typed again and again ("tiếp", "xong").
        self._common: dict[str, Parse] = {}
        self._rasa: RasaEngine | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        # One more for the look at how the server is.
        self._threads = ThreadPoolExecutor(_AT_ONCE + 1, "rasa") if rasa else None
        self._early: Future[Engine | None] | None = None
        self._ready = asyncio.Event()
        self.state = "starting"

    def begin(self) -> None:
        """Read the model of the shipped sentences on a thread, while the rest of a program is put
        together: half of it is checksums and a file, which wait for nobody."""
        reader = ThreadPoolExecutor(1, "model")
        self._early = reader.submit(self._load)
        reader.shutdown(wait=False)

    async def start(self) -> None:
        """Load the model, training it first when there is none that fits.

        Raises StartupError with the trainer's own line when the training data is wrong.
        """
        engine = await self.first()
        published = engine is not None
        if engine is None:
            engine = await self._shipped()
        if engine is None:
            self.state = "training"
            log.info("training the engine; messages wait meanwhile")
            await self._train()
            engine = await asyncio.to_thread(self._load)
        if engine is None:
            raise StartupError(f"{self._models}: the trained model cannot be loaded")
        self._engine = engine
        if self._server is not None:
            self._rasa = with_rasa(self._server, _Current(self), RasaWatch(self._metrics))
            await self._in_thread(self._rasa.check)
        self.state = "ready"
        self._metrics.engine_ready.set(1)
        self._ready.set()
        log.info("engine ready", engine=engine.name, model=engine.model_id[:12])
        if published and await self._shipped() is None:
            # Nobody waits for it, but a rollback may lead to it.
            await self._train()

    def use(self, engine: Engine) -> None:
        """Understand with this one from the next message on."""
        self._engine = engine
        self._common.clear()

    @property
    def engine(self) -> Engine:
        """The embedded engine in use. RuntimeError before it is ready (a mistake of ours)."""
        if self._engine is None:
            raise RuntimeError("the engine is not ready")
        return self._engine

    @property
    def model_id(self) -> str:
        """The model of the embedded engine in use; "" before it is ready."""
        return self._engine.model_id if self._engine is not None else ""

    async def watch(self) -> None:
        """Look at Rasa from time to time, until cancelled; with no Rasa return at once."""
        if self._server is None:
            return
        await self._ready.wait()
        assert self._rasa is not None, "made before ready was said"
        while True:
            await asyncio.sleep(self._server.pause)
            await self._in_thread(self._rasa.check)

    def stop(self) -> None:
        """Let go of the server's connections and threads."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        if self._rasa is not None:
            self._rasa.close()

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

    @property
    def nlu(self) -> str:
        """What understands messages now: `embedded`, `rasa`, or `embedded (rasa down)`."""
        if self._server is None:
            return "embedded"
        return "rasa" if self._rasa is not None and self._rasa.up else "embedded (rasa down)"

    async def parse(self, text: str) -> Parse:
        """Understand one message. RuntimeError before `wait_ready` said yes (a mistake of ours)."""
        if self._engine is None:
            raise RuntimeError("the engine is not ready")
        if self._rasa is not None and await self._turn():
            try:
                return await self._in_thread(self._rasa.parse, text)
            finally:
                self._turns.release()
        # Taken once: whoever publishes meanwhile changes the next message's, not this one's.
        engine = self.engine
        self._metrics.parses.labels(engine.name).inc()
        if not is_common(text):
            return engine.parse(text)
        known = self._common.get(text)
        if known is None:
            if len(self._common) >= _REMEMBER:
                self._common.clear()
            known = self._common[text] = engine.parse(text)
        return known

    async def _turn(self) -> bool:
        """Whether Rasa has time for one more within its timeout.

        A slow server that fails no call would otherwise let people wait longer than a lease.
        """
        assert self._server is not None
        try:
            async with asyncio.timeout(self._server.timeout):
                await self._turns.acquire()
        except TimeoutError:
            self._metrics.rasa_failures.labels("busy").inc()
            return False
        return True

    async def _in_thread(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Rasa is asked in threads of its own: a slow server must not keep others' from theirs."""
        call = functools.partial(work, *given, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def _shipped(self) -> Engine | None:
        """What `begin` has read, else what there is to read now."""
        early, self._early = self._early, None
        if early is not None:
            return await asyncio.wrap_future(early)
        return await asyncio.to_thread(self._load)

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


def make_understanding(settings: Settings, metrics: Metrics) -> Understanding:
    """The understanding that the settings say. Nothing is read yet."""
    return Understanding(settings.var_dir / "models", metrics, rasa=rasa_server(settings))


class _Current:
    """The engine in use at the moment, for whoever keeps one: Rasa's way back."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    @property
    def name(self) -> str:
        return self._understanding.engine.name

    @property
    def model_id(self) -> str:
        return self._understanding.engine.model_id

    def parse(self, text: str) -> Parse:
        return self._understanding.engine.parse(text)

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        return self._understanding.engine.parse_many(texts)

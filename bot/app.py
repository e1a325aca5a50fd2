"""The program put together: everything is made here, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI

from bot.channels.web.hub import Hub
from bot.channels.web.routes import CHANNEL as WEB
from bot.channels.web.routes import WebChat
from bot.console.router import console_router
from bot.desk.router import desk_router
from bot.domain.voice import BYTES_MOST as VOICE_BYTES_MOST
from bot.errors import StartupError
from bot.jobs.scheduler import Jobs
from bot.probes import Probed, add_probes
from bot.safety.qr.banks import load_banks
from bot.services.alerts import AlertSending
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery, Route
from bot.services.editing import Editing, make_editing
from bot.services.feeds import Feeds
from bot.services.health import Process
from bot.services.keys import open_vault
from bot.services.limits import Rates
from bot.services.linkcheck import knowledge_folder, open_checker
from bot.services.models import ModelSwitch
from bot.services.parts import Part, check_part, owner_name
from bot.services.pictures import Pictures, link_check
from bot.services.publishing import Publisher
from bot.services.queueing import QueueWorker, sweep_after
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.services.scamcheck import ScamChecker
from bot.services.shared_limits import Places
from bot.services.understanding import Understanding, make_understanding
from bot.services.voices import Voices, uploaded
from bot.settings import Settings, TelegramMode
from bot.speech.recogniser import Limits, ProcessRecogniser, Recogniser, installed
from bot.store import data_keys, migrate, queueing
from bot.store import db as database
from bot.store.leading import Leading
from bot.store.notify import Listener
from bot.weblib.around import wrap
from bot.weblib.deps import WebDeps
from nlu.intents import INTENTS, Kind

if TYPE_CHECKING:
    from bot.channels.plug import Plug
    from bot.channels.telegram.inward import TelegramInward

log = structlog.get_logger(__name__)

#: More than a worker needs to finish what it has in hand.
_JOBS_SECONDS = 15.0


@dataclass(slots=True)
class Program:
    """The parts of a running program."""

    settings: Settings
    runtime: Runtime
    publisher: Publisher
    understanding: Understanding
    conversations: Conversations
    delivery: Delivery
    hub: Hub
    jobs: Jobs
    cards: Cards
    feeds: Feeds
    pictures: Pictures
    voices: Voices
    part: Part = Part.ALL
    telegram: TelegramInward | None = None
    bot: Any = None
    queue: QueueWorker | None = None
    leading: Leading | None = None
    #: Every other platform that is configured (docs/channels.md).
    plugs: list[Plug] = field(default_factory=list)
    editing: Callable[[], Editing] | None = None

    def close(self) -> None:
        """Close the database; last of all."""
        self.runtime.db.close()


def guide_titles() -> dict[str, str]:
    """Every guide id with its topic's name, in the order of the list of intents."""
    return {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}


def open_runtime(settings: Settings) -> Runtime:
    """Folder, key and migrated database. Raises StartupError or SettingsError."""
    try:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(
            f"{settings.var_dir}: cannot be made a folder ({error.strerror}); set "
            "CONGDANSO_VAR_DIR to a folder that can be written"
        ) from error
    vault = open_vault(settings)
    engine = database.make_engine(settings.sqlalchemy_url)
    try:
        migrate.upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    db = database.Database(engine)
    if not db.write_now(lambda c: data_keys.key_fits(c, vault)):
        db.close()
        raise StartupError(
            "the data key is not the one this database was written with; give back the old "
            f"CONGDANSO_DATA_KEY, or the old {settings.var_dir / 'key'}"
        )
    return Runtime(settings, db, vault)


def build(
    settings: Settings,
    runtime: Runtime | None = None,
    part: Part = Part.ALL,
    *,
    hurry: bool = False,
) -> Program:
    """Everything of a part, connected. Opens the database; talks to no platform yet.

    `hurry`: it is going to run at once, so its model is read beside the rest.
    """
    check_part(part, settings)
    runtime = runtime or open_runtime(settings)
    understanding = make_understanding(settings, runtime.metrics)
    if hurry and part.works:
        understanding.begin()
    if part is not Part.ALL:
        runtime.owner = owner_name(part, runtime.owner)
        queueing.ensure(runtime.db.engine)
        runtime.db.queued = True
    # A wrong handoff.yml is named now, not when the first citizen needs somebody.
    _ = runtime.plan
    publisher = Publisher(runtime, guide_titles())
    publisher.start()
    cards = Cards(runtime, publisher)
    hub = Hub()
    delivery = Delivery(runtime)
    delivery.places = None if part is Part.ALL else Places(runtime)

    checker, knowledge = open_checker(settings)
    banks = load_banks(knowledge_folder(settings).parent)
    pictures = Pictures(banks, runtime.metrics, link_check(checker))
    scams = ScamChecker.open(settings, checker, knowledge)
    voices = Voices(runtime.metrics, _recogniser(settings), settings.voice_seconds)
    voices.fetch_from(WEB, uploaded(runtime))
    conversations = Conversations(
        runtime, publisher, understanding, delivery.notify, pictures, scams, voices
    )
    conversations.told[WEB] = hub.tell
    delivery.wake = conversations.wake
    conversations.queued = part is not Part.ALL
    conversations.patience = timedelta(seconds=sweep_after(settings)) * conversations.queued
    feeds = Feeds(runtime, checker, knowledge)
    reloading = Reloading(runtime, publisher, cards)
    publisher.model = lambda: understanding.model_id
    sending = AlertSending(runtime, conversations.wake)
    jobs = Jobs(runtime, conversations, delivery, publisher, reloading, feeds, sending)
    jobs.models = ModelSwitch(runtime, understanding)
    understanding.first = jobs.models.first
    program = Program(
        settings,
        runtime,
        publisher,
        understanding,
        conversations,
        delivery,
        hub,
        jobs,
        cards,
        feeds,
        pictures,
        voices,
    )
    program.part = part
    if part is Part.WORKER:
        program.queue = QueueWorker(runtime, conversations.drain)
        conversations.most = program.queue.sweep_most
    if part is Part.SCHEDULER:
        program.leading = Leading(settings.sqlalchemy_url)
    program.editing = cache(lambda: make_editing(runtime, publisher, reloading))
    jobs.process = lambda: _process_of(program)
    if settings.telegram_token.get_secret_value():
        _add_telegram(program)
    if settings.zalo_oa_app_id:
        _add_zalo_oa(program)
    if settings.zalo_bot_token.get_secret_value():
        _add_zalo_bot(program)
    return program


def _process_of(program: Program) -> Process:
    """What this process knows of itself, for the page of health and the metrics."""
    understanding = program.understanding
    release = program.publisher.release
    return Process(
        understanding.state if program.part.works else "elsewhere",
        understanding.nlu,
        understanding.model_id,
        _connections(program),
        str(release) if release else "",
    )


def _connections(program: Program) -> dict[str, str]:
    """How the platforms are that this process talks with."""
    found: dict[str, str] = {}
    if program.telegram is not None and program.part.serves:
        found["telegram"] = program.telegram.state
    if program.part.serves or program.part.works:
        found |= {plug.name: plug.state for plug in program.plugs}
    return found | dict.fromkeys(program.delivery.away, "takes no messages")


def _recogniser(settings: Settings) -> Recogniser | None:
    """What hears voice notes; None without the extra, or where it is switched off."""
    if not settings.voice or not installed():
        return None
    return ProcessRecogniser(Limits(settings.voice_seconds, settings.voice_memory_mb))


def _add_telegram(program: Program) -> None:
    # The library takes most of a second to import: only where it is used.
    from bot.channels.telegram.client import make_bot
    from bot.channels.telegram.files import TelegramFiles
    from bot.channels.telegram.inward import TelegramInward
    from bot.channels.telegram.photos import Photos
    from bot.channels.telegram.sender import TelegramSender
    from bot.channels.telegram.updates import CHANNEL

    settings = program.settings
    rates = Rates(
        settings.send_per_second,
        settings.send_per_chat_second,
        settings.send_per_group_minute,
        settings.send_at_once,
    )
    program.bot = make_bot(settings)
    photos = Photos(program.bot, program.cards, program.runtime.metrics)
    limiter = program.delivery.limiter(CHANNEL, rates)
    sender = TelegramSender(program.bot, photos)
    program.delivery.add(CHANNEL, Route(sender, limiter, sender.alive))
    files = TelegramFiles(program.bot)
    program.pictures.fetch_from(CHANNEL, files.fetch)
    program.voices.fetch_from(CHANNEL, partial(files.fetch, most=VOICE_BYTES_MOST))
    program.telegram = TelegramInward(program.runtime, program.conversations, program.bot)


def _add_zalo_oa(program: Program) -> None:
    from bot.channels.zalo_oa.plug import ZaloOa

    runtime, talk = program.runtime, program.conversations
    out, cards, pictures = program.delivery, program.cards, program.pictures
    oa = ZaloOa(runtime, talk, out, cards, pictures, program.voices)
    program.plugs.append(oa)


def _add_zalo_bot(program: Program) -> None:
    from bot.channels.zalo_bot.plug import ZaloBot

    runtime, talk, publisher = program.runtime, program.conversations, program.publisher
    out, cards, pictures = program.delivery, program.cards, program.pictures
    bot = ZaloBot(runtime, talk, out, cards, pictures, program.voices, publisher)
    program.plugs.append(bot)


@contextlib.asynccontextmanager
async def running(program: Program) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Everything at work in the background; yields the tasks, none of which may fail."""
    await program.publisher.serve()
    await program.feeds.take_up()
    if program.bot is not None:
        # PTB's initialize() would ask who we are; the requests alone need no network.
        for request in program.bot._request:
            await request.initialize()
    part, loop, hub = program.part, asyncio.get_running_loop(), program.hub
    listener = None
    if part.serves and not program.runtime.db.sqlite:
        url = program.settings.sqlalchemy_url
        listener = Listener(url, lambda chat: loop.call_soon_threadsafe(hub.wake, chat))
        listener.start()
    tasks: list[asyncio.Task[None]] = []
    if part.works:
        tasks.append(asyncio.create_task(program.understanding.start()))
        tasks.append(asyncio.create_task(program.understanding.watch()))
    if program.telegram is not None and part.serves:
        polling = program.settings.telegram_mode is TelegramMode.POLLING
        inward = program.telegram.poll() if polling else program.telegram.set_webhook()
        tasks.append(asyncio.create_task(inward))
    if part.serves or part.works:
        tasks += [asyncio.create_task(plug.run()) for plug in program.plugs]
    if program.queue is not None:
        tasks.append(asyncio.create_task(program.queue.run()))
    scheduler = program.jobs.schedule(part)
    scheduler.start()
    if program.leading is not None:
        program.leading.start(loop, partial(program.jobs.lead, scheduler))
    try:
        yield tasks
    finally:
        scheduler.shutdown(wait=False)
        if program.leading is not None:
            program.leading.stop()
        if program.queue is not None:
            # Jobs in hand are finished before anything they need is stopped.
            await program.queue.stop()
            await asyncio.wait([tasks[-1]], timeout=_JOBS_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        hub.close()
        await program.jobs.runs.stop()
        await program.delivery.stop()
        await program.conversations.stop()
        program.understanding.stop()
        program.cards.stop()
        program.pictures.stop()
        if listener is not None:
            listener.stop()
        if program.bot is not None:
            for request in program.bot._request:
                await request.shutdown()
        for plug in program.plugs:
            await plug.close()


def make_app(program: Program) -> FastAPI:
    """The web application over a program."""
    app = FastAPI(
        title="congdanso",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=program.settings.max_body_bytes,
    )
    web = WebChat(
        program.runtime, program.conversations, program.hub, program.cards, program.pictures
    )
    for path, handler in web.quick().items():
        app.add_route(path, handler, methods=["POST"], include_in_schema=False)
    app.include_router(web.router())
    app.include_router(web.pages(lambda: program.publisher.content))
    deps = WebDeps(
        program.runtime,
        program.conversations.wake,
        {intent.id: intent.title for intent in INTENTS.values()},
        lambda: program.publisher.problems,
        lambda: program.publisher.content,
        program.feeds,
        program.jobs.process,
        program.editing,
    )
    for pages in (console_router, desk_router):
        app.include_router(pages(deps))
    if program.telegram is not None and program.settings.telegram_mode is TelegramMode.WEBHOOK:
        app.include_router(program.telegram.router())
    for plug in program.plugs:
        app.include_router(plug.router())
    add_probes(app, _probed(program))
    wrap(app, https=program.settings.https)
    return app


def probe_app(program: Program) -> FastAPI:
    """What a process shows that nobody talks with."""
    app = FastAPI(title="congdanso", docs_url=None, redoc_url=None, openapi_url=None)
    add_probes(app, _probed(program))
    wrap(app, https=program.settings.https)
    return app


def _probed(program: Program) -> Probed:
    return Probed(
        program.runtime,
        program.part,
        program.understanding,
        program.publisher,
        lambda: _connections(program),
        program.jobs.measure,
        program.queue,
        program.leading,
    )

"""The program put together: everything is made here, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.channels.web.hub import Hub
from bot.channels.web.routes import CHANNEL as WEB
from bot.channels.web.routes import WebChat
from bot.console.router import console_router
from bot.desk.router import desk_router
from bot.errors import StartupError
from bot.jobs.scheduler import Jobs
from bot.safety.qr.banks import load_banks
from bot.services.alerts import AlertSending
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery, Route
from bot.services.editing import Editing, make_editing
from bot.services.feeds import Feeds
from bot.services.health import Process
from bot.services.limits import Limiter, Rates
from bot.services.linkcheck import knowledge_folder, open_checker
from bot.services.models import ModelSwitch
from bot.services.pictures import Pictures, link_check
from bot.services.publishing import Publisher
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.services.scamcheck import ScamChecker
from bot.services.understanding import Understanding
from bot.settings import Nlu, Settings, TelegramMode
from bot.store import db as database
from bot.store import migrate, records
from bot.store.crypto import load_vault
from bot.store.notify import Listener
from bot.weblib.deps import WebDeps
from nlu.engine import RasaServer
from nlu.intents import INTENTS, Kind

if TYPE_CHECKING:
    from bot.channels.plug import Plug
    from bot.channels.telegram.inward import TelegramInward

log = structlog.get_logger(__name__)


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
    telegram: TelegramInward | None = None
    bot: Any = None
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
    vault = load_vault(settings.data_key.get_secret_value(), settings.var_dir)
    engine = database.make_engine(settings.sqlalchemy_url)
    try:
        migrate.upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    db = database.Database(engine)
    if not db.write_now(lambda c: records.key_fits(c, vault)):
        db.close()
        raise StartupError(
            "the data key is not the one this database was written with; give back the old "
            f"CONGDANSO_DATA_KEY, or the old {settings.var_dir / 'key'}"
        )
    return Runtime(settings, db, vault)


def build(settings: Settings, runtime: Runtime | None = None) -> Program:
    """Every part, connected. Opens the database; talks to no platform yet."""
    runtime = runtime or open_runtime(settings)
    # A wrong handoff.yml is named now, not when the first citizen needs somebody.
    _ = runtime.plan
    publisher = Publisher(runtime, guide_titles())
    publisher.start()
    cards = Cards(runtime, publisher)
    understanding = Understanding(
        settings.var_dir / "models", runtime.metrics, rasa=_rasa_server(settings)
    )
    hub = Hub()
    delivery = Delivery(runtime)

    def outgoing(chat: int, channel: str, priority: int) -> None:
        if channel == WEB:
            hub.wake(chat)
        else:
            delivery.notify(chat, channel, priority)

    checker, knowledge = open_checker(settings)
    banks = load_banks(knowledge_folder(settings).parent)
    pictures = Pictures(banks, runtime.metrics, link_check(checker))
    scams = ScamChecker.open(settings, checker, knowledge)
    conversations = Conversations(runtime, publisher, understanding, outgoing, pictures, scams)
    delivery.wake = conversations.wake
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
    )
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
    connections = {plug.name: plug.state for plug in program.plugs}
    if program.telegram is not None:
        connections["telegram"] = program.telegram.state
    release = program.publisher.release
    return Process(
        understanding.state,
        understanding.nlu,
        understanding.model_id,
        connections,
        str(release) if release else "",
    )


def _rasa_server(settings: Settings) -> RasaServer | None:
    if settings.nlu is not Nlu.RASA:
        return None
    return RasaServer(
        settings.rasa_url,
        settings.rasa_timeout,
        settings.rasa_failures,
        settings.rasa_pause_seconds,
    )


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
    program.delivery.add(CHANNEL, Route(TelegramSender(program.bot, photos), Limiter(rates)))
    program.pictures.fetch_from(CHANNEL, TelegramFiles(program.bot).fetch)
    program.telegram = TelegramInward(program.runtime, program.conversations, program.bot)


def _add_zalo_oa(program: Program) -> None:
    from bot.channels.zalo_oa.plug import ZaloOa

    runtime, talk = program.runtime, program.conversations
    oa = ZaloOa(runtime, talk, program.delivery, program.cards, program.pictures)
    program.plugs.append(oa)


def _add_zalo_bot(program: Program) -> None:
    from bot.channels.zalo_bot.plug import ZaloBot

    runtime, talk, publisher = program.runtime, program.conversations, program.publisher
    out, cards, pictures = program.delivery, program.cards, program.pictures
    program.plugs.append(ZaloBot(runtime, talk, out, cards, pictures, publisher))


@contextlib.asynccontextmanager
async def running(program: Program) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Everything at work in the background; yields the tasks, none of which may fail."""
    await program.publisher.serve()
    await program.feeds.take_up()
    if program.bot is not None:
        # PTB's initialize() would ask the platform who we are; the requests alone need no network.
        for request in program.bot._request:
            await request.initialize()
    listener = _listener(program)
    tasks = [
        asyncio.create_task(program.understanding.start()),
        asyncio.create_task(program.understanding.watch()),
    ]
    if program.telegram is not None:
        polling = program.settings.telegram_mode is TelegramMode.POLLING
        inward = program.telegram.poll() if polling else program.telegram.set_webhook()
        tasks.append(asyncio.create_task(inward))
    tasks += [asyncio.create_task(plug.run()) for plug in program.plugs]
    scheduler = program.jobs.schedule()
    scheduler.start()
    try:
        yield tasks
    finally:
        scheduler.shutdown(wait=False)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        program.hub.close()
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


def _listener(program: Program) -> Listener | None:
    if program.runtime.db.sqlite:
        return None
    loop = asyncio.get_running_loop()
    hub = program.hub

    def heard(chat: int) -> None:
        loop.call_soon_threadsafe(hub.wake, chat)

    listener = Listener(program.settings.sqlalchemy_url, heard)
    listener.start()
    return listener


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
    app.include_router(console_router(deps))
    app.include_router(desk_router(deps))
    if program.telegram is not None and program.settings.telegram_mode is TelegramMode.WEBHOOK:
        app.include_router(program.telegram.router())
    for plug in program.plugs:
        app.include_router(plug.router())
    _add_health(app, program)
    return app


def _add_health(app: FastAPI, program: Program) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        """The process is alive."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        """Whether a message sent now would be answered now.

        It would be with stale content too: by the text that was last right.
        """
        state: dict[str, object] = {
            "worker": program.runtime.owner,
            "database": "ok",
            "engine": program.understanding.state,
            "nlu": program.understanding.nlu,
        }
        try:
            await program.runtime.db.read(database.ping)
        except SQLAlchemyError:
            state["database"] = "unreachable"
        if program.telegram is not None:
            state["telegram"] = program.telegram.state
        state |= {plug.name: plug.state for plug in program.plugs}
        problems = program.publisher.problems
        state["content"] = "stale" if problems else "ok"
        if problems:
            state["content_problems"] = [f"{p.file}:{p.line}: {p.field}" for p in problems]
        ready = state["database"] == "ok" and program.understanding.ready
        return JSONResponse({"ready": ready, **state}, 200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        """Numbers for Prometheus."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        await program.jobs.measure()
        body = generate_latest(program.runtime.metrics.registry)
        return Response(body, media_type=CONTENT_TYPE_LATEST)

"""The reference: a bare python-telegram-bot echo bot behind a webhook.

PTB's own example (customwebhookbot/starlettebot.py) with one handler that echoes: no database,
no order, no limits, nothing kept. `python -m bench.echo_bot --port P --token T --api URL`.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def _echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


async def serve(port: int, token: str, api: str) -> None:
    """Serve until killed."""
    builder = Application.builder().token(token).updater(None).base_url(api)
    # Updates are handled as they come; PTB's default of one at a time would be slower still.
    application: Any = builder.concurrent_updates(True).connection_pool_size(64).build()
    application.add_handler(MessageHandler(filters.TEXT, _echo))

    async def webhook(request: Request) -> Response:
        update = Update.de_json(await request.json(), application.bot)
        await application.update_queue.put(update)
        return Response()

    app = Starlette(routes=[Route("/telegram/webhook", webhook, methods=["POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
    async with application:
        await application.start()
        await uvicorn.Server(config).serve()
        await application.stop()


def main() -> None:
    """Parse arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--api", required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.token, given.api))


if __name__ == "__main__":
    main()

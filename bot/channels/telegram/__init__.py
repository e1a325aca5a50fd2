"""Telegram, with python-telegram-bot (https://core.telegram.org/bots/api)."""

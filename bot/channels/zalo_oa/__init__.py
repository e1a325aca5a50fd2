"""Zalo Official Account (https://developers.zalo.me/docs/official-account)."""

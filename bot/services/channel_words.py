"""What channels are called where staff read of them."""

from __future__ import annotations

CHANNELS = {
    "telegram": "Telegram",
    "web": "Trang chat",
    "terminal": "Dòng lệnh",
    "zalo_oa": "Zalo OA",
    "zalo_bot": "Zalo Bot",
}

"""A whole content folder that is right, to be broken in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import copy

from bot.guides.check import check_content
from bot.guides.errors import Problem, Severity

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
IDS: Mapping[str, str] = {"qr_pay": "Quét QR trả tiền", "scam_link": "Đường link lừa đảo"}

GUIDE = """\
id: qr_pay
title: Quét QR
answer: Mở ứng dụng ngân hàng, quét mã rồi đọc tên.
prepare: [Điện thoại]
fee: Tùy ngân hàng.
time: Vài phút.
question:
  about: case
  ask: "{You} quét mã ở đâu?"
  choices:
    - id: shop
      label: Ở tiệm
    - id: paper
      label: Trên giấy báo
      fee: Xem trên giấy.
      warnings: [Đọc kỹ tên trên giấy.]
steps:
  - title: Mở ứng dụng
    text: Mở ứng dụng ngân hàng, nhờ trưởng thôn chỉ nếu cần.
    check: Đã mở chưa?
    if_stuck:
      - problem: Không thấy nút
        answer: Hỏi trưởng thôn xem nút quét mã nằm ở đâu.
  - title: Quét mã
    text: Đưa máy vào mã.
    if_stuck:
      - problem: Quét không được
        answer: Lau ống kính.
      - problem: Mã mờ
        answer: Nhờ {you} hỏi lại người bán.
      - use: dark
  - title: Chờ
    text: Chờ tin nhắn.
    wait: {days: 3, working: true, ask: "Có tin chưa?"}
warnings: [Đọc tên trước khi trả.]
temporary:
  - until: 2027-02-28
    fee: Đang được miễn.
official: {app: VNeID, publisher: Bộ Công an, domain: vneid.gov.vn, hotline: "1900.0368"}
related: [scam_link]
sources:
  - {title: Báo, url: "https://example.org/bai-1", date: 2025-07}
verified_on: 2026-11-21
review_by: 2027-05-21
owner: ban biên tập
provinces:
  ca_mau:
    words: {trưởng thôn: trưởng ấp}
    fee: Không mất phí.
    steps:
      2: {text: Đưa máy lại gần mã.}
"""

OTHER = """\
id: scam_link
title: Link lạ
answer: Đừng bấm, hỏi người nhà trước.
prepare: []
fee: Không mất tiền.
time: Một phút.
steps:
  - title: Dừng lại
    text: Đừng bấm vào chữ xanh trong tin.
    if_stuck:
      - problem: Lỡ bấm rồi
        answer: Tắt trang đó đi, chưa nhập gì thì chưa sao.
      - problem: Nửa đêm nhận tin
        answer: Để sáng mai hỏi con cháu cũng không muộn.
  - title: Đọc địa chỉ
    text: Xem đuôi có phải .gov.vn không. Viết gov-vn là giả.
    if_stuck:
      - problem: Chữ nhỏ quá
        answer: Nhờ người mắt tốt đọc giùm từng chữ một.
  - title: Báo lại
    text: Gọi 156 báo tin lạ. Xem thêm ở help.zalo.me.
warnings: []
related: [qr_pay]
sources:
  - {title: Báo, url: "https://example.org/bai-2", date: 2025-07}
verified_on: 2026-11-21
review_by: 2027-05-21
owner: ban biên tập
"""

PATH = "stages:\n" + "".join(
    f"  - {{id: {name}, title: Chặng, description: Việc nên làm., guides: [qr_pay]}}\n"
    for name in ("know", "identify", "use", "protect")
)
MENU = "groups:\n  - {id: all, title: Mọi việc, guides: [qr_pay, scam_link]}\n"
SNIPPETS = "dark:\n  problem: Trời tối\n  answer: Bật đèn lên rồi quét lại.\n"
ALLOWED = """\
phones:
  - {number: "113", whose: Công an, use: Trình báo, note: Ai cũng biết., checked_on: 2026-11-21}
  - {number: "115", whose: Cấp cứu, use: Bệnh nặng, note: Ai cũng biết., checked_on: 2026-11-21}
  - {number: "156", whose: Đường dây, use: Báo tin rác, note: Báo cũ., checked_on: 2026-11-21}
  - number: "1900.0368"
    whose: Tổng đài
    use: Hỏi về VNeID
    source: {url: "https://example.org/so", date: 2025}
    checked_on: 2026-11-21
domains:
  - {domain: "*.gov.vn", whose: Nhà nước, note: Ai cũng biết.}
  - {domain: help.zalo.me, whose: Zalo, source: {url: "https://example.org/zalo"}}
"""
GLOSSARY = """\
words:
  link: Chữ bấm vào thì mở một trang mạng.
  QR: Ô vuông đen trắng để quét.
  VNeID: Ứng dụng giấy tờ của Bộ Công an.
plain: [km]
"""


@dataclass(frozen=True)
class Shelf:
    """The folder; every change is to one of its files."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Shelf:
        """Write everything, without a fault."""
        (folder / "guides").mkdir()
        texts = {
            "guides/qr_pay.yml": GUIDE,
            "guides/scam_link.yml": OTHER,
            "path.yml": PATH,
            "menu.yml": MENU,
            "snippets.yml": SNIPPETS,
            "allowed.yml": ALLOWED,
            "glossary.yml": GLOSSARY,
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name in ("phrases.yml", "people.yml"):
            copy(ROOT / "content" / name, folder / name)
        return cls(folder)

    def change(self, name: str, old: str, new: str) -> int:
        """Replace a piece that is there once; gives its line."""
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        file.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def check(self, *, complete: bool = True) -> list[Problem]:
        """All problems."""
        return check_content(self.folder, IDS, TODAY, complete=complete)

    def only(self, severity: Severity = Severity.ERROR) -> Problem:
        """The one problem there is."""
        problems = self.check()
        assert len(problems) == 1, "\n".join(map(str, problems))
        assert problems[0].severity is severity
        assert ";" in problems[0].message
        return problems[0]

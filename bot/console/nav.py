"""The console's menu: which pages there are, and who sees them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.console.gate import PREFIX
from bot.services.staff import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu; `id` is what its handler gives as `here`."""

    id: str
    title: str
    role: Role

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{PREFIX}/{self.id}"


#: In the order of the menu: the first that somebody sees is their front page.
MENU = (
    Entry("tickets", "Phiếu", Role.LEAD),
    Entry("teams", "Tổ", Role.LEAD),
    Entry("rosters", "Danh sách tổ", Role.ADMIN),
    Entry("contributions", "Công sức", Role.LEAD),
    Entry("themes", "Chủ đề", Role.VIEWER),
    Entry("stops", "Chỗ dừng", Role.VIEWER),
    Entry("questions", "Câu hỏi", Role.VIEWER),
    Entry("report", "Báo cáo tháng", Role.VIEWER),
    Entry("unanswered", "Chưa trả lời được", Role.VIEWER),
    Entry("training", "Huấn luyện", Role.VIEWER),
    Entry("content", "Nội dung", Role.VIEWER),
    Entry("safety", "An toàn", Role.VIEWER),
    Entry("alerts", "Cảnh báo", Role.VIEWER),
    Entry("health", "Tình trạng", Role.VIEWER),
    Entry("people", "Nhân viên", Role.ADMIN),
    Entry("audit", "Nhật ký", Role.ADMIN),
)
#: What stands together, under which word; the pages by their ids.
_GROUPS = {
    "Giúp người dân": ("tickets", "teams", "rosters", "contributions"),
    "Người dân hỏi gì": ("themes", "stops", "questions", "unanswered", "report"),
    "Nội dung": ("content", "training", "alerts", "safety"),
    "Hệ thống": ("health", "people", "audit"),
}
_REST = "Khác"


def menu(role: Role) -> list[Entry]:
    """What somebody of this role sees."""
    return [entry for entry in MENU if role.covers(entry.role)]


def groups(role: Role) -> dict[str, list[Entry]]:
    """The menu by its groups, without empty ones."""
    found: dict[str, list[Entry]] = {word: [] for word in (*_GROUPS, _REST)}
    for entry in menu(role):
        word = next((word for word, ids in _GROUPS.items() if entry.id in ids), _REST)
        found[word].append(entry)
    return {word: entries for word, entries in found.items() if entries}


def front(role: Role) -> str:
    """The address of the page that somebody of this role works on."""
    return menu(role)[0].url

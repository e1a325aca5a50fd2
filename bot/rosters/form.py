"""The form of a roster: its columns, how their headings may be written, and what their words mean.

One row is one member, with the team's own columns filled in at least once a team (docs/rosters.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from bot.domain.languages import LANGUAGES
from bot.domain.tickets import Rung
from bot.locality.words import marks_of, plain_tokens, tokens_of


class Field(StrEnum):
    """A column; the value is its heading as the export writes it."""

    TEAM_KEY = "Mã tổ"
    TEAM = "Tên tổ"
    RUNG = "Cấp"
    PROVINCE = "Tỉnh"
    COMMUNE = "Xã/phường"
    HAMLET = "Thôn/ấp"
    TEAM_PHONE = "Điện thoại tổ"
    GROUP = "Nhóm Telegram"
    TEAM_HOURS = "Giờ trực tổ"
    KEY = "Mã thành viên"
    NAME = "Họ tên"
    ROLE = "Vai trò"
    PHONE = "Điện thoại"
    LANGUAGES = "Ngôn ngữ"
    HOURS = "Giờ trực"
    MAX_OPEN = "Số phiếu tối đa"


#: Columns that say something of the team: the same in every row of it, or left empty.
TEAM_FIELDS = (
    Field.TEAM_KEY,
    Field.TEAM,
    Field.RUNG,
    Field.PROVINCE,
    Field.COMMUNE,
    Field.HAMLET,
    Field.TEAM_PHONE,
    Field.GROUP,
    Field.TEAM_HOURS,
)
MEMBER_FIELDS = tuple(field for field in Field if field not in TEAM_FIELDS)
#: Without these a file is no roster.
NEEDED = (Field.TEAM, Field.PROVINCE, Field.COMMUNE, Field.NAME)

_HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.TEAM_KEY: ("mã số tổ", "mã đội", "mã tổ công nghệ số", "mã tổ cnscđ"),
    Field.TEAM: (
        "tổ",
        "tên tổ công nghệ số",
        "tên tổ công nghệ số cộng đồng",
        "tổ công nghệ số cộng đồng",
        "tổ công nghệ số",
        "tổ cnscđ",
        "tên tổ cnscđ",
        "tên đội",
    ),
    Field.RUNG: ("cấp tổ", "tuyến", "tổ cấp"),
    Field.PROVINCE: ("tỉnh thành", "tỉnh/thành phố", "tỉnh/tp", "tên tỉnh", "thành phố"),
    Field.COMMUNE: ("xã", "phường", "xã phường", "phường/xã", "xã/phường/đặc khu", "tên xã"),
    Field.HAMLET: (
        "thôn",
        "ấp",
        "buôn",
        "khóm",
        "xóm",
        "bản",
        "tổ dân phố",
        "thôn/ấp/buôn",
        "ấp/khóm",
        "thôn/buôn",
        "thôn/xóm",
        "thôn/bản",
        "thôn/ấp/khóm/buôn",
        "thôn/tổ dân phố",
        "ấp/khóm/thôn/buôn/xóm",
        "địa bàn",
    ),
    Field.TEAM_PHONE: ("sđt tổ", "số điện thoại tổ", "điện thoại trực", "số điện thoại trực"),
    Field.GROUP: ("nhóm tele", "mã nhóm telegram", "id nhóm telegram", "telegram"),
    Field.TEAM_HOURS: ("giờ làm việc", "giờ làm việc của tổ", "lịch trực tổ"),
    Field.KEY: ("mã", "mã số", "mã tv", "mã số thành viên"),
    Field.NAME: ("tên", "họ và tên", "tên thành viên", "họ tên thành viên", "họ và tên thành viên"),
    Field.ROLE: ("chức vụ", "chức danh", "nhiệm vụ", "vai trò trong tổ"),
    Field.PHONE: ("sđt", "số điện thoại", "số đt", "đt", "di động", "điện thoại di động"),
    Field.LANGUAGES: ("tiếng", "tiếng nói", "thứ tiếng", "ngôn ngữ nói", "biết tiếng"),
    Field.HOURS: ("giờ rảnh", "giờ trực của thành viên", "lịch trực", "thời gian trực"),
    Field.MAX_OPEN: ("số phiếu", "phiếu tối đa", "tối đa phiếu", "số phiếu nhiều nhất"),
}


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """What words of the form are compared by: without marks, signs and spaces."""
    return "".join(plain_tokens(text))


@lru_cache(maxsize=20_000)
def name_key(text: str) -> str:
    """What names are compared by: with their marks ("Hoa" is not "Hòa"), wherever the tone stands
    ("Hoà" is), without capitals, signs and spaces."""
    return "".join(map(marks_of, tokens_of(text)))


FIELD_OF: Mapping[str, Field] = {
    key(text): field for field in Field for text in (field.value, *_HEADINGS[field])
}


class Role(StrEnum):
    """What somebody is in their team."""

    MEMBER = "member"
    LEAD = "lead"
    COMMUNE_DESK = "commune_desk"
    PROVINCE_DESK = "province_desk"


class _Words:
    """Values of a column; the first word of each is what the export writes."""

    def __init__(self, spelled: Mapping[str, tuple[str, ...]]) -> None:
        self._spelled = spelled
        self._meaning = {key(word): value for value, words in spelled.items() for word in words}

    def meaning(self, text: str) -> str | None:
        """The value that a word stands for."""
        return self._meaning.get(key(text))

    def written(self, value: str) -> str:
        """The word for a value."""
        return self._spelled[value][0]

    @property
    def choices(self) -> str:
        """Every value's word."""
        return ", ".join(words[0] for words in self._spelled.values())


RUNGS = _Words(
    {
        Rung.HAMLET: (
            "ấp",
            "thôn",
            "buôn",
            "khóm",
            "xóm",
            "bản",
            "tổ dân phố",
            "cấp ấp",
            "cấp thôn",
            "thôn ấp",
            "hamlet",
        ),
        Rung.COMMUNE: ("xã", "phường", "cấp xã", "cấp phường", "xã phường", "commune"),
        Rung.PROVINCE: ("tỉnh", "cấp tỉnh", "thành phố", "province"),
    }
)
ROLES = _Words(
    {
        Role.MEMBER: (
            "thành viên",
            "tổ viên",
            "tv",
            "uỷ viên",
            "ủy viên",
            "tổ phó",
            "phó tổ trưởng",
        ),
        Role.LEAD: ("tổ trưởng", "trưởng tổ", "nhóm trưởng", "đội trưởng", "trưởng nhóm", "lead"),
        Role.COMMUNE_DESK: ("trực xã", "cán bộ xã", "đầu mối xã", "công chức xã", "trực phường"),
        Role.PROVINCE_DESK: ("trực tỉnh", "cán bộ tỉnh", "đầu mối tỉnh", "tổng đài tỉnh"),
    }
)
TONGUES = _Words(LANGUAGES)
#: In the province's column: the team serves everywhere.
EVERYWHERE = "mọi nơi"
_EVERYWHERE = frozenset(map(key, (EVERYWHERE, "toàn quốc", "cả nước", "tất cả")))


def is_everywhere(text: str) -> bool:
    """Whether a province's cell says that the team serves everywhere."""
    return key(text) in _EVERYWHERE

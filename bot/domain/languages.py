"""Languages helpers and citizens speak, by short codes that are stored."""

from __future__ import annotations

from collections.abc import Mapping

VIETNAMESE = "vi"

#: Code -> the names it goes by, the usual one first. The peoples of the three provinces, and the
#: larger ones elsewhere; names as in the national list of ethnic groups (121-TCTK/PPCĐ, 1979).
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    VIETNAMESE: ("Việt", "Kinh", "tiếng Việt", "phổ thông"),
    "ede": ("Ê Đê", "Êđê", "Rhade", "Ede"),
    "tay": ("Tày",),
    "nung": ("Nùng",),
    "khmer": ("Khmer", "Khơ Me", "Khơme", "Miên"),
    "mnong": ("M'Nông", "Mnông", "M Nông"),
    "jarai": ("Gia Rai", "Jrai", "Jarai", "Giarai"),
    "mong": ("Mông", "H'Mông", "Hmông", "Mèo"),
    "dao": ("Dao",),
    "thai": ("Thái",),
    "muong": ("Mường",),
    "hoa": ("Hoa", "Quảng Đông", "Triều Châu", "Tiều"),
    "sandiu": ("Sán Dìu",),
    "sanchay": ("Sán Chay", "Cao Lan", "Sán Chỉ"),
    "bana": ("Ba Na", "Bana", "Bahnar"),
    "xodang": ("Xơ Đăng", "Xê Đăng", "Xơđăng"),
    "cham": ("Chăm",),
    "kho": ("Cơ Ho", "K'Ho", "Kơ Ho"),
    "raglai": ("Ra Glai", "Raglay"),
    "sign": ("ký hiệu", "ngôn ngữ ký hiệu"),
}


def language_name(code: str) -> str:
    """What a language is called; the code itself when it is not known."""
    return LANGUAGES.get(code, (code,))[0]

"""What fields of a guide are called, and what the check says, in words for editors.

The check speaks English, as `congdanso content check` does; what no rule here fits stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.guides.errors import Problem, Severity

FIELD_WORDS = {
    "id": "mã bài",
    "title": "tên",
    "answer": "câu trả lời ngắn",
    "prepare": "cần chuẩn bị",
    "fee": "phí",
    "time": "thời gian",
    "emergency": "việc làm ngay trong những phút đầu",
    "question": "câu hỏi đầu bài",
    "about": "hỏi về",
    "ask": "câu hỏi",
    "choices": "câu trả lời để chọn",
    "label": "chữ trên nút",
    "words": "từ người dân hay gõ",
    "steps": "bước",
    "text": "nội dung",
    "check": "câu kiểm tra đã xong chưa",
    "wait": "chờ",
    "days": "số ngày",
    "working": "ngày làm việc",
    "if_stuck": "chỗ hay vướng",
    "problem": "vướng gì",
    "use": "câu trả lời dùng chung",
    "for": "dành cho",
    "warnings": "lưu ý, cảnh báo",
    "temporary": "lời tạm thời",
    "until": "đến hết ngày",
    "official": "nơi chính thức",
    "app": "ứng dụng",
    "publisher": "nhà phát hành",
    "domain": "trang web",
    "hotline": "tổng đài",
    "related": "bài liên quan",
    "sources": "nguồn",
    "url": "địa chỉ",
    "date": "ngày của nguồn",
    "verified_on": "ngày kiểm lại",
    "review_by": "phải kiểm lại trước ngày",
    "valid_until": "có hiệu lực đến",
    "owner": "người phụ trách",
    "provinces": "tỉnh",
    "ca_mau": "Cà Mau",
    "dak_lak": "Đắk Lắk",
    "thai_nguyen": "Thái Nguyên",
}
_PART = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


def field_words(path: str) -> str:
    """A path such as `steps[2].text` in words: "bước 2, nội dung"."""
    if path == "-":
        return "cả bài"
    found = []
    for name, number in _PART.findall(path):
        word = FIELD_WORDS.get(name, name)
        found.append(f"{word} {number}" if number else word)
    return ", ".join(found)


@dataclass(frozen=True, slots=True)
class Said:
    """A problem in words: which field, what is wrong; `section` is where it is mended."""

    where: str
    what: str
    line: int
    stops: bool
    section: str


_RULES: tuple[tuple[str, str], ...] = (
    (r"is missing; .*", "Chưa có. Anh/chị điền vào."),
    (r"is empty; .*", "Đang để trống. Anh/chị điền vào, hoặc bỏ mục này."),
    (r"has (\d+) characters; must have at most (\d+)", r"Dài \1 chữ cái, nhiều nhất \2."),
    (r"has (\d+) bytes; must have at most (\d+)", r"Bài dài quá (\1 byte), nhiều nhất \2 byte."),
    (r"has several lines; .*", "Có xuống dòng. Anh/chị viết liền một dòng."),
    (r"has (\d+) entries(.*); must have (\d+) to (\d+)", r"Có \1 mục\2, phải có từ \3 đến \4."),
    (r"has (\d+) entries; must have at most (\d+)", r"Có \1 mục, nhiều nhất \2."),
    (r"is not a date; .*", "Không phải ngày. Viết năm-tháng-ngày, ví dụ 2026-11-21."),
    (r"is not a yes/no value; .*", "Phải là có (true) hoặc không (false)."),
    (
        r"is not allowed; must be a whole number from (\d+) to (\d+)",
        r"Phải là số từ \1 đến \2.",
    ),
    (
        r"is not allowed; must be an address that begins with https://",
        "Không phải địa chỉ trang web. Địa chỉ bắt đầu bằng https://",
    ),
    (
        r"is not allowed; must be a date written .*",
        "Không phải ngày của nguồn. Viết 2025, 2025-12 hoặc 2025-12-04.",
    ),
    (
        r"'(.*)' is not a guide; .*",
        r"“\1” không phải mã bài nào. Chọn mã trong danh sách bài.",
    ),
    (r"'(.*)' is listed twice; .*", r"“\1” ghi hai lần. Bỏ bớt một."),
    (r"is '(.*)'; must be the file's name, '(.*)'", r"Đang là “\1”, phải là “\2”."),
    (r"is '(.*)'; must be one of (.*)", r"Đang là “\1”, phải là một trong: \2."),
    (
        r"is '(.*)'; a question about (\w+) has the ids (.*)",
        r"Mã “\1” không dùng được ở đây. Dùng: \3.",
    ),
    (
        r"names '(.*)'; the choices are (.*)",
        r"Nhắc tới “\1” mà câu hỏi đầu bài không có. Có: \2.",
    ),
    (
        r"have too few `if_stuck`(.*); a guide must have at least (\d+)",
        r"Ít chỗ hay vướng quá\1. Cả bài phải có ít nhất \2.",
    ),
    (
        r"only (\d+) of (\d+)(.*) have `if_stuck`; .*",
        r"Mới \1 trong \2 bước\3 có chỗ hay vướng. Quá nửa số bước phải có.",
    ),
    (
        r"asks for the province; .*",
        "Hỏi tỉnh thì phải có lời riêng cho tỉnh.",
    ),
    (r"says nothing; .*", "Chưa có lời nào. Điền câu trả lời, phí, thời gian… hoặc bỏ đi."),
    (
        r"'(.*)' is not an allowed number; .*",
        r"Số “\1” chưa được phép nêu. Dùng 113, 156, 1900.0368, 1800 1096, "
        r"hoặc nói “số in sau thẻ ATM”.",
    ),
    (
        r"'(.*)' is not (?:an )?allowed(?: address)?; use .*",
        r"Địa chỉ “\1” chưa được phép nêu. Chỉ dùng trang gov.vn và trang trong danh sách.",
    ),
    (r"has an unprotected address; .*", "Có địa chỉ http:// không an toàn. Viết https://"),
    (
        r"seems to ask for a code, .*",
        "Câu này như bảo người dân đưa mã, mật khẩu hoặc ảnh giấy tờ. Nói rõ là không đưa cho ai.",
    ),
    (
        r"'(.*)' is no more; .*",
        r"“\1” không còn nữa. Cơ quan chỉ còn ở xã, phường hoặc tỉnh.",
    ),
    (r"speaks of points .*", "Không có “điểm công dân số”. Bỏ câu này."),
    (r"'(.*)' is not a placeholder; .*", r"“\1” không dùng được. Chỉ có {you} và {You}."),
    (
        r"the sentence '(.*)' has (\d+) syllables; must have at most (\d+): .*",
        r"Câu “\1” dài \2 tiếng, nhiều nhất \3. Tách làm hai câu.",
    ),
    (
        r"has ([\d.]+) syllables a sentence on average; .*",
        r"Trung bình mỗi câu \1 tiếng, hơi dài. Rút ngắn những câu dài nhất.",
    ),
    (r"'(.*)' is no Vietnamese word and not explained; write '(.*)'", r"“\1”: viết là “\2”."),
    (
        r"'(.*)' is no Vietnamese word .*",
        r"“\1” không phải tiếng Việt và chưa được giải nghĩa. Nói bằng tiếng Việt.",
    ),
    (r"has (\d+%) words of content/glossary.yml; .*", r"\1 là từ mượn. Bớt từ mượn đi."),
    (r"(\d{4}-\d\d-\d\d) is to come; .*", r"\1 chưa tới. Phải là ngày đã kiểm."),
    (r"(\d{4}-\d\d-\d\d) is not after verified_on; .*", r"\1 phải sau ngày kiểm lại."),
    (r"(\d{4}-\d\d-\d\d) is past; .*", r"\1 đã qua. Kiểm lại bài rồi đặt ngày mới."),
    (r"(\d{4}-\d\d-\d\d) is in (\d+) day.*", r"\1: còn \2 ngày. Sắp phải kiểm lại."),
    (r"(\d{4}-\d\d-\d\d) is more than two years ahead; .*", r"\1 xa quá. Xem lại năm."),
    (
        r"is (\d+%) the same as guides/(\w+)\.yml:\d+: .*\('(.*)'\); name .*",
        r"Giống \1 một câu trả lời của bài \2 (“\3”). Nói rõ màn hình, giấy tờ của bài này.",
    ),
    (r"is (\d+%) the same as .*", r"Giống \1 một câu khác trong bài. Nói riêng cho bước này."),
    (r"is the guide itself; .*", "Là chính bài này. Chọn bài khác."),
    (r"'(.*)' has no file yet; .*", r"Bài “\1” chưa viết. Bỏ ra."),
    (r"is in no other guide's `related`; .*", "Chưa bài nào dẫn tới bài này."),
    (
        r"is the text that was withdrawn \((.*)\); .*",
        r"Đây đúng là bản đã thu hồi vì: \1. Phải sửa chỗ sai rồi mới đăng được.",
    ),
    (
        r"is the step that was withdrawn \((.*)\); .*",
        r"Bước này đã thu hồi vì: \1. Phải sửa chỗ sai rồi mới đăng được.",
    ),
    (r"is not a known field; .*", "Không có mục này. Bỏ ra."),
    (r"has a tab; .*", "Có phím Tab. Thay bằng dấu cách."),
    (r"has the alias (.*); .*", r"Có ký hiệu \1 không dùng được. Viết hẳn ra."),
    (r"is used again by an alias; .*", "Dùng lại bằng ký hiệu. Viết hẳn ra."),
    (r"is given twice; .*", "Ghi hai lần. Bỏ bớt một."),
    (r"nests more than .*", "Thụt vào nhiều tầng quá. Xem lại dấu ngoặc và gạch đầu dòng."),
    (
        r"is not valid YAML .*",
        "Chưa đọc được từ đây. Xem lại thụt dòng, dấu hai chấm và dấu ngoặc kép.",
    ),
    (r"is not text; .*", "Phải là chữ. Đặt trong dấu ngoặc kép."),
    (r"is not a list; .*", "Phải là danh sách, mỗi dòng bắt đầu bằng dấu gạch."),
    (r"is not a mapping; .*", "Phải là các dòng “mục: nội dung”."),
    (r"is nowhere in what people there read; .*", "Từ này không có trong bài. Bỏ ra."),
)
_COMPILED = [(re.compile(rule, re.DOTALL), words) for rule, words in _RULES]


def problem_words(problem: Problem) -> Said:
    """A problem of the check in words."""
    what = problem.message
    for rule, words in _COMPILED:
        match = rule.fullmatch(problem.message)
        if match:
            what = match.expand(words).replace(" for the choice ", " cho lựa chọn ")
            break
    stops = problem.severity is Severity.ERROR
    return Said(field_words(problem.field), what, problem.line, stops, section_of(problem.field))


def section_of(path: str) -> str:
    """The part of the editor where a field is: "main", "step-2", "question"…; "" for none."""
    step = re.match(r"steps\[(\d+)\]", path)
    if step:
        return f"step-{step[1]}"
    top = re.split(r"[.\[]", path)[0]
    if top in ("question", "temporary", "sources", "provinces", "steps"):
        return top
    return "main" if top in FIELD_WORDS else "text"

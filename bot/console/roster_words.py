"""What is wrong with a roster, in Vietnamese: the command line says the same in English."""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, str], ...] = (
    # Cells.
    (r"is a formula; .*", "là công thức; chép lại rồi dán thành giá trị (Paste as value)"),
    (r"is a date; .*ten digits", "thành ngày tháng; đổi ô sang dạng Text rồi gõ lại mười chữ số"),
    (r"is a date; .*", "thành ngày tháng; đổi ô sang dạng Text rồi gõ lại"),
    (r"is a date or a time; .*", "thành ngày giờ; viết giờ bằng chữ, ví dụ T2-CN 19:00-21:00"),
    (r"is a decimal number; .*", "thành số lẻ; đổi ô sang dạng Text rồi gõ lại mười chữ số"),
    (r"was shortened by Excel .*", "bị Excel viết gọn (như 9E+08); đổi sang Text rồi gõ lại"),
    (r"lost digits in Excel; .*", "bị Excel làm mất chữ số; đổi ô sang dạng Text rồi gõ lại"),
    (r"is no phone number of Vietnam; .*", "không phải số điện thoại: cần 10 chữ số, đầu là 0"),
    (r"is (#\S+), an error of Excel; .*", r"là lỗi \1 của Excel; gõ giá trị vào"),
    (r"is (\d+) characters long; at most (\d+)", r"dài \1 chữ cái, nhiều nhất \2"),
    (r"(.+) is no Telegram group; .*", r"\1 không phải số nhóm Telegram, ví dụ -1001234567890"),
    (r"(.+) is no key; .*", r"\1 không làm mã được: chỉ chữ, số và . _ -, nhiều nhất 64"),
    (r"(.+) is no name; .*", r"\1 không phải tên: phải có chữ"),
    (r"(.+) is no name of a hamlet; .*", r"\1 không phải tên thôn, ấp: phải có chữ"),
    (r"(.+) is no whole number from 0 to (\d+)", r"\1 phải là số từ 0 đến \2"),
    (r"(.+) is not known; (?:one )?of: (.*)", r"\1 chưa rõ; dùng một trong: \2"),
    (r"is merged with others; .*", "là ô gộp; bỏ gộp và điền từng ô"),
    # Places.
    (r"is empty; a hamlet must have its commune", "để trống; thôn, ấp phải có xã"),
    (r"is empty; a hamlet's team must say which hamlet", "để trống; tổ cấp ấp phải ghi ấp nào"),
    (r"is empty; every team must say its province", "để trống; mỗi tổ phải ghi tỉnh"),
    (r"is empty; only a province's desk has none", "để trống; chỉ tổ cấp tỉnh mới để trống"),
    (r"must be of one commune; .*", "phải cùng một xã; mỗi xã lập một tổ riêng"),
    (r"says everywhere; .*", "là mọi nơi; khi đó để trống xã, ấp và cấp"),
    (r"must be empty for a team of the (\w+)", "phải để trống với tổ cấp này"),
    (r"communes of (.+) are not loaded; .*", r"máy chưa có danh sách xã của \1"),
    (r"(.+) is no code of a commune of (.+)", r"\1 không phải mã xã của \2"),
    (r"(.+) may be (.+); write which", r"\1 có thể là \2; ghi rõ nơi nào"),
    (r"(.+) was divided; write one of: (.+)", r"\1 đã chia; ghi một trong: \2"),
    (r"(.+) is no (?:commune|province)[^;]*; perhaps (.+)", r"không có nơi tên \1; có phải \2?"),
    (r"(.+) is no (?:commune|province).*", r"không có nơi tên \1"),
    # Rows.
    (r"is empty; every row must name its team", "để trống; dòng nào cũng phải có tên tổ"),
    (r"is empty; every team must have a name", "để trống; tổ phải có tên"),
    (r"is empty; must be the member's name", "để trống; ghi họ tên thành viên"),
    (
        r"is not what row (\d+) says of the same team; .*",
        r"khác dòng \1 của cùng tổ; ghi giống nhau",
    ),
    (r"is of a desk, but the team's rung is .*", "là người trực, không hợp với cấp của tổ"),
    (r"is that of row (\d+); one group, one team", r"trùng dòng \1; mỗi nhóm một tổ"),
    (r"is that of row (\d+).*", r"trùng dòng \1; mỗi người phải khác"),
    (
        r"stands in row (\d+) of the same team; .*",
        r"đã có ở dòng \1; bỏ một dòng hoặc ghi mã riêng",
    ),
    (r"is that of (.+) of (.+), who is not in this file", r"là của \1 ở \2, không có trong tệp"),
    (r"is that of (.+), which is not in this file", r"là của \1, không có trong tệp"),
    (r"has headings but no rows", "chỉ có tiêu đề, chưa có dòng nào"),
    (r"is no column of the form and is left out", "không phải cột của mẫu nên bỏ qua"),
    # Files.
    (r"is empty; must be \.xlsx or .*", "tệp rỗng; cần .xlsx hoặc .csv có dòng tiêu đề"),
    (r"is protected by a password; .*", "tệp có mật khẩu; mở bằng Excel, bỏ mật khẩu, lưu lại"),
    (r"is an old \.xls file; .*", "tệp .xls kiểu cũ; mở bằng Excel rồi lưu thành .xlsx"),
    (r"is no Excel file; .*", "không phải tệp Excel; mở bằng Excel rồi lưu thành .xlsx"),
    (r"is a damaged Excel file; .*", "tệp Excel hỏng; mở bằng Excel rồi lưu lại"),
    (r"is too large; .*", "tệp lớn quá; chia mỗi tỉnh một tệp"),
    (r"has more than .* rows; .*", "nhiều dòng quá; chia mỗi tỉnh một tệp"),
    (r"(?:(\d+): )?is not UTF-8; .*", "chữ không phải UTF-8; trong Excel lưu thành CSV UTF-8"),
    (r"is no text; .*", "không phải tệp chữ; cần .xlsx hoặc .csv"),
    (r"(\d+): the row cannot be read as CSV", r"dòng \1 không đọc được như CSV"),
    (
        r".*has no row of headings; the first row must have: (.*?)(?: \(.*)?",
        r"thiếu dòng tiêu đề; cần có: \1",
    ),
    # Imports.
    (r"another import is under way .*", "đang có lần nhập khác; chờ xong rồi tải lên lại"),
    (r"another import took this one's place; .*", "lần nhập khác đã chen vào; tải lên lại"),
    (r"the file fits no more: .*", "dữ liệu ở máy đã đổi từ lúc xem; tải tệp lên lại để xem lại"),
    (r"the database failed; .*", "cơ sở dữ liệu trục trặc; tải tệp lên lại"),
)
_COMPILED = tuple((re.compile(pattern), words) for pattern, words in _RULES)


def in_vietnamese(text: str) -> str:
    """The sentence in Vietnamese; "" for one that is not known, to be shown as it is."""
    for pattern, words in _COMPILED:
        match = pattern.fullmatch(text)
        if match:
            return match.expand(words)
    return ""

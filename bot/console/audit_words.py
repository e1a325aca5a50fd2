"""What the actions of the record are called. An action without a word shows its own."""

from __future__ import annotations

from collections.abc import Mapping

_ACCESS = {
    "login": "Đăng nhập",
    "logout": "Thoát",
    "password.set": "Đặt mật khẩu",
    "session.end": "Kết thúc phiên của mình",
    "staff.add": "Thêm nhân viên",
    "staff.invite": "Mời nhân viên",
    "staff.change": "Đổi vai trò hoặc nơi phụ trách",
    "staff.reset": "Tạo liên kết đặt lại mật khẩu",
    "staff.sessions_end": "Kết thúc các phiên của nhân viên",
    "staff.remove": "Xóa nhân viên",
    "audit.export": "Tải nhật ký",
}
_TICKETS = {
    "ticket.view": "Xem phiếu có liên lạc",
    "ticket.claimed": "Nhận phiếu",
    "ticket.sent": "Trả lời phiếu",
    "ticket.masked": "Trả lời phiếu (số riêng tư được che)",
    "ticket.asked": "Trả lời phiếu (hỏi mã, mật khẩu)",
    "ticket.closed": "Đóng phiếu",
    "ticket.given_back": "Trả lại phiếu cho tổ",
    "ticket.passed": "Chuyển phiếu",
    "ticket.called": "Ghi cuộc gọi",
    "ticket.visit_set": "Hẹn tới nhà",
    "ticket.visit_off": "Bỏ hẹn tới nhà",
    "ticket.reminded": "Nhắc người giữ phiếu",
    "team.add": "Thêm tổ",
    "team.change": "Sửa tổ",
    "team.start": "Cho tổ hoạt động lại",
    "team.stop": "Ngừng một tổ",
    "team.phones": "Xem số điện thoại của tổ",
    "member.add": "Thêm thành viên tổ",
    "member.change": "Sửa thành viên tổ",
    "member.phone": "Xem số điện thoại thành viên",
    "member.away": "Ghi thành viên rảnh hay bận",
    "member.remove": "Bỏ thành viên khỏi tổ",
    "member.link": "Tạo liên kết vào tổ",
    "roster.upload": "Tải lên danh sách tổ",
    "roster.import": "Nhập danh sách tổ",
    "roster.export": "Tải danh sách tổ",
    "contributions.export": "Tải bảng đóng góp",
}
_CONTENT = {
    "draft.begin": "Bắt đầu sửa bài",
    "draft.save": "Lưu bản nháp",
    "draft.rebase": "Ghép bản nháp với bản mới",
    "draft.send": "Gửi bản nháp đi duyệt",
    "draft.return": "Trả bản nháp lại để sửa",
    "draft.discard": "Bỏ bản nháp",
    "guide.publish": "Đăng bài",
    "guide.rollback": "Quay lại bản cũ của bài",
    "guide.keep": "Giữ bản sửa trên trang",
    "guide.follow": "Theo bản trong tệp",
    "guide.reviewed": "Xem lại bài, giữ nguyên",
    "guide.recall": "Thu hồi bài",
}
_SAFETY = {
    "safety.host_bad": "Đánh dấu trang nguy hiểm",
    "safety.host_cleared": "Gỡ dấu nguy hiểm",
    "safety.host_forgotten": "Bỏ quyết định về trang",
    "safety.feed_put": "Thêm hoặc đổi danh sách trang lừa đảo",
    "safety.feed_removed": "Bỏ danh sách trang lừa đảo",
    "safety.feed_refresh": "Tải lại danh sách trang lừa đảo",
    "safety.alert_written": "Soạn cảnh báo",
    "safety.alert_changed": "Sửa cảnh báo",
    "safety.alert_picture": "Đổi hình cảnh báo",
    "safety.alert_sent": "Gửi cảnh báo",
    "safety.alert_cancelled": "Dừng cảnh báo",
}
_HEALTH = {
    "event.retry": "Cho xử lý lại tin bị lỗi",
    "event.discard": "Bỏ tin bị lỗi",
    "report.export": "Tải báo cáo tháng",
}
_UNDERSTANDING = {
    "run.train": "Huấn luyện",
    "run.cluster": "Xếp nhóm câu chưa trả lời được",
    "label.add": "Gán nhãn",
    "label.import": "Nhập nhãn từ tệp",
    "label.export": "Xuất nhãn",
    "label.withdraw": "Gỡ nhãn",
    "intent.new": "Tạo ý định mới",
    "idea.add": "Ghi ý tưởng bài",
    "idea.move": "Đổi tình trạng ý tưởng bài",
    "cluster.reply": "Trả lời người còn chờ",
    "cluster.idea": "Ghi ý tưởng bài từ một nhóm",
    "cluster.out_of_scope": "Đánh dấu ngoài phạm vi",
    "model.publish": "Dùng mô hình mới",
    "model.rollback": "Quay lại mô hình trước",
}
ACTIONS: Mapping[str, str] = {
    **_ACCESS,
    **_TICKETS,
    **_CONTENT,
    **_UNDERSTANDING,
    **_SAFETY,
    **_HEALTH,
}

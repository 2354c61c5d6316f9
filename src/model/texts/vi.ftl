# Các văn bản trên trang, tiếng Việt. Khóa giống en.ftl.
age = cũ { $age }
duration-seconds = { $x } giây
duration-minutes = { $x } phút
duration-hours = { $x } giờ
duration-days = { $x } ngày

# Vì sao không có giá trị
quality-good = tốt
quality-stale = cũ
quality-not-yet-read = chưa đọc
quality-timeout = không trả lời
quality-exception = thiết bị từ chối
quality-bad-frame = câu trả lời bị lỗi
quality-not-available = không có số liệu
quality-out-of-range = ngoài khoảng hợp lệ
quality-disabled = đã tắt

# Cờ
flag-active = đang báo
flag-clear = bình thường
flag-yes = có
flag-no = không

# Từ do thiết bị báo
word-online = trực tuyến
word-on-battery = chạy ắc quy
word-bypass = chạy nhánh vòng
word-off = tắt
word-on = đang chạy
word-fault = lỗi
word-charging = đang nạp
word-floating = nạp nổi
word-resting = nghỉ
word-discharging = đang xả
word-low = cạn
word-stopped = đang dừng
word-starting = đang khởi động
word-running = đang chạy
word-cooling-down = đang chạy làm nguội
word-auto = tự động
word-manual = bằng tay
word-1 = nguồn 1
word-2 = nguồn 2
word-open = hở mạch
word-standby = dự phòng
word-ready = sẵn sàng
word-pre-discharge = sắp xả khí
word-aborted = đã hủy xả
word-discharged = đã xả khí
word-isolated = bị cô lập

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

# Phòng máy: điều chưa rõ
not-known = Chưa rõ: { $name } – { $why }

# Phòng máy: nguồn điện
tile-power = Đường cấp điện
path-mains = Điện lưới
path-generator = Máy phát
path-battery = Chạy ắc quy
path-bypass = Chạy nhánh vòng
path-no-power = Mất điện
path-not-known = Chưa rõ
path-no-feeds = Chưa khai báo
path-dead = { $names } mất điện
path-battery-of = { $names } chạy ắc quy
path-bypass-of = { $names } chạy nhánh vòng
path-lost = { $names } bị mất
path-sources = { $usable } trên { $all } nguồn
path-sources-unknown = { $usable } trên { $all } nguồn, { $unknown } chưa rõ
path-survivor = nếu hỏng một UPS, UPS còn lại tải { $percent } %
path-survivor-overloaded = nếu hỏng một UPS, UPS còn lại quá tải: { $percent } %

# Phòng máy: thời gian duy trì
tile-autonomy = Thời gian duy trì
autonomy-ups = { $span } bằng UPS
autonomy-no-ups = Không có UPS
autonomy-not-known = Chưa rõ
autonomy-at-load = { $name } tải { $load } %, ắc quy { $charge } %
autonomy-low = { $name }: ắc quy sắp cạn
autonomy-fuel = { $name }: nhiên liệu { $level } %

# Phòng máy: gió vào tủ
tile-inlets = Nhiệt độ gió vào
inlets-hottest = { $celsius } °C cao nhất, { $name }
inlets-coldest = thấp nhất { $celsius } °C, { $name }
inlets-dew-point = điểm sương { $celsius } °C
inlets-missing = { $count } cảm biến không có số liệu
inlets-none = Không có cảm biến
inlets-not-known = Chưa rõ

# Phòng máy: làm mát
tile-cooling = Làm mát
cooling-reserve = N+{ $reserve }
cooling-no-reserve = N
cooling-stopped = Không làm mát
cooling-none = Không có máy
cooling-not-known = Chưa rõ
cooling-counts = { $running } đang chạy, { $standby } dự phòng
cooling-failed = { $names } hỏng
cooling-air = gió cấp { $supply } °C, gió hồi { $return } °C
cooling-supply = gió cấp { $supply } °C
cooling-return = gió hồi { $return } °C

# Phòng máy: cháy, nước, thiết bị
tile-safety = Cháy, nước, thiết bị
safety-clear = Không cháy, không rò nước
safety-none = Không giám sát
safety-not-known = Chưa rõ
safety-fire = BÁO CHÁY
safety-leak = Rò nước
safety-isolated = Vùng báo cháy bị cô lập
safety-fire-fault = Hệ thống báo cháy lỗi
safety-cable-fault = Cáp dò nước lỗi
safety-where = { $names }
safety-answering = { $answer } trên { $all } thiết bị trả lời

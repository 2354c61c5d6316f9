# Các văn bản trên trang, tiếng Việt. Khóa giống en.ftl.
age = cũ { $age }
ago = { $x } trước
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
quality-wrong-device = thiết bị khác trả lời

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
autonomy-span = { $span }
autonomy-ups = bằng UPS
autonomy-no-ups = Không có UPS
autonomy-not-known = Chưa rõ
autonomy-at-load = { $name } tải { $load } %, ắc quy { $charge } %
autonomy-low = { $name }: ắc quy sắp cạn
autonomy-fuel = { $name }: nhiên liệu { $level } %

# Phòng máy: nhiệt độ
tile-inlets = Nhiệt độ
inlets-celsius = { $celsius } °C
inlets-hottest = cao nhất: { $name }
inlets-coldest = thấp nhất { $celsius } °C: { $name }
inlets-dew-point = điểm sương { $celsius } °C
inlets-missing = { $count } cảm biến không có số liệu
inlets-none = Không có cảm biến
inlets-not-known = Chưa rõ

# Phòng máy: làm mát
tile-cooling = Làm mát
cooling-reserve = N+{ $reserve }
cooling-no-reserve = N
cooling-without-reserve = không còn máy dự phòng
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

# Khung trang
skip = Chuyển đến nội dung
simulated = MÔ PHỎNG
simulation = Thử cho xảy ra
order-mains-failure = Mất điện lưới
order-mains-failure-generator-fails = Mất điện lưới, máy phát không khởi động
order-cooling-failure = Hỏng máy lạnh
order-smoke = Khói
order-leak = Rò nước
order-silence = Một thiết bị ngừng trả lời
order-mains-restored = Có điện lưới trở lại
order-mended = Khắc phục mọi sự cố
simulator-page = Xem thêm ở trang mô phỏng
simulator-at = Phòng máy này là mô phỏng. Điều khiển tại: http://{ $x }
other-language = English
nav = Các trang
nav-hall = Phòng máy
nav-power = Nguồn điện
nav-climate = Vi khí hậu
nav-devices = Thiết bị
nav-trends = Biểu đồ
counts = Bất thường hiện tại, theo mức ưu tiên
clock-synchronised = đồng hồ đã đồng bộ
clock-unsynchronised = đồng hồ CHƯA đồng bộ
clock-unknown = chưa rõ đồng bộ đồng hồ
link-none = không trực tiếp
link-live = trực tiếp { $x }
link-silent = MẤT KẾT NỐI { $x }
no-scripts = Không có script, trang chỉ hiển thị một thời điểm và tự tải lại sau mỗi 15 giây.
no-scripts-built = Chương trình được dựng không kèm biểu đồ và cập nhật trực tiếp. Trang tự tải lại sau mỗi 15 giây.

# Các khung
panel-power = Sơ đồ một sợi nguồn điện
panel-power-empty = Tệp cấu hình chưa khai báo đường cấp điện nên chưa có sơ đồ.
panel-power-key = Nét đậm: đang mang tải. Nét mảnh xám: không điện. Nét đứt: chưa rõ. Gạch chéo: không trả lời hoặc số liệu cũ.
panel-abnormal = Bất thường hiện tại
panel-abnormal-none = Không có.
abnormal-wrong-device = một thiết bị khác trả lời thay; không tin số liệu của nó. Hãy kiểm tra đường truyền, địa chỉ và hồ sơ.
panel-abnormal-more = và { $x } mục nữa
panel-climate = Vi khí hậu · độ lệch khỏi dải 18 đến 27 °C
panel-records = Bản ghi mới nhất
panel-records-none = Chưa có bản ghi.
panel-points = Điểm đo
panel-lacks = Thiết bị này không đo
panel-lacks-none = Không thiếu điểm nào mà loại thiết bị này cần có.
inlets-last-hour = cảm biến nóng nhất trong một giờ qua, với dải 18 đến 27 °C
last-hour = { $x }, một giờ qua
not-measured = không đo
source-live = có điện
source-dead = bị mất
source-unknown = chưa rõ
load-live = được cấp điện
load-dead = mất điện
load-unknown = chưa rõ
line-live = đang mang tải
line-dead = không điện
line-unknown = chưa rõ

# Các cột
column-device = Thiết bị
column-class = Loại
column-state = Trạng thái
column-values = Giá trị
column-told = Cập nhật
column-room = Phòng
column-line = Đường truyền
column-unit = Địa chỉ
column-profile = Hồ sơ
column-confidence = Độ tin cậy
column-every = Chu kỳ đọc
column-asset = Tài sản
column-point = Điểm đo
column-value = Giá trị
column-quality = Chất lượng
column-hour = Một giờ qua
column-supply = Gió cấp
column-return = Gió hồi
column-duty = Mức làm lạnh
column-min = Nhỏ nhất
column-mean = Trung bình
column-max = Lớn nhất
chart = biểu đồ
chart-of = Biểu đồ { $x }
confidence-low = thấp: một nguồn thứ cấp
confidence-medium = vừa: các nguồn khớp nhau
confidence-high = cao: tài liệu của hãng hoặc trình điều khiển đã kiểm chứng
device-online = trả lời
device-offline = không trả lời
device-not-asked = chưa hỏi
device-wrong = sai thiết bị

# Đường truyền
panel-lines = Đường truyền
panel-lines-key = Thanh là tải trong mười giây vừa qua, vạch trên thanh là tải theo tệp cấu hình.
panel-counts = Số đếm từ lúc khởi động
panel-frames = Các khung tin mới nhất
panel-frames-none = Chưa có khung tin.
line-title = Đường truyền { $x }
line-all = mọi đường truyền
line-starting = đang khởi động
line-devices = { $answer } trên { $all } trả lời
line-requests = Yêu cầu
line-answers = Câu trả lời có giá trị
line-timeouts = Quá thời gian chờ
line-exceptions = Thiết bị từ chối
line-bad-frames = Câu trả lời bị lỗi
line-down = Không kết nối được hoặc đứt kết nối
line-late = Câu trả lời muộn bị loại bỏ
line-discarded = Byte bị loại bỏ
line-echoes = Tiếng vọng của yêu cầu
line-overruns = Lần đọc bị bỏ qua
line-writes = Lần ghi
column-load = Tải hiện tại
column-planned = Tải theo kế hoạch
column-answer-half = Nửa số trả lời trong
column-answer-most = 99 % trả lời trong
column-longest = Lần trao đổi dài nhất, theo kế hoạch
column-failed = Hỏng
column-at = Nơi nối
column-time = Giờ
column-direction = Chiều
column-bytes = Byte
frame-sent = gửi
frame-received = nhận
frame-discarded = loại bỏ

# Loại thiết bị
class-ups = UPS
class-battery = Ắc quy
class-generator = Máy phát điện
class-ats = Bộ chuyển nguồn tự động
class-meter = Đồng hồ điện
class-cooling = Máy lạnh chính xác
class-climate = Nhiệt độ và độ ẩm
class-fire = Báo cháy
class-leak = Dò rò nước
class-io = Đầu vào, đầu ra

# Biểu đồ
trends-empty = Chưa chọn điểm đo nào.
trends-add = Thêm điểm đo
trends-full = Nhiều nhất tám điểm: hãy bỏ bớt một điểm.
trends-nothing = không có số liệu trong khoảng này
trends-failed = Không tải được biểu đồ; các đường dưới đây là lúc mở trang.
remove = bỏ
remove-it = Bỏ { $x }

# Bản ghi
record-system-start = Hallward { $version } khởi động
record-system-stop = Hallward dừng
record-clock-step = đồng hồ bị chỉnh { $step_ms } ms
record-disk-filling = ổ đĩa đã đầy { $percent } %
record-disk-cleared = ổ đĩa có chỗ trống trở lại: đầy { $percent } %
record-disk-reserve-freed = ổ đĩa đầy: phần dự trữ được giải phóng cho nhật ký, lịch sử tạm dừng
record-disk-reserve-restored = ổ đĩa đã có lại phần dự trữ, lịch sử ghi tiếp
record-history-thinned = ổ đĩa gần đầy: lịch sử trước { $before } bị bỏ
record-certificate-renewed = đã dùng chứng thư mới cho các trang: SHA-256 { $sha256 }
record-certificate-refused = chứng thư mới của các trang không dùng được, giữ chứng thư cũ: { $why }
record-task-failed = một tác vụ bên trong lỗi và đã chạy lại
record-log-exported = đã xuất { $records } bản ghi: { $why } (SHA-256 { $sha256 })
record-log-read = nhật ký được đọc tại bàn điều khiển
record-log-pruned = đã bỏ các bản ghi từ { $first } đến { $last }: { $why }
record-log-hold = từ nay không bỏ bản ghi và không xóa dữ liệu cá nhân: { $why }
record-log-hold-released = đã gỡ lệnh giữ { $hold }: { $why }
record-log-checkpoint-failed = không ghi được điểm kiểm vào đường dẫn thứ hai: { $why }
record-log-rollback_suspected = nhật ký có thể đã bị đưa về bản cũ: { $place } có điểm kiểm của { $checkpoint } bản ghi, ở đây chỉ có { $records }
record-person-erased = đã xóa dữ liệu cá nhân: { $why }
record-device-offline = ngừng trả lời: { $reason }
reason-timeout = quá thời gian chờ
reason-exception = từ chối lệnh đọc
reason-bad-frame = câu trả lời bị lỗi
record-device-wrong = một thiết bị khác trả lời; thanh ghi của nó cho biết { $found }
record-device-right = đúng thiết bị đã trả lời lại
record-point-write-asked = { $who } yêu cầu ghi { $point } = { $value }: { $why }
record-point-written = { $who } đã ghi { $point }: trước { $before }, nay { $after } ({ $why })
record-point-write-failed = { $point } = { $value } chưa ghi được, hoặc không rõ đã ghi hay chưa: { $what }; trước { $before }, nay { $after } ({ $who }: { $why })
record-point-write-refused = { $who } không được ghi { $point } = { $value }: { $what } ({ $why })
record-site-reloaded = đã đọc lại tệp cấu hình: { $lines_started } đường truyền khởi động, { $lines_stopped } dừng, { $lines_kept } chạy tiếp
record-site-refused = tệp cấu hình mới bị từ chối, giữ tệp cũ: { $why }
record-device-online = trả lời lại sau { $offline_s }
record-account-made = đã tạo tài khoản, vai trò { $role }
record-account-link-made = đã tạo liên kết dùng một lần: { $why }
record-account-password-chosen = đã đặt mật khẩu
record-account-signed-in = đã đăng nhập từ { $from }
record-account-signed-out = đã đăng xuất
record-account-session-ended = phiên làm việc kết thúc: { $why ->
    [idle] không được sử dụng
    [length] đã đủ thời hạn
    [clock] đồng hồ bị chỉnh lùi
    [too-many] người dùng mở phiên khác
   *[other] bị ngắt thủ công
 }
record-account-refused = từ chối đăng nhập: { $why ->
    [unknown-name] không có tên này
    [wrong] sai mật khẩu hoặc mã
    [code-needed] thiếu mã xác thực
    [locked] tài khoản đang bị khóa
    [suspended] tài khoản đang bị tạm ngưng
    [remote] không được dùng từ máy khác
   *[other] { $why }
 } (từ { $from })
record-account-locked = tài khoản bị khóa sau nhiều lần nhập sai (từ { $from })
record-account-unlocked = đã mở khóa tài khoản theo yêu cầu: { $why }
record-account-suspended = tài khoản bị tạm ngưng: { $why ->
    [idle] lâu không sử dụng
    [expired] đã hết hạn
   *[other] { $why }
 }
record-account-restored = đã khôi phục tài khoản: { $why }
record-account-ended = đã chấm dứt hẳn tài khoản: { $why }
record-account-role-set = vai trò { $before } chuyển thành { $after }: { $why }
record-account-end-set = đặt hạn dùng của tài khoản: { $ends ->
    [never] không thời hạn
   *[other] { $ends }
 } ({ $why })
record-account-remote-set = sử dụng từ máy khác: { $remote ->
    [no] không còn được phép
   *[other] được phép, để { $remote }
 } ({ $why })
record-account-all-must-change = yêu cầu đổi mật khẩu của { $accounts } tài khoản ({ $role }): { $why }
record-account-idle-warning = tài khoản của quản trị viên cuối cùng sẽ bị tạm ngưng vào { $suspended_at } nếu không được sử dụng
record-account-rule-set = quy tắc { $rule } đổi từ { $before } thành { $after }, quy định là { $duty }: { $why }
record-account-token-made = đã tạo mã truy cập { $token }, được phép { $rights }
record-account-token-ended = mã truy cập { $token } hết hiệu lực: { $why ->
    [expired] đã hết hạn
   *[other] { $why }
 }
record-account-display-made = đã tạo màn hình treo tường
record-account-display-paired = đã ghép nối màn hình treo tường, từ { $from }
record-account-second-factor-on = đã bật xác thực hai lớp
record-account-second-factor-off = đã tắt xác thực hai lớp
record-account-act-refused = từ chối: { $what } cần quyền { $right }
record-account-overreach = bị từ chối nhiều lần, gần nhất là { $what } (quyền { $right })

# Đăng nhập
sign-in = Đăng nhập
sign-out = Đăng xuất
sign-in-name = Tên đăng nhập
sign-in-code = Mã từ ứng dụng (chỉ khi bạn đã thiết lập)
sign-in-hint = Nhập sai năm lần thì tài khoản bị khóa; quản trị viên mở khóa theo yêu cầu của bạn.
sign-in-wrong = Sai tên, mật khẩu hoặc mã, hoặc tài khoản đang bị khóa hay tạm ngưng.
sign-in-code-needed = Tài khoản này cần thêm mã từ ứng dụng.
sign-in-locked = Tài khoản bị khóa do nhập sai nhiều lần. Hãy đề nghị quản trị viên mở khóa.
sign-in-suspended = Tài khoản đang bị tạm ngưng. Hãy đề nghị quản trị viên khôi phục.
sign-in-remote = Không được dùng tài khoản này từ máy khác.
sign-in-too-many = Quá nhiều lần thử từ đây: hãy đợi { $x } giây.
password = Mật khẩu
password-new = Mật khẩu mới
password-again = Nhập lại lần nữa
password-choose = Đặt mật khẩu này
password-rules = Ít nhất 8 ký tự, quản trị viên 11: có chữ thường, chữ hoa, chữ số và ký tự đặc biệt; không chứa tên, ngày sinh, số điện thoại.
password-short = Có ít hơn { $x } ký tự.
password-long = Dài hơn 256 byte.
password-no-lower = Không có chữ thường.
password-no-upper = Không có chữ hoa.
password-no-digit = Không có chữ số.
password-no-special = Không có ký tự đặc biệt, ví dụ ! hoặc dấu cách.
password-name = Có chứa tên của bạn.
password-birth-date = Có chứa ngày sinh của bạn.
password-phone = Có chứa số điện thoại của bạn.
password-same = Trùng với mật khẩu cũ.
password-not-twice = Hai lần nhập không giống nhau.
password-not-yours = Đó không phải mật khẩu của bạn.
link-title = Liên kết dùng một lần
link-choose = Chào { $x }: hãy đặt mật khẩu
link-pair = Ghép màn hình này: { $x }
link-pair-hint = Trình duyệt này sẽ hiển thị phòng máy cho đến khi quản trị viên hủy ghép. Nó không thay đổi được gì.
link-pair-do = Ghép màn hình này
link-none-title = Liên kết này không còn hiệu lực
link-used = Liên kết đã được dùng hoặc đã quá một ngày. Hãy xin liên kết khác.
nav-accounts = Tài khoản

# Tài khoản của mình
account-title = Tài khoản của bạn
account-none = Đây là màn hình treo tường hoặc một chương trình: nó không có tài khoản riêng. Nó chỉ được làm đúng việc đã cấp; quản trị viên sẽ hủy nó khi cần.
account-must-change = Trước hết hãy đặt mật khẩu mới: mật khẩu cũ đã quá hạn, hoặc quản trị viên yêu cầu đổi. Trước khi đổi, bạn chưa làm được việc gì khác ở đây.
account-role = Vai trò
account-remote = Dùng từ máy khác
account-remote-no = không
role-viewer = Người xem
role-operator = Người vận hành
role-security = Người giám sát an ninh
role-administrator = Quản trị viên
role-inspector = Người kiểm tra
right-hall-read = xem phòng máy
right-journal-read = đọc toàn bộ nhật ký
right-person-read = xem tên người
right-point-write = ghi điểm đo
right-hall-simulate = tạo sự kiện mô phỏng
right-account-manage = quản lý tài khoản
right-export = xuất bản ghi cho bên ngoài
right-log-keep = quyết định bản ghi nào được giữ
password-title = Mật khẩu
password-old = Mật khẩu hiện tại
password-others-end = Mọi phiên khác của bạn sẽ kết thúc.
done-password = Bạn đã có mật khẩu mới; các phiên khác của bạn đã kết thúc.
second-factor = Xác thực hai lớp
second-factor-is-on = Đang bật: khi đăng nhập cần thêm mã từ ứng dụng.
second-factor-is-off = Đang tắt: chỉ cần mật khẩu để đăng nhập.
second-factor-set-up = Thiết lập
second-factor-switch-off = Tắt
second-factor-how = Hãy quét hình bằng ứng dụng xác thực, hoặc nhập khóa bí mật vào ứng dụng. Sau đó nhập mã mà ứng dụng hiển thị: chỉ khi đó xác thực hai lớp mới có hiệu lực.
second-factor-picture = Khóa bí mật dưới dạng mã QR
second-factor-secret = Khóa bí mật dạng chữ
second-factor-code = Mã từ ứng dụng
second-factor-confirm = Đưa vào sử dụng
second-factor-code-wrong = Mã sai. Đồng hồ điện thoại của bạn có đúng không?
done-second-factor-on = Đã bật xác thực hai lớp.
done-second-factor-off = Đã tắt xác thực hai lớp.
panel-sessions = Phiên đăng nhập
sessions-none = Không có phiên nào.
session-this = phiên này
session-end-it = Kết thúc phiên từ { $x }
done-session-ended = Phiên đã kết thúc.
panel-tokens = Mã truy cập
tokens-none = Không có mã truy cập nào.
tokens-what = Chương trình dùng mã truy cập thay cho mật khẩu. Mã không bao giờ được làm nhiều hơn tài khoản của bạn.
token-make = Tạo mã truy cập
token-name = Dùng để làm gì
token-which = Chọn
token-end = Hủy một mã truy cập
token-right-missing = Hãy chọn ít nhất một quyền.
token-shown-once = Hãy chép mã truy cập ngay: nó sẽ không hiển thị lại.
done-token-ended = Đã hủy.
display-paired = màn hình treo tường, đã ghép
display-waits = màn hình treo tường, chưa ghép
column-from = Từ đâu
column-since = Từ lúc
column-used = Dùng lần cuối
column-name = Tên
column-holder = Của ai
column-rights = Được phép
column-made = Tạo lúc
column-last-day = Ngày cuối
form-why = Lý do (ghi vào nhật ký)
form-why-missing = Hãy nêu lý do, từ 1 đến 500 ký tự: lý do được ghi vào nhật ký.
form-name-missing = Thiếu tên.
form-day = Ngày cuối (bỏ trống: không thời hạn)
form-day-wrong = Ngày cuối không phải là ngày: năm, tháng, ngày, ví dụ 2027-03-31.
form-day-over = Ngày đó đã qua.
form-no-end = không thời hạn
form-end = Kết thúc

# Quản lý tài khoản
accounts-all = mọi tài khoản
accounts-add = Thêm người
accounts-name = Họ tên
accounts-born = Ngày sinh (chỉ để mật khẩu không chứa ngày này)
accounts-phone = Số điện thoại (cũng vậy)
accounts-remote = Dùng từ máy khác để làm gì (bỏ trống: chỉ dùng tại máy này)
accounts-tokens = Mã truy cập và màn hình treo tường
link-shown-once = Hãy giao liên kết này cho người đó. Liên kết dùng được một lần, trong một ngày, và không hiển thị lại.
form-sign-in-wrong = Tên đăng nhập: a-z, 0-9 và -, bắt đầu bằng chữ cái hoặc chữ số, nhiều nhất 32 ký tự.
form-sign-in-taken = Tên đăng nhập này đã có người dùng.
form-role-missing = Hãy chọn vai trò.
form-inspector-end = Tài khoản của người kiểm tra phải có ngày cuối.
form-born-wrong = Ngày sinh không phải là ngày: năm, tháng, ngày, ví dụ 1990-03-31.
form-number-wrong = Thiếu số nguyên.
standing-active = đang hoạt động
standing-no-password = chưa đặt mật khẩu
standing-locked = bị khóa
standing-suspended = tạm ngưng
standing-over = đã kết thúc
account-deeds = Việc có thể làm
account-settings = Phạm vi sử dụng
account-records = Trong nhật ký, mới nhất trước
record-by = bởi { $x }
second-factor-yes = bật
second-factor-no = tắt
deed-unlock = Mở khóa
deed-unlock-what = Chỉ theo yêu cầu của chủ tài khoản: ghi bên dưới ai yêu cầu, khi nào, bằng cách nào.
deed-restore = Khôi phục
deed-restore-what = Tài khoản có hiệu lực trở lại từ bây giờ.
deed-link = Liên kết dùng một lần mới
deed-link-what = Người đó dùng liên kết để đặt mật khẩu khác; trước đó mật khẩu hiện tại vẫn có hiệu lực. Các liên kết cũ hết hiệu lực.
deed-suspend = Tạm ngưng
deed-suspend-what = Các phiên kết thúc ngay; không ai đăng nhập được cho đến khi tài khoản được khôi phục.
deed-end = Kết thúc hẳn
deed-end-what = Tài khoản cùng các phiên, mã truy cập và liên kết của nó kết thúc ngay và vĩnh viễn.
deed-role = Đặt vai trò
deed-end-date = Đặt ngày cuối
deed-remote = Đặt việc dùng từ máy khác
done-role = Đã đặt vai trò.
done-end-date = Đã đặt ngày cuối.
done-remote = Đã đặt việc dùng từ máy khác.
done-unlock = Đã mở khóa tài khoản.
done-suspend = Đã tạm ngưng tài khoản.
done-restore = Tài khoản có hiệu lực trở lại.
done-end = Tài khoản đã kết thúc.
done-session-end = Phiên đã kết thúc.
done-token-end = Đã hủy.
done-change-all = Mỗi người trong số họ phải đặt mật khẩu mới; các phiên của họ đã kết thúc.
done-rule = Đã đặt quy tắc.
change-all = Tất cả phải đặt mật khẩu mới
change-all-what = Những người liên quan bị đăng xuất, và lần đăng nhập sau phải đặt mật khẩu mới trước khi làm việc khác.
change-all-whose = Ai
change-all-administrators = mọi quản trị viên
change-all-all = tất cả mọi người
display-make = Tạo màn hình treo tường
display-what = Màn hình treo tường hiển thị phòng máy và không thay đổi được gì. Liên kết được mở một lần, ngay trên màn hình đó.
display-name = Treo ở đâu
display-shown-once = Hãy mở liên kết này trên màn hình treo tường. Liên kết dùng được một lần, trong một ngày, và không hiển thị lại.
rules-title = Quy tắc đăng nhập
rules-what = Bên cạnh mỗi quy tắc là mức quy định. Quy tắc lỏng hơn quy định là sai lệch: phải có lý do, và được đánh dấu ở đây cũng như trong nhật ký.
rule-lax = lỏng hơn quy định
rule-duty = quy định: { $x }
rule-value = Số
rule-unit = Đơn vị
rule-why = Lý do (bắt buộc khi lỏng hơn quy định)
rule-set = Đặt
rule-lax-why = Mức này lỏng hơn quy định: hãy nêu lý do.
rule-out-of-range = Giá trị phải từ { $low } đến { $high }.
rule-characters = { $x } ký tự
rule-password-length = Mật khẩu, ít nhất
rule-administrator-password-length = Mật khẩu của quản trị viên, ít nhất
rule-acting-password-age-min = Mật khẩu của người vận hành và quản trị viên có hiệu lực trong
rule-password-age-min = Mật khẩu của người khác có hiệu lực trong
rule-tries = Số lần nhập sai liên tiếp thì khóa tài khoản
rule-tries-within-min = … trong vòng
rule-idle-min = Tài khoản bị tạm ngưng khi không dùng trong
rule-session-idle-min = Phiên kết thúc khi không dùng trong
rule-session-length-min = Phiên kết thúc chậm nhất sau
unit-days = ngày
unit-hours = giờ
unit-minutes = phút
role-all = tất cả mọi người

# Điều bị từ chối về tài khoản
refused-no-account = Không có tài khoản của { $x }.
refused-no-session = Không có phiên { $x }.
refused-no-token = Không có mã truy cập { $x }.
refused-name = Họ tên: từ 1 đến { $x } ký tự.
refused-phone = Số điện thoại: từ 1 đến { $x } ký tự.
refused-purpose = Mục đích dùng từ máy khác: từ 1 đến { $x } ký tự.
refused-sign-in-like-id = Tên đăng nhập này giống mã số của người dùng: hãy chọn tên khác.
refused-account-over = Hạn dùng của tài khoản đã qua.
refused-inspector-end-first = Tài khoản của người kiểm tra phải có ngày cuối: hãy đặt ngày cuối trước.
refused-end-over = Ngày đó đã qua: hãy dùng mục kết thúc hẳn tài khoản.
refused-why-long = Lý do dài nhất { $x } ký tự.
refused-only-people = Việc này chỉ dành cho người đã đăng nhập bằng trình duyệt.
refused-no-factor = Không có xác thực hai lớp nào đang chờ xác nhận: hãy thiết lập lại.
refused-token-name = Tên: từ 1 đến { $x } ký tự.
refused-token-by-token = Mã truy cập không tạo được mã truy cập khác: hãy đăng nhập bằng trình duyệt.
refused-token-of-nobody = Mã truy cập của ai? Hãy nêu rõ một người.
refused-token-of-other = Chỉ quản trị viên được tạo mã truy cập cho người khác.
refused-beyond-role = Quyền { $x } vượt quá phạm vi vai trò của tài khoản.
refused-beyond-token = Quyền { $x } vượt quá phạm vi của mã truy cập đang dùng.
refused-accounts = Đã có { $x } tài khoản, không thêm được nữa.
refused-tokens = Đã có { $x } mã truy cập: hãy hủy bớt.
refused-no-longer = Bạn không còn được phép làm việc này: hãy đăng nhập lại.
refused-links = Đã có { $x } liên kết chưa dùng; mỗi liên kết có hiệu lực một ngày.
refused-last-administrator = Đây là quản trị viên cuối cùng: hãy tạo quản trị viên khác trước, hoặc thực hiện bằng dòng lệnh trên máy chủ.
refused-not-locked = Tài khoản này không bị khóa.
refused-not-suspended = Tài khoản này không bị tạm ngưng.
refused-unlock-first = Tài khoản này đang bị khóa: hãy mở khóa trước.
refused-end-first = Tài khoản này đã hết hạn: hãy đặt ngày cuối khác trước.
refused-barred = Tài khoản này đang bị khóa hoặc tạm ngưng.
refused-has-factor = Xác thực hai lớp đang bật: trước hết hãy tắt bằng mật khẩu của bạn.
refused-over = Tài khoản này đã hết hạn.
refused-not-ended = Tài khoản của người này chưa chấm dứt: hãy chấm dứt tài khoản trước.
refused-not-recorded = Chưa thực hiện được, vì không ghi được vào nhật ký. Nguyên nhân có trong nhật ký của chương trình.

# Cửa: điều bị từ chối
refused-no-person = Không có người nào là “{ $x }”.
refused-no-holder = { $x } chưa được thêm vào phần cửa: hãy thêm trước.
refused-no-badge = Không có thẻ { $x }.
refused-no-rule = Không có quy tắc { $x }.
refused-no-schedule = Không có lịch “{ $x }”.
refused-no-holiday = Ngày { $x } không phải ngày nghỉ.
refused-no-door = Không có cửa “{ $x }” trong tệp cấu hình.
refused-no-room = Không có phòng “{ $x }” trong tệp cấu hình.
refused-no-swiped = Không có thẻ lạ số { $x }: hãy quẹt thẻ ở đầu đọc rồi đếm từ thẻ mới nhất, 1.
refused-group = “{ $x }” không phải tên nhóm: a-z, 0-9 và -, bắt đầu bằng chữ hoặc số, tối đa 32 ký tự.
refused-moment = “{ $x }” không phải ngày hay giờ, ví dụ 2026-12-31 hoặc 2026-12-31T17:00:00+07:00.
refused-span = Thời điểm kết thúc phải sau thời điểm bắt đầu.
refused-pin = Mã PIN có 4 đến 8 chữ số.
refused-pin-easy = Mã PIN này quá dễ đoán: không dùng các chữ số giống nhau hoặc liên tiếp.
refused-pin-same = Mã PIN khi bị ép buộc phải khác mã PIN thường.
refused-card = Thẻ nào? Mã cơ sở và số thẻ vừa với 26, 34 hoặc 37 bit; hoặc tối đa 128 bit thô dạng thập lục phân; hoặc thứ tự của thẻ đã quẹt.
refused-word = { $x } không phải giá trị hợp lệ.
refused-times = “{ $x }” không phải khung giờ, ví dụ “Mon-Fri 08:00-17:30; Sat 08:00-12:00; holidays none”.
refused-setting = Không thể đặt cửa như vậy: { $x }.
refused-said = Thiếu “{ $x }” hoặc quá dài: 1 đến 500 ký tự.
refused-carried = Thiết bị mang vào phải ghi rõ cơ quan có thẩm quyền, nhu cầu và căn cứ pháp lý.
refused-list = Danh sách không được nhận, không có gì thay đổi: { $x }.
refused-reviewed = Không thể xác nhận đến bản ghi { $x }: chưa có hoặc đã được rà soát.
refused-card-held = Thẻ này đã là thẻ { $x }.
refused-holder-there = { $x } đã có: hãy sửa thay vì thêm.
refused-person-ended = Người này đã chấm dứt vĩnh viễn.
refused-person-suspended = Người này đã bị đình chỉ.
refused-person-goes = Người này không bị đình chỉ.
refused-badge-returned = Thẻ này đã trả lại vĩnh viễn: hãy cấp thẻ khác.
refused-used = { $x } đang dùng: hãy sửa trước.
refused-full = Đã có { $x }: hãy chấm dứt bớt.
order-refused-not-there = Không có cửa này, hoặc ở đó không có gì thực hiện được lệnh.
order-refused-old = Lệnh đã quá cũ: hãy ra lệnh lại.
order-refused-mode = Cửa đang ở chế độ ưu tiên cao hơn.
order-refused-no-hardware = Phần cứng của cửa không trả lời.
order-refused-interlock = Một cửa khác trong cụm liên động đang mở hoặc chưa khóa.
order-refused-fire = Tín hiệu báo cháy chưa hết.
order-refused-unrecorded = Không ghi được lệnh vào nhật ký nên không thực hiện.
order-refused-busy = Có quá nhiều lệnh đang chờ: hãy thử lại.

# Cửa
nav-doors = Cửa
nav-people = Người ra vào
nav-presence = Ai đang ở đâu
nav-review = Rà soát nhật ký
access-rules = Quy tắc
access-visitors = Khách
access-visitor = khách
access-deliveries = Giao nhận thiết bị
done-access = Đã thực hiện và ghi vào nhật ký.
form-incomplete = Thiếu thông tin hoặc không phải là số.
column-groups = Nhóm
form-groups = Nhóm, cách nhau bằng dấu cách
form-from = Ngày đầu
form-until = Đến
form-pin = Mã PIN (để trống: giữ nguyên; none: bỏ)
form-duress-pin = Mã PIN khi bị ép buộc (báo động thầm lặng)
form-pin-there = Mã PIN
form-account = Hoặc người đã có tài khoản: tên đăng nhập
form-long-unlock = Cửa mở khóa lâu hơn
form-passback-exempt = Miễn kiểm soát vào hai lần
form-badge = Thẻ
form-rule = Quy tắc
form-schedule = Lịch
column-door = Cửa
column-mode = Chế độ
column-leaf = Cánh cửa
column-readers = Đầu đọc
column-alarms = Báo động
column-hardware = Phần cứng
column-badges = Thẻ
column-scope = Những cửa nào
doors-none = Tệp cấu hình không có cửa nào.
doors-all = tất cả các cửa
door-not-known = không rõ
door-tampered = bị tác động trái phép
door-no-hardware = phần cứng không trả lời
door-orders = Ra lệnh
door-settings = Thông số
door-set = Đặt
reader-not-secure = không mã hóa
deed-lockdown = Phong tỏa
deed-lockdown-what = Khi đó chỉ nút thoát mở được cửa; báo cháy được ưu tiên. Vẫn giữ sau khi khởi động lại.
deed-lockdown-end = kết thúc phong tỏa
deed-fire-reset = Đặt lại sau báo cháy
deed-fire-reset-what = Cửa đã mở do báo cháy sẽ khóa lại khi tín hiệu đã hết.
deed-door-unlock = Mở khóa một lần
deed-door-hold = Giữ mở khóa
deed-door-lock = Giữ khóa
deed-door-release = Kết thúc việc giữ
deed-door-fire-reset = Đặt lại sau báo cháy
deed-door-pair = Ghép đầu đọc
door-mode-fire-release = mở do báo cháy
door-mode-lockdown = phong tỏa
door-mode-held-unlocked = giữ mở khóa
door-mode-held-locked = giữ khóa
door-mode-scheduled = mở khóa theo lịch
door-mode-controlled = kiểm soát
door-state-secure = khóa và đóng
door-state-granting = sắp mở khóa
door-state-granted = mở khóa cho một người
door-state-open = mở hợp lệ
door-state-held-warning = mở, sắp quá lâu
door-state-held = mở quá lâu
door-state-forced = bị cạy
door-state-free = mở tự do
door-state-fault = không rõ
leaf-closed = đóng
leaf-open = mở
leaf-fault = công tắc cửa hỏng
side-entry = lối vào
side-exit = lối ra
door-alarm-forced = bị cạy mở
door-alarm-held = bị giữ mở
coverage-title = Khả năng ghi nhận, ngày qua
coverage-what = Khi một phần không ghi nhận được, không có bản ghi không có nghĩa là không có ai.
coverage-part = Bộ phận
part-controller = bộ điều khiển
part-clock = đồng hồ
part-entry-reader = đầu đọc lối vào
part-exit-reader = đầu đọc lối ra
part-hardware = công tắc cửa và khóa
able-yes = ghi nhận được
able-no = không ghi nhận được
door-hold-until = Đến lúc (bỏ trống: đến khi người vận hành kết thúc)
scope-site = mọi cửa của địa điểm
choice-none = không
may-first-card = một nhóm, hoặc none
may-interlock = tên chung của các cửa liên động, hoặc none
may-long-unlock = bằng hoặc lâu hơn, tối đa 60s
may-warning = từ 1s, ngắn hơn thời gian được mở
choice-card = thẻ
choice-card-pin = thẻ và mã PIN
choice-pin = số và mã PIN
choice-on-open = khi cửa mở
choice-on-close = khi cửa đóng
choice-yes = có
choice-no = không
choice-off = không
choice-soft = chỉ ghi lại
choice-hard = từ chối
choice-spool = ghi ở nơi khác rồi mở
choice-deny = từ chối
choice-untimed = chỉ tính khi không hạn giờ
choice-ignore = tính như thường
setting-proof = Phải xuất trình
setting-card-alone = Chỉ cần thẻ
setting-unlocked = Để mở khóa
setting-first-card = Chỉ sau khi người của nhóm này đến
setting-unlock = Mở khóa trong
setting-long-unlock = Mở khóa lâu trong
setting-held = Được mở trong
setting-warning = Cảnh báo trước
setting-relock = Khóa lại
setting-debounce = Đầu vào tính sau
setting-two-persons = Hai người
setting-passback = Chống vào hai lần
setting-interlock = Liên động
setting-unrecorded = Khi không ghi kịp nhật ký
setting-doubtful-clock = Lịch khi đồng hồ không đáng tin
people-none = Chưa có ai được ra vào.
people-all = tất cả mọi người
people-add = Thêm người
people-add-what = Họ tên; hoặc chỉ tên đăng nhập nếu đã có tài khoản.
people-change = Sửa
people-suspend = Đình chỉ
people-restore = Khôi phục
people-end = Chấm dứt mọi nơi, vĩnh viễn
people-end-what = Thẻ, mã PIN, tài khoản, phiên, mã truy cập và liên kết chấm dứt ngay.
people-handed-over = Đã trả: thiết bị và giấy tờ, mỗi dòng một mục
people-undertaking = Ghi bản cam kết
people-paper = Văn bản nào
holder-active = đang hoạt động
holder-suspended = bị đình chỉ
holder-not-yet = chưa đến ngày
holder-over = hết hạn
holder-ended = đã chấm dứt
escort = Người đi kèm
escort-alone = đi một mình
escort-needs = phải có người đi kèm
escort-gives = được dẫn khách
badges-none = Không có thẻ.
badges-to-give-back = Phải trả lại: { $x }
badge-card = Thẻ vật lý
badge-issued = Cấp
badge-issue = Cấp thẻ
badge-issue-what = Một trong: mã cơ sở và số thẻ; số bit và mã thập lục phân; thẻ vừa quẹt.
badge-facility = Mã cơ sở
badge-number = Số thẻ
badge-bits = Số bit: 26, 34, 37, hoặc bất kỳ nếu có mã thập lục phân
badge-hex = Mã thập lục phân
badge-swiped = Thẻ vừa quẹt
badge-change = Sửa thẻ
badge-return = Thẻ đã trả lại
badge-active = đang dùng
badge-disabled = tạm khóa
badge-lost = đã mất
badge-returned = đã trả
rules-none = Chưa có quy tắc: không cửa nào mở cho ai.
rule-who = Cho ai: nhóm, hoặc mã người
rule-who-change = Cho ai (để trống: giữ nguyên)
rule-doors = Các cửa, cách nhau bằng dấu cách (để trống: tất cả)
form-stays = giữ nguyên
rule-doors-change = Các cửa, cách nhau bằng dấu cách (để trống: giữ nguyên; all: tất cả)
rule-all-doors = tất cả các cửa
rule-always = luôn luôn
rule-revision = Lần sửa
rule-add = Thêm quy tắc
rule-change = Sửa quy tắc
rule-end = Chấm dứt quy tắc
schedules-title = Lịch
schedule-id = Mã: a-z, 0-9 và -
schedule-times = Khung giờ
schedule-set = Tạo hoặc sửa lịch
schedule-end = Chấm dứt lịch
holidays-title = Ngày nghỉ
holiday-date = Ngày
holiday-set = Đặt ngày nghỉ
holiday-end = Bỏ ngày nghỉ
visits-none = Chưa có khách.
visit-register = Đăng ký khách
visit-firm = Đơn vị
visit-purpose = Mục đích
visit-host = Gặp
visit-host-who = Gặp ai: mã, tên đăng nhập hoặc họ tên
visit-last-day = Ngày cuối
visit-alone = không cần người đi kèm
visit-devices = Thiết bị mang vào
visit-devices-how = Thiết bị mang vào, chỉ khi cơ quan có thẩm quyền cần; mỗi dòng: thiết bị, cơ quan, nhu cầu, căn cứ pháp lý, cách nhau bằng |
visit-authorised = Người cho phép
deliveries-none = Chưa có lần giao nhận.
delivery-record = Ghi giao nhận
delivery-minutes = Biên bản
delivery-minutes-title = Biên bản bàn giao thiết bị
delivery-direction = Chiều
delivery-in = đưa vào phòng máy
delivery-out = đưa ra khỏi phòng máy
delivery-items = Thiết bị
delivery-items-how = Thiết bị kèm mã tài sản, mỗi dòng một mục
delivery-owner = Chủ sở hữu
delivery-request = Số đề nghị
delivery-decision = Số quyết định
delivery-approver = Người phê duyệt
delivery-handed-by = Bên giao
delivery-taken-by = Bên nhận
delivery-door-event = Số bản ghi sự kiện cửa
delivery-witness = Người chứng kiến
delivery-signature = Chữ ký
presence-title = Ai đang ở đâu
presence-what = Theo những gì cửa ghi nhận: nơi lối ra không có đầu đọc, người có thể đã ra mà không được ghi. Khi in, đây là danh sách điểm danh.
presence-none = Không ghi nhận ai ở bên trong.
presence-outside = Ngoài các phòng
presence-certainty = Mức chắc chắn
presence-seen = Đã điểm danh
certainty-inside = ở bên trong
certainty-exit-not-seen = đã vào, chưa thấy ra
certainty-unknown = không rõ
review-behind = Bản ghi mới nhất là { $last }; còn { $behind } chưa rà soát.
review-never = Nhật ký chưa từng được rà soát.
review-up-to = Đã rà soát đến bản ghi
review-by = Người rà soát
review-findings = Kết quả
review-sign = Ký xác nhận rà soát
right-door-operate = ra lệnh cho cửa, xem ai ở đâu
right-access-manage = quản lý người, thẻ và quy tắc
right-journal-review = ký xác nhận rà soát nhật ký
record-person-added = đã thêm người: { $after }
record-person-changed = đã sửa người: { $before } thành { $after } ({ $why })
record-person-suspended = đình chỉ người: { $why }
record-person-restored = khôi phục người: { $why }
record-person-ended = người đã chấm dứt mọi nơi: { $why }; thẻ chưa trả: { $badges }
record-person-undertaking = đã ghi bản cam kết: { $paper }
record-badge-issued = đã cấp thẻ: { $after }
record-badge-changed = đã sửa thẻ: { $before } thành { $after } ({ $why })
record-badge-returned = thẻ đã trả lại: { $why }
record-rule-added = đã thêm quy tắc: { $after }
record-rule-changed = đã sửa quy tắc, lần { $revision }: { $before } thành { $after } ({ $why })
record-rule-ended = quy tắc chấm dứt: { $why }
record-schedule-set = đã đặt lịch: { $after }
record-schedule-ended = lịch chấm dứt: { $why }
record-holiday-set = ngày nghỉ: { $name }
record-holiday-ended = không còn là ngày nghỉ
record-door-settings = đã đặt cửa: { $before } thành { $after } ({ $why })
record-visit-registered = đã đăng ký khách, gặp { $host }, mang { $devices } thiết bị
record-delivery-recorded = thiết bị { $direction ->
    [in] đưa vào
   *[other] đưa ra
 }: { $items } (đề nghị { $request }, quyết định { $decision })
record-people-imported = đã nhận danh sách: { $lines } dòng, { $changes } thay đổi ({ $why })
record-log-reviewed = đã rà soát nhật ký đến bản ghi { $up_to }: { $findings }

# Cửa ghi lại
record-access-granted = được vào theo quy tắc { $rule }, lần sửa { $revision }
record-access-granted-exit = ra bằng nút thoát
record-access-granted-order = mở khóa theo lệnh: { $why }
record-access-taken = đã đi qua
record-access-not_taken = không đi qua
record-access-duress = bị ép buộc mở cửa: báo động thầm lặng
record-access-pin_blocked = mã PIN bị khóa sau nhiều lần sai
record-access-denied-antipassback = từ chối: đã ở bên trong
record-access-denied-door_locked = từ chối: cửa đang được giữ khóa
record-access-denied-escort = từ chối: không có người đi kèm
record-access-denied-expired = từ chối: đã hết hạn
record-access-denied-fault = từ chối: phần cứng của cửa không trả lời
record-access-denied-first_card = từ chối: chưa có người mở đầu tiên
record-access-denied-interlock = từ chối: cửa liên động khác đang mở
record-access-denied-invalid_pin = từ chối: sai mã PIN
record-access-denied-lockdown = từ chối: đang phong tỏa
record-access-denied-not_active = từ chối: chưa có hiệu lực hoặc bị đình chỉ
record-access-denied-not_enabled = từ chối: thẻ bị khóa hoặc đã mất
record-access-denied-pin_blocked = từ chối: mã PIN đang bị khóa
record-access-denied-schedule = từ chối: ngoài giờ cho phép
record-access-denied-two_person = từ chối: thiếu người thứ hai
record-access-denied-unauthorized = từ chối: không có quy tắc cho cửa này
record-access-denied-unknown_credential = từ chối: thẻ không thuộc về ai
record-access-denied-unrecorded = từ chối: không ghi kịp nhật ký
record-door-opened = đã mở
record-door-closed = đã đóng
record-door-forced = BỊ CẠY mở
record-door-forced-cleared = đã xóa báo động cạy cửa
record-door-held = mở quá lâu
record-door-held-prewarn = mở, sắp quá lâu
record-door-held-cleared = đã đóng lại sau khi mở quá lâu
record-door-open_at_start = đang mở khi chương trình khởi động
record-door-tamper = tác động trái phép: { $on ->
    [true] bắt đầu
   *[other] đã hết
 }
record-door-fault = lỗi: { $what }
record-door-mode = chế độ hiện là { $after ->
    [fire-release] { door-mode-fire-release }
    [lockdown] { door-mode-lockdown }
    [held-unlocked] { door-mode-held-unlocked }
    [held-locked] { door-mode-held-locked }
    [scheduled] { door-mode-scheduled }
    [controlled] { door-mode-controlled }
   *[other] { $after }
 }
record-door-order-refused = lệnh { $order } bị từ chối: { $what }
record-command-accepted = lệnh { $order ->
    [unlock] mở khóa một cửa
   *[lockdown] phong tỏa
 } đã được chấp nhận: { $why }
record-command-refused = một lệnh qua MQTT bị từ chối: { $what ->
    [retained] máy chủ MQTT đã lưu giữ lệnh này
    [unknown] không có bên ra lệnh nào mang tên này
    [form] không phải là lệnh
    [signature] khóa khác đã ký, hoặc nội dung đã bị sửa
    [site] lệnh dành cho địa điểm khác
    [clock] đồng hồ của máy này không đáng tin
    [old] lệnh quá cũ
    [early] thời điểm của lệnh nằm trong tương lai
    [repeated] lệnh bị gửi lại, hoặc đến sau một lệnh mới hơn
    [forbidden] bên gửi không được phép ra lệnh này
    [busy] quá nhiều lệnh đang chờ
   *[other] { $what }
 }
record-lock-released = khóa đã nhả
record-lock-relocked = đã khóa lại
record-fire-release = mở do báo cháy
record-fire-reset = đặt lại sau báo cháy: { $why }
record-io-online = phần cứng trả lời
record-io-offline = phần cứng không trả lời: không rõ tình trạng
record-reader-online = đầu đọc trả lời ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-offline = đầu đọc không trả lời ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-tamper = tác động trái phép vào đầu đọc ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $on ->
    [true] bắt đầu
   *[other] đã hết
 }
record-reader-unreadable = không đọc được thẻ ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-downgrade = đầu đọc không dùng khóa nên không được tin ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $why }
record-reader-swapped = đầu đọc khác trả lời nên không được tin ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-unpaired = đầu đọc chưa ghép trả lời nên không được tin ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-pairing = bắt đầu ghép đầu đọc ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $why }
record-reader-paired = đã ghép đầu đọc ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-pairing_failed = ghép đầu đọc thất bại ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $why }
record-presence-forgotten = đã xóa vị trí của { $person }: { $why }
deed-door-clear-alarm = Xóa báo động

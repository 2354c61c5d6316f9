# Texts of the pages, in English. Keys are the same as in vi.ftl.
age = { $age } old
ago = { $x } ago
duration-seconds = { $x } s
duration-minutes = { $x } min
duration-hours = { $x } h
duration-days = { $x } d

# Why there is no value
quality-good = good
quality-stale = old
quality-not-yet-read = not yet read
quality-timeout = does not answer
quality-exception = refused by the device
quality-bad-frame = garbled answer
quality-not-available = not available
quality-out-of-range = out of range
quality-disabled = switched off
quality-wrong-device = another device answers

# Flags
flag-active = active
flag-clear = clear
flag-yes = yes
flag-no = no

# Words that devices tell
word-online = online
word-on-battery = on battery
word-bypass = on bypass
word-off = off
word-on = on
word-fault = fault
word-charging = charging
word-floating = float charge
word-resting = resting
word-discharging = discharging
word-low = low
word-stopped = stopped
word-starting = starting
word-running = running
word-cooling-down = cooling down
word-auto = automatic
word-manual = manual
word-1 = source 1
word-2 = source 2
word-open = open
word-standby = standby
word-ready = ready
word-pre-discharge = about to discharge
word-aborted = aborted
word-discharged = discharged
word-isolated = isolated

# Hall: what is not known
not-known = Not known: { $name } – { $why }

# Hall: power
tile-power = Power path
path-mains = On mains
path-generator = On generator
path-battery = On battery
path-bypass = On bypass
path-no-power = No power
path-not-known = Not known
path-no-feeds = Not drawn
path-dead = { $names } without power
path-battery-of = { $names } on battery
path-bypass-of = { $names } on bypass
path-lost = { $names } lost
path-sources = { $usable } of { $all } sources
path-sources-unknown = { $usable } of { $all } sources, { $unknown } not known
path-survivor = if one UPS fails, the other carries { $percent } %
path-survivor-overloaded = if one UPS fails, the other is overloaded: { $percent } %

# Hall: autonomy
tile-autonomy = Autonomy
autonomy-span = { $span }
autonomy-ups = on UPS
autonomy-no-ups = No UPS
autonomy-not-known = Not known
autonomy-at-load = { $name } at { $load } % load, battery { $charge } %
autonomy-low = { $name }: battery low
autonomy-fuel = { $name }: fuel { $level } %

# Hall: temperature
tile-inlets = Temperature
inlets-celsius = { $celsius } °C
inlets-hottest = hottest: { $name }
inlets-coldest = coldest { $celsius } °C: { $name }
inlets-dew-point = dew point { $celsius } °C
inlets-missing = { $count } sensors do not tell
inlets-none = No sensor
inlets-not-known = Not known

# Hall: cooling
tile-cooling = Cooling
cooling-reserve = N+{ $reserve }
cooling-no-reserve = N
cooling-without-reserve = no unit in reserve
cooling-stopped = No cooling
cooling-none = No unit
cooling-not-known = Not known
cooling-counts = { $running } running, { $standby } standby
cooling-failed = { $names } failed
cooling-air = supply { $supply } °C, return { $return } °C
cooling-supply = supply { $supply } °C
cooling-return = return { $return } °C

# Hall: fire, water, devices
tile-safety = Fire, water, devices
safety-clear = No fire, no leak
safety-none = Not watched
safety-not-known = Not known
safety-fire = FIRE
safety-leak = Water leak
safety-isolated = Fire zone isolated
safety-fire-fault = Fire detection faulty
safety-cable-fault = Leak cable faulty
safety-where = { $names }
safety-answering = { $answer } of { $all } devices answer

# Frame
skip = Skip to the content
simulated = SIMULATED
simulation = Let something happen
order-mains-failure = Mains failure
order-mains-failure-generator-fails = Mains failure, generator fails
order-cooling-failure = Cooling failure
order-smoke = Smoke
order-leak = Water leak
order-silence = A device falls silent
order-mains-restored = Mains restored
order-mended = Mend everything
simulator-page = More on the simulator's page
simulator-at = This hall is simulated. Its control: http://{ $x }
other-language = Tiếng Việt
nav = Pages
nav-hall = Hall
nav-power = Power
nav-climate = Climate
nav-devices = Devices
nav-trends = Trends
counts = Abnormal now, by priority
clock-synchronised = clock synchronised
clock-unsynchronised = clock NOT synchronised
clock-unknown = clock state unknown
link-none = not live
link-live = live { $x }
link-silent = NOT LIVE for { $x }
no-scripts = Without script the page shows one moment; it is loaded anew every 15 s.
no-scripts-built = This program was built without charts and live motion. The page is loaded anew every 15 s.

# Panels
panel-power = Power, one line
panel-power-empty = The site file has no feeds: nothing to draw.
panel-power-key = Thick: carries load. Thin grey: dead. Dashed: not known. Hatched: not answering or old.
panel-abnormal = Abnormal now
panel-abnormal-none = Nothing.
abnormal-wrong-device = another device answers in its place; its values are not believed. Check line, unit and profile.
panel-abnormal-more = and { $x } more
panel-climate = Climate · deviation from 18 to 27 °C
panel-records = Last records
panel-records-none = No record.
panel-points = Points
panel-lacks = Not measured by this device
panel-lacks-none = Nothing that its class is expected to tell.
inlets-last-hour = hottest sensor, last hour, with the band from 18 to 27 °C
last-hour = { $x }, last hour
not-measured = not measured
source-live = live
source-dead = lost
source-unknown = not known
load-live = supplied
load-dead = no power
load-unknown = not known
line-live = carries load
line-dead = dead
line-unknown = not known

# Columns
column-device = Device
column-class = Class
column-state = State
column-values = Values
column-told = Age
column-room = Room
column-line = Line
column-unit = Unit
column-profile = Profile
column-confidence = Confidence
column-every = Read every
column-asset = Asset
column-point = Point
column-value = Value
column-quality = Quality
column-hour = Last hour
column-supply = Supply
column-return = Return
column-duty = Duty
column-min = Least
column-mean = Mean
column-max = Greatest
chart = chart
chart-of = Chart of { $x }
confidence-low = low: one secondary source
confidence-medium = medium: sources that agree
confidence-high = high: the vendor's own document or a proven driver
device-online = answers
device-offline = does not answer
device-not-asked = not asked yet
device-wrong = wrong device

# Lines
panel-lines = Lines
panel-lines-key = The bar is the load of the last ten seconds, the stroke on it what the site file asks of the line.
panel-counts = Counted since the start
panel-frames = Last frames, newest first
panel-frames-none = No frame yet.
line-title = Line { $x }
line-all = all lines
line-starting = being started
line-devices = { $answer } of { $all } answer
line-requests = Requests
line-answers = Answers with values
line-timeouts = No answer in time
line-exceptions = Refused by the device
line-bad-frames = Garbled answers
line-down = Connection failed or broke
line-late = Late answers thrown away
line-discarded = Bytes thrown away
line-echoes = Echoes of requests
line-overruns = Overruns: polls left out
line-writes = Writes
column-load = Load now
column-planned = Planned load
column-answer-half = Half answer within
column-answer-most = 99 % answer within
column-longest = Longest exchange, planned
column-failed = Failed
column-at = Where
column-time = Time
column-direction = Direction
column-bytes = Bytes
frame-sent = sent
frame-received = received
frame-discarded = thrown away

# Classes
class-ups = UPS
class-battery = Batteries
class-generator = Generators
class-ats = Transfer switches
class-meter = Meters
class-cooling = Cooling units
class-climate = Temperature and humidity
class-fire = Fire detection
class-leak = Water leak detection
class-io = Inputs and outputs

# Trends
trends-empty = No point chosen yet.
trends-add = Add a point
trends-full = Eight points are the most: remove one first.
trends-nothing = nothing recorded in this time
trends-failed = The chart could not be loaded; the lines below are from when the page was made.
remove = remove
remove-it = Remove { $x }

# Records
record-system-start = Hallward { $version } started
record-system-stop = Hallward stopped
record-clock-step = the clock was set by { $step_ms } ms
record-disk-filling = the disk is { $percent } % full
record-disk-cleared = the disk has room again: it is { $percent } % full
record-disk-reserve-freed = the disk is full: the reserve was freed for the journal, and history pauses
record-disk-reserve-restored = the disk holds its reserve again, and history goes on
record-history-thinned = the disk is nearly full: history from before { $before } is dropped
record-certificate-renewed = the renewed certificate of the pages is served: SHA-256 { $sha256 }
record-certificate-refused = the new certificate of the pages cannot be used, the old one stays: { $why }
record-task-failed = an inner task failed and was started again
record-log-exported = { $records } records were exported: { $why } (SHA-256 { $sha256 })
record-log-read = the log was read at the console
record-log-pruned = records { $first } to { $last } were dropped: { $why }
record-log-hold = nothing is pruned or erased from now on: { $why }
record-log-hold-released = hold { $hold } released: { $why }
record-log-checkpoint-failed = the second path of checkpoints cannot be written: { $why }
record-log-rollback_suspected = the log may have been set back: { $place } has a checkpoint of { $checkpoint } records, here were { $records }
record-person-erased = personal data erased: { $why }
record-device-offline = no longer answers: { $reason }
reason-timeout = no answer in time
reason-exception = it refuses to be read
reason-bad-frame = garbled answers
record-device-wrong = another device answers; its register says { $found }
record-device-right = the right device answers again
record-point-write-asked = { $who } asks to write { $point } = { $value }: { $why }
record-point-written = { $who } wrote { $point }: was { $before }, is { $after } ({ $why })
record-point-write-failed = { $point } = { $value } was not written, or not known to be: { $what }; was { $before }, is { $after } ({ $who }: { $why })
record-point-write-refused = { $who } may not write { $point } = { $value }: { $what } ({ $why })
record-site-reloaded = the site file was read again: { $lines_started } lines started, { $lines_stopped } stopped, { $lines_kept } went on
record-site-refused = the changed site file is refused, the old one stays: { $why }
record-device-online = answers again, after { $offline_s }
record-account-made = account made, as { $role }
record-account-link-made = one-time link made: { $why }
record-account-password-chosen = password chosen
record-account-signed-in = signed in from { $from }
record-account-signed-out = signed out
record-account-session-ended = session ended: { $why ->
    [idle] it was not used
    [length] it had lasted long enough
    [clock] the clock was set back
    [too-many] the person began another
   *[other] by hand
 }
record-account-refused = sign-in refused: { $why ->
    [unknown-name] there is no such name
    [wrong] the password or code was wrong
    [code-needed] the code was missing
    [locked] the account is locked
    [suspended] the account is suspended
    [remote] not from another machine
   *[other] { $why }
 } (from { $from })
record-account-locked = account locked after wrong tries (from { $from })
record-account-unlocked = account unlocked at the request: { $why }
record-account-suspended = account suspended: { $why ->
    [idle] it was not used for long
    [expired] its end has come
   *[other] { $why }
 }
record-account-restored = account restored: { $why }
record-account-ended = account ended for good: { $why }
record-account-role-set = role { $before } became { $after }: { $why }
record-account-end-set = end of the account set to { $ends ->
    [never] never
   *[other] { $ends }
 }: { $why }
record-account-remote-set = use from other machines { $remote ->
    [no] ended
   *[other] allowed, for { $remote }
 }: { $why }
record-account-all-must-change = new passwords ordered, of { $accounts } accounts ({ $role }): { $why }
record-account-idle-warning = the last administrator's account will be suspended on { $suspended_at } unless it is used
record-account-rule-set = rule { $rule } set from { $before } to { $after }, the duty is { $duty }: { $why }
record-account-token-made = token { $token } made, which permits { $rights }
record-account-token-ended = token { $token } ended: { $why ->
    [expired] its time is over
   *[other] { $why }
 }
record-account-display-made = wall display made
record-account-display-paired = wall display paired, from { $from }
record-account-second-factor-on = second factor taken into use
record-account-second-factor-off = second factor taken out of use
record-account-act-refused = refused: { $what } takes the right { $right }
record-account-overreach = refused again and again, last { $what } (right { $right })

# Signing in
sign-in = Sign in
sign-out = Sign out
sign-in-name = Sign-in name
sign-in-code = Code from your app (only if you have set one up)
sign-in-hint = Five wrong tries lock an account; an administrator unlocks it at your request.
sign-in-wrong = Name, password or code are wrong, or the account is locked or suspended.
sign-in-code-needed = This account needs the code from your app too.
sign-in-locked = This account is locked after wrong tries. Ask an administrator to unlock it.
sign-in-suspended = This account is suspended. Ask an administrator to restore it.
sign-in-remote = This account may not be used from another machine.
sign-in-too-many = Too many tries from here: wait { $x } s.
password = Password
password-new = New password
password-again = The same once more
password-choose = Choose this password
password-rules = At least 8 characters, 11 for administrators: lower and upper case, a digit and a special character; no name, birth date or telephone number.
password-short = It has fewer than { $x } characters.
password-long = It is longer than 256 bytes.
password-no-lower = It has no lower-case letter.
password-no-upper = It has no upper-case letter.
password-no-digit = It has no digit.
password-no-special = It has no special character, such as ! or a space.
password-name = Your name is in it.
password-birth-date = Your birth date is in it.
password-phone = Your telephone number is in it.
password-same = It is the one that you had.
password-not-twice = The two are not the same.
password-not-yours = That is not your password.
link-title = One-time link
link-choose = Welcome, { $x }: choose a password
link-pair = Pair this display: { $x }
link-pair-hint = This browser will show the hall until an administrator ends the pairing. It can change nothing.
link-pair-do = Pair this display
link-none-title = This link does not count
link-used = This link has been used, or its day is over. Ask for another.
nav-accounts = Accounts

# Own account
account-title = Your account
account-none = This is a wall display or a program: it has no account of its own. It may only what it was made for; an administrator ends it.
account-must-change = Choose a new password first: the old one is too old, or an administrator ordered it. Until then there is nothing else to do here.
account-role = Role
account-remote = From other machines
account-remote-no = no
role-viewer = Viewer
role-operator = Operator
role-security = Security reviewer
role-administrator = Administrator
role-inspector = Inspector
right-hall-read = see the hall
right-journal-read = read the whole journal
right-person-read = see persons' names
right-point-write = write points
right-hall-simulate = simulate events
right-account-manage = manage accounts
right-export = give records to others
right-log-keep = decide what records are kept
password-title = Password
password-old = Password until now
password-others-end = All your other sessions end with it.
done-password = You have a new password; your other sessions have ended.
second-factor = Second factor
second-factor-is-on = On: signing in takes a code from your app too.
second-factor-is-off = Off: your password alone signs you in.
second-factor-set-up = Set up
second-factor-switch-off = Switch off
second-factor-how = Scan the picture with an authenticator app, or type the secret into it. Then type the code that the app shows: only with that does the second factor count.
second-factor-picture = The secret as a QR code
second-factor-secret = The secret as text
second-factor-code = Code from the app
second-factor-confirm = Take into use
second-factor-code-wrong = The code is wrong. Is your phone's clock right?
done-second-factor-on = The second factor is on.
done-second-factor-off = The second factor is off.
panel-sessions = Sessions
sessions-none = No session.
session-this = this one
session-end-it = End the session of { $x }
done-session-ended = The session has ended.
panel-tokens = Tokens
tokens-none = No token.
tokens-what = Programs show a token instead of a password. It may never do more than your account.
token-make = Make a token
token-name = What it is for
token-which = Which
token-end = End a token
token-right-missing = Choose a right at least.
token-shown-once = Copy the token now: it is never shown again.
done-token-ended = It has ended.
display-paired = wall display, paired
display-waits = wall display, not paired yet
column-from = From
column-since = Since
column-used = Last used
column-name = Name
column-holder = Of
column-rights = May
column-made = Made
column-last-day = Last day
form-why = Why (goes into the journal)
form-why-missing = Say why, in 1 to 500 characters: it goes into the journal.
form-name-missing = A name is missing.
form-day = Last day (none: no end)
form-day-wrong = The last day is no date: year, month and day, such as 2027-03-31.
form-day-over = That day is over already.
form-no-end = no end
form-end = End

# Accounts, for administrators
accounts-all = all accounts
accounts-add = Add a person
accounts-name = The person's name
accounts-born = Birth date (only so that no password contains it)
accounts-phone = Telephone number (likewise)
accounts-remote = What for from other machines (empty: only at this one)
accounts-tokens = Tokens and wall displays
link-shown-once = Hand this link over to the person. It counts once, for a day, and is never shown again.
form-sign-in-wrong = The sign-in name: a-z, 0-9 and -, beginning with a letter or digit, 32 characters at most.
form-sign-in-taken = This sign-in name is taken.
form-role-missing = Choose a role.
form-inspector-end = An inspector's account needs a last day.
form-born-wrong = The birth date is no date: year, month and day, such as 1990-03-31.
form-number-wrong = A whole number is missing.
standing-active = active
standing-no-password = has not chosen a password yet
standing-locked = locked
standing-suspended = suspended
standing-over = over
account-deeds = What can be done
account-settings = What it may
account-records = In the journal, newest first
record-by = by { $x }
second-factor-yes = on
second-factor-no = off
deed-unlock = Unlock
deed-unlock-what = Only at the owner's request: say below who asked, when and how.
deed-restore = Restore
deed-restore-what = The account counts again from now on.
deed-link = New one-time link
deed-link-what = The person chooses another password with it; the present one counts until then. Older links no longer count.
deed-suspend = Suspend
deed-suspend-what = Sessions end at once; nobody signs in until the account is restored.
deed-end = End for good
deed-end-what = The account, its sessions, tokens and links end at once, for ever.
deed-role = Set the role
deed-end-date = Set the last day
deed-remote = Set the use from other machines
done-role = The role is set.
done-end-date = The last day is set.
done-remote = The use from other machines is set.
done-unlock = The account is unlocked.
done-suspend = The account is suspended.
done-restore = The account counts again.
done-end = The account has ended.
done-session-end = The session has ended.
done-token-end = It has ended.
done-change-all = Each of them must choose a new password; their sessions have ended.
done-rule = The rule is set.
change-all = All must choose new passwords
change-all-what = Whoever is concerned is signed out, and must choose a new password at the next sign-in before anything else.
change-all-whose = Who
change-all-administrators = all administrators
change-all-all = everybody
display-make = Make a wall display
display-what = A wall display shows the hall and can change nothing. The link is opened once, on the display itself.
display-name = Where it hangs
display-shown-once = Open this link on the display. It counts once, for a day, and is never shown again.
rules-title = Rules of signing in
rules-what = Each rule has the duty beside it. One that asks for less is a deviation: it needs a reason, and is marked here and in the journal.
rule-lax = less than the duty
rule-duty = duty: { $x }
rule-value = Number
rule-unit = Unit
rule-why = Why (needed where it asks for less than the duty)
rule-set = Set
rule-lax-why = This asks for less than the duty: say why.
rule-out-of-range = It must be from { $low } to { $high }.
rule-characters = { $x } characters
rule-password-length = Password, at least
rule-administrator-password-length = Administrator's password, at least
rule-acting-password-age-min = Password of operators and administrators counts for
rule-password-age-min = Password of others counts for
rule-tries = Wrong tries in a row that lock an account
rule-tries-within-min = … within
rule-idle-min = An account is suspended when not used for
rule-session-idle-min = A session ends when not used for
rule-session-length-min = A session ends at the latest after
unit-days = days
unit-hours = hours
unit-minutes = minutes
role-all = everybody

# What accounts refuse
refused-no-account = There is no account of { $x }.
refused-no-session = There is no session { $x }.
refused-no-token = There is no token { $x }.
refused-name = The person's name: 1 to { $x } characters.
refused-phone = The telephone number: 1 to { $x } characters.
refused-purpose = What for from other machines: 1 to { $x } characters.
refused-sign-in-like-id = This sign-in name looks like a person's id: take another.
refused-account-over = The account's end is over already.
refused-inspector-end-first = An inspector's account needs a last day: set it first.
refused-end-over = That day is over already: end the account instead.
refused-why-long = The reason has { $x } characters at most.
refused-only-people = This is for people who have signed in with a browser.
refused-no-factor = There is no second factor to confirm: set it up again.
refused-token-name = The name: 1 to { $x } characters.
refused-token-by-token = A token makes no token: sign in with a browser.
refused-token-of-nobody = Whose token? Name a person.
refused-token-of-other = A token for somebody else is an administrator's to make.
refused-beyond-role = The right { $x } is beyond what the account's role permits.
refused-beyond-token = The right { $x } is beyond what the token that asks permits.
refused-accounts = There are { $x } accounts already.
refused-tokens = There are { $x } tokens already: end some.
refused-no-longer = You may no longer do this: sign in again.
refused-links = There are { $x } unused links already; they count for a day.
refused-last-administrator = This is the last administrator: make another first, or do it at the console.
refused-not-locked = This account is not locked.
refused-not-suspended = This account is not suspended.
refused-unlock-first = This account is locked: unlock it first.
refused-end-first = This account's end has come: set another last day first.
refused-barred = This account is locked or suspended.
refused-has-factor = There is a second factor already: switch it off first, with your password.
refused-over = This account's end has come.
refused-not-ended = This person's account has not ended: end it first.
refused-not-recorded = It was not done, because it cannot be recorded. The program's log says why.

# Doors: what is refused
refused-no-person = There is no person “{ $x }”.
refused-no-holder = { $x } is not among those who go through doors: add the person there first.
refused-no-badge = There is no badge { $x }.
refused-no-rule = There is no rule { $x }.
refused-no-schedule = There is no schedule “{ $x }”.
refused-no-holiday = There is no holiday on { $x }.
refused-no-door = There is no door “{ $x }” in the site file.
refused-no-room = There is no room “{ $x }” in the site file.
refused-no-swiped = No unknown card { $x } waits: swipe it at a reader, then count from the newest, 1.
refused-group = “{ $x }” is no group: a-z, 0-9 and -, beginning with a letter or digit, 32 at most.
refused-moment = “{ $x }” is no day or time, such as 2026-12-31 or 2026-12-31T17:00:00+07:00.
refused-span = It would end before it begins.
refused-pin = A PIN has 4 to 8 digits.
refused-pin-easy = This PIN is too easy: not all digits the same, none that only count up or down.
refused-pin-same = The duress PIN must be another than the PIN.
refused-card = Which card? Its facility and number, as 26, 34 or 37 bits hold them; or up to 128 raw bits in hexadecimal; or the place of a swiped one.
refused-word = { $x } is none of the words that can stand there.
refused-times = “{ $x }” are no times, such as “Mon-Fri 08:00-17:30; Sat 08:00-12:00; holidays none”.
refused-setting = A door is not set so: { $x }.
refused-said = “{ $x }” is missing or too long: 1 to 500 characters.
refused-carried = A device may be carried in only with its authority, need and legal basis.
refused-list = The list is not taken in, nothing was changed: { $x }.
refused-reviewed = Record { $x } cannot be reviewed: it is not there yet, or was reviewed before.
refused-card-held = This card is badge { $x } already.
refused-holder-there = { $x } is there already: change the person instead.
refused-person-ended = This person has ended, for good.
refused-person-suspended = This person is suspended already.
refused-person-goes = This person is not suspended.
refused-badge-returned = This badge was given back, for good: issue another.
refused-used = { $x } goes by it: change that first.
refused-full = There are { $x } already: end some first.
order-refused-not-there = There is no such door, or nothing there that could do it.
order-refused-old = The order is too old: give it again.
order-refused-mode = A stronger mode of the door goes before.
order-refused-no-hardware = The door's hardware does not answer.
order-refused-interlock = Another door of its interlock is open or unlocked.
order-refused-fire = The fire input has not cleared.
order-refused-unrecorded = The order cannot be recorded, hence it was not carried out.
order-refused-busy = Too many orders wait: try again.

# Doors
nav-doors = Doors
nav-people = People
nav-presence = Who is where
nav-review = Review
access-rules = Rules
access-visitors = Visitors
access-visitor = visitor
access-deliveries = Deliveries
done-access = Done. It stands in the journal.
form-incomplete = Something is missing or is no number.
column-groups = Groups
form-groups = Groups, with a space between
form-from = First day
form-until = Until
form-pin = PIN (empty: stays as it is; none: taken away)
form-duress-pin = PIN when forced (raises a silent alarm)
form-pin-there = PIN
form-account = Or somebody who has an account: sign-in name
form-long-unlock = Doors stay unlocked for longer
form-passback-exempt = Anti-passback leaves the person alone
form-badge = Badge
form-rule = Rule
form-schedule = Schedule
column-door = Door
column-mode = Mode
column-leaf = Leaf
column-readers = Readers
column-alarms = Alarms
column-hardware = Hardware
column-badges = Badges
column-scope = Which doors
doors-none = The site file has no doors.
doors-all = all doors
door-not-known = not known
door-tampered = tampered with
door-no-hardware = its hardware does not answer
door-orders = Orders
door-settings = Settings
door-set = Set
reader-not-secure = not encrypted
deed-lockdown = Lock down
deed-lockdown-what = Only exit buttons open then; a fire goes before. It outlasts a restart.
deed-lockdown-end = end the lockdown
deed-fire-reset = Reset after a fire
deed-fire-reset-what = Doors that a fire released lock again, once the input has cleared.
deed-door-unlock = Unlock once
deed-door-hold = Hold unlocked
deed-door-lock = Hold locked
deed-door-release = End the hold
deed-door-fire-reset = Reset after a fire
deed-door-pair = Pair the reader
door-mode-fire-release = released for a fire
door-mode-lockdown = locked down
door-mode-held-unlocked = held unlocked
door-mode-held-locked = held locked
door-mode-scheduled = unlocked by schedule
door-mode-controlled = controlled
door-state-secure = locked and closed
door-state-granting = about to unlock
door-state-granted = unlocked for somebody
door-state-open = open by right
door-state-held-warning = open, soon too long
door-state-held = open for too long
door-state-forced = forced
door-state-free = free
door-state-fault = not known
leaf-closed = closed
leaf-open = open
leaf-fault = contact in fault
side-entry = entry
side-exit = exit
door-alarm-forced = forced open
door-alarm-held = held open
coverage-title = Who could see, last day
coverage-what = Where a part could not see, no record does not mean that nobody came.
coverage-part = Part
part-controller = controller
part-clock = clock
part-entry-reader = entry reader
part-exit-reader = exit reader
part-hardware = contact and lock
able-yes = could see
able-no = could not see
door-hold-until = Until (none: until an operator ends it)
scope-site = all doors of the site
choice-none = none
may-first-card = a group, or none
may-interlock = a name that its doors share, or none
may-long-unlock = as long or longer, up to 60s
may-warning = from 1s, and less than it may stand open
choice-card = a card
choice-card-pin = a card and a PIN
choice-pin = a number and a PIN
choice-on-open = once it opens
choice-on-close = once it closes
choice-yes = yes
choice-no = no
choice-off = none
choice-soft = told only
choice-hard = denied
choice-spool = is kept elsewhere, then opens
choice-deny = denied
choice-untimed = count only where no time is set
choice-ignore = count as ever
setting-proof = What must be shown
setting-card-alone = A card alone is enough
setting-unlocked = Stands unlocked
setting-first-card = Only once one of this group came
setting-unlock = Unlocked for
setting-long-unlock = Unlocked for, if longer is needed
setting-held = May stand open for
setting-warning = Warns before that
setting-relock = Locks again
setting-debounce = An input counts after
setting-two-persons = Two persons
setting-passback = Anti-passback
setting-interlock = Interlock
setting-unrecorded = A grant that cannot be recorded in time
setting-doubtful-clock = Schedules while the clock is not to be believed
people-none = Nobody goes through doors yet.
people-all = all people
people-add = Add a person
people-add-what = A name, or, for somebody who has an account, the sign-in name alone.
people-change = Change
people-suspend = Suspend
people-restore = Restore
people-end = End everywhere, for good
people-end-what = Badges, PINs, account, sessions, tokens and links end at once.
people-handed-over = Given back: equipment and papers, a line each
people-undertaking = Record the written undertaking
people-paper = Which paper
holder-active = active
holder-suspended = suspended
holder-not-yet = not yet
holder-over = over
holder-ended = ended
escort = Escort
escort-alone = goes alone
escort-needs = goes with an escort only
escort-gives = may escort
badges-none = No badge.
badges-to-give-back = To be given back: { $x }
badge-card = Card
badge-issued = Issued
badge-issue = Issue a badge
badge-issue-what = One of: facility and number; bits and hexadecimal digits; a card that was just swiped.
badge-facility = Facility
badge-number = Number
badge-bits = Bits: 26, 34, 37, or any with hexadecimal digits
badge-hex = Hexadecimal digits
badge-swiped = A card just swiped
badge-change = Change a badge
badge-return = A badge was given back
badge-active = active
badge-disabled = disabled
badge-lost = lost
badge-returned = given back
rules-none = No rule: no door opens for anybody.
rule-who = For whom: a group, or a person's id
rule-who-change = For whom (empty: stays as it is)
rule-doors = Doors, with a space between (empty: all)
form-stays = stays as it is
rule-doors-change = Doors, with a space between (empty: stay as they are; all: all of them)
rule-all-doors = all doors
rule-always = always
rule-revision = Revision
rule-add = Add a rule
rule-change = Change a rule
rule-end = End a rule
schedules-title = Schedules
schedule-id = Id: a-z, 0-9 and -
schedule-times = Times
schedule-set = Make or change a schedule
schedule-end = End a schedule
holidays-title = Holidays
holiday-date = Day
holiday-set = Make a day a holiday
holiday-end = Make it a day like others
visits-none = No visitor.
visit-register = Register a visitor
visit-firm = Firm or agency
visit-purpose = Purpose
visit-host = Visits
visit-host-who = Visits whom: id, sign-in name or name
visit-last-day = Last day
visit-alone = goes without an escort
visit-devices = Devices carried in
visit-devices-how = Devices carried in, only by an authority's own need; a line each: what, authority, need, legal basis, with | between
visit-authorised = Authorised by
deliveries-none = No delivery.
delivery-record = Record a delivery
delivery-minutes = Minutes
delivery-minutes-title = Handover minutes
delivery-direction = Direction
delivery-in = into the hall
delivery-out = out of the hall
delivery-items = Equipment
delivery-items-how = Equipment with asset tags, a line each
delivery-owner = Owner
delivery-request = Request number
delivery-decision = Decision number
delivery-approver = Approved by
delivery-handed-by = Handed over by
delivery-taken-by = Taken over by
delivery-door-event = Record of the door event, its number
delivery-witness = Witness
delivery-signature = Signature
presence-title = Who is where
presence-what = As far as doors can tell: where a way out is not read, somebody may have left unseen. Printed, it is the muster list.
presence-none = Nobody was seen inside.
presence-outside = Outside of all rooms
presence-certainty = How sure
presence-seen = Seen
certainty-inside = inside
certainty-exit-not-seen = entered, exit not seen
certainty-unknown = unknown
review-behind = The newest record is { $last }; { $behind } have not been reviewed.
review-never = The journal was never reviewed.
review-up-to = Reviewed up to record
review-by = By
review-findings = Findings
review-sign = Sign the review
right-door-operate = order doors, see who is where
right-access-manage = manage persons, badges and rules
right-journal-review = sign reviews of the journal
record-person-added = person added: { $after }
record-person-changed = person changed: { $before } became { $after } ({ $why })
record-person-suspended = person suspended: { $why }
record-person-restored = person restored: { $why }
record-person-ended = person ended everywhere, for good: { $why }; badges out: { $badges }
record-person-undertaking = written undertaking recorded: { $paper }
record-badge-issued = badge issued: { $after }
record-badge-changed = badge changed: { $before } became { $after } ({ $why })
record-badge-returned = badge given back: { $why }
record-rule-added = rule added: { $after }
record-rule-changed = rule changed, revision { $revision }: { $before } became { $after } ({ $why })
record-rule-ended = rule ended: { $why }
record-schedule-set = schedule set: { $after }
record-schedule-ended = schedule ended: { $why }
record-holiday-set = holiday: { $name }
record-holiday-ended = no longer a holiday
record-door-settings = door set: { $before } became { $after } ({ $why })
record-visit-registered = visitor registered, visits { $host }, carries { $devices } devices
record-delivery-recorded = equipment { $direction ->
    [in] came in
   *[other] went out
 }: { $items } (request { $request }, decision { $decision })
record-people-imported = staff list taken in: { $lines } lines, { $changes } changes ({ $why })
record-log-reviewed = journal reviewed up to record { $up_to }: { $findings }

# What doors tell
record-access-granted = let in by rule { $rule }, revision { $revision }
record-access-granted-exit = let out by the exit button
record-access-granted-order = unlocked by order: { $why }
record-access-taken = went through
record-access-not_taken = did not go through
record-access-duress = was forced to open: silent alarm
record-access-pin_blocked = PIN blocked after wrong tries
record-access-denied-antipassback = denied: is inside already
record-access-denied-door_locked = denied: an operator holds the door locked
record-access-denied-escort = denied: no escort came
record-access-denied-expired = denied: no longer valid
record-access-denied-fault = denied: the door's hardware does not answer
record-access-denied-first_card = denied: nobody of the first group has come yet
record-access-denied-interlock = denied: another door of the interlock is open
record-access-denied-invalid_pin = denied: wrong PIN
record-access-denied-lockdown = denied: locked down
record-access-denied-not_active = denied: not valid yet, or suspended
record-access-denied-not_enabled = denied: the badge is disabled or lost
record-access-denied-pin_blocked = denied: the PIN is blocked
record-access-denied-schedule = denied: not at this time
record-access-denied-two_person = denied: no second person came
record-access-denied-unauthorized = denied: no rule for this door
record-access-denied-unknown_credential = denied: nobody holds this card
record-access-denied-unrecorded = denied: it could not be recorded in time
record-door-opened = opened
record-door-closed = closed
record-door-forced = FORCED open
record-door-forced-cleared = the alarm of its forcing was cleared
record-door-held = held open for too long
record-door-held-prewarn = open, soon too long
record-door-held-cleared = closed again after it was held open
record-door-open_at_start = stood open when the program started
record-door-tamper = tampering: { $on ->
    [true] begins
   *[other] over
 }
record-door-fault = fault: { $what }
record-door-mode = mode is now { $after ->
    [fire-release] { door-mode-fire-release }
    [lockdown] { door-mode-lockdown }
    [held-unlocked] { door-mode-held-unlocked }
    [held-locked] { door-mode-held-locked }
    [scheduled] { door-mode-scheduled }
    [controlled] { door-mode-controlled }
   *[other] { $after }
 }
record-door-order-refused = the order { $order } was refused: { $what }
record-command-accepted = the command { $order ->
    [unlock] to unlock a door
   *[lockdown] to lock down
 } was accepted: { $why }
record-command-refused = a command over MQTT was refused: { $what ->
    [retained] the broker had kept it
    [unknown] nobody is called so
    [form] it is none
    [signature] another key signed it, or it was changed
    [site] it is for another site
    [clock] this computer's clock is not to be believed
    [old] it is too old
    [early] it is from the future
    [repeated] it came again, or after a newer one
    [forbidden] whoever sent it may not order that
    [busy] too many orders wait
   *[other] { $what }
 }
record-lock-released = lock released
record-lock-relocked = locked again
record-fire-release = released for a fire
record-fire-reset = reset after a fire: { $why }
record-io-online = its hardware answers
record-io-offline = its hardware no longer answers: nothing is known of it
record-reader-online = reader answers ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-offline = reader no longer answers ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-tamper = reader tampering ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $on ->
    [true] begins
   *[other] over
 }
record-reader-unreadable = a card could not be read ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-downgrade = reader wants to talk without its key and is not believed ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $why }
record-reader-swapped = another reader answers and is not believed ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-unpaired = a reader without a key answers and is not believed ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-pairing = pairing begins ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $why }
record-reader-paired = reader paired ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 })
record-reader-pairing_failed = pairing failed ({ $side ->
    [entry] { side-entry }
    [exit] { side-exit }
   *[other] { $side }
 }): { $why }
record-presence-forgotten = last seen places forgotten, of { $person }: { $why }
deed-door-clear-alarm = Clear the alarm

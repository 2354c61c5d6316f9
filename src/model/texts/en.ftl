# Texts of the pages, in English. Keys are the same as in vi.ftl.
age = { $age } old
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
autonomy-ups = { $span } on UPS
autonomy-no-ups = No UPS
autonomy-not-known = Not known
autonomy-at-load = { $name } at { $load } % load, battery { $charge } %
autonomy-low = { $name }: battery low
autonomy-fuel = { $name }: fuel { $level } %

# Hall: inlets
tile-inlets = Inlets
inlets-hottest = { $celsius } °C hottest, { $name }
inlets-coldest = coldest { $celsius } °C, { $name }
inlets-dew-point = dew point { $celsius } °C
inlets-missing = { $count } sensors do not tell
inlets-none = No sensor
inlets-not-known = Not known

# Hall: cooling
tile-cooling = Cooling
cooling-reserve = N+{ $reserve }
cooling-no-reserve = N
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

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

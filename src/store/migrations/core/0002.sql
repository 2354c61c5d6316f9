-- Somebody. Names and the like are here alone: records know a person by its number.
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    born TEXT,
    phone TEXT
) STRICT;

-- A person's account. Times are µs since the Unix epoch; `password` is a PHC string, `wrong` are times, "1,2,3".
CREATE TABLE account (
    person INTEGER PRIMARY KEY REFERENCES person (id),
    sign_in TEXT NOT NULL,
    role TEXT NOT NULL,
    made_us INTEGER NOT NULL,
    ends_us INTEGER,
    password TEXT,
    password_set_us INTEGER,
    must_change INTEGER NOT NULL,
    wrong TEXT NOT NULL,
    locked_us INTEGER,
    suspended_us INTEGER,
    used_us INTEGER NOT NULL,
    totp BLOB,
    totp_step INTEGER NOT NULL,
    remote TEXT,
    ended_us INTEGER
) STRICT;
CREATE UNIQUE INDEX account_sign_in ON account (sign_in) WHERE ended_us IS NULL;

-- Who is signed in. `hash` is SHA-256 of the cookie's secret.
CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    person INTEGER NOT NULL REFERENCES account (person),
    made_us INTEGER NOT NULL,
    used_us INTEGER NOT NULL,
    origin TEXT NOT NULL
) STRICT;

-- Tokens of programs (with a person) and of wall displays (without). `rights`: "hall.read journal.read".
CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB UNIQUE CHECK (length(hash) = 32),
    name TEXT NOT NULL,
    person INTEGER REFERENCES account (person),
    rights TEXT NOT NULL,
    made_us INTEGER NOT NULL,
    ends_us INTEGER
) STRICT;

-- Links that count once. `purpose`: "choose-password", "enter" (of a person) or "pair" (of a token).
CREATE TABLE link (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    purpose TEXT NOT NULL,
    subject INTEGER NOT NULL,
    ends_us INTEGER NOT NULL
) STRICT;

-- Rules of signing in that differ from the duty.
CREATE TABLE sign_in_rule (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- 0x48574C43 is "HWLC": Hallward, core.
PRAGMA application_id = 0x48574C43;

-- The journal. `bytes` is a record in its final form; the other columns repeat what queries ask for.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    code TEXT NOT NULL,
    place TEXT NOT NULL,
    wall_us INTEGER NOT NULL
) STRICT;
CREATE INDEX record_code ON record (code);
CREATE INDEX record_place ON record (place);
CREATE INDEX record_wall ON record (wall_us);

-- Personal data of a record, which keeps SHA-256(salt, data) only; erasing a person deletes rows here.
CREATE TABLE personal (
    seq INTEGER PRIMARY KEY REFERENCES record (seq) ON DELETE CASCADE,
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    data BLOB NOT NULL
) STRICT;

-- Runs of the program. A run without `stopped_us` ended by power failure, crash or kill.
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    started_us INTEGER NOT NULL,
    last_alive_us INTEGER NOT NULL,
    stopped_us INTEGER
) STRICT;

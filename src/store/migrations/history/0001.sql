-- 0x48574C48 is "HWLH": Hallward, history.
PRAGMA application_id = 0x48574C48;

-- Everything that was ever kept, by name. `kind`: "ticks 1/10 0.0" (scale and offset), "float" or "state".
CREATE TABLE point (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (device, name, kind)
) STRICT;

-- Numbers that share their time stamps. `points`: ids of points in the order of values, "3,4,9".
CREATE TABLE sample_group (
    id INTEGER PRIMARY KEY,
    points TEXT NOT NULL UNIQUE
) STRICT;

-- The newest rows, until they are compacted.
CREATE TABLE hot (
    time_ms INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    row BLOB NOT NULL,
    PRIMARY KEY (time_ms, group_id)
) STRICT, WITHOUT ROWID;

-- Compacted rows of one group. Their time stamps are the chunk 65536 * id, the values of the group's
-- n-th point (from 1) the chunk 65536 * id + n.
CREATE TABLE span (
    id INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL REFERENCES sample_group (id),
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    merged INTEGER NOT NULL
) STRICT;
CREATE INDEX span_of_group ON span (group_id, first_ms, last_ms);
CREATE INDEX span_by_age ON span (merged, last_ms);

CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;

-- Flags, words and texts, on change and once an hour. `quality` is the model's code. `form` is 1 flag, 2 word,
-- 3 text, 4 number; null, like `value`, where the quality has none.
CREATE TABLE state (
    point INTEGER NOT NULL REFERENCES point (id),
    time_ms INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    form INTEGER,
    value ANY,
    PRIMARY KEY (point, time_ms)
) STRICT, WITHOUT ROWID;

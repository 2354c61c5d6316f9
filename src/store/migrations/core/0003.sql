-- The log's ids, in their order: it goes on under another one after a suspected rollback.
CREATE TABLE log (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE
) STRICT;

-- Signed checkpoints. `frontier` are the peaks of the tree of this size, 32 bytes each: from them the tree grows on.
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    wall_us INTEGER NOT NULL,
    note TEXT NOT NULL,
    frontier BLOB NOT NULL
) STRICT;
CREATE INDEX checkpoint_wall ON checkpoint (wall_us);

-- What stands for the records that retention has dropped; no row before the first time.
CREATE TABLE pruned (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT;

-- Holds that are not released: while there is one, nothing is pruned and nobody erased. `record` is the one that tells of it.
CREATE TABLE hold (
    record INTEGER PRIMARY KEY,
    wall_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    why TEXT NOT NULL
) STRICT;

-- Whose personal data it is.
ALTER TABLE personal ADD COLUMN person INTEGER;
CREATE INDEX personal_person ON personal (person);

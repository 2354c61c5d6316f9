-- Who may go where, and deliveries: one row for each revision, never overwritten, so that one can say what held when.
-- `kind`: "holder", "badge", "rule", "schedule", "holiday", "door", "delivery"; `key` is its id there; `content` is JSON. A revision
-- holds from `made_us` until before `over_us`.
CREATE TABLE access_entry (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL CHECK (json_valid(content)),
    made_us INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    over_us INTEGER,
    over_by TEXT,
    PRIMARY KEY (kind, key, revision)
) STRICT;
CREATE UNIQUE INDEX access_entry_now ON access_entry (kind, key) WHERE over_us IS NULL;

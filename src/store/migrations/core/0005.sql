-- The pairing of a reader. `door` and `side` ("entry", "exit") say where it is; `sealed` is its key, under the seal's key,
-- bound to that place; `abilities` are triples of function, compliance and count.
CREATE TABLE reader_key (
    door TEXT NOT NULL,
    side TEXT NOT NULL,
    sealed BLOB NOT NULL,
    vendor TEXT NOT NULL,
    model INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    firmware TEXT NOT NULL,
    abilities BLOB NOT NULL CHECK (length(abilities) % 3 = 0),
    PRIMARY KEY (door, side)
) STRICT;

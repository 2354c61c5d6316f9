-- The time of the newest command that each commander gave: none up to that counts again.
CREATE TABLE commanded (
    commander TEXT PRIMARY KEY,
    newest_us INTEGER NOT NULL
) STRICT;

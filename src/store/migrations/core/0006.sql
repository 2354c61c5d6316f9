-- What doors remember over a restart: how each stands, and where people were last seen. `content` is JSON.
CREATE TABLE door_standing (
    door TEXT PRIMARY KEY,
    content TEXT NOT NULL CHECK (json_valid(content))
) STRICT;

CREATE TABLE presence (
    person INTEGER PRIMARY KEY,
    content TEXT NOT NULL CHECK (json_valid(content))
) STRICT;

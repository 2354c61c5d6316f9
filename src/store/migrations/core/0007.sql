-- How far each receiver of records is: the number of the last record that it has acknowledged.
CREATE TABLE cursor (
    receiver TEXT PRIMARY KEY,
    seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;

-- A line of a receipt that cannot be read has no day. Until now it had an empty one, which is none on any other database.

CREATE TABLE receipt_line_anew (
    receipt_file_id   INTEGER NOT NULL REFERENCES receipt_file (id),
    line              INTEGER NOT NULL,
    letter_id         TEXT NOT NULL,                   -- as the vendor wrote it
    event             TEXT NOT NULL,                   -- empty where the line cannot be read
    event_on          TEXT,
    held_because      TEXT,
    sheets            INTEGER CHECK (sheets >= 0),
    remade            INTEGER NOT NULL DEFAULT 0 CHECK (remade IN (0, 1)),
    postal_statement  TEXT,
    PRIMARY KEY (receipt_file_id, line)
) STRICT, WITHOUT ROWID;

INSERT INTO receipt_line_anew (receipt_file_id, line, letter_id, event, event_on, held_because, sheets, remade,
    postal_statement)
SELECT receipt_file_id, line, letter_id, event, nullif(event_on, ''), held_because, sheets, remade, postal_statement
FROM receipt_line ORDER BY receipt_file_id, line;

DROP TABLE receipt_line;
ALTER TABLE receipt_line_anew RENAME TO receipt_line;

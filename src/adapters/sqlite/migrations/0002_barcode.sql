-- Intelligent Mail barcodes: the serial numbers that were taken, and the barcode of each letter.

-- A block of serial numbers, taken for one attempt at one package and spent whatever becomes of that.
CREATE TABLE serial_block (
    id         INTEGER PRIMARY KEY,
    mailer_id  TEXT NOT NULL,
    first      INTEGER NOT NULL CHECK (first >= 0),
    count      INTEGER NOT NULL CHECK (count >= 1),
    taken_at   TEXT NOT NULL,
    taken_on   TEXT NOT NULL,
    free_on    TEXT NOT NULL,                          -- 45 days after the last day on which a letter may be mailed
    batch_id   INTEGER NOT NULL REFERENCES batch (id),
    attempt    INTEGER NOT NULL CHECK (attempt >= 1),
    UNIQUE (batch_id, attempt),
    CHECK (free_on > taken_on)
) STRICT;

CREATE INDEX serial_block_by_freedom ON serial_block (mailer_id, free_on);

CREATE TRIGGER serial_block_is_never_taken_twice BEFORE INSERT ON serial_block
WHEN EXISTS (SELECT 1 FROM serial_block AS earlier
             WHERE earlier.mailer_id = NEW.mailer_id AND earlier.free_on > NEW.taken_on
               AND earlier.first < NEW.first + NEW.count AND NEW.first < earlier.first + earlier.count)
BEGIN SELECT RAISE(ABORT, 'a serial number is not used again within 45 days of mailing'); END;
CREATE TRIGGER serial_block_is_never_replaced BEFORE INSERT ON serial_block
WHEN EXISTS (SELECT 1 FROM serial_block AS earlier
             WHERE earlier.id = NEW.id OR (earlier.batch_id = NEW.batch_id AND earlier.attempt = NEW.attempt))
BEGIN SELECT RAISE(ABORT, 'serial numbers that were taken stay taken'); END;
CREATE TRIGGER serial_block_is_never_changed BEFORE UPDATE ON serial_block
BEGIN SELECT RAISE(ABORT, 'serial numbers that were taken stay taken'); END;
CREATE TRIGGER serial_block_is_never_deleted BEFORE DELETE ON serial_block
BEGIN SELECT RAISE(ABORT, 'serial numbers that were taken stay taken'); END;

-- The digits of the barcode; empty where the letter bears none of ours.
ALTER TABLE letter ADD COLUMN imb TEXT NOT NULL DEFAULT ''
    CHECK (length(imb) IN (0, 20, 25, 29, 31) AND imb NOT GLOB '*[^0-9]*');
CREATE INDEX letter_by_imb ON letter (imb) WHERE imb <> '';

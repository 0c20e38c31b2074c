-- Backups, ledgers that were set back, and rehearsals.

-- Whether time and chance may be simulated. What a rehearsal records, no other site goes on with, nor the other way round.
ALTER TABLE site ADD COLUMN rehearsal INTEGER NOT NULL DEFAULT 0
    CHECK (rehearsal IN (0, 1) AND (rehearsal = 0 OR environment = 'test'));

-- Backups that were made of this ledger and found good. It changes no state, so the audit log does not know of it.
CREATE TABLE backup (
    id       INTEGER PRIMARY KEY,
    made_at  TEXT NOT NULL,
    path     TEXT NOT NULL,
    sha256   TEXT NOT NULL CHECK (length(sha256) = 64),
    entries  INTEGER NOT NULL CHECK (entries >= 0)       -- of the audit log that it holds
) STRICT;

-- A person's word that a newer ledger is lost for good. The head that was kept outside is the last that is known of it.
CREATE TABLE loss (
    id            INTEGER PRIMARY KEY,
    accepted_at   TEXT NOT NULL,
    accepted_by   TEXT NOT NULL CHECK (trim(accepted_by) <> ''),
    reason        TEXT NOT NULL CHECK (trim(reason) <> ''),
    entries       INTEGER NOT NULL CHECK (entries >= 0), -- of the audit log that was left
    outside_size  INTEGER,
    outside_root  TEXT,
    CHECK ((outside_size IS NULL) = (outside_root IS NULL))
) STRICT;

CREATE TRIGGER loss_is_never_changed BEFORE UPDATE ON loss
BEGIN SELECT RAISE(ABORT, 'a loss is kept as it was accepted'); END;
CREATE TRIGGER loss_is_never_deleted BEFORE DELETE ON loss
BEGIN SELECT RAISE(ABORT, 'a loss is kept as it was accepted'); END;

-- Numbers of packages that a vendor may have and of which nothing is known here: none is used again.
CREATE TABLE lost_number (
    vendor   TEXT NOT NULL,
    number   INTEGER NOT NULL CHECK (number >= 1),
    loss_id  INTEGER NOT NULL REFERENCES loss (id),
    PRIMARY KEY (vendor, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER batch_has_no_lost_number BEFORE INSERT ON batch
WHEN EXISTS (SELECT 1 FROM lost_number WHERE lost_number.vendor = NEW.vendor AND lost_number.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'a package that is lost to the ledger has this number'); END;

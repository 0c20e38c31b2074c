-- Terms of files: what is kept for a term only, and the vendors' word that a package was destroyed.

-- Files that are kept for a term, or were. `path` is absolute for files that people or `ledger backup` named, and a name in
-- the site's own folder of that kind otherwise. `of_sha256` is the digest of what the file belongs to: a signature's
-- receipt, a control file's import, an intake copy's ledger copy; for all others it is the file's own.
CREATE TABLE kept_file (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('import', 'quarantine', 'receipt', 'certificate', 'backup')),
    path          TEXT NOT NULL CHECK (path <> ''),
    sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
    of_sha256     TEXT NOT NULL CHECK (length(of_sha256) = 64),
    kept_at       TEXT NOT NULL,
    removed_at    TEXT,
    left_at       TEXT,                                -- it is no business of ours any more; why, a person was told once
    left_because  TEXT,
    CHECK (removed_at IS NULL OR left_at IS NULL),
    CHECK ((left_at IS NULL) = (left_because IS NULL))
) STRICT;

-- One file lies under one name.
CREATE UNIQUE INDEX one_kept_file_a_path ON kept_file (kind, path) WHERE removed_at IS NULL AND left_at IS NULL;
CREATE INDEX kept_file_by_term ON kept_file (kind, kept_at) WHERE removed_at IS NULL AND left_at IS NULL;
CREATE INDEX kept_file_by_digest ON kept_file (sha256);

CREATE TRIGGER kept_file_is_never_deleted BEFORE DELETE ON kept_file
BEGIN SELECT RAISE(ABORT, 'what was kept stays on record'); END;
CREATE TRIGGER kept_file_that_is_gone_is_over BEFORE UPDATE ON kept_file
WHEN OLD.removed_at IS NOT NULL OR OLD.left_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a file whose term is over stays so'); END;

INSERT INTO kept_file (kind, path, sha256, of_sha256, kept_at)
SELECT 'backup', path, sha256, sha256, made_at FROM backup AS newest
WHERE id = (SELECT max(id) FROM backup WHERE backup.path = newest.path);

-- The last row of the portal's table that a portion took, and when its rows were deleted there. Of portions from before,
-- the last one of which something is known: rows behind it go with the next portion.
ALTER TABLE intake_file ADD COLUMN last_row INTEGER;
ALTER TABLE intake_file ADD COLUMN rows_removed_at TEXT CHECK (rows_removed_at IS NULL OR last_row IS NOT NULL);
UPDATE intake_file SET last_row = (
    SELECT max(line) FROM (
        SELECT max(intake_line) AS line FROM request WHERE request.intake_file_id = intake_file.id
        UNION ALL SELECT max(line) FROM quarantined_row WHERE quarantined_row.intake_file_id = intake_file.id))
WHERE name = 'mail_requests' AND refused_because IS NULL;
CREATE INDEX intake_file_by_last_row ON intake_file (last_row) WHERE last_row IS NOT NULL;
CREATE INDEX intake_file_by_digest ON intake_file (sha256);

-- The day by which the job ticket asks the vendor to have destroyed its copies; NULL for packages from before. When a person
-- was told that its certificate has not come.
ALTER TABLE batch ADD COLUMN purge_by_on TEXT CHECK (purge_by_on IS NULL OR mail_by_on IS NOT NULL);
ALTER TABLE batch ADD COLUMN purge_told_at TEXT;

-- A vendor's certificates of destruction. One may cover many packages.
CREATE TABLE purge_certificate (
    id                INTEGER PRIMARY KEY,
    vendor            TEXT NOT NULL,
    file_name         TEXT NOT NULL,                   -- as the vendor named it
    sha256            TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    signature_sha256  TEXT NOT NULL,                   -- empty where it was not signed
    signed_by         TEXT,                            -- a fingerprint
    recorded_by       TEXT NOT NULL CHECK (trim(recorded_by) <> ''),
    recorded_at       TEXT NOT NULL,
    CHECK ((signature_sha256 = '') = (signed_by IS NULL))
) STRICT;

CREATE TABLE package_purge (
    batch_id        INTEGER PRIMARY KEY REFERENCES batch (id),
    certificate_id  INTEGER NOT NULL REFERENCES purge_certificate (id),
    purged_on       TEXT NOT NULL
) STRICT;

CREATE TRIGGER purge_certificate_is_never_changed BEFORE UPDATE ON purge_certificate
BEGIN SELECT RAISE(ABORT, 'a certificate is kept as it was recorded'); END;
CREATE TRIGGER purge_certificate_is_never_deleted BEFORE DELETE ON purge_certificate
BEGIN SELECT RAISE(ABORT, 'a certificate is kept as it was recorded'); END;
CREATE TRIGGER package_purge_is_never_changed BEFORE UPDATE ON package_purge
BEGIN SELECT RAISE(ABORT, 'a certificate is kept as it was recorded'); END;
CREATE TRIGGER package_purge_is_never_deleted BEFORE DELETE ON package_purge
BEGIN SELECT RAISE(ABORT, 'a certificate is kept as it was recorded'); END;

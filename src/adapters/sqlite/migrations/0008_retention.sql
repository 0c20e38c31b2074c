-- What is kept for a term only: sealed packages leave the spool some time after they were closed.
ALTER TABLE batch ADD COLUMN spool_removed_at TEXT
    CHECK (spool_removed_at IS NULL OR (closed_at IS NOT NULL AND spool_object IS NOT NULL));

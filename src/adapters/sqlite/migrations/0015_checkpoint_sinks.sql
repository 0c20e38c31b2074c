-- How far each sink of checkpoints is. It changes no state of letters, so the audit log does not know of it: an entry for each
-- checkpoint that was sent would make another checkpoint.
CREATE TABLE checkpoint_sink (
    code        TEXT PRIMARY KEY CHECK (code <> ''),
    has_size    INTEGER CHECK (has_size >= 0),           -- entries that the newest checkpoint covers which it has had
    had_at      TEXT,
    tried_at    TEXT NOT NULL,
    failure     TEXT,                                    -- why it did not take the last that it was given
    CHECK ((has_size IS NULL) = (had_at IS NULL)),
    CHECK (has_size IS NOT NULL OR failure IS NOT NULL)
) STRICT;

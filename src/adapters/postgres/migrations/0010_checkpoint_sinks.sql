-- How far each sink of checkpoints is.

SET search_path = letterpost, pg_temp;

CREATE TABLE checkpoint_sink (
    code      TEXT PRIMARY KEY CHECK (code <> ''),
    has_size  BIGINT CHECK (has_size >= 0),             -- entries that the newest checkpoint covers which it has had
    had_at    TIMESTAMPTZ,
    tried_at  TIMESTAMPTZ NOT NULL,
    failure   TEXT,                                     -- why it did not take the last that it was given
    CHECK ((has_size IS NULL) = (had_at IS NULL)),
    CHECK (has_size IS NOT NULL OR failure IS NOT NULL)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON checkpoint_sink TO letterpost_operator;
GRANT SELECT ON checkpoint_sink TO letterpost_auditor;

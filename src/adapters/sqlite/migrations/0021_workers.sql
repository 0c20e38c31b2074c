-- The production that workers join. On SQLite nobody joins one: there it is the record of when letters were made and by whom.

CREATE TABLE production (
    owner        TEXT PRIMARY KEY,
    joined       TEXT REFERENCES production (owner),   -- who leads it, where this is a worker's part of it
    run_id       INTEGER REFERENCES run (id),
    next_run_at  TEXT,                                 -- when the next run comes, if one is scheduled
    likeness     TEXT NOT NULL,                        -- JSON: what must be the same with whoever joins, as digests
    began_at     TEXT NOT NULL,
    ended_at     TEXT
) STRICT;

CREATE INDEX production_that_is_open ON production (began_at) WHERE ended_at IS NULL;
CREATE INDEX production_by_leader ON production (joined) WHERE joined IS NOT NULL;
CREATE INDEX batch_that_is_claimed ON batch (id) WHERE status = 'claimed';

CREATE TRIGGER production_that_ended_is_over BEFORE UPDATE ON production WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a production that ended is over'); END;
CREATE TRIGGER production_is_never_deleted BEFORE DELETE ON production
BEGIN SELECT RAISE(ABORT, 'a production stays on record'); END;

-- Locks that a session holds, and the production that workers join. A lock goes with its session: when the process ends, when
-- the connection breaks, when the server restarts. No clock says that somebody is gone.

SET search_path = letterpost, pg_temp;

-- Whether a session holds the lock of this name, by the number that PostgreSQL knows it under. Volatile: each call looks anew.
CREATE FUNCTION is_locked(name TEXT) RETURNS BOOLEAN LANGUAGE sql VOLATILE SET search_path = letterpost, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM pg_locks, (SELECT hashtextextended('letterpost lock ' || name, 0) AS number) AS lock
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = CAST((number >> 32) & 4294967295 AS OID) AND objid = CAST(number & 4294967295 AS OID))
$$;

-- As before; and who works under a lock writes nothing more when it is lost. `letterpost.works_under` names it, and is set on
-- the connections of whoever took it.
CREATE OR REPLACE FUNCTION one_at_a_time(name TEXT) RETURNS VOID LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
DECLARE
    lock TEXT := coalesce(current_setting('letterpost.works_under', TRUE), '');
BEGIN
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION 'this is recorded under READ COMMITTED or SERIALIZABLE' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('letterpost ' || name, 0));
    IF lock <> '' AND NOT is_locked(lock) THEN
        RAISE EXCEPTION 'the session that held its lock was lost, and somebody else may be at work; nothing more was done'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;

-- A production that was judged by the brakes and began: workers join the one that is open. It is open until it is ended or its
-- owner's session is gone.
CREATE TABLE production (
    owner        TEXT PRIMARY KEY,
    joined       TEXT REFERENCES production (owner),   -- who leads it, where this is a worker's part of it
    run_id       BIGINT REFERENCES run (id),
    next_run_at  TIMESTAMPTZ,                          -- when the next run comes, if one is scheduled
    likeness     TEXT NOT NULL,                        -- JSON: what must be the same with whoever joins, as digests
    began_at     TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ
);

CREATE INDEX production_that_is_open ON production (began_at) WHERE ended_at IS NULL;
CREATE INDEX production_by_leader ON production (joined) WHERE joined IS NOT NULL;
CREATE INDEX batch_that_is_claimed ON batch (id) WHERE status = 'claimed';

CREATE TRIGGER production_that_ended_is_over BEFORE UPDATE ON production
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL)
    EXECUTE FUNCTION refuse('a production that ended is over');
CREATE TRIGGER production_is_never_deleted BEFORE DELETE ON production
    FOR EACH ROW EXECUTE FUNCTION refuse('a production stays on record');
CREATE TRIGGER production_is_never_emptied BEFORE TRUNCATE ON production
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a production stays on record');

GRANT EXECUTE ON FUNCTION is_locked(TEXT) TO letterpost_operator;
GRANT SELECT, INSERT ON production TO letterpost_operator;
GRANT UPDATE (ended_at) ON production TO letterpost_operator;
-- `likeness` has a digest that is made with the pepper: it is for whoever works the ledger alone.
GRANT SELECT (owner, joined, run_id, next_run_at, began_at, ended_at) ON production TO letterpost_auditor;

-- Many rows with one statement: the audit log's rules are kept once a statement, and what an entry is about is read from its
-- bytes once.

SET search_path = letterpost, pg_temp;

-- What an entry is about ----------------------------------------------------------------------------------------

-- Six generated columns were six readings of the same bytes. Whatever a statement says of these columns, the bytes count.
ALTER TABLE audit_entry
    ALTER COLUMN at DROP EXPRESSION,
    ALTER COLUMN kind DROP EXPRESSION,
    ALTER COLUMN letter DROP EXPRESSION,
    ALTER COLUMN package DROP EXPRESSION,
    ALTER COLUMN reference DROP EXPRESSION,
    ALTER COLUMN sha256 DROP EXPRESSION;

CREATE FUNCTION audit_entry_is_about_what_its_bytes_say() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
DECLARE
    told CONSTANT JSONB := entry_json(NEW.entry);
BEGIN
    NEW.at := told ->> 'at';
    NEW.kind := told ->> 'kind';
    NEW.letter := told -> 'data' ->> 'letter';
    NEW.package := told -> 'data' ->> 'package';
    NEW.reference := told -> 'data' ->> 'reference';
    NEW.sha256 := told -> 'data' ->> 'sha256';
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_is_about_what_its_bytes_say BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_about_what_its_bytes_say();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_is_about_what_its_bytes_say;

-- The audit log only grows --------------------------------------------------------------------------------------

-- A place that is taken is refused by its key.
DROP TRIGGER audit_entry_takes_the_next_place ON audit_entry;
CREATE OR REPLACE FUNCTION audit_entry_takes_the_next_place() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
DECLARE
    first_place BIGINT;
    last_place BIGINT;
    entries BIGINT;
BEGIN
    SELECT min(seq), max(seq), count(*) INTO first_place, last_place, entries FROM added_entry;
    IF entries > 0 AND (last_place - first_place + 1 <> entries
        OR first_place <> (SELECT coalesce(max(seq) + 1, 0) FROM audit_entry WHERE seq < first_place)
        OR EXISTS (SELECT 1 FROM audit_entry WHERE seq > last_place)) THEN
        RAISE EXCEPTION 'the audit log only grows, one entry after another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_takes_the_next_place AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS added_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_takes_the_next_place();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_takes_the_next_place;

-- The entries of a brake are written by a clock that may be wrong and do not count.
DROP TRIGGER audit_entry_moves_the_clock_mark ON audit_entry;
CREATE OR REPLACE FUNCTION audit_entry_moves_the_clock_mark() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
DECLARE
    latest CONSTANT TIMESTAMPTZ := (SELECT max(at::TIMESTAMPTZ) FROM added_entry WHERE kind NOT LIKE 'brake.%');
BEGIN
    UPDATE clock_mark SET recorded_at = latest WHERE recorded_at IS NULL OR recorded_at < latest;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_moves_the_clock_mark AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS added_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_moves_the_clock_mark();

-- Packages and receipts -----------------------------------------------------------------------------------------

-- Claims take the first requests that wait, however many were answered before.
CREATE INDEX request_that_waits ON request (id) WHERE status = 'pending';

-- A line that cannot be read has no day.
ALTER TABLE receipt_line ALTER COLUMN event_on DROP NOT NULL;

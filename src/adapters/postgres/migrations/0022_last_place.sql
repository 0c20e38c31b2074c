-- Whether a place is the last one is asked of the end of the key. Asked whether there is any after it, the server reads the whole log:
-- it takes a third of all places for later ones, and there is none.
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
        OR last_place <> (SELECT max(seq) FROM audit_entry)) THEN
        RAISE EXCEPTION 'the audit log only grows, one entry after another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

-- The audit log: heads are signed, perfect subtrees are kept, and entries are found by what they are about.

SET search_path = letterpost, pg_temp;

ALTER TABLE audit_head ADD COLUMN note TEXT;

CREATE TABLE audit_subtree (
    level  BIGINT NOT NULL CHECK (level BETWEEN 1 AND 7),
    idx    BIGINT NOT NULL CHECK (idx >= 0),
    hash   BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, idx)
);

CREATE FUNCTION audit_subtree_takes_the_next_place() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM audit_subtree WHERE level = NEW.level) THEN
        RAISE EXCEPTION 'the subtrees of the audit log only grow, one after another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_subtree_takes_the_next_place BEFORE INSERT ON audit_subtree
    FOR EACH ROW EXECUTE FUNCTION audit_subtree_takes_the_next_place();
CREATE TRIGGER audit_subtree_is_never_changed BEFORE UPDATE ON audit_subtree
    FOR EACH ROW EXECUTE FUNCTION refuse('a subtree of the audit log is never changed');
CREATE TRIGGER audit_subtree_is_never_deleted BEFORE DELETE ON audit_subtree
    FOR EACH ROW EXECUTE FUNCTION refuse('a subtree of the audit log is never deleted');
CREATE TRIGGER audit_subtree_is_never_emptied BEFORE TRUNCATE ON audit_subtree
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a subtree of the audit log is never deleted');
ALTER TABLE audit_subtree ENABLE ALWAYS TRIGGER audit_subtree_takes_the_next_place;
ALTER TABLE audit_subtree ENABLE ALWAYS TRIGGER audit_subtree_is_never_changed;
ALTER TABLE audit_subtree ENABLE ALWAYS TRIGGER audit_subtree_is_never_deleted;
ALTER TABLE audit_subtree ENABLE ALWAYS TRIGGER audit_subtree_is_never_emptied;

-- What an entry is about, read from its own bytes; NULL in what is no entry of ours.
ALTER TABLE audit_entry
    ADD COLUMN at TEXT GENERATED ALWAYS AS (entry_json(entry) ->> 'at') STORED,
    ADD COLUMN kind TEXT GENERATED ALWAYS AS (entry_json(entry) ->> 'kind') STORED,
    ADD COLUMN letter TEXT GENERATED ALWAYS AS (entry_json(entry) -> 'data' ->> 'letter') STORED,
    ADD COLUMN package TEXT GENERATED ALWAYS AS (entry_json(entry) -> 'data' ->> 'package') STORED,
    ADD COLUMN reference TEXT GENERATED ALWAYS AS (entry_json(entry) -> 'data' ->> 'reference') STORED,
    ADD COLUMN sha256 TEXT GENERATED ALWAYS AS (entry_json(entry) -> 'data' ->> 'sha256') STORED;

DROP INDEX audit_entry_by_kind;
DROP INDEX audit_entry_by_letter;
DROP INDEX audit_entry_by_instant;
CREATE INDEX audit_entry_by_instant ON audit_entry (at);
CREATE INDEX audit_entry_by_letter ON audit_entry (letter) WHERE letter IS NOT NULL;
CREATE INDEX audit_entry_by_package ON audit_entry (package) WHERE package IS NOT NULL AND letter IS NULL;
CREATE INDEX audit_entry_by_reference ON audit_entry (reference) WHERE reference IS NOT NULL AND letter IS NULL;
CREATE INDEX audit_entry_by_intake_file ON audit_entry (sha256) WHERE kind = 'intake.taken';
CREATE INDEX audit_entry_of_log_keys ON audit_entry (kind) WHERE kind = 'log.key_rotated';

REVOKE INSERT ON audit_subtree FROM letterpost_migrator;
GRANT SELECT, INSERT ON audit_subtree TO letterpost_operator;
GRANT SELECT ON audit_subtree TO letterpost_auditor;

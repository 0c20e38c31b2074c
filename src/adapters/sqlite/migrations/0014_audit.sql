-- The audit log: heads are signed, perfect subtrees are kept, and entries are found by what they are about.

-- The signed checkpoint of a head, as the C2SP specifications write it; heads from before have none.
ALTER TABLE audit_head ADD COLUMN note TEXT;

-- Roots of perfect subtrees: number `idx` (from 0) of level 1 covers 256 entries, of level 2 65,536, and so on. They follow
-- from the entries; with them a proof reads a few hundred hashes, however long the log is.
CREATE TABLE audit_subtree (
    level  INTEGER NOT NULL CHECK (level BETWEEN 1 AND 7),
    idx    INTEGER NOT NULL CHECK (idx >= 0),
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_subtree_takes_the_next_place BEFORE INSERT ON audit_subtree
WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM audit_subtree WHERE level = NEW.level)
BEGIN SELECT RAISE(ABORT, 'the subtrees of the audit log only grow, one after another'); END;
CREATE TRIGGER audit_subtree_is_never_changed BEFORE UPDATE ON audit_subtree
BEGIN SELECT RAISE(ABORT, 'a subtree of the audit log is never changed'); END;
CREATE TRIGGER audit_subtree_is_never_deleted BEFORE DELETE ON audit_subtree
BEGIN SELECT RAISE(ABORT, 'a subtree of the audit log is never deleted'); END;

-- What an entry is about, read from its own bytes; NULL in what is no entry of ours.
ALTER TABLE audit_entry ADD COLUMN at TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.at') END) VIRTUAL;
ALTER TABLE audit_entry ADD COLUMN kind TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.kind') END) VIRTUAL;
ALTER TABLE audit_entry ADD COLUMN letter TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.data.letter') END) VIRTUAL;
ALTER TABLE audit_entry ADD COLUMN package TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.data.package') END) VIRTUAL;
ALTER TABLE audit_entry ADD COLUMN reference TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.data.reference') END) VIRTUAL;
ALTER TABLE audit_entry ADD COLUMN sha256 TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(CAST(entry AS TEXT)) THEN json_extract(CAST(entry AS TEXT), '$.data.sha256') END) VIRTUAL;

CREATE INDEX audit_entry_by_instant ON audit_entry (at);
CREATE INDEX audit_entry_by_letter ON audit_entry (letter) WHERE letter IS NOT NULL;
-- A package has thousands of letters, each with entries of its own: here are those of the package itself.
CREATE INDEX audit_entry_by_package ON audit_entry (package) WHERE package IS NOT NULL AND letter IS NULL;
CREATE INDEX audit_entry_by_reference ON audit_entry (reference) WHERE reference IS NOT NULL AND letter IS NULL;
CREATE INDEX audit_entry_by_intake_file ON audit_entry (sha256) WHERE kind = 'intake.taken';
CREATE INDEX audit_entry_of_log_keys ON audit_entry (kind) WHERE kind = 'log.key_rotated';

-- Forgetting people: rows that were erased, and letters that a legal hold keeps from it.

-- Erased rows ---------------------------------------------------------------------------------------------------

-- A row that was erased has nothing left that tells who it was about: no name, address or account, and no digest of one,
-- since what few people can have is found by trying. What stays says what was done with which piece, and when.
ALTER TABLE request ADD COLUMN erased_at TEXT CHECK (erased_at IS NULL OR (
    status IN ('lettered', 'withdrawn', 'routed')
    AND username = '' AND full_name = '' AND address_line_1 = '' AND address_line_2 = '' AND city = '' AND state = ''
    AND postal_code = '' AND content_sha256 = '' AND address_sha256 IS NULL AND (reason IS NULL OR reason = 'erased')));
-- Of the barcode the 20 digits of the tracking code stay; the rest is the address.
ALTER TABLE letter ADD COLUMN erased_at TEXT CHECK (erased_at IS NULL OR (
    ended_on IS NOT NULL AND username = '' AND verifier IS NULL AND length(imb) IN (0, 20)));
-- Why a row or a file was refused may quote it, and a row that was written wrongly may have anything as its reference.
ALTER TABLE quarantined_row ADD COLUMN erased_at TEXT CHECK (erased_at IS NULL OR (
    reference IS NULL AND problems = '[]'));
ALTER TABLE intake_file ADD COLUMN erased_at TEXT CHECK (erased_at IS NULL OR refused_because = 'erased');
-- What a stage said may quote what a person, a portal or a vendor wrote; its counts and our own words stay.
ALTER TABLE run_stage ADD COLUMN erased_at TEXT CHECK (erased_at IS NULL OR finished_at IS NOT NULL);

CREATE INDEX request_to_erase ON request (id) WHERE erased_at IS NULL;
CREATE INDEX quarantined_row_to_erase ON quarantined_row (intake_file_id, line) WHERE erased_at IS NULL;
CREATE INDEX run_stage_to_erase ON run_stage (finished_at) WHERE erased_at IS NULL;

CREATE TRIGGER request_that_was_erased_stays_so BEFORE UPDATE ON request
WHEN OLD.erased_at IS NOT NULL AND NEW.erased_at IS NOT OLD.erased_at
BEGIN SELECT RAISE(ABORT, 'a request that was erased stays so'); END;
CREATE TRIGGER letter_that_was_erased_stays_so BEFORE UPDATE ON letter
WHEN OLD.erased_at IS NOT NULL AND NEW.erased_at IS NOT OLD.erased_at
BEGIN SELECT RAISE(ABORT, 'a letter that was erased stays so'); END;

-- Since when the ledger's files may still have what was erased from its tables: until they are written anew.
CREATE TABLE erasure_residue (
    only_one  INTEGER PRIMARY KEY CHECK (only_one = 1),
    since     TEXT NOT NULL
) STRICT;

-- Legal hold ----------------------------------------------------------------------------------------------------

CREATE TABLE legal_hold (
    id           INTEGER PRIMARY KEY,
    letter_id    TEXT NOT NULL REFERENCES letter (id),
    reason       TEXT NOT NULL CHECK (trim(reason) <> ''),
    placed_by    TEXT NOT NULL CHECK (trim(placed_by) <> ''),
    placed_at    TEXT NOT NULL,
    lifted_by    TEXT CHECK (trim(lifted_by) <> ''),
    lifted_at    TEXT,
    lift_reason  TEXT CHECK (trim(lift_reason) <> ''),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CHECK ((lifted_at IS NULL) = (lift_reason IS NULL)),
    CHECK (lifted_at >= placed_at)
) STRICT;

-- A letter is held once at a time; when that was lifted it may be held again.
CREATE UNIQUE INDEX one_legal_hold_a_letter ON legal_hold (letter_id) WHERE lifted_at IS NULL;

CREATE TRIGGER legal_hold_is_lifted_once BEFORE UPDATE ON legal_hold
WHEN OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NEW.id <> OLD.id OR NEW.letter_id <> OLD.letter_id
    OR NEW.reason <> OLD.reason OR NEW.placed_by <> OLD.placed_by OR NEW.placed_at <> OLD.placed_at
BEGIN SELECT RAISE(ABORT, 'a legal hold is kept as it was placed, and lifted once'); END;
CREATE TRIGGER legal_hold_is_never_deleted BEFORE DELETE ON legal_hold
BEGIN SELECT RAISE(ABORT, 'a legal hold is never deleted'); END;
CREATE TRIGGER legal_hold_is_never_replaced BEFORE INSERT ON legal_hold
WHEN EXISTS (SELECT 1 FROM legal_hold AS earlier WHERE earlier.id = NEW.id
             OR (earlier.letter_id = NEW.letter_id AND earlier.lifted_at IS NULL AND NEW.lifted_at IS NULL))
BEGIN SELECT RAISE(ABORT, 'a legal hold is never replaced'); END;

-- Every letter that a hold keeps: the one that was named, the others of its request, those that it replaced, and those that
-- replaced it.
CREATE VIEW letter_on_legal_hold AS
WITH RECURSIVE kept (letter_id) AS (
    SELECT letter_id FROM legal_hold WHERE lifted_at IS NULL
    UNION
    SELECT other.id FROM kept JOIN letter AS own ON own.id = kept.letter_id
    JOIN letter AS other ON other.request_id = own.request_id OR other.replaces = own.id OR other.id = own.replaces
)
SELECT letter_id FROM kept;

-- Read-only views for others ------------------------------------------------------------------------------------

DROP VIEW temporary_passwords;
CREATE VIEW temporary_passwords AS
SELECT username, id AS letter_id, usable_at, use_by_on, expires_on, password_status AS status
FROM letter WHERE erased_at IS NULL;

DROP VIEW letter_status;
CREATE VIEW letter_status AS
SELECT request.reference,
       coalesce(letter.status, request.status) AS stage,
       coalesce(letter.status_at, request.status_at) AS since,
       CASE
           WHEN request.erased_at IS NOT NULL THEN 'over, and forgotten whose it was; ask again if you need a letter'
           WHEN request.cancelled_at IS NOT NULL THEN 'cancelled; this letter will not be used'
           WHEN letter.status IN ('sealed', 'delivered', 'accepted', 'printed', 'mailed')
               AND letter.password_status <> 'revoked'
               THEN 'expected ' || letter.expected_from || ' to ' || letter.expected_to
           WHEN letter.decide_by_on IS NOT NULL THEN 'a person decides by ' || letter.decide_by_on
           WHEN letter.status = 'returned' THEN 'it came back from that address; ask again with another one'
           WHEN letter.status IS NOT NULL THEN 'this letter will not be used; ask again if you need one'
           WHEN request.status IN ('pending', 'claimed') THEN 'goes into the next package'
           WHEN request.status = 'held' THEN 'a person decides by ' || request.act_by_on
           WHEN request.joined_to IS NOT NULL THEN 'served by request ' || request.joined_to
           WHEN request.replaced_by IS NOT NULL THEN 'replaced by request ' || request.replaced_by
           ELSE request.reason
       END AS next
FROM request
LEFT JOIN letter ON letter.request_id = request.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL;

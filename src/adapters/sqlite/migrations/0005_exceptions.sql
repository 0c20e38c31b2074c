-- The exceptions that a person handles: letters made anew, returned, corrected and pulled; packages and requests held.

-- Requests ------------------------------------------------------------------------------------------------------

-- Since when a person should look: it stays when a newer request takes a held one's place.
ALTER TABLE request ADD COLUMN held_at TEXT;
UPDATE request SET held_at = status_at WHERE status = 'held';
-- A request whose letter was made already stays lettered when it is cancelled; this says that it was.
ALTER TABLE request ADD COLUMN cancelled_at TEXT CHECK (cancelled_at IS NULL OR reason IS NOT NULL);

-- Letters -------------------------------------------------------------------------------------------------------

-- A letter whose request waits for another one, and why.
ALTER TABLE letter ADD COLUMN reissued_at TEXT;
ALTER TABLE letter ADD COLUMN reissue_reason TEXT CHECK ((reissue_reason IS NULL) = (reissued_at IS NULL));
-- A letter that will not come and that no rule makes anew: the day by which a person decides.
ALTER TABLE letter ADD COLUMN decide_by_on TEXT;

-- One request has one letter, unless that letter's package was withdrawn or the letter was made anew.
DROP INDEX one_letter_a_request;
CREATE UNIQUE INDEX one_letter_a_request ON letter (request_id) WHERE status <> 'voided' AND reissued_at IS NULL;
CREATE INDEX letter_by_request ON letter (request_id);
CREATE INDEX letter_by_replaced ON letter (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX letter_that_may_not_come ON letter (status)
    WHERE reissued_at IS NULL AND status IN ('delivered', 'accepted', 'printed', 'rejected', 'spoiled');

-- A person's word against a vendor's about the day of mailing: both are kept.
CREATE TABLE letter_correction (
    id             INTEGER PRIMARY KEY,
    letter_id      TEXT NOT NULL REFERENCES letter (id),
    old_mailed_on  TEXT NOT NULL,
    new_mailed_on  TEXT NOT NULL,
    reason         TEXT NOT NULL,
    asked_by       TEXT NOT NULL CHECK (trim(asked_by) <> ''),
    asked_at       TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('waiting', 'made', 'dropped')),
    settled_by     TEXT,                               -- the second person, where there was one
    settled_at     TEXT,
    CHECK (old_mailed_on <> new_mailed_on),
    CHECK ((status = 'waiting') = (settled_at IS NULL)),
    CHECK (status <> 'made' OR settled_by IS NULL OR lower(trim(settled_by)) <> lower(trim(asked_by)))
) STRICT;

CREATE UNIQUE INDEX one_waiting_correction_a_letter ON letter_correction (letter_id) WHERE status = 'waiting';
CREATE INDEX letter_correction_by_letter ON letter_correction (letter_id);

CREATE TRIGGER letter_correction_is_settled_once BEFORE UPDATE ON letter_correction
WHEN OLD.status <> 'waiting' OR NEW.letter_id <> OLD.letter_id OR NEW.old_mailed_on <> OLD.old_mailed_on
    OR NEW.new_mailed_on <> OLD.new_mailed_on OR NEW.asked_by <> OLD.asked_by
BEGIN SELECT RAISE(ABORT, 'a correction is kept as it was made'); END;
CREATE TRIGGER letter_correction_is_never_deleted BEFORE DELETE ON letter_correction
BEGIN SELECT RAISE(ABORT, 'a correction is kept as it was made'); END;

-- Packages ------------------------------------------------------------------------------------------------------

-- A package that a person holds before any vendor was offered it.
ALTER TABLE batch ADD COLUMN hold_reason TEXT CHECK (hold_reason IS NULL OR offered_at IS NULL);
ALTER TABLE batch ADD COLUMN held_at TEXT CHECK ((held_at IS NULL) = (hold_reason IS NULL));
ALTER TABLE batch ADD COLUMN held_by TEXT CHECK ((held_by IS NULL) = (hold_reason IS NULL));
ALTER TABLE batch ADD COLUMN act_by_on TEXT CHECK ((act_by_on IS NULL) = (hold_reason IS NULL));

-- Orders to a vendor to take letters out of a package. The sealed bytes are kept, so that an order that is sent again
-- is the same file.
CREATE TABLE pull_order (
    id          INTEGER PRIMARY KEY,
    batch_id    INTEGER NOT NULL REFERENCES batch (id),
    number      INTEGER NOT NULL CHECK (number >= 1),
    reason      TEXT NOT NULL,
    ordered_by  TEXT NOT NULL CHECK (trim(ordered_by) <> ''),
    made_at     TEXT NOT NULL,
    sealed      BLOB NOT NULL,
    sent_at     TEXT,
    UNIQUE (batch_id, number)
) STRICT;

CREATE TABLE pulled_letter (
    letter_id      TEXT PRIMARY KEY REFERENCES letter (id),
    pull_order_id  INTEGER NOT NULL REFERENCES pull_order (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX pulled_letter_by_order ON pulled_letter (pull_order_id);

CREATE TRIGGER pull_order_takes_the_next_number BEFORE INSERT ON pull_order
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM pull_order WHERE batch_id = NEW.batch_id)
BEGIN SELECT RAISE(ABORT, 'pull orders are numbered from 1 without gaps'); END;
CREATE TRIGGER pull_order_is_never_changed BEFORE UPDATE ON pull_order
WHEN OLD.sent_at IS NOT NULL OR NEW.batch_id <> OLD.batch_id OR NEW.number <> OLD.number OR NEW.sealed <> OLD.sealed
BEGIN SELECT RAISE(ABORT, 'a pull order is never changed'); END;
CREATE TRIGGER pull_order_is_never_deleted BEFORE DELETE ON pull_order
BEGIN SELECT RAISE(ABORT, 'a pull order is never deleted'); END;

-- A release that one person asked for, where a second one confirms it.
CREATE TABLE release_ask (
    id            INTEGER PRIMARY KEY,
    request_id    INTEGER REFERENCES request (id),
    batch_id      INTEGER REFERENCES batch (id),
    reason        TEXT NOT NULL,
    asked_by      TEXT NOT NULL CHECK (trim(asked_by) <> ''),
    asked_at      TEXT NOT NULL,
    confirmed_by  TEXT CHECK (lower(trim(confirmed_by)) <> lower(trim(asked_by))),
    confirmed_at  TEXT,
    CHECK ((request_id IS NULL) <> (batch_id IS NULL)),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
) STRICT;

CREATE INDEX release_ask_by_request ON release_ask (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX release_ask_by_batch ON release_ask (batch_id) WHERE batch_id IS NOT NULL;

-- What the portal should tell a person --------------------------------------------------------------------------

DROP VIEW notices;
ALTER TABLE notice RENAME TO earlier_notice;
CREATE TABLE notice (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('minted', 'mailed', 'held', 'joined', 'redeemed', 'locked',
        'returned', 'reissued', 'withdrawn', 'cancelled', 'ended')),
    reference  TEXT NOT NULL,
    letter_id  TEXT,
    detail     TEXT NOT NULL
) STRICT;
INSERT INTO notice SELECT id, at, kind, reference, letter_id, detail FROM earlier_notice;
DROP TABLE earlier_notice;
CREATE VIEW notices AS SELECT id, at, kind, reference, letter_id, detail FROM notice;

DROP VIEW letter_status;
CREATE VIEW letter_status AS
SELECT request.reference,
       coalesce(letter.status, request.status) AS stage,
       coalesce(letter.status_at, request.status_at) AS since,
       CASE
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

-- `reported_on` is the day of mailing that the vendor gave, where a person corrected it.
DROP VIEW dispatch_records;
CREATE VIEW dispatch_records AS
SELECT letter.id AS letter_id, request.reference, batch.vendor, batch.name AS package,
       batch.sha256 AS package_sha256, letter.sequence, letter.sheets, letter.template_version, batch.delivered_at,
       letter.dispatched_on, receipt_file.file_name AS receipt_file, receipt_file.sha256 AS receipt_sha256,
       letter.mailed_line AS receipt_line, letter.expected_from, letter.expected_to, letter.use_by_on,
       letter.expires_on, letter.ended_on, letter.end_reason, letter.replaces,
       (SELECT newer.id FROM letter AS newer WHERE newer.replaces = letter.id
            ORDER BY newer.status = 'voided', newer.rowid DESC LIMIT 1) AS replaced_by,
       batch.run_id AS run, letter.mailed_seq AS audit_seq,
       (SELECT old_mailed_on FROM letter_correction AS first WHERE first.letter_id = letter.id
            AND first.status = 'made' ORDER BY first.id LIMIT 1) AS reported_on
FROM letter
JOIN request ON request.id = letter.request_id
JOIN batch ON batch.id = letter.batch_id
LEFT JOIN receipt_file ON receipt_file.id = letter.mailed_file_id;

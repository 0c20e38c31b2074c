-- The ledger. Instants are text in UTC with whole seconds ("2026-12-01T22:30:00Z"), dates are text ("2026-12-01"),
-- so both sort as they fall. What the rules forbid, a constraint makes impossible wherever one can.

CREATE TABLE site (
    only_one     INTEGER PRIMARY KEY CHECK (only_one = 1),
    code         TEXT NOT NULL,
    environment  TEXT NOT NULL CHECK (environment IN ('test', 'live')),
    origin       TEXT NOT NULL,
    made_at      TEXT NOT NULL
) STRICT;

-- Execution -----------------------------------------------------------------------------------------------------

CREATE TABLE run (
    id             INTEGER PRIMARY KEY,
    job            TEXT NOT NULL,
    scheduled_for  TEXT NOT NULL,                      -- local time: "2026-12-01T22:30"
    status         TEXT NOT NULL CHECK (status IN ('running', 'completed')),
    starts         INTEGER NOT NULL CHECK (starts >= 1),
    started_at     TEXT NOT NULL,
    finished_at    TEXT,
    UNIQUE (job, scheduled_for),
    CHECK ((status = 'completed') = (finished_at IS NOT NULL))
) STRICT;

CREATE TABLE run_stage (
    run_id       INTEGER NOT NULL REFERENCES run (id),
    stage        TEXT NOT NULL,
    started_at   TEXT NOT NULL,
    finished_at  TEXT,
    outcome      TEXT,                                 -- JSON, as `report night` shows it
    PRIMARY KEY (run_id, stage)
) STRICT;

-- Intake --------------------------------------------------------------------------------------------------------

CREATE TABLE intake_file (
    id                INTEGER PRIMARY KEY,
    name              TEXT NOT NULL,
    sha256            TEXT NOT NULL,
    taken_at          TEXT NOT NULL,
    refused_because   TEXT,
    rows              INTEGER NOT NULL,
    new_rows          INTEGER NOT NULL,
    repeated_rows     INTEGER NOT NULL,
    routed_rows       INTEGER NOT NULL,
    quarantined_rows  INTEGER NOT NULL,
    CHECK (rows = new_rows + repeated_rows + routed_rows + quarantined_rows)
) STRICT;

CREATE TABLE quarantined_row (
    intake_file_id  INTEGER NOT NULL REFERENCES intake_file (id),
    line            INTEGER NOT NULL,
    reference       TEXT,
    problems        TEXT NOT NULL,                     -- JSON: [{column, problem, remedy}]
    PRIMARY KEY (intake_file_id, line)
) STRICT, WITHOUT ROWID;

-- How far the portal's table `mail_requests` has been read.
CREATE TABLE intake_position (
    source   TEXT PRIMARY KEY,
    last_id  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE request (
    id               INTEGER PRIMARY KEY,
    reference        TEXT NOT NULL UNIQUE,
    content_sha256   TEXT NOT NULL,
    username         TEXT NOT NULL,
    full_name        TEXT NOT NULL,
    address_line_1   TEXT NOT NULL,
    address_line_2   TEXT NOT NULL,
    city             TEXT NOT NULL,
    state            TEXT NOT NULL,
    postal_code      TEXT NOT NULL,
    country          TEXT NOT NULL,
    language         TEXT NOT NULL,
    format           TEXT NOT NULL,
    requested_at     TEXT NOT NULL,
    promised_by_on   TEXT NOT NULL,
    intake_file_id   INTEGER NOT NULL REFERENCES intake_file (id),
    intake_line      INTEGER NOT NULL,
    status           TEXT NOT NULL
        CHECK (status IN ('pending', 'held', 'claimed', 'lettered', 'withdrawn', 'routed')),
    status_at        TEXT NOT NULL,
    reason           TEXT,
    held_by          TEXT CHECK (held_by IN ('rule', 'person')),
    act_by_on        TEXT,
    batch_id         INTEGER REFERENCES batch (id),
    replaced_by      TEXT,                             -- a reference
    joined_to        TEXT,                             -- a reference
    CHECK ((status = 'held') = (held_by IS NOT NULL)),
    CHECK ((status = 'held') = (act_by_on IS NOT NULL)),
    CHECK ((status = 'claimed') <= (batch_id IS NOT NULL)),
    CHECK ((status IN ('held', 'withdrawn', 'routed')) <= (reason IS NOT NULL))
) STRICT;

-- One account has one request on its way to becoming a letter.
CREATE UNIQUE INDEX one_open_request_an_account ON request (username) WHERE status IN ('pending', 'claimed');
CREATE INDEX request_by_account ON request (username);
CREATE INDEX request_by_status ON request (status);
CREATE INDEX request_by_batch ON request (batch_id) WHERE batch_id IS NOT NULL;

-- Packages ------------------------------------------------------------------------------------------------------

CREATE TABLE batch (
    id            INTEGER PRIMARY KEY,
    vendor        TEXT NOT NULL,
    number        INTEGER NOT NULL CHECK (number >= 1),
    name          TEXT NOT NULL UNIQUE,
    format        TEXT NOT NULL,
    status        TEXT NOT NULL
        CHECK (status IN ('claimed', 'sealed', 'delivered', 'accepted', 'refused', 'void')),
    status_at     TEXT NOT NULL,
    owner         TEXT NOT NULL,
    attempt       INTEGER NOT NULL CHECK (attempt >= 1),
    run_id        INTEGER REFERENCES run (id),
    claimed_at    TEXT NOT NULL,
    checkpoint    TEXT NOT NULL,                       -- the head of the audit log when the batch was claimed
    made_at       TEXT,
    mail_on       TEXT,
    mail_by_on    TEXT,
    spool_object  TEXT,
    size_bytes    INTEGER,
    sha256        TEXT,
    letters       INTEGER,
    pages         INTEGER,
    sheets        INTEGER,
    offered_at    TEXT,
    delivered_at  TEXT,
    void_reason   TEXT,
    void_sent_at  TEXT,
    UNIQUE (vendor, number),
    CHECK ((status IN ('sealed', 'delivered', 'accepted', 'refused')) <= (sha256 IS NOT NULL)),
    CHECK ((status IN ('delivered', 'accepted', 'refused')) = (delivered_at IS NOT NULL)),
    CHECK ((delivered_at IS NOT NULL) <= (offered_at IS NOT NULL)),
    CHECK ((status = 'void') = (void_reason IS NOT NULL))
) STRICT;

CREATE TABLE letter (
    id                  TEXT PRIMARY KEY,
    request_id          INTEGER NOT NULL REFERENCES request (id),
    batch_id            INTEGER NOT NULL REFERENCES batch (id),
    sequence            INTEGER NOT NULL CHECK (sequence >= 1),
    username            TEXT NOT NULL,
    language            TEXT NOT NULL,
    format              TEXT NOT NULL,
    outside             INTEGER NOT NULL CHECK (outside IN (0, 1)),   -- outside the contiguous United States
    pages               INTEGER NOT NULL CHECK (pages >= 1),
    sheets              INTEGER NOT NULL CHECK (sheets >= 1),
    sha256              TEXT NOT NULL,
    template_version    TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN
        ('sealed', 'delivered', 'accepted', 'printed', 'mailed', 'voided', 'rejected', 'spoiled', 'pulled', 'returned')),
    status_at           TEXT NOT NULL,
    verifier            TEXT,                          -- destroyed a month after the password's end
    password_status     TEXT NOT NULL CHECK (password_status IN
        ('waiting', 'live', 'locked', 'redeemed', 'expired', 'revoked')),
    password_status_at  TEXT NOT NULL,
    failures            INTEGER NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 100),
    minted_at           TEXT NOT NULL,
    planned_mail_on     TEXT NOT NULL,
    cap_on              TEXT NOT NULL,
    use_by_on           TEXT NOT NULL,
    expires_on          TEXT NOT NULL,
    expected_from       TEXT NOT NULL,
    expected_to         TEXT NOT NULL,
    usable_at           TEXT,
    dispatched_on       TEXT,
    mailed_file_id      INTEGER REFERENCES receipt_file (id),
    mailed_line         INTEGER,
    mailed_seq          INTEGER,                       -- the audit entry that records the dispatch
    ended_on            TEXT,
    end_reason          TEXT,
    replaces            TEXT REFERENCES letter (id),
    UNIQUE (batch_id, sequence),
    CHECK (use_by_on <= expires_on AND expires_on <= cap_on),
    CHECK ((status IN ('mailed', 'returned')) = (dispatched_on IS NOT NULL)),
    CHECK ((password_status IN ('redeemed', 'expired', 'revoked')) = (ended_on IS NOT NULL)),
    CHECK ((ended_on IS NULL) = (end_reason IS NULL)),
    CHECK ((password_status IN ('waiting', 'live', 'locked')) <= (verifier IS NOT NULL)),
    CHECK ((password_status IN ('live', 'locked')) <= (usable_at IS NOT NULL))
) STRICT;

-- One request has one letter, unless that letter's package was withdrawn before any vendor had it.
CREATE UNIQUE INDEX one_letter_a_request ON letter (request_id) WHERE status <> 'voided';
-- One account has one password that can be used.
CREATE UNIQUE INDEX one_live_password_an_account ON letter (username) WHERE password_status IN ('live', 'locked');
CREATE INDEX letter_by_account ON letter (username);
CREATE INDEX letter_by_password_status ON letter (password_status, expires_on);

-- Receipts ------------------------------------------------------------------------------------------------------

CREATE TABLE receipt_file (
    id               INTEGER PRIMARY KEY,
    file_name        TEXT NOT NULL,
    batch_id         INTEGER REFERENCES batch (id),
    number           INTEGER,
    sha256           TEXT NOT NULL,
    signature_sha256 TEXT NOT NULL,                    -- empty where there was no signature
    read_at          TEXT NOT NULL,
    refused_because  TEXT,
    lines_taken      INTEGER NOT NULL,
    lines_held       INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_receipt_a_number ON receipt_file (batch_id, number) WHERE refused_because IS NULL;
CREATE INDEX receipt_file_by_name ON receipt_file (file_name);

CREATE TABLE receipt_line (
    receipt_file_id  INTEGER NOT NULL REFERENCES receipt_file (id),
    line             INTEGER NOT NULL,
    letter_id        TEXT NOT NULL,                    -- as the vendor wrote it
    event            TEXT NOT NULL,
    event_on         TEXT NOT NULL,
    held_because     TEXT,
    PRIMARY KEY (receipt_file_id, line)
) STRICT, WITHOUT ROWID;

-- What the portal should tell a person --------------------------------------------------------------------------

CREATE TABLE notice (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('minted', 'mailed', 'held', 'joined', 'redeemed', 'locked')),
    reference  TEXT NOT NULL,
    letter_id  TEXT,
    detail     TEXT NOT NULL
) STRICT;

-- The audit log -------------------------------------------------------------------------------------------------

CREATE TABLE audit_entry (
    seq        INTEGER PRIMARY KEY CHECK (seq >= 0),
    entry      BLOB NOT NULL,
    leaf_hash  BLOB NOT NULL CHECK (length(leaf_hash) = 32)
) STRICT;

CREATE TABLE audit_head (
    size      INTEGER PRIMARY KEY CHECK (size >= 0),
    root      BLOB NOT NULL CHECK (length(root) = 32),
    frontier  BLOB NOT NULL,
    taken_at  TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_entry_takes_the_next_place BEFORE INSERT ON audit_entry
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM audit_entry)
BEGIN SELECT RAISE(ABORT, 'the audit log only grows, one entry after another'); END;
CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'an entry of the audit log is never changed'); END;
CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'an entry of the audit log is never deleted'); END;
CREATE TRIGGER audit_head_only_grows BEFORE INSERT ON audit_head
WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'a head of the audit log is larger than the one before'); END;
CREATE TRIGGER audit_head_is_never_changed BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'a head of the audit log is never changed'); END;
CREATE TRIGGER audit_head_is_never_deleted BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'a head of the audit log is never deleted'); END;

-- Read-only views for others ------------------------------------------------------------------------------------

CREATE VIEW temporary_passwords AS
SELECT username, id AS letter_id, usable_at, use_by_on, expires_on, password_status AS status
FROM letter;

CREATE VIEW dispatch_records AS
SELECT letter.id AS letter_id, request.reference, batch.vendor, batch.name AS package,
       batch.sha256 AS package_sha256, letter.sequence, letter.sheets, letter.template_version, batch.delivered_at,
       letter.dispatched_on, receipt_file.file_name AS receipt_file, receipt_file.sha256 AS receipt_sha256,
       letter.mailed_line AS receipt_line, letter.expected_from, letter.expected_to, letter.use_by_on,
       letter.expires_on, letter.ended_on, letter.end_reason, letter.replaces,
       (SELECT newer.id FROM letter AS newer WHERE newer.replaces = letter.id) AS replaced_by,
       batch.run_id AS run, letter.mailed_seq AS audit_seq
FROM letter
JOIN request ON request.id = letter.request_id
JOIN batch ON batch.id = letter.batch_id
LEFT JOIN receipt_file ON receipt_file.id = letter.mailed_file_id;

CREATE VIEW letter_status AS
SELECT request.reference,
       coalesce(letter.status, request.status) AS stage,
       coalesce(letter.status_at, request.status_at) AS since,
       CASE
           WHEN letter.status IN ('sealed', 'delivered', 'accepted', 'printed', 'mailed')
               THEN 'expected ' || letter.expected_from || ' to ' || letter.expected_to
           WHEN letter.status IS NOT NULL THEN 'this letter will not be used; ask again if you need one'
           WHEN request.status IN ('pending', 'claimed') THEN 'goes into the next package'
           WHEN request.status = 'held' THEN 'a person decides by ' || request.act_by_on
           WHEN request.joined_to IS NOT NULL THEN 'served by request ' || request.joined_to
           WHEN request.replaced_by IS NOT NULL THEN 'replaced by request ' || request.replaced_by
           ELSE request.reason
       END AS next
FROM request
LEFT JOIN letter ON letter.request_id = request.id AND letter.status <> 'voided';

CREATE VIEW notices AS SELECT id, at, kind, reference, letter_id, detail FROM notice;

-- Brakes: what keeps nights from going on until a named person lets them, or until what was found is over.

CREATE TABLE brake (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('size', 'clock-behind', 'clock-ahead')),
    found         TEXT NOT NULL,                       -- what was found, in words; no names
    run_id        INTEGER REFERENCES run (id),         -- the night that found it, where a schedule stands behind it
    letters       INTEGER CHECK (letters >= 1),        -- size: the letters that were found
    allows        INTEGER CHECK (allows >= letters),   -- size: the letters that a release lets pass, from raised_at on
    shown_at      TEXT,                                -- clock: what the clock showed
    right_at      TEXT,                                -- clock: what it should have shown, as far as could be told
    raised_at     TEXT NOT NULL,
    asked_by      TEXT CHECK (trim(asked_by) <> ''),   -- who releases it, or asks for it where a second person confirms
    asked_at      TEXT,
    reason        TEXT CHECK (trim(reason) <> ''),
    released_at   TEXT,
    confirmed_by  TEXT CHECK (lower(trim(confirmed_by)) <> lower(trim(asked_by))),
    ended_at      TEXT,                                -- it holds nothing back any more
    ended_as      TEXT CHECK (ended_as IN ('released', 'over', 'replaced')),
    used_at       TEXT,                                -- size: the night that was released has been made
    CHECK ((kind = 'size') = (letters IS NOT NULL)),
    CHECK ((kind = 'size') = (allows IS NOT NULL)),
    CHECK ((kind = 'size') = (shown_at IS NULL)),
    CHECK ((kind = 'size') = (right_at IS NULL)),
    CHECK ((asked_by IS NULL) = (reason IS NULL)),
    CHECK ((asked_by IS NULL) = (asked_at IS NULL)),
    CHECK ((confirmed_by IS NOT NULL) <= (released_at IS NOT NULL)),
    CHECK ((released_at IS NOT NULL) <= (asked_by IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    CHECK ((released_at IS NOT NULL) = (ended_as IS 'released')),
    CHECK ((used_at IS NOT NULL) <= (released_at IS NOT NULL))
) STRICT;

-- One brake of a kind is engaged at a time: a night that finds it again does not raise it anew.
CREATE UNIQUE INDEX one_engaged_brake_of_a_kind ON brake (kind) WHERE ended_at IS NULL;

CREATE TRIGGER brake_that_ended_is_over BEFORE UPDATE ON brake
WHEN OLD.ended_at IS NOT NULL AND (OLD.used_at IS NOT NULL OR NEW.used_at IS NULL OR NEW.ended_as <> OLD.ended_as)
BEGIN SELECT RAISE(ABORT, 'a brake that ended is never changed'); END;
CREATE TRIGGER brake_is_never_deleted BEFORE DELETE ON brake
BEGIN SELECT RAISE(ABORT, 'a brake is never deleted'); END;

-- What the ledger knows of the clock. `recorded_at` is the latest instant that the audit log was written at;
-- `trusted_at` the last one at which a night found nothing wrong with the clock. A brake's own entries count for neither:
-- they are written by a clock that may be wrong.
CREATE TABLE clock_mark (
    only_one     INTEGER PRIMARY KEY CHECK (only_one = 1),
    recorded_at  TEXT,
    trusted_at   TEXT
) STRICT;

INSERT INTO clock_mark (only_one, recorded_at, trusted_at) VALUES (
    1,
    (SELECT max(json_extract(CAST(entry AS TEXT), '$.at')) FROM audit_entry WHERE json_valid(CAST(entry AS TEXT))),
    (SELECT max(started_at) FROM run)
);

CREATE TRIGGER audit_entry_moves_the_clock_mark AFTER INSERT ON audit_entry
WHEN json_valid(CAST(NEW.entry AS TEXT)) AND json_extract(CAST(NEW.entry AS TEXT), '$.kind') NOT LIKE 'brake.%'
BEGIN
    UPDATE clock_mark SET recorded_at = json_extract(CAST(NEW.entry AS TEXT), '$.at')
    WHERE recorded_at IS NULL OR recorded_at < json_extract(CAST(NEW.entry AS TEXT), '$.at');
END;

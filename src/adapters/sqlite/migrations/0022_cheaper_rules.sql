-- The same rules, looked at only where they can be broken: a trigger that no statement needs costs every row of it.

DROP TRIGGER letter_that_was_erased_stays_so;
CREATE TRIGGER letter_that_was_erased_stays_so BEFORE UPDATE OF erased_at ON letter
WHEN OLD.erased_at IS NOT NULL AND NEW.erased_at IS NOT OLD.erased_at
BEGIN SELECT RAISE(ABORT, 'a letter that was erased stays so'); END;

DROP TRIGGER request_that_was_erased_stays_so;
CREATE TRIGGER request_that_was_erased_stays_so BEFORE UPDATE OF erased_at ON request
WHEN OLD.erased_at IS NOT NULL AND NEW.erased_at IS NOT OLD.erased_at
BEGIN SELECT RAISE(ABORT, 'a request that was erased stays so'); END;

DROP TRIGGER audit_entry_moves_the_clock_mark;
CREATE TRIGGER audit_entry_moves_the_clock_mark AFTER INSERT ON audit_entry
WHEN NEW.at > (SELECT coalesce(recorded_at, '') FROM clock_mark) AND NEW.kind NOT LIKE 'brake.%'
BEGIN
    UPDATE clock_mark SET recorded_at = NEW.at;
END;

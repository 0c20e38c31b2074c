-- Where a portal inserts requests: one row a request, never changed. Shape is checked here, the rest at `collect`, which also
-- says what is wrong with an instant or a date: so these two are text, as the portal wrote them.

SET search_path = intake, pg_temp;

CREATE SEQUENCE mail_requests_id AS BIGINT;

CREATE TABLE mail_requests (
    id              BIGINT PRIMARY KEY,
    reference       TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 64),
    username        TEXT NOT NULL CHECK (length(username) BETWEEN 1 AND 128),
    full_name       TEXT NOT NULL CHECK (length(full_name) BETWEEN 1 AND 1000),
    address_line_1  TEXT NOT NULL CHECK (length(address_line_1) BETWEEN 1 AND 1000),
    address_line_2  TEXT CHECK (length(address_line_2) <= 1000),
    city            TEXT NOT NULL CHECK (length(city) BETWEEN 1 AND 1000),
    state           TEXT CHECK (length(state) <= 100),
    postal_code     TEXT CHECK (length(postal_code) <= 100),
    country         TEXT DEFAULT 'US' CHECK (length(country) = 2),
    phone           TEXT CHECK (length(phone) <= 100),
    second_factor   TEXT NOT NULL CHECK (second_factor IN ('email', 'phone')),
    language        TEXT NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'es')),
    format          TEXT NOT NULL DEFAULT 'standard' CHECK (format IN ('standard', 'large-print')),
    requested_at    TEXT NOT NULL CHECK (length(requested_at) BETWEEN 20 AND 40),
    address_basis   TEXT CHECK (address_basis IN ('of-record', 'supplied')),
    address_since   TEXT CHECK (length(address_since) = 10)
);

-- The night reads on from the last id that it saw. So an id is given out when every insertion before it has ended, and no
-- row appears behind one that was read. It runs with its owner's rights: a portal has none on the sequence. The telephone
-- number verifies who asks and is not kept: it is gone before the row is written.
CREATE FUNCTION take_in_turn() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER SET search_path = intake, pg_temp AS $$
BEGIN
    IF length(NEW.phone) > 100 THEN
        RAISE EXCEPTION 'the telephone number has more than 100 characters' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('letterpost mail_requests', 0));
    NEW.id := nextval('mail_requests_id');
    NEW.phone := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER mail_requests_forget_the_phone BEFORE INSERT ON mail_requests
    FOR EACH ROW EXECUTE FUNCTION take_in_turn();

CREATE FUNCTION refuse_change() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = intake, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a request that was handed over is never changed; insert a new one'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER mail_requests_are_never_changed BEFORE UPDATE ON mail_requests
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mail_requests_are_never_emptied BEFORE TRUNCATE ON mail_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Where a portal inserts requests: one row a request, never changed. Shape is checked here, the rest at `collect`.
CREATE TABLE IF NOT EXISTS mail_requests (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
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
) STRICT;

-- The telephone number verifies who asks and is not kept: it is gone before the insertion ends.
CREATE TRIGGER IF NOT EXISTS mail_requests_forget_the_phone AFTER INSERT ON mail_requests WHEN NEW.phone IS NOT NULL
BEGIN UPDATE mail_requests SET phone = NULL WHERE id = NEW.id; END;
CREATE TRIGGER IF NOT EXISTS mail_requests_are_never_changed BEFORE UPDATE OF
    id, reference, username, full_name, address_line_1, address_line_2, city, state, postal_code, country,
    second_factor, language, format, requested_at, address_basis, address_since ON mail_requests
BEGIN SELECT RAISE(ABORT, 'a request that was handed over is never changed; insert a new one'); END;
CREATE TRIGGER IF NOT EXISTS mail_requests_take_no_phone_later BEFORE UPDATE OF phone ON mail_requests
WHEN NEW.phone IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a request that was handed over is never changed; insert a new one'); END;
-- No id is used twice, whether its row is there yet or not: a night would pass over a row with an old id. Before an
-- insertion, a row that gets its id from the table has the id -1.
CREATE TRIGGER IF NOT EXISTS mail_requests_never_use_an_id_again BEFORE INSERT ON mail_requests
WHEN NEW.id <> -1 AND NEW.id <= (SELECT max(
    (SELECT coalesce(max(id), 0) FROM mail_requests),
    (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'mail_requests')))
BEGIN SELECT RAISE(ABORT, 'a request that was handed over is never changed; leave out the id of a new one'); END;
-- What it takes the place of.
DROP TRIGGER IF EXISTS mail_requests_are_never_replaced;

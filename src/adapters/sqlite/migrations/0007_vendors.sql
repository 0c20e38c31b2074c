-- Print vendors: with which keys each package was sealed, how far each vendor's onboarding is, and transmission tests.

-- The keys of a sealed package, by the fingerprints that people compare: of the site's key, and of each certificate that
-- the package was encrypted to. Packages that were sealed before this table have none.
CREATE TABLE package_key (
    batch_id     INTEGER NOT NULL REFERENCES batch (id),
    role         TEXT NOT NULL CHECK (role IN ('signer', 'recipient')),
    fingerprint  TEXT NOT NULL CHECK (length(fingerprint) = 40 AND fingerprint NOT GLOB '*[^0-9A-F]*'),
    PRIMARY KEY (batch_id, role, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER package_key_is_never_changed BEFORE UPDATE ON package_key
BEGIN SELECT RAISE(ABORT, 'the keys of a package are never changed'); END;
CREATE TRIGGER package_key_is_never_deleted BEFORE DELETE ON package_key
BEGIN SELECT RAISE(ABORT, 'the keys of a package are never changed'); END;

-- What was done to take a vendor on, step by step; a step may be done again.
CREATE TABLE vendor_onboarding (
    id      INTEGER PRIMARY KEY,
    vendor  TEXT NOT NULL,
    step    TEXT NOT NULL
        CHECK (step IN ('added', 'certificate', 'host-key', 'handover', 'test-sent', 'test-receipted')),
    at      TEXT NOT NULL,
    detail  TEXT NOT NULL
) STRICT;

CREATE INDEX vendor_onboarding_by_vendor ON vendor_onboarding (vendor, step);

-- Transmission tests: packages of invented people, that no number of a real package is spent on.
CREATE TABLE vendor_test (
    id          INTEGER PRIMARY KEY,
    vendor      TEXT NOT NULL,
    number      INTEGER NOT NULL CHECK (number >= 1),
    name        TEXT NOT NULL UNIQUE,
    format      TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('made', 'offered', 'sent', 'accepted', 'refused')),
    status_at   TEXT NOT NULL,
    letters     INTEGER NOT NULL CHECK (letters >= 1),
    sheets      INTEGER NOT NULL CHECK (sheets >= 1),
    size_bytes  INTEGER NOT NULL CHECK (size_bytes >= 1),
    sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
    checkpoint  TEXT NOT NULL,                         -- the head of the audit log that rides along
    sealed_by   TEXT NOT NULL,                         -- a fingerprint
    sealed_to   TEXT NOT NULL,                         -- fingerprints, with a space between
    UNIQUE (vendor, number)
) STRICT;

-- Receipts of transmission tests, good ones and refused ones, so that none is read twice.
CREATE TABLE vendor_test_receipt (
    vendor_test_id    INTEGER NOT NULL REFERENCES vendor_test (id),
    file_name         TEXT NOT NULL,
    sha256            TEXT NOT NULL,
    signature_sha256  TEXT NOT NULL,                   -- empty where there was no signature
    read_at           TEXT NOT NULL,
    refused_because   TEXT,
    PRIMARY KEY (vendor_test_id, file_name, sha256, signature_sha256)
) STRICT, WITHOUT ROWID;

-- On a site that is not live, test packages and others have names of one shape. One name is one package for ever.
CREATE TRIGGER batch_has_no_tests_name BEFORE INSERT ON batch
WHEN EXISTS (SELECT 1 FROM vendor_test WHERE vendor_test.name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'a transmission test has this name'); END;
CREATE TRIGGER vendor_test_has_no_batchs_name BEFORE INSERT ON vendor_test
WHEN EXISTS (SELECT 1 FROM batch WHERE batch.name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'a package has this name'); END;

-- Limits against abuse: the digest of the address in its normalised form. Older requests have none and are not counted.
ALTER TABLE request ADD COLUMN address_sha256 TEXT CHECK (length(address_sha256) = 64);
CREATE INDEX request_by_address ON request (address_sha256) WHERE address_sha256 IS NOT NULL;

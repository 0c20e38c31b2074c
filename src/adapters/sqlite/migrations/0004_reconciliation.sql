-- What vendors say of each piece, with its date; and packages, until every piece of them is accounted for.

-- Old rows stay without these dates: nobody kept them.
ALTER TABLE letter ADD COLUMN printed_on TEXT
    CHECK (printed_on IS NULL OR dispatched_on IS NULL OR printed_on <= dispatched_on);
ALTER TABLE letter ADD COLUMN unmailed_on TEXT                        -- spoiled, rejected or pulled on this date
    CHECK (unmailed_on IS NULL OR status IN ('spoiled', 'rejected', 'pulled'));
ALTER TABLE letter ADD COLUMN returned_on TEXT
    CHECK (returned_on IS NULL OR (status = 'returned' AND dispatched_on IS NOT NULL AND returned_on >= dispatched_on));
-- How often the piece was spoiled and made again from the same package, and when last.
ALTER TABLE letter ADD COLUMN remakes INTEGER NOT NULL DEFAULT 0 CHECK (remakes >= 0);
ALTER TABLE letter ADD COLUMN remade_on TEXT CHECK ((remakes > 0) = (remade_on IS NOT NULL));

-- What the job ticket says of remakes; NULL for packages that were sealed before it was kept.
ALTER TABLE batch ADD COLUMN remake TEXT CHECK (remake IN ('vendor', 'forbidden'));
-- The date of the receipt with which the vendor took the package.
ALTER TABLE batch ADD COLUMN accepted_on TEXT CHECK (accepted_on IS NULL OR status = 'accepted');
-- When every piece was accounted for and no receipt was missing. What comes later does not open the package again.
ALTER TABLE batch ADD COLUMN closed_at TEXT CHECK (closed_at IS NULL OR delivered_at IS NOT NULL);
CREATE INDEX batch_that_is_open ON batch (id) WHERE closed_at IS NULL;

ALTER TABLE receipt_file ADD COLUMN package_on TEXT;                  -- the date of its row on the package
ALTER TABLE receipt_line ADD COLUMN sheets INTEGER CHECK (sheets >= 0);
ALTER TABLE receipt_line ADD COLUMN remade INTEGER NOT NULL DEFAULT 0 CHECK (remade IN (0, 1));

-- Receipts that came before a smaller number of their package: they wait, and the gap is open until they are taken.
CREATE TABLE receipt_waiting (
    batch_id       INTEGER NOT NULL REFERENCES batch (id),
    number         INTEGER NOT NULL CHECK (number >= 1),
    first_seen_at  TEXT NOT NULL,
    PRIMARY KEY (batch_id, number)
) STRICT, WITHOUT ROWID;

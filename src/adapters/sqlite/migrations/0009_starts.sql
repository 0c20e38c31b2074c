-- How the newest start of each run ended: what figures and health tell of it.

ALTER TABLE run ADD COLUMN last_began_at TEXT;
ALTER TABLE run ADD COLUMN last_ended_at TEXT;
ALTER TABLE run ADD COLUMN last_exit INTEGER CHECK (last_exit BETWEEN 0 AND 5);

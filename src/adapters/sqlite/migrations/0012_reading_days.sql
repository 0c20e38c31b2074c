-- How many business days the reader of a mailed letter has at the least: those after the last day on which it is expected, up to
-- the last day of its password, counted when it was recorded as mailed. Letters that were mailed before this column have none.
ALTER TABLE letter ADD COLUMN days_to_read INTEGER
    CHECK (days_to_read IS NULL OR (days_to_read >= 0 AND dispatched_on IS NOT NULL));
CREATE INDEX letter_with_few_days ON letter (days_to_read)
    WHERE status = 'mailed' AND password_status = 'live' AND reissued_at IS NULL;

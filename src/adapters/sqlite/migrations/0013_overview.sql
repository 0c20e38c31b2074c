-- What the report of the night asks of every ledger, however large: the letters of a night, and those on their way by day.

CREATE INDEX batch_by_run ON batch (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX letter_on_its_way ON letter (expected_to, expected_from)
    WHERE status IN ('delivered', 'accepted', 'printed', 'mailed') AND password_status IN ('live', 'locked');

-- Stages of a run in the order in which they began: two may begin within one second.
-- A transmission test that is made again before it is offered takes the place of the one before.

SET search_path = letterpost, pg_temp;

ALTER TABLE run_stage ADD COLUMN place BIGINT GENERATED ALWAYS AS IDENTITY;
GRANT SELECT (place) ON run_stage TO letterpost_auditor;

GRANT UPDATE (format, letters, sheets, size_bytes, sha256, checkpoint, sealed_by, sealed_to)
    ON vendor_test TO letterpost_operator;

-- Stages of a run in the order in which they began, tests that are made again, and the portal's calls.

SET search_path = letterpost, pg_temp;

-- Two stages may begin within one second.
ALTER TABLE run_stage ADD COLUMN place BIGINT GENERATED ALWAYS AS IDENTITY;
GRANT SELECT (place) ON run_stage TO letterpost_auditor;

-- A transmission test that is made again before it is offered takes the place of the one before.
GRANT UPDATE (format, letters, sheets, size_bytes, sha256, checkpoint, sealed_by, sealed_to)
    ON vendor_test TO letterpost_operator;

-- A portal that checks passwords by the library's calls. Beside what letterpost_portal may, it reads whose password a verifier is
-- of and until when, counts tries, ends what was used, and writes the entry of that into the log. It reads no name and no
-- address, and of a refused row what is wrong with it.
GRANT SELECT ON site, clock_mark, intake_position, _sqlx_migrations TO letterpost_sign_in;
GRANT SELECT (id, request_id, batch_id, sequence, username, verifier, password_status, failures, expires_on)
    ON letter TO letterpost_sign_in;
GRANT UPDATE (failures, password_status, password_status_at, ended_on, end_reason) ON letter TO letterpost_sign_in;
GRANT SELECT (id, reference) ON request TO letterpost_sign_in;
GRANT SELECT (intake_file_id, line, reference, problems) ON quarantined_row TO letterpost_sign_in;
GRANT SELECT (id, taken_at) ON intake_file TO letterpost_sign_in;
GRANT SELECT (id, reference) ON intake.mail_requests TO letterpost_sign_in;
GRANT INSERT ON audit_entry, notice TO letterpost_sign_in;
GRANT SELECT (seq) ON audit_entry TO letterpost_sign_in;
GRANT UPDATE (recorded_at) ON clock_mark TO letterpost_sign_in;
GRANT EXECUTE ON FUNCTION entry_json(BYTEA), one_at_a_time(TEXT) TO letterpost_sign_in;

-- Dispatch records that an outsider can follow from the intake file to the receipt line and back.

SET search_path = letterpost, pg_temp;

-- The number of the postal statement, and which receipt and entry say that a letter ended unmailed.
ALTER TABLE letter
    ADD COLUMN postal_statement TEXT CHECK (postal_statement IS NULL OR (dispatched_on IS NOT NULL
        AND length(postal_statement) BETWEEN 1 AND 40 AND postal_statement !~ '[^A-Za-z0-9-]')),
    ADD COLUMN unmailed_file_id BIGINT REFERENCES receipt_file (id),
    ADD COLUMN unmailed_line BIGINT,
    ADD COLUMN unmailed_seq BIGINT;
ALTER TABLE receipt_line ADD COLUMN postal_statement TEXT;

-- The day on which a piece counts: that of its mailing; of its end, where it ended unmailed; the planned one until then.
CREATE INDEX letter_by_counted_day ON letter (coalesce(dispatched_on, unmailed_on, planned_mail_on), batch_id, sequence);

-- What became of the rows of an intake file.
CREATE INDEX request_by_intake_file ON request (intake_file_id);

DROP VIEW dispatch_records;
CREATE VIEW dispatch_records AS
SELECT letter.id AS letter_id, request.reference, batch.vendor, batch.name AS package,
       batch.sha256 AS package_sha256, letter.sequence, letter.sheets, letter.template_version, batch.delivered_at,
       letter.dispatched_on, receipt_file.file_name AS receipt_file, receipt_file.sha256 AS receipt_sha256,
       coalesce(letter.mailed_line, letter.unmailed_line) AS receipt_line, letter.expected_from, letter.expected_to,
       letter.use_by_on, letter.expires_on, letter.ended_on, letter.end_reason, letter.replaces,
       (SELECT newer.id FROM letter AS newer WHERE newer.replaces = letter.id
            ORDER BY newer.status = 'voided', newer.batch_id DESC, newer.sequence DESC LIMIT 1) AS replaced_by,
       batch.run_id AS run, coalesce(letter.mailed_seq, letter.unmailed_seq) AS audit_seq,
       (SELECT old_mailed_on FROM letter_correction AS first WHERE first.letter_id = letter.id
            AND first.status = 'made' ORDER BY first.id LIMIT 1) AS reported_on,
       coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on) AS counted_on,
       letter.status, letter.password_status,
       intake_file.name AS intake_file, intake_file.sha256 AS intake_sha256, request.intake_line,
       request.requested_at, letter.outside, letter.minted_at, letter.planned_mail_on, batch.mail_by_on, letter.cap_on,
       letter.sha256 AS letter_sha256, receipt_file.read_at AS receipt_read_at,
       (SELECT string_agg(to_char(old_mailed_on, 'YYYY-MM-DD') || '>' || to_char(new_mailed_on, 'YYYY-MM-DD') || '@'
                || to_char(coalesce(settled_at, asked_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ' ' ORDER BY id)
            FROM letter_correction AS made WHERE made.letter_id = letter.id AND made.status = 'made') AS corrections,
       letter.postal_statement, letter.unmailed_on, letter.returned_on
FROM letter
JOIN request ON request.id = letter.request_id
JOIN batch ON batch.id = letter.batch_id
JOIN intake_file ON intake_file.id = request.intake_file_id
LEFT JOIN receipt_file ON receipt_file.id = coalesce(letter.mailed_file_id, letter.unmailed_file_id);

GRANT SELECT ON dispatch_records TO letterpost_operator, letterpost_auditor;
GRANT UPDATE (postal_statement, unmailed_file_id, unmailed_line, unmailed_seq) ON letter TO letterpost_operator;
GRANT SELECT (postal_statement, unmailed_file_id, unmailed_line, unmailed_seq) ON letter TO letterpost_auditor;

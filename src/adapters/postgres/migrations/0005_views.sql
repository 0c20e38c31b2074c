-- What others read: the portal, and whoever accounts for dispatch. Views are read with their owner's rights, so that nobody
-- needs any on the tables behind them.

SET search_path = letterpost, pg_temp;

CREATE VIEW temporary_passwords AS
SELECT username, id AS letter_id, usable_at, use_by_on, expires_on, password_status AS status
FROM letter WHERE erased_at IS NULL;

-- `reported_on` is the day of mailing that the vendor gave, where a person corrected it.
CREATE VIEW dispatch_records AS
SELECT letter.id AS letter_id, request.reference, batch.vendor, batch.name AS package,
       batch.sha256 AS package_sha256, letter.sequence, letter.sheets, letter.template_version, batch.delivered_at,
       letter.dispatched_on, receipt_file.file_name AS receipt_file, receipt_file.sha256 AS receipt_sha256,
       letter.mailed_line AS receipt_line, letter.expected_from, letter.expected_to, letter.use_by_on,
       letter.expires_on, letter.ended_on, letter.end_reason, letter.replaces,
       (SELECT newer.id FROM letter AS newer WHERE newer.replaces = letter.id
            ORDER BY newer.status = 'voided', newer.batch_id DESC, newer.sequence DESC LIMIT 1) AS replaced_by,
       batch.run_id AS run, letter.mailed_seq AS audit_seq,
       (SELECT old_mailed_on FROM letter_correction AS first WHERE first.letter_id = letter.id
            AND first.status = 'made' ORDER BY first.id LIMIT 1) AS reported_on
FROM letter
JOIN request ON request.id = letter.request_id
JOIN batch ON batch.id = letter.batch_id
LEFT JOIN receipt_file ON receipt_file.id = letter.mailed_file_id;

CREATE VIEW letter_status AS
SELECT request.reference,
       coalesce(letter.status, request.status) AS stage,
       coalesce(letter.status_at, request.status_at) AS since,
       CASE
           WHEN request.erased_at IS NOT NULL THEN 'over, and forgotten whose it was; ask again if you need a letter'
           WHEN request.cancelled_at IS NOT NULL THEN 'cancelled; this letter will not be used'
           WHEN letter.status IN ('sealed', 'delivered', 'accepted', 'printed', 'mailed')
               AND letter.password_status <> 'revoked'
               THEN 'expected ' || to_char(letter.expected_from, 'YYYY-MM-DD')
                   || ' to ' || to_char(letter.expected_to, 'YYYY-MM-DD')
           WHEN letter.decide_by_on IS NOT NULL
               THEN 'a person decides by ' || to_char(letter.decide_by_on, 'YYYY-MM-DD')
           WHEN letter.status = 'returned' THEN 'it came back from that address; ask again with another one'
           WHEN letter.status IS NOT NULL THEN 'this letter will not be used; ask again if you need one'
           WHEN request.status IN ('pending', 'claimed') THEN 'goes into the next package'
           WHEN request.status = 'held' THEN 'a person decides by ' || to_char(request.act_by_on, 'YYYY-MM-DD')
           WHEN request.joined_to IS NOT NULL THEN 'served by request ' || request.joined_to
           WHEN request.replaced_by IS NOT NULL THEN 'replaced by request ' || request.replaced_by
           ELSE request.reason
       END AS next
FROM request
LEFT JOIN letter ON letter.request_id = request.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL;

CREATE VIEW notices AS SELECT id, at, kind, reference, letter_id, detail FROM notice;

-- Every letter that a legal hold keeps: the one that was named, the others of its request, those that it replaced, and those
-- that replaced it.
CREATE VIEW letter_on_legal_hold AS
WITH RECURSIVE kept (letter_id) AS (
    SELECT letter_id FROM legal_hold WHERE lifted_at IS NULL
    UNION
    SELECT other.id FROM kept JOIN letter AS own ON own.id = kept.letter_id
    JOIN letter AS other ON other.request_id = own.request_id OR other.replaces = own.id OR other.id = own.replaces
)
SELECT letter_id FROM kept;

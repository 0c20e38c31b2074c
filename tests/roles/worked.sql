INSERT INTO run (id, job, scheduled_for, status, starts, started_at)
VALUES (1, 'nightly', '2026-03-02T22:30', 'running', 1, '2026-03-03T03:30Z');
INSERT INTO production (owner, run_id, likeness, began_at) VALUES ('a', 1, '{}', '2026-03-03T03:30Z');
INSERT INTO intake_file (id, name, sha256, taken_at, rows, new_rows, repeated_rows, routed_rows, quarantined_rows)
VALUES (1, 'march.csv', repeat('a', 64), '2026-03-02T15:00Z', 3, 2, 0, 0, 1);
INSERT INTO quarantined_row (intake_file_id, line, reference, problems)
VALUES (1, 4, 'planted-quarantined', '[{"column":"city","problem":"planted-problem"}]');
INSERT INTO request (id, reference, content_sha256, username, full_name, address_line_1, address_line_2, city, state,
    postal_code, country, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status, status_at,
    address_sha256)
VALUES (1, 'R-1', 'planted-content', 'planted-username', 'planted-full-name', 'planted-line-1', 'planted-line-2',
    'planted-city', 'planted-state', 'planted-zip', 'planted-country', 'en', 'standard', '2026-03-02T14:00Z',
    '2026-03-16', 1, 2, 'pending', '2026-03-02T15:00Z', repeat('b', 57) || 'planted');
INSERT INTO request (id, reference, content_sha256, username, full_name, address_line_1, address_line_2, city, state,
    postal_code, country, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status, status_at,
    held_at, held_by, act_by_on, reason)
VALUES (2, 'R-2', 'planted-content', 'planted-other', 'planted-full-name', 'planted-line-1', '', 'planted-city', 'IL',
    'planted-zip', 'US', 'en', 'standard', '2026-03-02T14:00Z', '2026-03-16', 1, 3, 'held', '2026-03-02T15:00Z',
    '2026-03-02T15:00Z', 'person', '2026-03-06', 'planted-reason');
INSERT INTO batch (id, vendor, number, name, format, status, status_at, owner, attempt, run_id, claimed_at, checkpoint)
VALUES (1, 'acme', 1, 'eba-test-acme-000001', 'standard', 'claimed', '2026-03-03T03:30Z', 'a', 1, 1,
    '2026-03-03T03:30Z', '0');
UPDATE request SET status = 'claimed', batch_id = 1 WHERE id = 1;
UPDATE request SET status = 'lettered' WHERE id = 1;
UPDATE batch SET status = 'sealed', sha256 = repeat('c', 64), mail_on = '2026-03-03', mail_by_on = '2026-03-05',
    letters = 1, pages = 1, sheets = 1 WHERE id = 1;
INSERT INTO package_key VALUES (1, 'signer', repeat('A', 40));
INSERT INTO letter (id, request_id, batch_id, sequence, username, language, format, outside, pages, sheets, sha256,
    template_version, status, status_at, verifier, password_status, password_status_at, minted_at, planned_mail_on,
    cap_on, use_by_on, expires_on, expected_from, expected_to, imb)
VALUES ('AAAAA-AAAAA', 1, 1, 1, 'planted-username', 'en', 'standard', FALSE, 1, 1, repeat('d', 64), repeat('e', 64),
    'sealed', '2026-03-03T03:30Z', 'planted-verifier', 'waiting', '2026-03-03T03:30Z', '2026-03-03T03:30Z',
    '2026-03-03', '2026-03-23', '2026-03-17', '2026-03-23', '2026-03-04', '2026-03-09', '0030056709406000000112345');
UPDATE batch SET offered_at = '2026-03-03T03:31Z' WHERE id = 1;
UPDATE batch SET status = 'delivered', delivered_at = '2026-03-03T03:31Z' WHERE id = 1;
UPDATE letter SET status = 'delivered', password_status = 'live', usable_at = '2026-03-03T03:31Z';
INSERT INTO receipt_file (id, file_name, batch_id, number, sha256, signature_sha256, read_at, lines_taken, lines_held)
VALUES (1, 'eba-test-acme-000001.receipt-1.csv', 1, 1, repeat('f', 64), repeat('0', 64), '2026-03-04T03:30Z', 1, 0);
INSERT INTO receipt_line (receipt_file_id, line, letter_id, event, event_on)
VALUES (1, 3, 'AAAAA-AAAAA', 'mailed', '2026-03-03');
UPDATE letter SET status = 'mailed', dispatched_on = '2026-03-03', expires_on = '2026-03-17', mailed_file_id = 1,
    mailed_line = 3, mailed_seq = 1;
INSERT INTO batch (id, vendor, number, name, format, status, status_at, owner, attempt, run_id, claimed_at, checkpoint)
VALUES (2, 'acme', 2, 'eba-test-acme-000002', 'standard', 'claimed', '2026-03-04T03:30Z', 'a', 1, 1,
    '2026-03-04T03:30Z', '0');
UPDATE batch SET status = 'sealed', sha256 = repeat('c', 64), hold_reason = 'wait', held_at = '2026-03-04T04:00Z',
    held_by = 'Robin Sample', act_by_on = '2026-03-05' WHERE id = 2;
INSERT INTO notice (at, kind, reference, letter_id, detail)
VALUES ('2026-03-03T03:30Z', 'minted', 'R-1', 'AAAAA-AAAAA', 'planted-notice');
INSERT INTO serial_block (mailer_id, first, count, taken_at, taken_on, free_on, batch_id, attempt)
VALUES ('567094', 0, 10, '2026-03-03T03:30Z', '2026-03-03', '2026-04-20', 1, 1);
INSERT INTO pull_order (batch_id, number, reason, ordered_by, made_at, sealed)
VALUES (1, 1, 'wrong insert', 'Robin Sample', '2026-03-03T12:00Z', '\x00');
INSERT INTO template_approval (id, version, approved_by, approved_at)
VALUES (1, repeat('e', 64), 'Robin Sample', '2026-03-02T12:00Z');
INSERT INTO template_approval_part VALUES (1, 'en', repeat('1', 64));
INSERT INTO brake (kind, found, letters, allows, raised_at) VALUES ('size', 'three times', 30, 33, '2026-03-03T03:30Z');
INSERT INTO loss (accepted_at, accepted_by, reason, entries) VALUES ('2026-03-01T12:00Z', 'Robin Sample', 'fire', 0);
INSERT INTO lost_number VALUES ('acme', 9, 1);
INSERT INTO legal_hold (letter_id, reason, placed_by, placed_at)
VALUES ('AAAAA-AAAAA', 'a case', 'Robin Sample', '2026-03-05T12:00Z');
INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES
    (0, convert_to('{"at":"2026-03-03T03:30:00Z","data":{"run":1},"kind":"run.started","seq":0}', 'UTF8'), decode(repeat('00', 32), 'hex')),
    (1, convert_to('{"at":"2026-03-04T03:30:00Z","data":{"letter":"AAAAA-AAAAA"},"kind":"letter.mailed","seq":1}', 'UTF8'), decode(repeat('01', 32), 'hex'));
INSERT INTO audit_subtree VALUES (1, 0, decode(repeat('03', 32), 'hex'));
INSERT INTO audit_head (size, root, frontier, taken_at) VALUES (2, decode(repeat('02', 32), 'hex'), '\x00', '2026-03-04T03:31Z');
INSERT INTO kept_file (kind, path, sha256, of_sha256, kept_at)
VALUES ('receipt', 'eba-test-acme-000001.receipt-1.csv', repeat('f', 64), repeat('f', 64), '2026-03-04T03:30Z');
INSERT INTO purge_certificate (id, vendor, file_name, sha256, signature_sha256, recorded_by, recorded_at)
VALUES (1, 'acme', 'destroyed.pdf', repeat('9', 64), '', 'Robin Sample', '2026-04-01T12:00Z');
INSERT INTO package_purge VALUES (1, 1, '2026-03-31');

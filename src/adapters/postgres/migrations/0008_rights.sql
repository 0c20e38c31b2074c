-- Who may do what. A migration that makes a table or a column says here, or in its own file, who reads and writes it: what is not
-- granted is refused.

SET search_path = letterpost, pg_temp;

-- The migrator owns everything and so may grant itself anything; as things are it starts no run and records nothing, and
-- nothing changes in the ledger without a record.
REVOKE INSERT ON run, audit_entry, audit_head FROM letterpost_migrator;

-- Functions -----------------------------------------------------------------------------------------------------

GRANT EXECUTE ON FUNCTION entry_json(BYTEA) TO letterpost_operator, letterpost_auditor;
GRANT EXECUTE ON FUNCTION one_at_a_time(TEXT), is_second_person_needed(TEXT) TO letterpost_operator;

-- The operator --------------------------------------------------------------------------------------------------

GRANT SELECT ON ALL TABLES IN SCHEMA letterpost TO letterpost_operator;
GRANT SELECT ON intake.mail_requests TO letterpost_operator;

-- What is only ever added to.
GRANT INSERT ON audit_entry, audit_head, backup, loss, lost_number, notice, package_key, pulled_letter,
    receipt_file, receipt_line, serial_block, template_approval, template_approval_part,
    vendor_onboarding, vendor_test_receipt TO letterpost_operator;

-- What goes on from state to state: the columns of its state, and no other.
GRANT INSERT ON batch, brake, erasure_residue, intake_file, intake_position, legal_hold, letter, letter_correction,
    pull_order, quarantined_row, receipt_waiting, release_ask, request, run, run_stage, vendor_test TO letterpost_operator;
GRANT UPDATE (starts, status, finished_at, last_began_at, last_ended_at, last_exit) ON run TO letterpost_operator;
GRANT UPDATE (finished_at, outcome) ON run_stage TO letterpost_operator;
GRANT UPDATE (last_id) ON intake_position TO letterpost_operator;
GRANT UPDATE (status, status_at, reason, held_by, held_at, act_by_on, batch_id, replaced_by, joined_to, cancelled_at)
    ON request TO letterpost_operator;
GRANT UPDATE (status, status_at, owner, attempt, made_at, mail_on, mail_by_on, spool_object, size_bytes, sha256,
    letters, pages, sheets, offered_at, delivered_at, void_reason, void_sent_at, remake, accepted_on, closed_at,
    hold_reason, held_at, held_by, act_by_on, spool_removed_at) ON batch TO letterpost_operator;
GRANT UPDATE (status, status_at, verifier, password_status, password_status_at, failures, expires_on, expected_from,
    expected_to, usable_at, dispatched_on, mailed_file_id, mailed_line, mailed_seq, ended_on, end_reason, printed_on,
    unmailed_on, returned_on, remakes, remade_on, reissued_at, reissue_reason, decide_by_on, days_to_read)
    ON letter TO letterpost_operator;
GRANT UPDATE (asked_by, asked_at, reason, released_at, confirmed_by, ended_at, ended_as, used_at)
    ON brake TO letterpost_operator;
GRANT UPDATE (recorded_at, trusted_at) ON clock_mark TO letterpost_operator;
GRANT UPDATE (status, settled_by, settled_at) ON letter_correction TO letterpost_operator;
GRANT UPDATE (confirmed_by, confirmed_at) ON release_ask TO letterpost_operator;
GRANT UPDATE (sent_at) ON pull_order TO letterpost_operator;
GRANT UPDATE (status, status_at) ON vendor_test TO letterpost_operator;
GRANT UPDATE (lifted_by, lifted_at, lift_reason) ON legal_hold TO letterpost_operator;
GRANT DELETE ON receipt_waiting TO letterpost_operator;

-- What is erased when its term is over.
GRANT UPDATE (username, full_name, address_line_1, address_line_2, city, state, postal_code, content_sha256,
    address_sha256, erased_at) ON request TO letterpost_operator;
GRANT UPDATE (username, imb, erased_at) ON letter TO letterpost_operator;
GRANT UPDATE (reference, problems, erased_at) ON quarantined_row TO letterpost_operator;
GRANT UPDATE (refused_because, erased_at) ON intake_file TO letterpost_operator;
GRANT UPDATE (erased_at) ON run_stage TO letterpost_operator;
GRANT UPDATE, DELETE ON erasure_residue TO letterpost_operator;

-- The portal ----------------------------------------------------------------------------------------------------

-- It gives no id and reads nothing back: a portal that was taken over learns no address that another person gave.
GRANT INSERT (reference, username, full_name, address_line_1, address_line_2, city, state, postal_code, country, phone,
    second_factor, language, format, requested_at, address_basis, address_since)
    ON intake.mail_requests TO letterpost_portal;
GRANT SELECT ON letter_status, notices, temporary_passwords TO letterpost_portal;

-- The auditor ---------------------------------------------------------------------------------------------------

-- Not granted: names, addresses, usernames, verifiers, barcodes (they hold the ZIP code), digests of personal data (they can be
-- guessed at), what may quote what a person or a portal wrote, what the portal should tell a person.
GRANT SELECT ON audit_entry, audit_head, backup, batch, brake, clock_mark, dispatch_records, erasure_residue,
    intake_position, legal_hold, letter_correction, letter_on_legal_hold, loss, lost_number, package_key, pull_order,
    pulled_letter, receipt_file, receipt_line, receipt_waiting, release_ask, run, second_person, serial_block, site,
    template_approval, template_approval_part, vendor_onboarding, vendor_test, vendor_test_receipt
    TO letterpost_auditor;
GRANT SELECT (run_id, stage, started_at, finished_at, erased_at) ON run_stage TO letterpost_auditor;
GRANT SELECT (id, name, sha256, taken_at, rows, new_rows, repeated_rows, routed_rows, quarantined_rows, erased_at)
    ON intake_file TO letterpost_auditor;
GRANT SELECT (intake_file_id, line, erased_at) ON quarantined_row TO letterpost_auditor;
GRANT SELECT (id, reference, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status,
    status_at, held_by, act_by_on, batch_id, replaced_by, joined_to, held_at, cancelled_at, erased_at)
    ON request TO letterpost_auditor;
GRANT SELECT (id, request_id, batch_id, sequence, language, format, outside, pages, sheets, sha256, template_version,
    status, status_at, password_status, password_status_at, failures, minted_at, planned_mail_on, cap_on, use_by_on,
    expires_on, expected_from, expected_to, usable_at, dispatched_on, mailed_file_id, mailed_line, mailed_seq, ended_on,
    end_reason, replaces, printed_on, unmailed_on, returned_on, remakes, remade_on, reissued_at, reissue_reason,
    decide_by_on, days_to_read, erased_at) ON letter TO letterpost_auditor;

-- What was erased goes from the server's files too. VACUUM only gives the room of an old row free: its bytes stay in the file until
-- something else is written over them. So the tables of people are written anew, under a right that the operator has for this alone.

SET search_path = letterpost, pg_temp;

-- Each table in the order in which it is read most. CLUSTER keeps everybody else from the table while it lasts.
CREATE FUNCTION write_anew(name TEXT) RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    CASE name
        WHEN 'intake_file' THEN CLUSTER letterpost.intake_file USING intake_file_pkey;
        WHEN 'letter' THEN CLUSTER letterpost.letter USING letter_batch_id_sequence_key;
        WHEN 'mail_requests' THEN CLUSTER intake.mail_requests USING mail_requests_pkey;
        WHEN 'quarantined_row' THEN CLUSTER letterpost.quarantined_row USING quarantined_row_pkey;
        WHEN 'request' THEN CLUSTER letterpost.request USING request_pkey;
        WHEN 'run_stage' THEN CLUSTER letterpost.run_stage USING run_stage_pkey;
        ELSE RAISE EXCEPTION 'no people are in table %', name USING ERRCODE = 'undefined_table';
    END CASE;
END $$;
GRANT EXECUTE ON FUNCTION write_anew(TEXT) TO letterpost_operator;

-- The planner's statistics keep samples of what stands in a column: of these columns none, or a name would outlive its person there.
ALTER TABLE request
    ALTER username SET STATISTICS 0, ALTER full_name SET STATISTICS 0, ALTER address_line_1 SET STATISTICS 0,
    ALTER address_line_2 SET STATISTICS 0, ALTER city SET STATISTICS 0, ALTER state SET STATISTICS 0,
    ALTER postal_code SET STATISTICS 0, ALTER content_sha256 SET STATISTICS 0, ALTER address_sha256 SET STATISTICS 0,
    ALTER reason SET STATISTICS 0;
ALTER TABLE letter ALTER username SET STATISTICS 0, ALTER verifier SET STATISTICS 0, ALTER imb SET STATISTICS 0;
ALTER TABLE quarantined_row ALTER reference SET STATISTICS 0, ALTER problems SET STATISTICS 0;
ALTER TABLE intake_file ALTER refused_because SET STATISTICS 0;
ALTER TABLE run_stage ALTER outcome SET STATISTICS 0;
ALTER TABLE intake.mail_requests
    ALTER username SET STATISTICS 0, ALTER full_name SET STATISTICS 0, ALTER address_line_1 SET STATISTICS 0,
    ALTER address_line_2 SET STATISTICS 0, ALTER city SET STATISTICS 0, ALTER state SET STATISTICS 0,
    ALTER postal_code SET STATISTICS 0;

-- `ledger backup` has pg_dump read everything, and it reads how far the numbers of rows are, too: these, and those that come.
GRANT SELECT ON ALL SEQUENCES IN SCHEMA letterpost, intake TO letterpost_operator;
ALTER DEFAULT PRIVILEGES IN SCHEMA letterpost GRANT SELECT ON SEQUENCES TO letterpost_operator;

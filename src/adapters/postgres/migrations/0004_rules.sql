-- What one table's constraints cannot say. Each trigger has the name of its twin on SQLite; those that refuse to empty a
-- table are PostgreSQL's alone, as is TRUNCATE. Triggers that keep the log and its witnesses fire always, also where a
-- session plays the replica.

SET search_path = letterpost, pg_temp;

-- Refuses, with the trigger's own sentence.
CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

-- Lets one transaction at a time go on under this name, until it ends. A session that looked before it waited would judge
-- by what it saw then, so REPEATABLE READ is refused.
CREATE FUNCTION one_at_a_time(name TEXT) RETURNS VOID LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION 'this is recorded under READ COMMITTED or SERIALIZABLE' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('letterpost ' || name, 0));
END $$;

-- The audit log -------------------------------------------------------------------------------------------------

-- An entry as JSON; NULL where it is none.
CREATE FUNCTION entry_json(entry BYTEA) RETURNS JSONB LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    RETURN convert_from(entry, 'UTF8')::JSONB;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;

CREATE INDEX audit_entry_by_kind ON audit_entry ((entry_json(entry) ->> 'kind'), seq);
CREATE INDEX audit_entry_by_letter ON audit_entry ((entry_json(entry) -> 'data' ->> 'letter'), seq);
CREATE INDEX audit_entry_by_instant ON audit_entry ((entry_json(entry) ->> 'at'), seq);

CREATE FUNCTION audit_entry_takes_the_next_place() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM audit_entry) THEN
        RAISE EXCEPTION 'the audit log only grows, one entry after another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_takes_the_next_place BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_takes_the_next_place();
CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse('an entry of the audit log is never changed');
CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse('an entry of the audit log is never deleted');
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('an entry of the audit log is never deleted');

CREATE FUNCTION audit_head_only_grows() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    PERFORM one_at_a_time('head');
    IF NEW.size <= (SELECT coalesce(max(size), -1) FROM audit_head) THEN
        RAISE EXCEPTION 'a head of the audit log is larger than the one before' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_head_only_grows BEFORE INSERT ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_only_grows();
CREATE TRIGGER audit_head_is_never_changed BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION refuse('a head of the audit log is never changed');
CREATE TRIGGER audit_head_is_never_deleted BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION refuse('a head of the audit log is never deleted');
CREATE TRIGGER audit_head_is_never_emptied BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a head of the audit log is never deleted');

ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_takes_the_next_place;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_is_never_changed;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_is_never_deleted;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_is_never_emptied;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_only_grows;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_is_never_changed;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_is_never_deleted;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_is_never_emptied;

-- The entries of a brake are written by a clock that may be wrong and do not count.
CREATE FUNCTION audit_entry_moves_the_clock_mark() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
DECLARE
    told CONSTANT JSONB := entry_json(NEW.entry);
    at CONSTANT TIMESTAMPTZ := told ->> 'at';
BEGIN
    IF told ->> 'kind' NOT LIKE 'brake.%' THEN
        UPDATE clock_mark SET recorded_at = at WHERE recorded_at IS NULL OR recorded_at < at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_moves_the_clock_mark AFTER INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_moves_the_clock_mark();

-- Packages ------------------------------------------------------------------------------------------------------

-- On a site that is not live, test packages and others have names of one shape. One name is one package for ever.
CREATE FUNCTION batch_has_no_tests_name() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    PERFORM one_at_a_time('package names');
    IF EXISTS (SELECT 1 FROM vendor_test WHERE vendor_test.name = NEW.name) THEN
        RAISE EXCEPTION 'a transmission test has this name' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_has_no_tests_name BEFORE INSERT ON batch
    FOR EACH ROW EXECUTE FUNCTION batch_has_no_tests_name();

CREATE FUNCTION vendor_test_has_no_batchs_name() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    PERFORM one_at_a_time('package names');
    IF EXISTS (SELECT 1 FROM batch WHERE batch.name = NEW.name) THEN
        RAISE EXCEPTION 'a package has this name' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER vendor_test_has_no_batchs_name BEFORE INSERT ON vendor_test
    FOR EACH ROW EXECUTE FUNCTION vendor_test_has_no_batchs_name();

CREATE FUNCTION batch_has_no_lost_number() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM lost_number
               WHERE lost_number.vendor = NEW.vendor AND lost_number.number = NEW.number) THEN
        RAISE EXCEPTION 'a package that is lost to the ledger has this number' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_has_no_lost_number BEFORE INSERT ON batch
    FOR EACH ROW EXECUTE FUNCTION batch_has_no_lost_number();

CREATE TRIGGER package_key_is_never_changed BEFORE UPDATE ON package_key
    FOR EACH ROW EXECUTE FUNCTION refuse('the keys of a package are never changed');
CREATE TRIGGER package_key_is_never_deleted BEFORE DELETE ON package_key
    FOR EACH ROW EXECUTE FUNCTION refuse('the keys of a package are never changed');
CREATE TRIGGER package_key_is_never_emptied BEFORE TRUNCATE ON package_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('the keys of a package are never changed');

CREATE FUNCTION pull_order_takes_the_next_number() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    PERFORM one_at_a_time('pull orders');
    IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM pull_order WHERE batch_id = NEW.batch_id) THEN
        RAISE EXCEPTION 'pull orders are numbered from 1 without gaps' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pull_order_takes_the_next_number BEFORE INSERT ON pull_order
    FOR EACH ROW EXECUTE FUNCTION pull_order_takes_the_next_number();
CREATE TRIGGER pull_order_is_never_changed BEFORE UPDATE ON pull_order
    FOR EACH ROW WHEN (OLD.sent_at IS NOT NULL OR NEW.batch_id <> OLD.batch_id OR NEW.number <> OLD.number
        OR NEW.sealed <> OLD.sealed)
    EXECUTE FUNCTION refuse('a pull order is never changed');
CREATE TRIGGER pull_order_is_never_deleted BEFORE DELETE ON pull_order
    FOR EACH ROW EXECUTE FUNCTION refuse('a pull order is never deleted');
CREATE TRIGGER pull_order_is_never_emptied BEFORE TRUNCATE ON pull_order
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a pull order is never deleted');

-- Serial numbers ------------------------------------------------------------------------------------------------

-- PostgreSQL's INSERT replaces nothing; the name is kept beside its twin.
CREATE FUNCTION serial_block_is_never_replaced() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM serial_block AS earlier
               WHERE earlier.id = NEW.id OR (earlier.batch_id = NEW.batch_id AND earlier.attempt = NEW.attempt)) THEN
        RAISE EXCEPTION 'serial numbers that were taken stay taken' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER serial_block_is_never_replaced BEFORE INSERT ON serial_block
    FOR EACH ROW EXECUTE FUNCTION serial_block_is_never_replaced();

CREATE FUNCTION serial_block_is_never_taken_twice() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    PERFORM one_at_a_time('serial numbers');
    IF EXISTS (SELECT 1 FROM serial_block AS earlier
               WHERE earlier.mailer_id = NEW.mailer_id AND earlier.free_on > NEW.taken_on
                 AND earlier.first < NEW.first + NEW.count AND NEW.first < earlier.first + earlier.count) THEN
        RAISE EXCEPTION 'a serial number is not used again within 45 days of mailing'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER serial_block_is_never_taken_twice BEFORE INSERT ON serial_block
    FOR EACH ROW EXECUTE FUNCTION serial_block_is_never_taken_twice();
CREATE TRIGGER serial_block_is_never_changed BEFORE UPDATE ON serial_block
    FOR EACH ROW EXECUTE FUNCTION refuse('serial numbers that were taken stay taken');
CREATE TRIGGER serial_block_is_never_deleted BEFORE DELETE ON serial_block
    FOR EACH ROW EXECUTE FUNCTION refuse('serial numbers that were taken stay taken');
CREATE TRIGGER serial_block_is_never_emptied BEFORE TRUNCATE ON serial_block
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('serial numbers that were taken stay taken');

-- Decisions of people -------------------------------------------------------------------------------------------

CREATE TRIGGER letter_correction_is_settled_once BEFORE UPDATE ON letter_correction
    FOR EACH ROW WHEN (OLD.status <> 'waiting' OR NEW.letter_id <> OLD.letter_id
        OR NEW.old_mailed_on <> OLD.old_mailed_on OR NEW.new_mailed_on <> OLD.new_mailed_on
        OR NEW.asked_by <> OLD.asked_by)
    EXECUTE FUNCTION refuse('a correction is kept as it was made');
CREATE TRIGGER letter_correction_is_never_deleted BEFORE DELETE ON letter_correction
    FOR EACH ROW EXECUTE FUNCTION refuse('a correction is kept as it was made');
CREATE TRIGGER letter_correction_is_never_emptied BEFORE TRUNCATE ON letter_correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a correction is kept as it was made');

CREATE TRIGGER template_approval_is_never_changed BEFORE UPDATE ON template_approval
    FOR EACH ROW EXECUTE FUNCTION refuse('an approval is never changed');
CREATE TRIGGER template_approval_is_never_deleted BEFORE DELETE ON template_approval
    FOR EACH ROW EXECUTE FUNCTION refuse('an approval is never deleted');
CREATE TRIGGER template_approval_is_never_emptied BEFORE TRUNCATE ON template_approval
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('an approval is never deleted');
CREATE TRIGGER template_approval_part_is_never_changed BEFORE UPDATE ON template_approval_part
    FOR EACH ROW EXECUTE FUNCTION refuse('an approval is never changed');
CREATE TRIGGER template_approval_part_is_never_deleted BEFORE DELETE ON template_approval_part
    FOR EACH ROW EXECUTE FUNCTION refuse('an approval is never deleted');
CREATE TRIGGER template_approval_part_is_never_emptied BEFORE TRUNCATE ON template_approval_part
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('an approval is never deleted');

CREATE TRIGGER brake_that_ended_is_over BEFORE UPDATE ON brake
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
        AND (OLD.used_at IS NOT NULL OR NEW.used_at IS NULL OR NEW.ended_as <> OLD.ended_as))
    EXECUTE FUNCTION refuse('a brake that ended is never changed');
CREATE TRIGGER brake_is_never_deleted BEFORE DELETE ON brake
    FOR EACH ROW EXECUTE FUNCTION refuse('a brake is never deleted');
CREATE TRIGGER brake_is_never_emptied BEFORE TRUNCATE ON brake
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a brake is never deleted');

CREATE TRIGGER loss_is_never_changed BEFORE UPDATE ON loss
    FOR EACH ROW EXECUTE FUNCTION refuse('a loss is kept as it was accepted');
CREATE TRIGGER loss_is_never_deleted BEFORE DELETE ON loss
    FOR EACH ROW EXECUTE FUNCTION refuse('a loss is kept as it was accepted');
CREATE TRIGGER loss_is_never_emptied BEFORE TRUNCATE ON loss
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a loss is kept as it was accepted');

CREATE TRIGGER legal_hold_is_lifted_once BEFORE UPDATE ON legal_hold
    FOR EACH ROW WHEN (OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NEW.id <> OLD.id
        OR NEW.letter_id <> OLD.letter_id OR NEW.reason <> OLD.reason OR NEW.placed_by <> OLD.placed_by
        OR NEW.placed_at <> OLD.placed_at)
    EXECUTE FUNCTION refuse('a legal hold is kept as it was placed, and lifted once');
CREATE TRIGGER legal_hold_is_never_deleted BEFORE DELETE ON legal_hold
    FOR EACH ROW EXECUTE FUNCTION refuse('a legal hold is never deleted');
CREATE TRIGGER legal_hold_is_never_emptied BEFORE TRUNCATE ON legal_hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a legal hold is never deleted');

CREATE FUNCTION legal_hold_is_never_replaced() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM legal_hold AS earlier WHERE earlier.id = NEW.id
               OR (earlier.letter_id = NEW.letter_id AND earlier.lifted_at IS NULL AND NEW.lifted_at IS NULL)) THEN
        RAISE EXCEPTION 'a legal hold is never replaced' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legal_hold_is_never_replaced BEFORE INSERT ON legal_hold
    FOR EACH ROW EXECUTE FUNCTION legal_hold_is_never_replaced();

-- Personal data -------------------------------------------------------------------------------------------------

CREATE TRIGGER request_that_was_erased_stays_so BEFORE UPDATE ON request
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
    EXECUTE FUNCTION refuse('a request that was erased stays so');
CREATE TRIGGER letter_that_was_erased_stays_so BEFORE UPDATE ON letter
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
    EXECUTE FUNCTION refuse('a letter that was erased stays so');
-- Whoever works the ledger may erase whose a letter is, and not give it to somebody else.
CREATE TRIGGER request_keeps_its_person BEFORE UPDATE OF username, full_name, address_line_1, address_line_2, city, state,
    postal_code, country, content_sha256, address_sha256 ON request
    FOR EACH ROW WHEN (NEW.erased_at IS NULL)
    EXECUTE FUNCTION refuse('a request is never changed; it is erased when its term is over');
CREATE TRIGGER letter_keeps_its_person BEFORE UPDATE OF username, imb ON letter
    FOR EACH ROW WHEN (NEW.erased_at IS NULL)
    EXECUTE FUNCTION refuse('a letter is never given to another account; it is erased when its term is over');

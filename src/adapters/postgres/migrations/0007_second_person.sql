-- Second persons. A name can be typed by anybody, a login of the database cannot: whoever confirms must be logged in as
-- somebody else than who asked. The columns `…_login` are filled here, whatever a statement says; `session_user` is who
-- logged in, and no SET ROLE changes it.

SET search_path = letterpost, pg_temp;

-- For what a second person is needed, as `[approval]` of the configuration says. An operator reads it; only the owner of the
-- schema sets it.
CREATE TABLE second_person (
    deed       TEXT PRIMARY KEY CHECK (deed IN ('corrections', 'releases')),
    is_needed  BOOLEAN NOT NULL
);
INSERT INTO second_person (deed, is_needed) VALUES ('corrections', FALSE), ('releases', FALSE);

ALTER TABLE letter_correction ADD COLUMN asked_login TEXT NOT NULL DEFAULT session_user;
ALTER TABLE letter_correction ADD COLUMN settled_login TEXT;
ALTER TABLE release_ask ADD COLUMN asked_login TEXT NOT NULL DEFAULT session_user;
ALTER TABLE release_ask ADD COLUMN confirmed_login TEXT;
ALTER TABLE brake ADD COLUMN asked_login TEXT;
ALTER TABLE brake ADD COLUMN confirmed_login TEXT;

ALTER TABLE letter_correction ADD CONSTRAINT another_login_settles
    CHECK (status <> 'made' OR settled_by IS NULL OR settled_login <> asked_login);
ALTER TABLE release_ask ADD CONSTRAINT another_login_confirms CHECK (confirmed_login <> asked_login);
ALTER TABLE brake ADD CONSTRAINT another_login_confirms CHECK (confirmed_login <> asked_login);

CREATE FUNCTION is_second_person_needed(for_deed TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE
    SET search_path = letterpost, pg_temp
    RETURN coalesce((SELECT is_needed FROM second_person WHERE deed = for_deed), TRUE);

-- Corrections ---------------------------------------------------------------------------------------------------

CREATE FUNCTION letter_correction_names_logins() RETURNS TRIGGER LANGUAGE plpgsql
    SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.asked_login := session_user;
    ELSE
        NEW.asked_login := OLD.asked_login;
    END IF;
    NEW.settled_login := CASE WHEN NEW.settled_at IS NOT NULL THEN session_user END;
    IF NEW.status = 'made' AND NEW.settled_by IS NULL AND is_second_person_needed('corrections') THEN
        RAISE EXCEPTION 'a second person confirms a correction' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER letter_correction_names_logins BEFORE INSERT OR UPDATE ON letter_correction
    FOR EACH ROW EXECUTE FUNCTION letter_correction_names_logins();

-- A day of mailing that is recorded changes by a correction alone.
CREATE FUNCTION letter_day_is_corrected() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM letter_correction AS made
                   WHERE made.letter_id = NEW.id AND made.status = 'made'
                     AND made.old_mailed_on = OLD.dispatched_on AND made.new_mailed_on = NEW.dispatched_on
                     AND made.id = (SELECT max(id) FROM letter_correction WHERE letter_id = NEW.id)) THEN
        RAISE EXCEPTION 'a day of mailing is changed by a correction alone' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER letter_day_is_corrected BEFORE UPDATE OF dispatched_on ON letter
    FOR EACH ROW WHEN (OLD.dispatched_on IS NOT NULL AND NEW.dispatched_on IS DISTINCT FROM OLD.dispatched_on)
    EXECUTE FUNCTION letter_day_is_corrected();

-- Releases ------------------------------------------------------------------------------------------------------

CREATE FUNCTION release_ask_names_logins() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.asked_login := session_user;
    ELSIF OLD.confirmed_by IS NOT NULL OR NEW.asked_by <> OLD.asked_by OR NEW.asked_at <> OLD.asked_at
        OR NEW.request_id IS DISTINCT FROM OLD.request_id OR NEW.batch_id IS DISTINCT FROM OLD.batch_id THEN
        RAISE EXCEPTION 'a release is kept as it was asked for and confirmed' USING ERRCODE = 'restrict_violation';
    ELSE
        NEW.asked_login := OLD.asked_login;
    END IF;
    NEW.confirmed_login := CASE WHEN NEW.confirmed_by IS NOT NULL THEN session_user END;
    RETURN NEW;
END $$;
CREATE TRIGGER release_ask_names_logins BEFORE INSERT OR UPDATE ON release_ask
    FOR EACH ROW EXECUTE FUNCTION release_ask_names_logins();
CREATE TRIGGER release_ask_is_never_deleted BEFORE DELETE ON release_ask
    FOR EACH ROW EXECUTE FUNCTION refuse('a release is kept as it was asked for and confirmed');
CREATE TRIGGER release_ask_is_never_emptied BEFORE TRUNCATE ON release_ask
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('a release is kept as it was asked for and confirmed');

CREATE FUNCTION request_is_released_by_two() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF is_second_person_needed('releases') AND NOT EXISTS (SELECT 1 FROM release_ask AS ask
        WHERE ask.request_id = OLD.id AND ask.confirmed_at IS NOT NULL
          AND ask.asked_at >= coalesce(OLD.held_at, OLD.status_at)) THEN
        RAISE EXCEPTION 'a second person confirms a release' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_is_released_by_two BEFORE UPDATE ON request
    FOR EACH ROW WHEN (OLD.status = 'held' AND NEW.status NOT IN ('held', 'withdrawn'))
    EXECUTE FUNCTION request_is_released_by_two();

-- A package whose sending is in doubt after a loss is not released: it waits for a person as one that was offered.
CREATE FUNCTION batch_is_released_by_two() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF NEW.offered_at IS NOT NULL AND EXISTS (SELECT 1 FROM loss) THEN
        RETURN NEW;
    END IF;
    IF is_second_person_needed('releases') AND NOT EXISTS (SELECT 1 FROM release_ask AS ask
        WHERE ask.batch_id = OLD.id AND ask.confirmed_at IS NOT NULL AND ask.asked_at >= OLD.held_at) THEN
        RAISE EXCEPTION 'a second person confirms a release' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_is_released_by_two BEFORE UPDATE ON batch
    FOR EACH ROW WHEN (OLD.hold_reason IS NOT NULL AND NEW.hold_reason IS NULL AND NEW.status <> 'void')
    EXECUTE FUNCTION batch_is_released_by_two();

CREATE FUNCTION brake_names_logins() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF NEW.asked_by IS NULL THEN
        NEW.asked_login := NULL;
    ELSIF TG_OP = 'INSERT' OR (NEW.asked_by, NEW.asked_at) IS DISTINCT FROM (OLD.asked_by, OLD.asked_at) THEN
        NEW.asked_login := session_user;
    ELSE
        NEW.asked_login := OLD.asked_login;
    END IF;
    IF NEW.confirmed_by IS NULL THEN
        NEW.confirmed_login := NULL;
    ELSIF TG_OP = 'INSERT' OR OLD.confirmed_by IS NULL THEN
        NEW.confirmed_login := session_user;
    ELSE
        NEW.confirmed_login := OLD.confirmed_login;
    END IF;
    IF NEW.released_at IS NOT NULL AND NEW.confirmed_by IS NULL AND is_second_person_needed('releases') THEN
        RAISE EXCEPTION 'a second person confirms a release' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER brake_names_logins BEFORE INSERT OR UPDATE ON brake
    FOR EACH ROW EXECUTE FUNCTION brake_names_logins();

-- A ledger is given to a site when the site is made, by the login that works it; the row that says whose it is can be there once.
-- Which steps of the schema were made is for all to see who work the ledger.

SET search_path = letterpost, pg_temp;

GRANT INSERT ON site TO letterpost_operator;
GRANT UPDATE (code, environment, origin, rehearsal) ON site TO letterpost_operator;
GRANT SELECT ON _sqlx_migrations TO letterpost_operator, letterpost_auditor;

-- What was recorded for one site is never another's.
CREATE FUNCTION site_is_kept() RETURNS TRIGGER LANGUAGE plpgsql SET search_path = letterpost, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_entry) THEN
        RAISE EXCEPTION 'a ledger stays the site''s for which something was recorded' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER site_is_kept BEFORE UPDATE ON site FOR EACH ROW EXECUTE FUNCTION site_is_kept();

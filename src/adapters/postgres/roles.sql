-- The five roles of the ledger on PostgreSQL 15 or newer, and its two schemas. A superuser runs
-- this once in the ledger's database, before the first file of migrations/; to run it again changes nothing:
--
--     psql --dbname ledger --set ON_ERROR_STOP=1 --file roles.sql
--
-- They are groups and log in nowhere. Each person and each service has a login of its own that is a member of one of them:
-- docs/operations.md shows how. What each may do with which table is in migrations/, beside the tables.
--
--   letterpost_migrator  owns the schemas and changes them; it starts no run and records nothing
--   letterpost_operator  works the ledger: nights and commands. What the log and its witnesses keep, it only adds to
--   letterpost_portal    lays requests into intake.mail_requests, and reads three views
--   letterpost_sign_in   the same for a portal that checks passwords by the library's calls: verifiers, tries, and what was used
--   letterpost_auditor   reads what has no name, address, username or verifier in it, and changes nothing

BEGIN;

DO $$
DECLARE
    one TEXT;
BEGIN
    FOREACH one IN ARRAY ARRAY['letterpost_migrator', 'letterpost_operator', 'letterpost_portal',
            'letterpost_sign_in', 'letterpost_auditor'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = one) THEN
            EXECUTE format('CREATE ROLE %I', one);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', one);
    END LOOP;
    -- Nobody connects who is in none of the groups, and nobody makes temporary tables.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    FOREACH one IN ARRAY ARRAY['letterpost_migrator', 'letterpost_operator', 'letterpost_portal',
            'letterpost_sign_in', 'letterpost_auditor'] LOOP
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), one);
    END LOOP;
    -- A login takes no settings from its groups, so the path is the database's. Functions have theirs fixed.
    EXECUTE format('ALTER DATABASE %I SET search_path = letterpost, pg_temp', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA IF NOT EXISTS letterpost AUTHORIZATION letterpost_migrator;
CREATE SCHEMA IF NOT EXISTS intake AUTHORIZATION letterpost_migrator;
REVOKE ALL ON SCHEMA letterpost, intake FROM PUBLIC;
-- What a portal may that only lays requests, one that checks passwords may too.
GRANT letterpost_portal TO letterpost_sign_in;
GRANT USAGE ON SCHEMA letterpost TO letterpost_operator, letterpost_portal, letterpost_auditor;
GRANT USAGE ON SCHEMA intake TO letterpost_operator, letterpost_portal;

-- What the migrator makes is nobody's until a migration says so.
ALTER DEFAULT PRIVILEGES FOR ROLE letterpost_migrator REVOKE ALL ON TABLES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE letterpost_migrator REVOKE ALL ON SEQUENCES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE letterpost_migrator REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

COMMIT;

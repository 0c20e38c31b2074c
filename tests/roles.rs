//! Who may do what on PostgreSQL: schema, roles and triggers as shipped, on a server of the tests' own.
// A test starts a server and reads files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// What makes a site has a server of its own.
#![allow(clippy::duplicate_mod)]

#[path = "support/nightly.rs"]
mod nightly;
use nightly::postgres;

#[path = "roles/auditor.rs"]
mod auditor;
#[path = "roles/copied.rs"]
mod copied;
#[path = "roles/deeds.rs"]
mod deeds;
#[path = "roles/erased.rs"]
mod erased;
#[path = "roles/kept.rs"]
mod kept;
#[path = "roles/schemas.rs"]
mod schemas;
#[path = "roles/second_person.rs"]
mod second_person;

use postgres::{Database, LOGINS, SUPERUSER};

/// A ledger with one letter mailed, one request held, one package held, and a correction to ask for.
fn worked_ledger() -> Database {
    let database = Database::new();
    database
        .allows("migrations", "INSERT INTO site VALUES (1, 'eba', 'test', 'agency.example/eba', '2026-03-02T09:00Z')");
    database.allows("robin", include_str!("roles/worked.sql"));
    database
}

#[test]
fn roles_are_made_once_however_often_the_file_is_run() {
    let database = Database::new();
    let state = "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
        FROM pg_roles WHERE rolname LIKE 'letterpost%' ORDER BY rolname";
    let before = database.rows(state);
    assert_eq!(before.len(), 5, "{before:?}");
    assert!(before.iter().all(|role| role[1..].iter().all(|right| right == "f")), "{before:?}");
    let rights = "SELECT nspname, relname, relacl FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
        WHERE nspname IN ('letterpost', 'intake') ORDER BY 1, 2";
    let granted = database.rows(rights);
    database.make_roles();
    assert_eq!(database.rows(state), before);
    assert_eq!(database.rows(rights), granted);
}

#[test]
fn nobody_outside_the_groups_gets_in_or_sees_anything() {
    let database = worked_ledger();
    database.allows(SUPERUSER, "CREATE ROLE stranger_of_this_test LOGIN");
    let refusal = database.run("stranger_of_this_test", "SELECT 1").unwrap_err();
    assert!(refusal.text.contains("does not have CONNECT privilege"), "{}", refusal.text);
    // Every grant is to a role of ours: PUBLIC has none on any table, column, function, sequence or schema.
    let to_public = "SELECT 'table', relname FROM pg_class, aclexplode(relacl) AS acl
            WHERE relnamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace) AND acl.grantee = 0
        UNION ALL SELECT 'column', attname FROM pg_attribute, aclexplode(attacl) AS acl WHERE acl.grantee = 0
            AND attrelid IN (SELECT oid FROM pg_class
                WHERE relnamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace))
        UNION ALL SELECT 'function', proname FROM pg_proc,
                aclexplode(coalesce(proacl, acldefault('f', proowner))) AS acl
            WHERE pronamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace) AND acl.grantee = 0
        UNION ALL SELECT 'schema', nspname FROM pg_namespace, aclexplode(nspacl) AS acl
            WHERE nspname IN ('letterpost', 'intake', 'public') AND acl.grantee = 0";
    assert_eq!(database.rows(to_public), Vec::<Vec<String>>::new());
}

#[test]
fn every_function_has_its_path_fixed() {
    let database = Database::new();
    let loose = "SELECT proname FROM pg_proc
        WHERE pronamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace)
          AND NOT coalesce(array_to_string(proconfig, ' ') LIKE '%search_path=%pg_temp%', FALSE)";
    assert_eq!(database.rows(loose), Vec::<Vec<String>>::new());
    let count = &database.rows("SELECT count(*) FROM pg_proc WHERE pronamespace = 'letterpost'::regnamespace")[0][0];
    assert!(count.parse::<u32>().unwrap() >= 15, "{count}");
    for (login, _) in LOGINS {
        assert_eq!(database.run(login, "SHOW search_path").unwrap().trim(), "letterpost, pg_temp", "{login}");
    }
}

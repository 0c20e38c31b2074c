//! The steps of a schema, built into the program.
//!
//! sqlx has a macro for that, which builds its drivers a second time for the compiler alone; a list of names costs nothing.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A step: its name, which begins with its number, and its SQL.
pub(in crate::adapters) type Step = (&'static str, &'static str);

/// The steps of these names, from the files in `migrations` beside the caller.
macro_rules! steps {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("migrations/", $name, ".sql")))),+]
    };
}
pub(in crate::adapters) use steps;

/// What runs these steps. Number, description and checksum of each are recorded as sqlx itself reads them off a file.
pub(in crate::adapters) fn migrator(steps: &[Step]) -> Migrator {
    Migrator::with_migrations(steps.iter().map(migration).collect())
}

fn migration(&(name, sql): &Step) -> Migration {
    let (number, description) = name.split_once('_').unwrap_or((name, ""));
    // A name without a number is found by the test below.
    let version = number.parse().unwrap_or_default();
    Migration::new(version, description.replace('_', " ").into(), MigrationType::Simple, sql.into_sql_str(), false)
}

#[cfg(test)]
mod tests {
    use sqlx::migrate::resolve_blocking;

    use super::*;
    use crate::adapters::{postgres, sqlite};

    #[test]
    fn every_file_is_a_step_as_sqlx_reads_it() {
        for (folder, steps) in [("sqlite", sqlite::STEPS), ("postgres", postgres::STEPS)] {
            let path = format!("{}/src/adapters/{folder}/migrations", env!("CARGO_MANIFEST_DIR"));
            let read = resolve_blocking(path.as_ref()).unwrap();
            let ours = migrator(steps);
            let ours: Vec<_> = ours.iter().collect();
            assert_eq!(ours.len(), read.len(), "{folder}");
            for (ours, (read, file)) in ours.iter().zip(&read) {
                let (of_ours, of_read) = (
                    (ours.version, &ours.description, &ours.checksum, ours.no_tx),
                    (read.version, &read.description, &read.checksum, read.no_tx),
                );
                assert_eq!(of_ours, of_read, "{}", file.display());
            }
        }
    }
}

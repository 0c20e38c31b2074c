//! The ledger's server: its version and settings, the way to it, and what the login may do.

use crate::adapters::postgres::{PostgresAddress, Standing, standing};
use crate::stages::preflight::Checked;

/// The oldest version that the ledger works on.
const OLDEST: i32 = 15;
/// How a version is written as a number: 15.18 is 150018.
const A_VERSION: i32 = 10_000;
/// By which rules texts are put in order: by their bytes, as in every file of letterpost.
const BY_BYTES: [&str; 3] = ["C", "C.UTF-8", "C.utf8"];

/// Every check of a server. One that cannot be reached is told where the ledger is opened.
pub(super) async fn check(address: &PostgresAddress, is_live: bool) -> Vec<Checked> {
    match standing(address).await {
        Ok(found) => judge(&found, is_live),
        Err(error) => vec![Checked::bad(
            "ledger's server",
            error.to_string(),
            "see that the server runs, and that the login, its password file and pg_hba.conf fit: docs/operations.md",
        )],
    }
}

fn judge(found: &Standing, is_live: bool) -> Vec<Checked> {
    vec![
        judge_version(found),
        judge_database(found),
        judge_way(found, is_live),
        judge_login(found, is_live),
        judge_settings(found, is_live),
    ]
}

fn judge_version(found: &Standing) -> Checked {
    let what = "ledger's server";
    let (major, minor) = (found.version / A_VERSION, found.version % A_VERSION);
    let shown = format!("PostgreSQL {major}.{minor}, a database of {} MiB", found.size_bytes >> 20);
    if major < OLDEST {
        return Checked::bad(what, shown, format!("bring the server to PostgreSQL {OLDEST} or newer"));
    }
    Checked::good(what, shown)
}

fn judge_database(found: &Standing) -> Checked {
    let what = "ledger's database";
    let shown = format!("encoding {}, locale {}", found.encoding, found.collation);
    if found.encoding == "UTF8" && BY_BYTES.contains(&found.collation.as_str()) {
        return Checked::good(what, shown);
    }
    let remedy = "make it anew before it is worked with: createdb --template template0 --encoding UTF8 --locale C NAME";
    Checked::bad(what, shown, remedy)
}

/// Names and addresses go this way.
fn judge_way(found: &Standing, is_live: bool) -> Checked {
    let what = "way to the ledger";
    match (found.is_remote, found.is_encrypted) {
        (false, _) => Checked::good(what, "on this machine"),
        (true, true) => Checked::good(what, "encrypted"),
        (true, false) => {
            let remedy = "write sslmode=verify-full and sslrootcert=FILE into [ledger] url, and let pg_hba.conf take hostssl alone";
            let message = "over the network, not encrypted: names and addresses can be read on the way";
            if is_live { Checked::bad(what, message, remedy) } else { Checked::note(what, message, remedy) }
        }
    }
}

/// Whoever owns the tables can take triggers away.
fn judge_login(found: &Standing, is_live: bool) -> Checked {
    let (what, login) = ("login of the ledger", &found.login);
    let remedy = "log in as a member of letterpost_operator alone: docs/operations.md, 'Who may do what on PostgreSQL'";
    let too_much = if found.is_superuser {
        "is a superuser"
    } else if found.is_owner {
        "may change the schema, and so take away what keeps the log"
    } else if found.is_operator {
        return Checked::good(what, format!("{login}, of letterpost_operator"));
    } else {
        return Checked::bad(what, format!("{login} is not in letterpost_operator"), remedy);
    };
    let message = format!("{login} {too_much}");
    if is_live { Checked::bad(what, message, remedy) } else { Checked::note(what, message, remedy) }
}

fn judge_settings(found: &Standing, is_live: bool) -> Checked {
    let what = "settings of the server";
    if found.settings.is_empty() {
        return Checked::good(what, "changes are on the disk when they are answered, and no value reaches its log");
    }
    let is_lost = |name: &str| ["fsync", "full_page_writes", "synchronous_commit"].contains(&name);
    let shown: Vec<String> = found.settings.iter().map(|(name, setting)| format!("{name} = {setting}")).collect();
    let remedy = "set fsync, full_page_writes, synchronous_commit and autovacuum to on, log_parameter_max_length and \
                  log_parameter_max_length_on_error to 0 in postgresql.conf: what is recorded must last, and names stay out of logs";
    if is_live && found.settings.iter().any(|(name, _)| is_lost(name)) {
        return Checked::bad(what, shown.join(", "), remedy);
    }
    Checked::note(what, shown.join(", "), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::preflight::Finding;

    fn fit() -> Standing {
        Standing {
            version: 150_018,
            collation: "C".to_owned(),
            encoding: "UTF8".to_owned(),
            size_bytes: 8 << 20,
            login: "robin".to_owned(),
            is_superuser: false,
            is_owner: false,
            is_operator: true,
            is_remote: true,
            is_encrypted: true,
            settings: Vec::new(),
        }
    }

    /// The worst that is found, on a live site and on another.
    fn worst(found: &Standing) -> [Finding; 2] {
        [true, false].map(|is_live| judge(found, is_live).iter().map(|checked| checked.finding).max().unwrap())
    }

    #[test]
    fn what_makes_a_server_or_a_login_unfit_is_told_with_what_to_do() {
        let set = |name: &str, setting: &str| vec![(name.to_owned(), setting.to_owned())];
        use Finding::{Bad, Good, Note};
        for (found, expected) in [
            (fit(), [Good, Good]),
            (Standing { version: 140_012, ..fit() }, [Bad, Bad]),
            (Standing { collation: "en_US.UTF-8".to_owned(), ..fit() }, [Bad, Bad]),
            (Standing { encoding: "SQL_ASCII".to_owned(), ..fit() }, [Bad, Bad]),
            (Standing { is_encrypted: false, ..fit() }, [Bad, Note]),
            (Standing { is_encrypted: false, is_remote: false, ..fit() }, [Good, Good]),
            (Standing { is_superuser: true, ..fit() }, [Bad, Note]),
            (Standing { is_owner: true, ..fit() }, [Bad, Note]),
            (Standing { is_operator: false, ..fit() }, [Bad, Bad]),
            (Standing { settings: set("fsync", "off"), ..fit() }, [Bad, Note]),
            (Standing { settings: set("synchronous_commit", "off"), ..fit() }, [Bad, Note]),
            (Standing { settings: set("autovacuum", "off"), ..fit() }, [Note, Note]),
            (Standing { settings: set("log_parameter_max_length", "-1"), ..fit() }, [Note, Note]),
        ] {
            assert_eq!(worst(&found), expected, "{found:?}");
            let unfit = judge(&found, true).into_iter().filter(|checked| checked.finding > Good);
            assert!(unfit.into_iter().all(|checked| !checked.remedy.is_empty()));
        }
    }
}

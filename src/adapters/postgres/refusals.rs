//! What a server says, in words for people: what it says no to whatever is tried again, with what to do about it, and what ended a
//! wait.

/// Why trying again is of no use, where it is not.
#[must_use]
pub fn refusal(error: &sqlx::Error) -> Option<String> {
    match error {
        sqlx::Error::Tls(reason) => Some(unproven(&reason.to_string())),
        sqlx::Error::Io(reason) if is_of_tls(reason) => Some(unproven(&reason.to_string())),
        sqlx::Error::Configuration(reason) => {
            Some(format!("the ledger's address does not do ({reason}); mend its url"))
        }
        sqlx::Error::Database(said) => {
            let remedy = remedy(said.code()?.as_ref())?;
            Some(format!("the server of the ledger refuses this: {}; {remedy}", said.message()))
        }
        _ => None,
    }
}

fn remedy(state: &str) -> Option<&'static str> {
    Some(match state {
        "28P01" | "28000" => {
            "give the login's password in PGPASSWORD or in the file of PGPASSFILE, and see pg_hba.conf of the server"
        }
        "3D000" => "make the database ('createdb'), or name another one in the ledger's url",
        "42501" => {
            "work as a login of the group letterpost_operator, and bring the rights up to date with 'letterpost ledger migrate'"
        }
        _ => return None,
    })
}

fn unproven(reason: &str) -> String {
    format!(
        "the server of the ledger did not prove who it is ({reason}); name the certificate of its authority in the url \
         (sslrootcert=FILE) and the host as its certificate does, or ask who else answers there"
    )
}

/// What happened, where trying again may help.
#[must_use]
pub fn reason(error: &sqlx::Error) -> String {
    let more = match error {
        sqlx::Error::PoolTimedOut => {
            return "its server gave no connection in time ([ledger] connect_seconds says for how long it is waited)"
                .to_owned();
        }
        sqlx::Error::Database(said) => match said.code().as_deref() {
            Some("55P03") => " (another program keeps it locked)",
            Some("57014") => " ([ledger] statement_seconds says how long one may take)",
            Some("57P01" | "57P02" | "57P03") => " (the server stops or starts)",
            _ => "",
        },
        _ => "",
    };
    format!("{error}{more}")
}

/// Whether a connection broke because of what the other side's certificate says.
fn is_of_tls(reason: &std::io::Error) -> bool {
    let said = reason.to_string();
    reason.kind() == std::io::ErrorKind::InvalidData && said.contains("certificate")
}

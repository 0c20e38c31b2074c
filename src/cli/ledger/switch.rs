//! The configuration of a site that goes on with another ledger.

use super::copy::address;
use crate::adapters::files;
use crate::adapters::postgres::PostgresAddress;
use crate::cli::config::{Config, Database};
use crate::cli::database;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::open::Opening;

/// The configuration as it will be.
pub struct Switch {
    /// The new ledger's address.
    pub url: PostgresAddress,
    text: String,
}

/// Works out the new configuration, before anything is copied.
///
/// # Errors
/// Where it cannot be read, or would not say what is meant.
pub fn plan(url: &str, at: &Opening) -> CliResult<Switch> {
    let address = address("--switch", url)?;
    let text = switched(&files::read_text(&at.config_path)?, url);
    let wanted = Some(Database::Server(address.clone()));
    let config = Config::from_toml(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", at.config_path.display())).plainly())?;
    let says = [config.stores.ledger, config.stores.intake].map(|database| match database {
        Database::Server(found) => Some(Database::Server(found.within(address.limits()))),
        Database::File(_) => None,
    });
    if says != [wanted.clone(), wanted] {
        return Err(Failure::usage(format!(
            "{} is not written so that its [ledger] url can be changed by a program; leave out --switch, and change it by hand \
             when the copy is made",
            at.config_path.display()
        ))
        .plainly());
    }
    Ok(Switch { url: address, text })
}

/// Writes it, when the site's own login has opened the new ledger.
///
/// # Errors
/// Where that login may not, or the file cannot be written.
pub async fn make(switch: &Switch, config: &Config, at: &Opening) -> CliResult<()> {
    let place = Database::Server(switch.url.clone()).from(&at.folder());
    let opened = database::ledger(&place, &config.site_mark(), at.entropy(), None).await;
    let opened = opened.map_err(|error| {
        let message = format!(
            "the records are copied, and the old ledger is left, but with {} the new one does not open: {}; mend that, and \
             write the address as url under [ledger]",
            switch.url, error.message
        );
        Failure { message, ..error }
    })?;
    opened.close().await;
    Ok(files::rewrite(&at.config_path, switch.text.as_bytes())?)
}

/// The text with this address under `[ledger]`, and no other one under `[intake]`.
fn switched(text: &str, url: &str) -> String {
    let line = format!("url = {}", toml::Value::from(url));
    let (mut lines, mut section, mut is_written) = (Vec::new(), "", false);
    for read in text.lines() {
        let bare = read.trim();
        if bare.starts_with('[') {
            if section == "[ledger]" && !is_written {
                lines.push(line.clone());
                is_written = true;
            }
            section = bare.split('#').next().unwrap_or_default().trim();
        }
        let is_url = |bare: &str| bare.strip_prefix("url").is_some_and(|rest| rest.trim_start().starts_with('='));
        match section {
            "[ledger]" if !is_written && (is_url(bare) || is_url(bare.trim_start_matches(['#', ' ']))) => {
                lines.push(line.clone());
                is_written = true;
            }
            "[ledger]" | "[intake]" if is_url(bare) => lines.push(format!("# {read}")),
            _ => lines.push(read.to_owned()),
        }
    }
    if !is_written {
        if section != "[ledger]" {
            lines.extend([String::new(), "[ledger]".to_owned()]);
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgres://robin@db.example.invalid/ledger";

    #[test]
    fn the_address_takes_the_place_of_the_old_one_and_the_rest_stays() {
        let line = format!("url = \"{URL}\"");
        for (before, after) in [
            ("[ledger]\n# url = \"sqlite:a.db\"\nheads = \"h\"\n", format!("[ledger]\n{line}\nheads = \"h\"\n")),
            ("[ledger]\nurl = \"sqlite:a.db\"\n", format!("[ledger]\n{line}\n")),
            (
                "[ledger] # here\nheads = \"h\"\n[intake]\n",
                format!("[ledger] # here\nheads = \"h\"\n{line}\n[intake]\n"),
            ),
            ("[site]\na = 1\n", format!("[site]\na = 1\n\n[ledger]\n{line}\n")),
            (
                "[ledger]\n[intake]\nurl = \"sqlite:i.db\"\n",
                format!("[ledger]\n{line}\n[intake]\n# url = \"sqlite:i.db\"\n"),
            ),
        ] {
            assert_eq!(switched(before, URL), after);
        }
    }
}

//! A second print vendor for the demo's site, with keys of its own.

use std::fs;

use letterpost::package::openpgp::{NewKey, generate_key};
use rand08::SeedableRng as _;
use rand08::rngs::StdRng;

use super::nightly::TestSite;

/// Adds a vendor with this code that says this of what it takes, after the ones that are there.
pub fn add(site: &TestSite, code: &str, takes: &str) {
    let new = NewKey {
        user_id: "West Print, invented",
        created_at: "2026-01-05T00:00:00Z".parse().unwrap(),
        expires_at: None,
        passphrase: None,
    };
    let key = generate_key(&new, &mut StdRng::seed_from_u64(7)).unwrap();
    fs::write(site.path(&format!("keys/{code}.asc")), key.certificate().to_armored().unwrap()).unwrap();
    for folder in ["inbox", "outbox"] {
        fs::create_dir_all(site.path(&format!("{code}/{folder}"))).unwrap();
    }
    let config = site.path("letterpost.toml");
    let text = fs::read_to_string(&config).unwrap();
    let section = format!(
        "\n[[vendor]]\ncode = \"{code}\"\nname = \"{code}\"\nmint = \"every-run\"\ncertificate = \"keys/{code}.asc\"\n\
         inbox = \"{code}/inbox\"\noutbox = \"{code}/outbox\"\n{takes}\n"
    );
    fs::write(config, text + &section).unwrap();
}

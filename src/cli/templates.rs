//! `template`: for those who edit the letter.

mod approve;
mod check;
pub mod folder;
mod preview;

use super::args::TemplateCommand;
use super::config::{Config, VendorSection};
use super::exit::{CliResult, Exit, Failure};
use super::init::SAMPLE_CONFIGURATION;
use super::open::Opening;
use crate::domain::package_name::{Environment, PackageName};
use crate::letter::TemplateSet;

/// Does what a `template` command says.
pub async fn run(command: TemplateCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        TemplateCommand::Check => check::check(at).await,
        TemplateCommand::Preview(args) => preview::preview(&args, at),
        TemplateCommand::Approve(args) => approve::approve(&args, at).await,
    }
}

/// What an editor works on: a site's letter, or without a site the built-in one of an invented agency.
struct Desk {
    config: Config,
    templates: TemplateSet,
    is_site: bool,
}

impl Desk {
    fn open(at: &Opening) -> CliResult<Self> {
        if let Some(config) = at.config_if_any()? {
            return Ok(Self { templates: at.templates(&config)?, config, is_site: true });
        }
        at.report.say(format!(
            "there is no {}: this is the built-in letter of an invented agency; name a site with --config",
            at.config_path.display()
        ));
        let config = Config::from_toml(SAMPLE_CONFIGURATION).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Self { config, templates: TemplateSet::builtin(), is_site: false })
    }

    /// The vendor of this code; the first where none is named.
    fn vendor(&self, named: Option<&str>) -> CliResult<Option<&VendorSection>> {
        let vendors = &self.config.vendors;
        let Some(code) = named else { return Ok(vendors.first()) };
        let found = vendors.iter().find(|vendor| vendor.code == code);
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = vendors.iter().map(|vendor| vendor.code.as_str()).collect();
            Failure::usage(format!("there is no vendor '{code}'; the configuration has {}", known.join(", ")))
        })
    }

    /// The name of a package that is never made, as a test site would name it.
    fn package(&self, vendor: Option<&VendorSection>) -> CliResult<String> {
        let code = vendor.map_or("vendor", |vendor| vendor.code.as_str());
        let name = PackageName::new(&self.config.site.code, Environment::Test, code, LAST_NUMBER);
        name.map(|name| name.to_string()).map_err(|error| Failure::usage(error.to_string()))
    }

    fn zone_names(&self) -> [&str; 2] {
        self.config.site.zone_names.each_ref().map(String::as_str)
    }
}

/// The number of a package that no site reaches.
const LAST_NUMBER: u32 = 999_999;

//! The site of a rehearsal: made like every site, with a vendor beside it, and thrown away afterwards.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::RehearseArgs;
use crate::adapters::files;
use crate::adapters::system::{FixedClock, SeededEntropy};
use crate::cli::demo;
use crate::cli::doctor::SAMPLE_MARK;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::init::{self, generator};
use crate::cli::open::Opening;
use crate::cli::vendor::simulate::{Manners, Place, StandIn};
use crate::cli::vendor::{SETTINGS_FILE, VendorSettings};
use crate::domain::local_time::{date_at, first_instant};
use crate::stages::world::World;

/// The lines of the sample configuration that a rehearsal changes: verifiers that cost next to nothing, for nobody attacks
/// these passwords; and a vendor whose passwords are minted as late as can be, as on a live site.
const CHANGES: [(&str, &str); 3] = [
    ("# memory_kib = 19456", "memory_kib = 64"),
    ("# passes = 2", "passes = 1"),
    ("mint = \"every-run\"", "mint = \"last-run\""),
];
/// When the first day begins.
const BEGINS_AT: NaiveTime = NaiveTime::MIN;

/// A site, its vendor and its clock.
pub(super) struct Scratch {
    pub(super) folder: PathBuf,
    pub(super) first_day: NaiveDate,
    pub(super) clock: Arc<FixedClock>,
    pub(super) opening: Opening,
    pub(super) world: World,
    pub(super) stand_in: StandIn,
}

impl Scratch {
    /// Makes the site and opens everything.
    pub(super) async fn make(args: &RehearseArgs, at: &Opening) -> CliResult<Self> {
        let folder = match &args.keep {
            Some(folder) => folder.clone(),
            None => passing_folder(at)?,
        };
        init::require_free(&folder)?;
        let (first_day, begins_at) = first_instant_of(args, at)?;
        let clock = Arc::new(FixedClock::at(begins_at));
        let entropy = Arc::new(SeededEntropy::new(args.seed));
        let report = at.report.rehearsed(Arc::<FixedClock>::clone(&clock));
        let opening = Opening::simulated(report, folder.join("letterpost.toml"), &clock, entropy);
        let configuration = init::changed(&init::rehearsal_configuration()?, &CHANGES)?;
        let key = init::make_site(&folder, &opening, &format!(" ({SAMPLE_MARK})"), &configuration).await?;
        demo::make_vendor(&folder, &opening, &init::armored_certificate(&key)?)?;
        let config = opening.config()?;
        let world = opening.world(&config, None).await?;
        let stand_in = open_stand_in(args, &folder, &opening, &world)?;
        Ok(Self { folder, first_day, clock, opening, world, stand_in })
    }

    /// Moves the clock to a local time of the site's.
    pub(super) fn move_to(&self, day: NaiveDate, time: NaiveTime) -> CliResult<DateTime<Utc>> {
        let instant = instant(day, time, self.world.site.time_zone)?;
        self.clock.move_to(instant);
        Ok(instant)
    }

    /// Closes the ledger, and takes the folder away if it is not needed any more.
    pub(super) fn leave(self, is_over: bool, at: &Opening) -> CliResult<()> {
        let Self { folder, world, stand_in, .. } = self;
        drop((world, stand_in));
        if is_over {
            files::remove_tree(&folder)?;
        } else {
            at.report.say(format!(
                "the site is in {}; look at it with 'letterpost --config {}/letterpost.toml report night'",
                folder.display(),
                folder.display()
            ));
        }
        Ok(())
    }
}

/// A folder among the system's temporary ones that nothing else has.
fn passing_folder(at: &Opening) -> CliResult<PathBuf> {
    let mut bytes = [0; 8];
    at.entropy().fill(&mut bytes)?;
    Ok(std::env::temp_dir().join(format!("letterpost-rehearsal-{}", hex::encode(bytes))))
}

fn first_instant_of(args: &RehearseArgs, at: &Opening) -> CliResult<(NaiveDate, DateTime<Utc>)> {
    let zone = chrono_tz::America::New_York;
    let today =
        date_at(at.clock().now(), zone).ok_or_else(|| Failure::usage("the clock shows what no calendar knows"))?;
    let day = args.from.unwrap_or(today);
    Ok((day, instant(day, BEGINS_AT, zone)?))
}

fn instant(day: NaiveDate, time: NaiveTime, zone: chrono_tz::Tz) -> CliResult<DateTime<Utc>> {
    first_instant(day.and_time(time), zone)
        .ok_or_else(|| Failure::usage(format!("{day} is a date that no clock shows")))
}

/// The vendor: it takes what comes, and has the bad luck that was asked for.
fn open_stand_in(
    args: &RehearseArgs,
    folder: &std::path::Path,
    opening: &Opening,
    world: &World,
) -> CliResult<StandIn> {
    let vendor = folder.join("vendor");
    let place = Place { inbox: vendor.join("inbox"), folder: vendor.join("shop"), time_zone: world.site.time_zone };
    let manners = Manners {
        spoil: args.spoil,
        reject: args.reject,
        lose: args.lose,
        returned: args.returned.half(),
        lose_receipts: args.lose_receipts,
        late_receipts: args.late_receipts,
        seed: args.seed,
        ..Manners::default()
    };
    let settings = VendorSettings::read(&vendor.join(SETTINGS_FILE))?;
    Ok(StandIn::open(place, &settings, manners, generator(opening.entropy().as_ref())?)?)
}

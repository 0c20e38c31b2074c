//! `batch purged`: the vendor's certificate that it destroyed packages is recorded, and a copy kept.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::adapters::{files, large_files::with_ending};
use crate::cli::args::PurgedArgs;
use crate::cli::config::Config;
use crate::cli::decisions::{desk, person, show};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::ports::KeptFiles as _;
use crate::ports::ledger::{KeptKind, NewFile, PurgeCertificate};
use crate::stages::decision::Desk;
use crate::stages::purges::{self, Claim, PurgePlan};

/// The largest certificate that is kept.
const MOST_BYTES: usize = 16 << 20;
/// The longest ending of a file's name that the copy's name has too.
const LONGEST_ENDING: usize = 8;

/// A certificate as it was read, with its signature.
struct Paper {
    file_name: String,
    bytes: Vec<u8>,
    sha256: String,
    signature: Option<Vec<u8>>,
}

/// Records a certificate.
pub async fn purged(args: PurgedArgs, at: &Opening) -> CliResult<Exit> {
    let by = person(args.by.as_deref())?;
    let config = at.config()?;
    let desk = desk(&config, at).await?;
    if args.on > desk.today {
        return Err(Failure::usage(format!("--on {} has not come, today is {}", args.on, desk.today)));
    }
    let paper = read(&args.certificate)?;
    let claim = Claim { sha256: &paper.sha256, purged_on: args.on };
    let plan = purges::plan(&desk, &args.packages, &claim).await?;
    if let Some(vendor) = plan.vendor.clone() {
        let signed_by = check_signature(&desk, &vendor, &paper)?;
        if signed_by.is_none() {
            at.report.say(format!(
                "no {}.asc lies beside the certificate: it is recorded as not signed",
                args.certificate.display()
            ));
        }
        if !args.dry_run {
            record(&desk, &config, &plan, args.on, certificate(&paper, vendor, signed_by, by), &paper, at).await?;
        }
    }
    Ok(show(&plan.steps, args.dry_run, at))
}

fn read(path: &Path) -> CliResult<Paper> {
    let bytes = files::read(path)?;
    if bytes.is_empty() || bytes.len() > MOST_BYTES {
        return Err(Failure::usage(format!(
            "{} has {} bytes; a certificate has some, and at most {} MiB",
            path.display(),
            bytes.len(),
            MOST_BYTES >> 20
        )));
    }
    let signature = files::read_if_there(&with_ending(path, ".asc"))?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Paper { file_name, sha256: hex::encode(Sha256::digest(&bytes)), bytes, signature })
}

/// The fingerprint that signed it; `None` where nobody did.
fn check_signature(desk: &Desk, vendor: &str, paper: &Paper) -> CliResult<Option<String>> {
    let Some(signature) = &paper.signature else { return Ok(None) };
    let certificates = &desk.site.vendor(vendor)?.certificates;
    purges::signer(&paper.bytes, signature, certificates, desk).map(Some).map_err(|fault| {
        Failure::usage(format!(
            "{}.asc: {fault}; nothing was recorded: ask the vendor for a right one, or take the signature away if the paper \
             is good without it",
            paper.file_name
        ))
    })
}

fn certificate(paper: &Paper, vendor: String, signed_by: Option<String>, by: String) -> PurgeCertificate {
    PurgeCertificate {
        vendor,
        file_name: paper.file_name.clone(),
        sha256: paper.sha256.clone(),
        signature_sha256: paper.signature.as_ref().map(|it| hex::encode(Sha256::digest(it))).unwrap_or_default(),
        signed_by,
        recorded_by: by,
    }
}

/// Keeps the copies first: a crash before the ledger has them leaves files that the next try finds with the same bytes.
async fn record(
    desk: &Desk,
    config: &Config,
    plan: &PurgePlan,
    purged_on: chrono::NaiveDate,
    certificate: PurgeCertificate,
    paper: &Paper,
    at: &Opening,
) -> CliResult<()> {
    let kept = at.site_files(config);
    let name = copy_name(&certificate);
    let file = |path: String, sha256: &str| NewFile {
        kind: KeptKind::Certificate,
        path,
        sha256: sha256.to_owned(),
        of_sha256: certificate.sha256.clone(),
    };
    let mut copies = vec![file(name.clone(), &certificate.sha256)];
    kept.keep(KeptKind::Certificate, &name, &paper.bytes)?;
    if let Some(signature) = &paper.signature {
        kept.keep(KeptKind::Certificate, &format!("{name}.asc"), signature)?;
        copies.push(file(format!("{name}.asc"), &certificate.signature_sha256));
    }
    Ok(desk.ledger.record_purge(&certificate, &plan.packages, purged_on, &copies, desk.now).await?)
}

/// The name of a certificate's copy: vendor, beginning of its digest, and its own ending where that is a plain one.
pub(super) fn copy_name(certificate: &PurgeCertificate) -> String {
    let digest = certificate.sha256.get(..12).unwrap_or_default();
    let ending = certificate.file_name.rsplit_once('.').map(|(_, ending)| ending);
    let plain =
        |text: &&str| (1..=LONGEST_ENDING).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
    let ending = ending.filter(plain).map(|ending| format!(".{}", ending.to_lowercase())).unwrap_or_default();
    format!("{}-{digest}{ending}", certificate.vendor)
}

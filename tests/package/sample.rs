//! A small package, and the keys around it. Everyone in it is invented.

use chrono::{DateTime, Utc};
use letterpost::domain::letter::LetterId;
use letterpost::domain::package_name::PackageName;
use letterpost::domain::request::{Format, Language};
use letterpost::package::assemble::{Letters, PRINT_STREAM_FILE, assemble, letter_file};
use letterpost::package::digest::Sha256Digest;
use letterpost::package::manifest::ManifestRow;
use letterpost::package::name::sealed_file;
use letterpost::package::openpgp::{Certificate, NewKey, SecretKey, generate_key, seal};
use letterpost::package::ticket::{Householding, JobTicket, Remake, TicketEnvelope, Totals};
use letterpost::package::unzip::UnzipLimits;
use letterpost::package::verify::{Refusal, VerifiedPackage, verify_package};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use rand08::SeedableRng;
use rand08::rngs::StdRng;
use zeroize::Zeroizing;

pub const NAME: &str = "eba-test-acme-000123";
/// Two pages for the second letter, one for the others.
pub const PAGES: [u32; 3] = [1, 2, 1];

pub fn at() -> DateTime<Utc> {
    "2026-03-02T04:00:00Z".parse().unwrap()
}

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub fn key(user_id: &str, seed: u64) -> SecretKey {
    let new =
        NewKey { user_id, created_at: "2026-01-01T00:00:00Z".parse().unwrap(), expires_at: None, passphrase: None };
    generate_key(&new, &mut rng(seed)).unwrap()
}

pub fn site_key() -> SecretKey {
    key("Example Benefits Agency <mail@eba.invalid>", 1)
}

pub fn vendor_key() -> SecretKey {
    key("Acme Print <print@acme.invalid>", 2)
}

pub fn name() -> PackageName {
    NAME.parse().unwrap()
}

/// A PDF whose pages have these content streams, the first of each page deflated.
pub fn pdf(pages: &[Vec<&str>]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let mut kids = Vec::new();
    for streams in pages {
        let mut contents = Vec::new();
        for (place, text) in streams.iter().enumerate() {
            let mut stream = Stream::new(Dictionary::new(), text.as_bytes().to_vec());
            if place == 0 {
                stream.compress().unwrap();
            }
            contents.push(Object::Reference(document.add_object(stream)));
        }
        let size: Vec<Object> = vec![0.into(), 0.into(), 612.into(), 792.into()];
        let page = dictionary! { "Type" => "Page", "Parent" => tree, "MediaBox" => size, "Contents" => contents };
        kids.push(Object::Reference(document.add_object(page)));
    }
    let count = i64::try_from(kids.len()).unwrap();
    document.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// What stands on each page: a part that all share, long enough to be deflated, and one of its own.
pub fn contents() -> Vec<[String; 2]> {
    let shared = "BT /F1 12 Tf 72 720 Td (Example Benefits Agency) Tj ET\n".repeat(4);
    (1..=4).map(|page| [shared.clone(), format!("BT 72 600 Td (page {page}) Tj ET")]).collect()
}

pub fn print_stream() -> Vec<u8> {
    let contents = contents();
    pdf(&contents.iter().map(|[one, two]| vec![one.as_str(), two.as_str()]).collect::<Vec<_>>())
}

pub fn row(sequence: u32, first_page: u32, pages: u32, file: String, sha256: Sha256Digest) -> ManifestRow {
    ManifestRow {
        sequence,
        letter_id: LetterId::from_entropy([u8::try_from(sequence).unwrap(); 10]),
        file,
        first_page,
        pages,
        sheets: pages,
        sha256,
        imb: String::new(),
        postal_code: "00501".into(),
        country: "US".into(),
        language: Language::En,
        format: Format::Standard,
    }
}

pub fn print_stream_rows() -> Vec<ManifestRow> {
    let contents = contents();
    let mut first = 1;
    let mut rows = Vec::new();
    for (place, pages) in PAGES.into_iter().enumerate() {
        let own = contents.iter().skip(first - 1).take(pages as usize).flatten();
        let sha256 = Sha256Digest::of_joined(own.map(|text| text.as_bytes()));
        rows.push(row(place as u32 + 1, first as u32, pages, PRINT_STREAM_FILE.into(), sha256));
        first += pages as usize;
    }
    rows
}

pub fn ticket(rows: &[ManifestRow]) -> JobTicket {
    let name = name();
    JobTicket {
        format_version: 1,
        environment: name.environment(),
        package: name,
        site: "eba".into(),
        vendor: "acme".into(),
        made_at: at(),
        mail_on: "2026-03-03".parse().unwrap(),
        mail_by_on: "2026-03-05".parse().unwrap(),
        paper: "letter".into(),
        duplex: false,
        envelope: TicketEnvelope { kind: "number 10".into(), security_tint: true, printed_endorsement: String::new() },
        mail_class: "first-class".into(),
        householding: Householding::Forbidden,
        remake: Remake::Vendor,
        purge_by_on: "2026-04-02".parse().unwrap(),
        contact: "ops@eba.invalid".into(),
        totals: Totals::of(rows),
        checkpoint: "log.eba.invalid\n7\nAAAA\n".into(),
    }
}

/// The zip of a package with one print file.
pub fn archive() -> Zeroizing<Vec<u8>> {
    let rows = print_stream_rows();
    assemble(&rows, &ticket(&rows), Letters::PrintStream(&print_stream())).unwrap()
}

/// The zip of a package with one file a letter.
pub fn archive_of_files() -> Zeroizing<Vec<u8>> {
    let files: Vec<_> = (1..=3).map(|letter| Zeroizing::new(pdf(&[vec![&format!("letter {letter}")]]))).collect();
    let rows: Vec<_> = files
        .iter()
        .zip(1..)
        .map(|(file, sequence)| row(sequence, 1, 1, letter_file(sequence), Sha256Digest::of(file)))
        .collect();
    assemble(&rows, &ticket(&rows), Letters::Files(&files)).unwrap()
}

pub fn seal_as(zip: &[u8], signer: &SecretKey, recipient: &Certificate) -> Vec<u8> {
    seal(zip, signer, &[recipient], at(), &mut rng(9)).unwrap()
}

/// Sealed by the site to the vendor.
pub fn sealed(zip: &[u8]) -> Vec<u8> {
    seal_as(zip, &site_key(), vendor_key().certificate())
}

/// The vendor's check of a file with the right name.
pub fn check(sealed: &[u8]) -> Result<VerifiedPackage, Refusal> {
    let site = site_key();
    let file = sealed_file(&name());
    verify_package(&file, None, sealed, &vendor_key(), site.certificate(), at(), UnzipLimits::default())
}

/// The vendor's refusal of a zip that the site itself sealed.
pub fn refusal_of(zip: &[u8]) -> Refusal {
    match check(&sealed(zip)) {
        Ok(_) => panic!("it was accepted"),
        Err(refusal) => refusal,
    }
}

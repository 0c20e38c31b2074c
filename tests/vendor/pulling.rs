//! Pull orders at the vendor: read, believed only from the site, and answered in a receipt.

use letterpost::cli::vendor::{Pulls, VendorError};
use letterpost::domain::letter::LetterId;
use letterpost::package::openpgp::SecretKey;
use letterpost::package::pull::{FORMAT_VERSION, PullOrder};

use crate::pressed::print_stream_rows;
use crate::sample::{NAME, at, key, name, rng, site_key, vendor_key};
use crate::shop::Shop;

const FILE: &str = "inbox/eba-test-acme-000123.pull-1.json.pgp";

fn order(letters: Vec<LetterId>) -> PullOrder {
    PullOrder {
        format_version: FORMAT_VERSION,
        package: name(),
        number: 1,
        letters,
        reason: "the address is under review".into(),
        made_at: at(),
        contact: "ops@eba.invalid".into(),
    }
}

fn letter(place: usize) -> LetterId {
    print_stream_rows()[place].letter_id
}

fn send(shop: &Shop, file: &str, order: &PullOrder, signer: &SecretKey) {
    shop.write(file, &order.seal(signer, &[vendor_key().certificate()], at(), &mut rng(8)).unwrap());
}

fn refused(result: Result<Vec<Pulls>, VendorError>) -> String {
    let error = result.expect_err("it was believed");
    assert_eq!(error.exit_code(), 5, "{error}");
    error.to_string()
}

#[test]
fn an_order_says_which_letters_to_take_out() {
    let shop = Shop::new();
    send(&shop, FILE, &order(vec![letter(2), letter(0)]), &site_key());
    let before = shop.list("inbox");
    let pulls = shop.pulls(FILE, &[]).unwrap().remove(0);
    assert_eq!((pulls.package.to_string().as_str(), pulls.number), (NAME, 1));
    assert_eq!(pulls.letters, [letter(2), letter(0)]);
    assert_eq!(pulls.signed_by, site_key().certificate().fingerprint());
    let json = serde_json::to_value(&pulls).unwrap();
    assert_eq!(json["letters"][0], letter(2).to_string());
    assert_eq!(json["reason"], "the address is under review");
    let text = pulls.to_text();
    assert!(text.contains("take out 2 letters") && text.contains("--pulled-by"), "{text}");
    assert_eq!(shop.list("inbox"), before, "it only looks");
}

#[test]
fn only_the_sites_order_under_its_own_name_is_followed() {
    let shop = Shop::new();
    let good = order(vec![letter(0)]);
    send(&shop, FILE, &good, &key("Stranger <x@example.invalid>", 3));
    assert!(refused(shop.pulls(FILE, &[])).contains("not by the pinned key"));
    let other = "inbox/eba-test-acme-000123.pull-2.json.pgp";
    send(&shop, other, &good, &site_key());
    assert!(refused(shop.pulls(other, &[])).contains("renamed or swapped"));
    send(&shop, "inbox/order.json", &good, &site_key());
    assert!(refused(shop.pulls("inbox/order.json", &[])).contains("not the name of a pull order"));
    send(&shop, FILE, &good, &site_key());
    assert!(refused(shop.pulls(FILE, &["--code", "other"])).contains("for vendor acme"));
    assert_eq!(shop.pulls("inbox/eba-test-acme-000124.pull-1.json.pgp", &[]).unwrap_err().exit_code(), 2);
}

#[test]
fn a_receipt_answers_an_order() {
    let shop = Shop::new();
    send(&shop, FILE, &order(vec![letter(0), letter(2)]), &site_key());
    let path = shop.path(FILE);
    let by = ["--pulled-by", path.to_str().unwrap()];
    let receipted = shop.receipt(&[&by[..], &["--events", "accepted"]].concat()).unwrap();
    assert_eq!((receipted.letter_rows, receipted.events["pulled"]), (2, 2));
    // One of them had left already; the others go their usual way.
    let left = format!("{}=mailed", letter(2));
    shop.receipt(&[&by[..], &["--except", &left]].concat()).unwrap();
    let csv = shop.read(&format!("outbox/{NAME}.receipt-2.csv"));
    let told: Vec<&str> = csv.lines().filter_map(|line| line.strip_prefix("letter,")).collect();
    let [one, two, three] = [0, 1, 2].map(letter);
    let expected = [
        format!("{one},pulled,2026-03-01,1,"),
        format!("{two},printed,2026-03-01,2,"),
        format!("{two},mailed,2026-03-01,2,"),
        format!("{three},mailed,2026-03-01,1,"),
    ];
    assert_eq!(told, expected);
    assert!(shop.is_misspoken("receipt", &["--refuse", "x", by[0], by[1]]));
}

#[test]
fn an_order_for_other_letters_stops_the_receipt() {
    let shop = Shop::new();
    send(&shop, FILE, &order(vec!["ZZZZZ-ZZZZZ".parse().unwrap()]), &site_key());
    let path = shop.path(FILE);
    let error = shop.receipt(&["--pulled-by", path.to_str().unwrap()]).unwrap_err();
    assert!(error.to_string().contains("not in this package"), "{error}");
    let other = PullOrder { package: "eba-test-acme-000122".parse().unwrap(), ..order(vec![letter(0)]) };
    send(&shop, "inbox/eba-test-acme-000122.pull-1.json.pgp", &other, &site_key());
    let path = shop.path("inbox/eba-test-acme-000122.pull-1.json.pgp");
    let error = shop.receipt(&["--pulled-by", path.to_str().unwrap()]).unwrap_err();
    assert!(error.to_string().contains("not about eba-test-acme-000123"), "{error}");
    assert!(shop.list("outbox").is_empty());
}

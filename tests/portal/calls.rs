//! The calls of the library, beside the commands and the nights that work on the same files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use letterpost::adapters::system::FixedClock;
use letterpost::portal::{Portal, PortalError, RawRequest, Verdict};
use zeroize::Zeroizing;

use super::nightly::TestSite;
use super::opened::open_all;
use super::recipe::{ask_for_a_letter, pass_on_notices, set_new_password, sign_in};

pub const MONDAY: &str = "2026-03-02T12:00:00-05:00";
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
const TUESDAY: &str = "2026-03-03T20:00:00-05:00";
pub const READER: &str = "robin.reader@example.com";

/// Looks into the ledger, which the test's helpers do by a runtime of their own.
fn looked<T>(look: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(look)
}

/// The site's portal under the site's clock, with a login of its own where the ledger is on a server.
pub async fn portal(site: &TestSite) -> Portal {
    let clock = Arc::new(FixedClock::at(site.now().parse().unwrap()));
    Portal::open_at(site.configuration_of("signin"), clock).await.unwrap()
}

pub fn request(reference: &str) -> RawRequest {
    let text = |text: &str| Some(text.to_owned());
    RawRequest {
        reference: text(reference),
        username: text(READER),
        full_name: text("Robin Reader"),
        address_line_1: text("1 Example Street"),
        city: text("Springfield"),
        state: text("IL"),
        postal_code: text("62701"),
        phone: text("202-555-0142"),
        second_factor: text("email"),
        requested_at: text("2026-03-02T08:00:00-05:00"),
        ..RawRequest::default()
    }
}

/// What is printed in the reader's newest letter.
fn printed_password(site: &TestSite) -> Zeroizing<String> {
    let newest = format!("SELECT id FROM letter WHERE username = '{READER}' ORDER BY batch_id DESC LIMIT 1");
    let id = looked(|| site.value(&newest));
    let packages = open_all(site);
    let mut letters = packages.iter().flat_map(|package| &package.letters);
    Zeroizing::new(letters.find(|letter| letter.id() == id).unwrap().password.clone())
}

pub async fn stage(portal: &Portal, reference: &str) -> String {
    portal.status(reference).await.unwrap().map(|status| status.stage).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_served_from_the_request_to_the_new_password() {
    let site = TestSite::before_the_night(MONDAY);
    let at_noon = portal(&site).await;
    assert_eq!(stage(&at_noon, "PORTAL-1").await, "");
    let shown = ask_for_a_letter(&at_noon, &request("PORTAL-1")).await.unwrap();
    assert!(shown.starts_with("If this account"), "{shown}");
    assert_eq!(stage(&at_noon, "PORTAL-1").await, "handed-over");
    let kept = looked(|| site.value("SELECT count(*) FROM request WHERE reference = 'PORTAL-1'"));
    assert_eq!(kept, "0", "a night collects it");
    at_noon.close().await;

    site.clock(MONDAY_NIGHT);
    site.night();
    site.clock(TUESDAY);
    let at_eight = portal(&site).await;
    assert_eq!(stage(&at_eight, "PORTAL-1").await, "delivered");
    let mut told = Vec::new();
    let tell = |notice: &letterpost::portal::Notice| told.push((notice.kind.clone(), notice.reference.clone()));
    let last = pass_on_notices(&at_eight, 0, tell).await.unwrap();
    assert!(told.contains(&("minted".to_owned(), "PORTAL-1".to_owned())), "{told:?}");
    assert_eq!(at_eight.notices(last).await.unwrap(), [], "nothing is told twice");

    let typed = printed_password(&site);
    let wrong = Zeroizing::new("7777-7777-7777".to_owned());
    assert!(sign_in(&at_eight, READER, &wrong).await.unwrap().unwrap().starts_with("That is not right"));
    assert!(sign_in(&at_eight, "nobody@example.com", &typed).await.unwrap().unwrap().starts_with("That is not right"));
    let sloppy = Zeroizing::new(format!(" {} ", typed.to_lowercase().replace('-', " ")));
    assert_eq!(sign_in(&at_eight, READER, &sloppy).await.unwrap(), None);
    assert_eq!(set_new_password(&at_eight, READER, &typed).await.unwrap(), None);
    assert!(sign_in(&at_eight, READER, &typed).await.unwrap().unwrap().starts_with("This password was used"));
    let after = at_eight.notices(last).await.unwrap();
    assert_eq!(after.iter().map(|notice| notice.kind.as_str()).collect::<Vec<_>>(), ["redeemed"]);
    at_eight.close().await;
    site.closed_accounting();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_redemptions_at_once_one_is_accepted() {
    let site = TestSite::before_the_night(MONDAY);
    let portal = portal(&site).await;
    portal.submit(&request("PORTAL-1")).await.unwrap();
    portal.submit(&request("PORTAL-1")).await.unwrap();
    site.clock(MONDAY_NIGHT);
    site.night();
    let letters = "SELECT count(*) FROM letter JOIN request ON request.id = request_id WHERE reference = 'PORTAL-1'";
    assert_eq!(looked(|| site.value(letters)), "1");
    let typed = printed_password(&site);
    let (one, other) = tokio::join!(portal.redeem(READER, &typed), portal.redeem(READER, &typed));
    let mut verdicts = [one.unwrap().verdict, other.unwrap().verdict];
    verdicts.sort();
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::Used]);
    portal.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_refused_before_it_is_handed_over() {
    let site = TestSite::before_the_night(MONDAY);
    let portal = portal(&site).await;
    let bad =
        RawRequest { state: Some("ZZ".to_owned()), requested_at: Some("yesterday".to_owned()), ..request("PORTAL-1") };
    let Err(PortalError::Refused(problems)) = portal.submit(&bad).await else { panic!("it was taken") };
    let columns: Vec<&str> = problems.iter().map(|problem| problem.column).collect();
    assert_eq!(columns, ["state", "requested_at"]);
    let shown = ask_for_a_letter(&portal, &bad).await.unwrap();
    assert!(shown.starts_with("state: ") && shown.contains("requested_at: "), "{shown}");
    let early = RawRequest { requested_at: Some("2026-03-05T08:00:00-05:00".to_owned()), ..request("PORTAL-1") };
    assert!(matches!(portal.submit(&early).await, Err(PortalError::Refused(_))));
    assert_eq!(stage(&portal, "PORTAL-1").await, "");
    // A reference that was taken before with other content is found by the night only.
    portal.submit(&request("PORTAL-1")).await.unwrap();
    site.run(&["collect"]).done();
    assert_eq!(stage(&portal, "PORTAL-1").await, "pending");
    let other = RawRequest { full_name: Some("Kim Reader".to_owned()), ..request("PORTAL-1") };
    portal.submit(&other).await.unwrap();
    site.run(&["collect"]).expect(1);
    assert_eq!(stage(&portal, "PORTAL-1").await, "pending", "the first one stands");
    // A row that is put into the table by hand is judged by the night.
    looked(|| {
        site.hand_over(
            "INSERT INTO mail_requests (reference, username, full_name, address_line_1, city, state, second_factor, requested_at)
             VALUES ('PORTAL-2', 'kim@example.com', 'Kim Reader', '1 Example Street', 'Springfield', 'ZZ', 'email',
                 '2026-03-02T08:00:00-05:00')",
        );
    });
    assert_eq!(stage(&portal, "PORTAL-2").await, "handed-over");
    site.run(&["collect"]).expect(1);
    let status = portal.status("PORTAL-2").await.unwrap().unwrap();
    assert_eq!(status.stage, "quarantined");
    assert!(status.next.starts_with("it was refused: state: "), "{}", status.next);
    portal.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_is_served_while_the_night_is_at_work() {
    let site = TestSite::before_the_night(MONDAY);
    let portal = Arc::new(portal(&site).await);
    portal.submit(&request("PORTAL-1")).await.unwrap();
    site.clock(MONDAY_NIGHT);
    let is_over = Arc::new(AtomicBool::new(false));
    let asking = tokio::spawn({
        let (portal, is_over) = (Arc::clone(&portal), Arc::clone(&is_over));
        async move {
            let typed = Zeroizing::new("7777-7777-7777".to_owned());
            let mut asked = 0;
            while !is_over.load(Ordering::Relaxed) {
                assert_eq!(portal.check(READER, &typed).await.unwrap().verdict, Verdict::Wrong);
                portal.notices(0).await.unwrap();
                portal.submit(&request(&format!("MORE-{asked}"))).await.unwrap();
                asked += 1;
            }
            asked
        }
    });
    tokio::task::block_in_place(|| site.night());
    is_over.store(true, Ordering::Relaxed);
    let asked = asking.await.unwrap();
    assert!(asked > 3, "it was asked {asked} times");
    Arc::into_inner(portal).unwrap().close().await;
    site.closed_accounting();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_site_is_not_opened() {
    let site = TestSite::before_the_night(MONDAY);
    let clock = Arc::new(FixedClock::at(site.now().parse().unwrap()));
    let at = |file: &str| Portal::open_at(site.path(file), Arc::<FixedClock>::clone(&clock));
    let told = |opened: Result<Portal, PortalError>| match opened {
        Err(PortalError::NotFit(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    };
    assert!(told(at("nothing.toml").await).contains("nothing.toml"));
    site.configure("rehearsal = true", "rehearsal = false");
    assert!(told(at("letterpost.toml").await).contains("not made for rehearsing"));
    site.configure("rehearsal = false", "rehearsal = true");
    site.configure("environment = \"test\"", "environment = \"tset\"");
    assert!(told(at("letterpost.toml").await).contains("write \"test\" or \"live\""));
    site.configure("environment = \"tset\"", "environment = \"test\"");
    std::fs::write(site.path("keys/pepper"), "no pepper").unwrap();
    assert!(told(at("letterpost.toml").await).contains("is not a pepper"));
}

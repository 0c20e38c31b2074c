//! What a daemon tells of itself: health, figures, its service manager, the site's own commands; and what it survives.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::night::{Manner, NIGHT_LIMIT, NightSite, Vendor, examine, start, wait_until};
use super::process::{Daemon, site};

const DONE: &str = "nightly for 2026-11-20T22:30: completed";
const LEDGER: [&str; 3] = ["letterpost.db", "letterpost.db-wal", "letterpost.db-shm"];

fn move_ledger(site: &NightSite, to_folder: bool) {
    fs::create_dir_all(site.path("away")).unwrap();
    for name in LEDGER {
        let (here, away) = (site.path(name), site.path(&format!("away/{name}")));
        let (from, to) = if to_folder { (here, away) } else { (away, here) };
        // The write-ahead log is not always there.
        let _ = fs::rename(from, to);
    }
}

#[tokio::test]
async fn health_and_figures_are_answered_while_it_works_and_after() {
    let site = site(6, 4, 64);
    let daemon = Daemon::start(&site);
    daemon.wait_until_it_says(DONE);
    wait_until("the look after the night", || daemon.health().1["jobs"][0]["last_completed"] == "2026-11-20T22:30");
    let health = daemon.wait_for_reason(None);
    assert_eq!((health["status"].as_str(), health["ready"].as_bool()), (Some("ok"), Some(true)), "{health}");
    assert_eq!(health["jobs"][0]["next_at"], "2026-11-22T03:30:00Z", "{health}");
    assert_eq!(daemon.ask("/ready"), (200, "ready\n".to_owned()));
    let (status, figures) = daemon.ask("/metrics");
    assert_eq!(status, 200);
    for line in [
        "letterpost_ledger_up 1.0",
        "letterpost_letters{vendor=\"acme\",status=\"delivered\"} 6.0",
        "letterpost_job_last_exit_status{job=\"nightly\"} 0.0",
        "letterpost_requests{status=\"lettered\"} 6.0",
        "letterpost_oldest_pending_request_seconds 0.0",
        "letterpost_holds{kind=\"request\",state=\"overdue\"} 0.0",
    ] {
        assert!(figures.lines().any(|found| found == line), "{line} is not in\n{figures}");
    }
    let value = |name: &str| -> f64 {
        let line =
            figures.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {figures}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let begun = super::played::at("2026-11-21T03:30:00Z").timestamp() as f64;
    let over = begun + NIGHT_LIMIT.as_secs_f64();
    let success = value("letterpost_job_last_success_timestamp_seconds{job=\"nightly\"}");
    assert!((begun..over).contains(&success), "{success}");
    assert_eq!(daemon.ask("/elsewhere").0, 404);
    daemon.stop();
}

#[tokio::test]
async fn a_ledger_that_is_moved_away_and_back_is_told_and_survived() {
    let site = site(2, 4, 64);
    let daemon = Daemon::start(&site);
    daemon.wait_until_it_says(DONE);
    move_ledger(&site, true);
    daemon.hang_up();
    let health = daemon.wait_for_reason(Some("ledger"));
    assert_eq!(health["ready"], false, "{health}");
    assert_eq!(daemon.ask("/ready").0, 503);
    move_ledger(&site, false);
    daemon.hang_up();
    daemon.wait_for_reason(None);
    daemon.wait_until_it_says("the ledger can be read again");
    daemon.stop();
}

#[tokio::test]
async fn a_ledger_that_is_away_at_the_start_is_waited_for() {
    let site = site(2, 4, 64);
    move_ledger(&site, true);
    let daemon = Daemon::start(&site);
    daemon.wait_for_reason(Some("ledger"));
    move_ledger(&site, false);
    daemon.hang_up();
    daemon.wait_until_it_says(DONE);
    daemon.stop();
}

#[tokio::test]
async fn a_vendor_that_comes_back_gets_its_packages_from_the_same_daemon() {
    let site = site(6, 4, 64);
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/unmounted"));
    fs::rename(&inbox, &away).unwrap();
    let alarm = alarm_command(&site);
    let daemon = Daemon::start(&site);
    daemon.wait_until_it_says("nightly for 2026-11-20T22:30 ended with 3 after 1 starts; it is started again at ");
    daemon.wait_for_reason(Some("failed"));
    wait_until("the alarm", || fs::read_to_string(&alarm).is_ok_and(|text| text.ends_with("\n.\n")));
    let told = fs::read_to_string(&alarm).unwrap();
    let (facts, report) = told.split_once('\n').unwrap();
    assert_eq!(facts, "nightly 2026-11-20T22:30 3");
    let report: serde_json::Value = serde_json::from_str(report.trim_end_matches(".\n")).unwrap();
    assert_eq!(report[0]["status"], "unfinished", "{report}");
    fs::rename(away, inbox).unwrap();
    let vendor = Vendor::start(&site, Manner::Careful);
    daemon.hang_up();
    daemon.wait_until_it_says("nightly for 2026-11-20T22:30: completed, resumed");
    daemon.wait_for_reason(None);
    daemon.stop();
    // The daemon's clock went on meanwhile.
    site.clock("2026-11-20T22:45:00-05:00");
    examine(&site, 6, &vendor.finish()).await;
}

/// Configures an alarm command that writes what it is told into a file, with a line of one dot at its end.
fn alarm_command(site: &NightSite) -> std::path::PathBuf {
    let (script, file) = (site.path("alarm.sh"), site.path("alarm.txt"));
    let text = "#!/bin/sh\n{ echo \"$LETTERPOST_JOB $LETTERPOST_RUN $LETTERPOST_EXIT\"; cat; echo; echo .; } >\"$1\"\n";
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let line = format!("[alerts]\non_alarm = [\"{}\", \"{}\"]", script.display(), file.display());
    site.configure("[alerts]", &line);
    file
}

#[tokio::test]
async fn a_bad_configuration_is_refused_while_it_works_and_ends_it_at_the_start() {
    let site = site(2, 4, 64);
    let daemon = Daemon::start(&site);
    daemon.wait_until_it_says(DONE);
    let good = fs::read_to_string(site.path("letterpost.toml")).unwrap();
    fs::write(site.path("letterpost.toml"), good.replace("[holds]", "[hold]")).unwrap();
    daemon.hang_up();
    let health = daemon.wait_for_reason(Some("reload"));
    let message = health["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("unknown section or key 'hold'") && message.contains("did you mean 'holds'"), "{message}");
    let refused = site.run(&["daemon"]);
    assert_eq!(refused.exit, Some(2), "{refused:?}");
    // A key that is gone is refused as well.
    fs::write(site.path("letterpost.toml"), &good).unwrap();
    fs::rename(site.path("keys/pepper"), site.path("keys/pepper.away")).unwrap();
    daemon.hang_up();
    wait_until("the pepper", || {
        daemon.health().1["reasons"][0]["message"].as_str().is_some_and(|it| it.contains("pepper"))
    });
    assert_eq!(site.run(&["daemon"]).exit, Some(2));
    fs::rename(site.path("keys/pepper.away"), site.path("keys/pepper")).unwrap();
    fs::write(
        site.path("jobs/second.toml"),
        fs::read_to_string(site.path("jobs/nightly.toml")).unwrap().replace("\"nightly\"", "\"second\""),
    )
    .unwrap();
    daemon.hang_up();
    daemon.wait_for_reason(None);
    daemon.wait_until_it_says("watching the schedule of nightly, second");
    // The new job is due as well.
    daemon.wait_until_it_says("second for 2026-11-20T22:30: completed");
    daemon.stop();
}

#[test]
fn its_service_manager_hears_of_its_beginning_its_work_and_its_end() {
    let site = site(1, 4, 64);
    let socket = site.path("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut command = site.command(&["daemon"]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "20000000").env_remove("WATCHDOG_PID");
    let daemon = Daemon(start(command));
    let mut heard = String::new();
    let mut hear_until = |wanted: &str| {
        while !heard.contains(wanted) {
            let mut message = [0; 4096];
            let length = manager.recv(&mut message).unwrap_or_else(|error| panic!("no {wanted} ({error}): {heard}"));
            heard.push_str(&String::from_utf8_lossy(&message[..length]));
        }
    };
    hear_until("READY=1");
    hear_until("STATUS=running nightly for 2026-11-20T22:30");
    hear_until("WATCHDOG=1");
    daemon.wait_until_it_says(DONE);
    daemon.hang_up();
    hear_until("RELOADING=1");
    hear_until("MONOTONIC_USEC=");
    daemon.stop();
    hear_until("STOPPING=1");
}

#[test]
fn what_it_says_after_a_run_failed_is_not_of_that_run() {
    let site = site(1, 1, 64);
    // Letters need dates beyond it: the night begins, and is refused before it mints.
    site.configure("# vouched_to = 2027-12-31", "vouched_to = 2026-11-21");
    let mut command = site.command(&["daemon"]);
    command.env("LETTERPOST_LOG", "json");
    let daemon = start(command);
    daemon.wait_until_it_says("\"event\":\"failed\"");
    daemon.signal(rustix::process::Signal::TERM);
    let ended = daemon.finish(NIGHT_LIMIT);
    assert_eq!(ended.exit, Some(0), "{ended:?}");
    let lines: Vec<serde_json::Value> = ended.said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let failed = lines.iter().rposition(|line| line["event"] == "failed").unwrap();
    assert_eq!(lines[failed]["job"], "nightly", "{ended:?}");
    assert!(lines.len() > failed + 1, "{ended:?}");
    for line in &lines[failed + 1..] {
        assert!(line.get("run").is_none() && line.get("stage").is_none(), "{line}");
    }
}

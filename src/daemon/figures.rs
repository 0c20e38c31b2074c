//! Figures for Prometheus: what the ledger counts, the ends of the keys, and the daemon itself. No name and no id of a
//! person's letter is in them.

use chrono::{DateTime, Utc};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::health::Health;
use crate::ports::ledger::{Figures, HoldFigures};

/// What the answer is.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// A key of the site or a certificate of a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEnd {
    /// `site`, or the vendor's code.
    pub owner: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it ends; `None` for one that never does.
    pub ends_at: Option<DateTime<Utc>>,
}

type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge<f64, std::sync::atomic::AtomicU64>>;

/// The figures as text; without those of the ledger where it cannot be read.
#[must_use]
pub fn text(figures: Option<&Figures>, keys: &[KeyEnd], health: &Health, now: DateTime<Utc>) -> String {
    let mut page = Page(Registry::with_prefix("letterpost"));
    page.gauge("build_info", "The program", [(vec![("version", health.version.to_owned())], 1.0)]);
    page.gauge("ledger_up", "Whether the ledger can be read", [(vec![], truth(figures.is_some()))]);
    page.gauge("ready", "Whether the daemon does its work", [(vec![], truth(health.ready))]);
    page.gauge("working", "Whether a run of the daemon's is at work", [(vec![], truth(health.working.is_some()))]);
    page.gauge("health_reasons", "Things that /health says are wrong", [(vec![], number(health.reasons.len()))]);
    let ends = keys.iter().filter_map(|key| {
        let labels = vec![("owner", key.owner.clone()), ("fingerprint", key.fingerprint.clone())];
        Some((labels, seconds(key.ends_at?, now)))
    });
    page.gauge(
        "key_expires_in_seconds",
        "Until the site's key or a vendor's certificate ends; keys without an end are not here",
        ends,
    );
    if let Some(figures) = figures {
        of_jobs(&mut page, figures);
        of_work(&mut page, figures, now);
    }
    let mut text = String::new();
    // A string takes whatever is written to it.
    let _ = prometheus_text::encode(&mut text, &page.0);
    text
}

fn of_jobs(page: &mut Page, figures: &Figures) {
    let label = |job: &str| vec![("job", job.to_owned())];
    let completed = figures.jobs.iter().filter_map(|job| Some((label(&job.job), instant(job.completed_at?))));
    page.gauge("job_last_success_timestamp_seconds", "When a run of the job was last completed", completed);
    let starts = || figures.jobs.iter().filter_map(|job| Some((label(&job.job), job.last_start?)));
    page.gauge(
        "job_last_end_timestamp_seconds",
        "When the newest start of the job was over",
        starts().map(|(label, (_, ended_at, _))| (label, instant(ended_at))),
    );
    page.gauge(
        "job_last_duration_seconds",
        "How long the newest start of the job took",
        starts().map(|(label, (began_at, ended_at, _))| (label, seconds(ended_at, began_at))),
    );
    page.gauge(
        "job_last_exit_status",
        "The exit status of the newest start of the job",
        starts().map(|(label, (_, _, exit))| (label, f64::from(exit))),
    );
}

fn of_work(page: &mut Page, figures: &Figures, now: DateTime<Utc>) {
    let letters = figures
        .letters
        .iter()
        .map(|(vendor, status, count)| (vec![("vendor", vendor.clone()), ("status", status.clone())], number(*count)));
    page.gauge("letters", "Letters by vendor and state", letters);
    let requests = figures.requests.iter().map(|(status, count)| (vec![("status", status.clone())], number(*count)));
    page.gauge("requests", "Requests by state", requests);
    let held = [("request", figures.held_requests), ("package", figures.held_packages)];
    let holds = held.into_iter().flat_map(|(kind, HoldFigures { in_time, overdue })| {
        let labels = move |state: &str| vec![("kind", kind.to_owned()), ("state", state.to_owned())];
        [(labels("in-time"), number(in_time)), (labels("overdue"), number(overdue))]
    });
    page.gauge("holds", "What waits for a person, by whether the day to act is over", holds);
    let brakes = figures.brakes.iter().map(|(kind, count)| (vec![("kind", kind.clone())], number(*count)));
    page.gauge("brakes_engaged", "Brakes that keep nights from going on", brakes);
    let age = |at: Option<DateTime<Utc>>| [(vec![], at.map_or(0.0, |at| seconds(now, at).max(0.0)))];
    page.gauge(
        "oldest_pending_request_seconds",
        "Since the oldest request was made that waits for a letter; 0 where none waits",
        age(figures.oldest_pending_at),
    );
    page.gauge(
        "oldest_unreceipted_piece_seconds",
        "Since the delivery of the oldest package with a piece of which no receipt says what became; 0 where there is none",
        age(figures.oldest_unreceipted_at),
    );
    let unsent = figures.sinks.iter().map(|sink| {
        let age = sink.behind_since.map_or(0.0, |since| seconds(now, since).max(0.0));
        (vec![("sink", sink.code.clone())], age)
    });
    page.gauge(
        "oldest_unsent_checkpoint_seconds",
        "Since the oldest checkpoint was taken that a sink lacks; 0 where it has had all",
        unsent,
    );
}

/// The figures, as they come.
struct Page(Registry);

impl Page {
    fn gauge(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, f64)>) {
        let gauges = Gauges::default();
        for (labels, value) in values {
            gauges.get_or_create(&labels).set(value);
        }
        self.0.register(name, help, gauges);
    }
}

fn truth(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

fn instant(at: DateTime<Utc>) -> f64 {
    number(at.timestamp())
}

fn seconds(to: DateTime<Utc>, from: DateTime<Utc>) -> f64 {
    number((to - from).num_seconds())
}

/// A count or a number of seconds; what has more digits than Prometheus keeps is no number of letters.
fn number(value: impl TryInto<i64>) -> f64 {
    value.try_into().unwrap_or(i64::MAX) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::health::Board;
    use crate::ports::ledger::{JobFigures, SinkStanding};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn figures_are_lines_with_the_names_that_the_documents_give() {
        let nightly = JobFigures {
            job: "nightly".to_owned(),
            completed_at: Some(at(-3600)),
            last_start: Some((at(-3690), at(-3600), 1)),
        };
        let figures = Figures {
            jobs: vec![nightly],
            letters: vec![("acme".to_owned(), "mailed".to_owned(), 12)],
            requests: vec![("pending".to_owned(), 3)],
            oldest_pending_at: Some(at(-7200)),
            held_requests: HoldFigures { in_time: 2, overdue: 1 },
            brakes: vec![("size".to_owned(), 1)],
            sinks: vec![SinkStanding {
                code: "kept".to_owned(),
                has_size: None,
                had_at: None,
                behind: 2,
                behind_since: Some(at(-1800)),
                failure: None,
            }],
            ..Figures::default()
        };
        let keys = [KeyEnd { owner: "acme".to_owned(), fingerprint: "AB12".to_owned(), ends_at: Some(at(86_400)) }];
        let text = text(Some(&figures), &keys, &Board::default().health(), at(0));
        for line in [
            "letterpost_ledger_up 1.0",
            "letterpost_job_last_success_timestamp_seconds{job=\"nightly\"} 1799996400.0",
            "letterpost_job_last_duration_seconds{job=\"nightly\"} 90.0",
            "letterpost_job_last_exit_status{job=\"nightly\"} 1.0",
            "letterpost_letters{vendor=\"acme\",status=\"mailed\"} 12.0",
            "letterpost_requests{status=\"pending\"} 3.0",
            "letterpost_brakes_engaged{kind=\"size\"} 1.0",
            "letterpost_oldest_pending_request_seconds 7200.0",
            "letterpost_oldest_unreceipted_piece_seconds 0.0",
            "letterpost_holds{kind=\"request\",state=\"overdue\"} 1.0",
            "letterpost_oldest_unsent_checkpoint_seconds{sink=\"kept\"} 1800.0",
            "letterpost_key_expires_in_seconds{owner=\"acme\",fingerprint=\"AB12\"} 86400.0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.contains("# TYPE letterpost_letters gauge"), "{text}");
    }

    #[test]
    fn without_a_ledger_the_rest_is_there() {
        let text = text(None, &[], &Board::default().health(), at(0));
        assert!(text.contains("letterpost_ledger_up 0.0") && text.contains("letterpost_build_info{version="), "{text}");
        assert!(!text.contains("letterpost_letters{"), "{text}");
    }
}

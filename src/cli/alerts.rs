//! Alarms go out: the commands of `[alerts]`, told how a start of a job ended.
//!
//! Whatever becomes of such a command, the run's result stays what it is.

use super::config::{Alerts, SITE_KEY_PASSPHRASE_VARIABLE};
use super::exit::Exit;
use super::report::Report;
use crate::adapters::site_command::{self, Call};
use crate::stages::night::NightReport;

/// What is said in place of a message that may quote what a person wrote.
const ELSEWHERE: &str = "see 'letterpost report night'";

/// What a command is told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The job's name; empty where it is about no job.
    pub job: &'a str,
    /// The scheduled local time of the run; empty where there is none.
    pub run: &'a str,
    /// How it ended.
    pub exit: Exit,
    /// What was done.
    pub reports: &'a [NightReport],
    /// Whether what a report says of its failure are words of this program's own.
    pub is_failure_ours: bool,
}

/// Calls the command that the configuration names for how a start ended.
pub async fn tell(alerts: &Alerts, told: Told<'_>, report: &Report) {
    let (which, command) = match told.exit {
        Exit::Done | Exit::Person => ("on_success", &alerts.on_success),
        _ => ("on_alarm", &alerts.on_alarm),
    };
    let Some((program, arguments)) = command.as_ref().and_then(|command| command.split_first()) else { return };
    let input = document(told);
    let given = [
        ("LETTERPOST_JOB", told.job.to_owned()),
        ("LETTERPOST_RUN", told.run.to_owned()),
        ("LETTERPOST_EXIT", (told.exit as u8).to_string()),
    ];
    let withheld = [SITE_KEY_PASSPHRASE_VARIABLE];
    let call = Call { program, arguments, given: &given, withheld: &withheld, limit: alerts.deadline };
    if let Err(error) = site_command::run(call, input.as_bytes()).await {
        report.say(format!("[alerts] {which}: the command {program} {error}; the run's own result stands"));
    }
}

/// The runs as `run --json` shows them, but for words that are not this program's own: such a command may send its input
/// anywhere.
fn document(told: Told<'_>) -> String {
    let mut reports = told.reports.to_vec();
    for report in &mut reports {
        let failure = report.failure.as_mut().filter(|_| !told.is_failure_ours);
        let matters = report.stages.iter_mut().flat_map(|done| &mut done.outcome.matters);
        let messages = matters.filter(|matter| !matter.is_ours).map(|matter| &mut matter.message);
        for text in messages.chain(failure) {
            ELSEWHERE.clone_into(text);
        }
    }
    serde_json::to_string(&reports).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::night::{Stage, StageDone};
    use crate::stages::outcome::{Outcome, Urgency};

    #[test]
    fn what_a_person_wrote_is_not_sent_anywhere() {
        let mut outcome = Outcome::default();
        outcome.record("letters", 3);
        outcome.raise(Urgency::Person, "request A-1", "its letter cannot be printed: Mara Example");
        outcome.raise(Urgency::Alarm, "package eba-acme-000001", "the inbox has another file under this name");
        outcome.matters[0].is_ours = false;
        outcome.matters[1].is_ours = true;
        let report = NightReport {
            job: "nightly".to_owned(),
            scheduled_for: "2026-11-20T22:30".to_owned(),
            status: "unfinished",
            resumed: false,
            stages: vec![StageDone { stage: Stage::Produce, outcome }],
            failure: Some("'Mara' is no name of a key".to_owned()),
        };
        let told = |is_failure_ours| {
            let reports = std::slice::from_ref(&report);
            document(Told { job: "nightly", run: "", exit: Exit::Alarm, reports, is_failure_ours })
        };
        let document: serde_json::Value = serde_json::from_str(&told(false)).unwrap();
        assert!(!document.to_string().contains("Mara"), "{document}");
        let stage = &document[0]["stages"][0];
        assert_eq!(stage["did"]["letters"], 3);
        assert_eq!(stage["matters"][0]["message"], ELSEWHERE);
        assert_eq!(stage["matters"][1]["message"], "the inbox has another file under this name");
        assert!(told(true).contains("is no name of a key"));
    }
}

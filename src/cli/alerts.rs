//! Alarms go out: the commands of `[alerts]`, told how a start of a job ended.
//!
//! Whatever becomes of such a command, the run's result stays what it is.

use serde_json::Value;

use super::config::{Alerts, SITE_KEY_PASSPHRASE_VARIABLE};
use super::exit::Exit;
use super::report::Report;
use crate::adapters::alert_command;
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
}

/// Calls the command that the configuration names for how a start ended.
pub async fn tell(alerts: &Alerts, told: Told<'_>, report: &Report) {
    let (which, command) = match told.exit {
        Exit::Done | Exit::Person => ("on_success", &alerts.on_success),
        _ => ("on_alarm", &alerts.on_alarm),
    };
    let Some((program, arguments)) = command.as_ref().and_then(|command| command.split_first()) else { return };
    let input = document(told.reports).to_string();
    let given = [
        ("LETTERPOST_JOB", told.job.to_owned()),
        ("LETTERPOST_RUN", told.run.to_owned()),
        ("LETTERPOST_EXIT", (told.exit as u8).to_string()),
    ];
    let withheld = [SITE_KEY_PASSPHRASE_VARIABLE];
    let called = alert_command::run((program, arguments), input.as_bytes(), &given, &withheld, alerts.deadline).await;
    if let Err(error) = called {
        report.say(format!("[alerts] {which}: the command {program} {error}; the run's own result stands"));
    }
}

/// The runs as `run --json` shows them, but for messages that may quote what a person wrote: such a command may send its
/// input anywhere.
fn document(reports: &[NightReport]) -> Value {
    let mut document = serde_json::to_value(reports).unwrap_or_default();
    let runs = document.as_array_mut().into_iter().flatten();
    let stages = runs.filter_map(|run| run.get_mut("stages")?.as_array_mut()).flatten();
    for matter in stages.filter_map(|stage| stage.get_mut("matters")?.as_array_mut()).flatten() {
        if may_quote(matter) {
            matter["message"] = ELSEWHERE.into();
        }
    }
    document
}

/// Alarms, and what is to be tried again, speak of files, digests and servers. The rest may give reasons that people wrote.
fn may_quote(matter: &Value) -> bool {
    let text = |name: &str| matter.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_ours = matches!(text("urgency"), "alarm" | "retry") || text("subject").starts_with("vendor ");
    !is_ours
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
        outcome.raise(Urgency::Person, "vendor acme", "ask the vendor for the folder /srv/in");
        let report = NightReport {
            job: "nightly".to_owned(),
            scheduled_for: "2026-11-20T22:30".to_owned(),
            status: "unfinished",
            resumed: false,
            stages: vec![StageDone { stage: Stage::Produce, outcome }],
            failure: None,
        };
        let document = document(&[report]);
        assert!(!document.to_string().contains("Mara"), "{document}");
        let stage = &document[0]["stages"][0];
        assert_eq!(stage["did"]["letters"], 3);
        let messages: Vec<_> = stage["matters"].as_array().unwrap().iter().map(|it| &it["message"]).collect();
        let expected =
            [ELSEWHERE, "the inbox has another file under this name", "ask the vendor for the folder /srv/in"];
        assert_eq!(messages, expected);
    }
}

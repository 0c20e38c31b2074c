//! The log as JSON lines: one object a line, each written whole.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::SecondsFormat;
use serde_json::{Map, Value};

use crate::ports::{Clock, Event, Log, Place};

/// Writes events as JSON lines.
pub struct LogLines(Mutex<Lines>);

struct Lines {
    to: Box<dyn Write + Send>,
    clock: Arc<dyn Clock>,
    place: Place,
}

impl LogLines {
    /// Lines to this place, with the time of this clock.
    #[must_use]
    pub fn new(to: Box<dyn Write + Send>, clock: Arc<dyn Clock>) -> Self {
        Self(Mutex::new(Lines { to, clock, place: Place::default() }))
    }

    /// Tells the time by another clock from now on.
    pub fn tell_time_by(&self, clock: Arc<dyn Clock>) {
        self.with(|lines| lines.clock = clock);
    }

    fn with(&self, act: impl FnOnce(&mut Lines)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Log for LogLines {
    fn note(&self, event: Event) {
        self.with(|lines| {
            let mut text = line(&event, &lines.place, &lines.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true));
            text.push('\n');
            // Whoever reads the log may have gone; the night does not end for that.
            let _ = lines.to.write_all(text.as_bytes());
            let _ = lines.to.flush();
        });
    }

    fn enter(&self, place: Place) {
        self.with(|lines| lines.place = place);
    }
}

/// An event as one JSON object.
fn line(event: &Event, place: &Place, at: &str) -> String {
    let mut object = Map::new();
    object.insert("at".into(), at.into());
    object.insert("level".into(), event.level.as_str().into());
    object.insert("event".into(), event.name.into());
    if let Some(run) = &place.run {
        object.insert("run".into(), run.run.into());
        object.insert("job".into(), run.job.as_str().into());
        object.insert("scheduled_for".into(), run.scheduled_for.as_str().into());
    }
    if let Some(stage) = place.stage {
        object.insert("stage".into(), stage.into());
    }
    for (kind, id) in &event.ids {
        object.insert((*kind).into(), id.as_str().into());
    }
    if let Some(subject) = &event.subject {
        object.insert("subject".into(), subject.as_str().into());
    }
    if !event.counts.is_empty() {
        let counts = event.counts.iter().map(|(name, count)| (name.clone(), Value::from(*count))).collect();
        object.insert("counts".into(), Value::Object(counts));
    }
    if let Some(ms) = event.ms {
        object.insert("ms".into(), ms.into());
    }
    if let Some(message) = &event.message {
        object.insert("message".into(), message.as_str().into());
    }
    Value::Object(object).to_string()
}

//! What the daemon answers on its port.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::site::DaemonSite;
use crate::adapters::health_port::{Answer, Answers};
use crate::daemon::figures;
use crate::daemon::health::Board;

/// Figures that are no older than this are given again: whoever asks often costs the ledger nothing.
const FRESH: Duration = Duration::from_secs(5);

/// Answers for health, readiness and figures.
pub struct Front {
    board: Arc<Board>,
    site: Arc<DaemonSite>,
    figures: Mutex<Option<(Instant, String)>>,
}

impl Front {
    /// The answers of a daemon that has done nothing yet.
    pub fn new(board: Arc<Board>, site: Arc<DaemonSite>) -> Self {
        Self { board, site, figures: Mutex::default() }
    }

    fn health(&self) -> Answer {
        let health = self.board.health();
        let status = if health.reasons.is_empty() { 200 } else { 503 };
        match serde_json::to_string_pretty(&health) {
            Ok(body) => Answer { status, content_type: "application/json", body: body + "\n" },
            Err(error) => Answer::text(500, &error.to_string()),
        }
    }

    fn ready(&self) -> Answer {
        if self.board.health().ready { Answer::text(200, "ready") } else { Answer::text(503, "not ready") }
    }

    async fn metrics(&self) -> Answer {
        let mut kept = self.figures.lock().await;
        let body = match &*kept {
            Some((made_at, text)) if made_at.elapsed() < FRESH => text.clone(),
            _ => {
                let (found, keys, now) = self.site.figures().await;
                let text = figures::text(found.as_ref(), &keys, &self.board.health(), now);
                *kept = Some((Instant::now(), text.clone()));
                text
            }
        };
        Answer { status: 200, content_type: figures::CONTENT_TYPE, body }
    }
}

#[async_trait]
impl Answers for Front {
    async fn answer(&self, path: &str) -> Answer {
        match path {
            "/" => Answer::text(200, "letterpost: /health /ready /metrics"),
            "/health" => self.health(),
            "/ready" => self.ready(),
            "/metrics" => self.metrics().await,
            _ => Answer::text(404, "there are /health, /ready and /metrics"),
        }
    }
}

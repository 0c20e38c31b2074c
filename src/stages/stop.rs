//! Stop: the wish that a start ends soon, after the step that is under way.
//!
//! A night looks at it between stages, production between packages, delivery between uploads and while it waits. What was
//! not begun is left for the next start, as after a crash: a stopped run stays unfinished.

use tokio::sync::watch;

/// One wish, which all who hold a copy of it see.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks everybody to stop. It cannot be taken back.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Comes back when somebody asks, at once if somebody has.
    pub async fn asked(&self) {
        // Its sender is in `self`, so it is there as long as this waits.
        let _ = self.0.subscribe().wait_for(|is_asked| *is_asked).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_copy_sees_the_wish_and_who_waits_for_it_wakes() {
        let stop = Stop::default();
        let copy = stop.clone();
        assert!(!copy.is_asked());
        let waits = tokio::spawn({
            let stop = stop.clone();
            async move { stop.asked().await }
        });
        copy.ask();
        waits.await.unwrap();
        assert!(stop.is_asked());
        stop.asked().await;
    }
}

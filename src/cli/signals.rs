//! Signals: the first SIGTERM or SIGINT asks the work to stop after the step under way, the second ends the process.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::{CliResult, Exit, Failure};
use super::report::Report;
use crate::stages::stop::Stop;

/// Asks `stop` when the first of the two signals comes.
///
/// # Errors
/// Where the system lets nobody listen.
pub fn heed(stop: &Stop, report: Report) -> CliResult<()> {
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let stop = stop.clone();
    tokio::spawn(async move {
        let name = either(&mut terminate, &mut interrupt).await;
        report.say(format!("{name}: stopping after the step under way; once more to stop at once"));
        stop.ask();
        let name = either(&mut terminate, &mut interrupt).await;
        report.say(format!("{name} once more: stopping at once; what is half done is taken up by the next start"));
        std::process::exit(Exit::TryAgain as i32);
    });
    Ok(())
}

/// Listens for a signal.
///
/// # Errors
/// Where the system does not let us.
pub fn listen(kind: SignalKind) -> CliResult<Signal> {
    signal(kind).map_err(|error| Failure::new(Exit::TryAgain, format!("cannot listen for signals: {error}")))
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

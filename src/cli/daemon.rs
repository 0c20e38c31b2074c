//! `daemon`: the schedule is watched, and what falls due is run, until somebody asks it to stop.

mod front;
mod site;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::SignalKind;
use tokio::sync::mpsc;

use self::front::Front;
use self::site::{DaemonSite, Settings};
use super::exit::{CliResult, Exit};
use super::open::Opening;
use super::signals;
use crate::adapters::health_port::HealthPort;
use crate::adapters::service_manager;
use crate::daemon::health::Board;
use crate::daemon::service::Service;

/// While another program has the port, it is tried again so often.
const PORT_PAUSE: Duration = Duration::from_secs(30);

/// Runs the daemon.
pub async fn daemon(at: &Opening) -> CliResult<Exit> {
    let at = at.running();
    // What is wrong at the start is for the person who starts it: only this ends a daemon with a failure.
    let settings = Settings::read(&at)?;
    let (stop, board) = (at.stop(), Arc::new(Board::default()));
    signals::heed(&stop, at.report.clone())?;
    let reloads = reloads()?;
    let (listen, clock, pause) = (settings.config.listen, at.clock(), at.pause());
    let site = Arc::new(DaemonSite::new(at, settings));
    if let Some(address) = listen {
        let front = Arc::new(Front::new(Arc::clone(&board), Arc::clone(&site)));
        tokio::spawn(listen_on(address, front, Arc::clone(&site)));
    }
    tokio::spawn({
        let stop = stop.clone();
        async move {
            stop.asked().await;
            service_manager::stopping();
        }
    });
    site.say_jobs();
    service_manager::ready();
    Service::new(site.as_ref(), clock, pause, stop, board, reloads).serve().await;
    site.at().report.say("stopped");
    Ok(Exit::Done)
}

/// A message for each SIGHUP, and one for several that come at once.
fn reloads() -> CliResult<mpsc::Receiver<()>> {
    let mut hangups = signals::listen(SignalKind::hangup())?;
    let (ask, asked) = mpsc::channel(1);
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            // One that is not looked at yet stands for this one too.
            let _ = ask.try_send(());
        }
    });
    Ok(asked)
}

/// Answers on the port for ever. Another daemon of the site may have it for now.
async fn listen_on(address: SocketAddr, front: Arc<Front>, site: Arc<DaemonSite>) {
    let mut is_told = false;
    loop {
        match HealthPort::open(address).await {
            Ok(port) => {
                let address = port.address().unwrap_or(address);
                site.at().report.say(format!("health, readiness and figures: http://{address}/"));
                return port.serve(front).await;
            }
            Err(error) if !is_told => {
                is_told = true;
                site.at().report.say(format!(
                    "[daemon] listen: {address} cannot be had ({error}); the jobs run all the same, and it is tried again"
                ));
            }
            Err(_) => {}
        }
        tokio::time::sleep(PORT_PAUSE).await;
    }
}

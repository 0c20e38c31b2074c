//! A command of the site's own that is told how a run ended: with an input, surroundings and a deadline.
//!
//! It is the leader of a process group of its own, so that what it started goes with it when its time is over.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// What is kept of what it said on standard error.
const MOST_SAID_BYTES: u64 = 2048;
/// How long its last words may take to arrive when it is over.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A command that did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum AlertCommandError {
    /// It could not be started.
    #[error("cannot be run: {0}; see that it is there and may be executed")]
    NotRun(std::io::Error),
    /// It ended with another status than 0.
    #[error("failed ({status}){said}")]
    Failed {
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said, or nothing.
        said: String,
    },
    /// It took too long.
    #[error("took longer than {} seconds and was stopped, with what it had started", .0.as_secs())]
    TooLong(Duration),
}

/// Runs a program with its arguments. Its standard output goes nowhere, for that of this process is data.
///
/// `given` are variables of its environment, `withheld` those that it must not see.
///
/// # Errors
/// [`AlertCommandError`].
pub async fn run(
    (program, arguments): (&str, &[String]),
    input: &[u8],
    given: &[(&str, String)],
    withheld: &[&str],
    limit: Duration,
) -> Result<(), AlertCommandError> {
    let mut command = Command::new(program);
    command.args(arguments).envs(given.iter().map(|(name, value)| (*name, value.as_str()))).process_group(0);
    for name in withheld {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(AlertCommandError::NotRun)?;
    let group = Group::of(&child);
    match tokio::time::timeout(limit, feed_and_wait(&mut child, input)).await {
        Ok(Ok((status, said))) => {
            group.spare();
            if status.success() {
                return Ok(());
            }
            let said = if said.is_empty() { said } else { format!(": {said}") };
            Err(AlertCommandError::Failed { status, said })
        }
        Ok(Err(error)) => Err(AlertCommandError::NotRun(error)),
        Err(_) => Err(AlertCommandError::TooLong(limit)),
    }
}

/// Gives it its input while it runs, whether it reads that or not, and waits for its end.
async fn feed_and_wait(child: &mut Child, input: &[u8]) -> std::io::Result<(std::process::ExitStatus, String)> {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // Who does not care for the input may close it.
            let _ = stdin.write_all(input).await;
        }
    };
    let hear = async {
        let mut said = String::new();
        if let Some(stderr) = stderr {
            let mut kept = Vec::new();
            let _ = stderr.take(MOST_SAID_BYTES).read_to_end(&mut kept).await;
            String::from_utf8_lossy(&kept).trim().clone_into(&mut said);
        }
        said
    };
    let talk = async { tokio::join!(feed, hear).1 };
    tokio::pin!(talk);
    tokio::select! {
        said = &mut talk => Ok((child.wait().await?, said)),
        status = child.wait() => {
            // What it started may hold its standard error open: its own end is what counts.
            let said = tokio::time::timeout(LAST_WORDS, talk).await.unwrap_or_default();
            Ok((status?, said))
        }
    }
}

/// The processes of a command, which are killed with it unless they are spared.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    fn spare(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Nobody may be left in it.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: Duration = Duration::from_secs(20);

    async fn shell(script: &str, input: &[u8], limit: Duration) -> Result<(), String> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        let given = [("ALERT_OF_A_TEST", "yes".to_owned())];
        run(("sh", &arguments), input, &given, &["CARGO_MANIFEST_DIR"], limit).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn it_gets_its_input_and_its_surroundings() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let script = format!("cat >{0}; echo $ALERT_OF_A_TEST ${{CARGO_MANIFEST_DIR-none}} >>{0}", kept.display());
        assert_eq!(shell(&script, b"report\n", SECONDS).await, Ok(()));
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "report\nyes none\n");
    }

    #[tokio::test]
    async fn a_failure_is_told_with_what_it_said() {
        let failed = shell("echo no route >&2; exit 7", b"", SECONDS).await.unwrap_err();
        assert_eq!(failed, "failed (exit status: 7): no route");
        let missing = run(("/no/such/program", &[]), b"", &[], &[], SECONDS).await.unwrap_err().to_string();
        assert!(missing.starts_with("cannot be run: "), "{missing}");
    }

    #[tokio::test]
    async fn one_that_does_not_read_its_input_is_no_failure() {
        let long = vec![b'x'; 1 << 20];
        assert_eq!(shell("exit 0", &long, SECONDS).await, Ok(()));
    }

    #[tokio::test]
    async fn one_that_leaves_somebody_behind_is_done_when_it_is_done_itself() {
        assert_eq!(shell("sleep 60 & exit 0", b"", SECONDS).await, Ok(()));
    }

    #[tokio::test]
    async fn one_that_hangs_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let pid_file = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! >{}; wait", pid_file.display());
        // Whether the child got to say who it is within the limit is the machine's affair; that it hangs is not.
        let limit = Duration::from_secs(1);
        let error = shell(&script, b"", limit).await.unwrap_err();
        assert_eq!(error, "took longer than 1 seconds and was stopped, with what it had started");
        if let Some(child) = std::fs::read_to_string(pid_file).ok().and_then(|text| text.trim().parse().ok()) {
            let is_alive = || {
                let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
                // A process that is dead and not yet waited for is a zombie.
                !stat.is_empty() && !stat.contains(") Z ")
            };
            let _: i32 = child;
            for _ in 0..10_000 {
                if !is_alive() {
                    return;
                }
                tokio::task::yield_now().await;
            }
            panic!("process {child} lives");
        }
    }
}

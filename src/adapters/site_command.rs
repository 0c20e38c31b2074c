//! A command of the site's own, for alarms, checkpoints and time stamps: with an input, surroundings and a deadline.
//!
//! It is the leader of a process group of its own, so that what it started goes with it when its time is over.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// What is kept of what it said on standard error.
const MOST_SAID_BYTES: u64 = 2048;
/// A command and how it is run.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The program.
    pub program: &'a str,
    /// Its arguments.
    pub arguments: &'a [String],
    /// Variables of its environment, beside those of this process.
    pub given: &'a [(&'a str, String)],
    /// Variables that it must not see.
    pub withheld: &'a [&'a str],
    /// How long it may take.
    pub limit: Duration,
}

/// How long its last words may take to arrive when it is over.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A command that did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
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
    /// It wrote more than such an answer has.
    #[error("wrote more than {0} bytes, and no such answer is so long")]
    TooMuch(u64),
}

/// Runs a program with its arguments. Its standard output goes nowhere, for that of this process is data.
///
/// # Errors
/// [`CommandError`].
pub async fn run(call: Call<'_>, input: &[u8]) -> Result<(), CommandError> {
    called(call, input, None).await.map(drop)
}

/// The same, and gives its standard output.
///
/// # Errors
/// [`CommandError`], also where the output is larger than that.
pub async fn ask(call: Call<'_>, input: &[u8], most_output_bytes: u64) -> Result<Vec<u8>, CommandError> {
    called(call, input, Some(most_output_bytes)).await
}

async fn called(call: Call<'_>, input: &[u8], most_output_bytes: Option<u64>) -> Result<Vec<u8>, CommandError> {
    let mut command = Command::new(call.program);
    let given = call.given.iter().map(|(name, value)| (*name, value.as_str()));
    command.args(call.arguments).envs(given).process_group(0);
    for name in call.withheld {
        command.env_remove(name);
    }
    let output = if most_output_bytes.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(Stdio::piped()).stdout(output).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(CommandError::NotRun)?;
    let group = Group::of(&child);
    let most = most_output_bytes.unwrap_or_default();
    match tokio::time::timeout(call.limit, feed_and_wait(&mut child, input, most)).await {
        Ok(Ok(ended)) => {
            group.spare();
            ended.judged(most)
        }
        Ok(Err(error)) => Err(CommandError::NotRun(error)),
        Err(_) => Err(CommandError::TooLong(call.limit)),
    }
}

/// How a command ended.
struct Ended {
    status: std::process::ExitStatus,
    output: Vec<u8>,
    said: String,
}

impl Ended {
    fn judged(self, most_output_bytes: u64) -> Result<Vec<u8>, CommandError> {
        // A writer that is not read to its end may die of it.
        if self.output.len() as u64 > most_output_bytes {
            return Err(CommandError::TooMuch(most_output_bytes));
        }
        if !self.status.success() {
            let said = if self.said.is_empty() { self.said } else { format!(": {}", self.said) };
            return Err(CommandError::Failed { status: self.status, said });
        }
        Ok(self.output)
    }
}

/// Gives it its input while it runs, whether it reads that or not, and waits for its end.
async fn feed_and_wait(child: &mut Child, input: &[u8], most_output_bytes: u64) -> std::io::Result<Ended> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // Who does not care for the input may close it.
            let _ = stdin.write_all(input).await;
        }
    };
    // One byte more than is taken shows that there is more. Who reads no further stops the writer.
    let take = read_some(stdout, most_output_bytes + 1);
    let hear = read_some(stderr, MOST_SAID_BYTES);
    let talk = async { tokio::join!(feed, take, hear) };
    tokio::pin!(talk);
    let (status, ((), output, said)) = tokio::select! {
        heard = &mut talk => (child.wait().await?, heard),
        status = child.wait() => {
            // What it started may hold its standard error open: its own end is what counts.
            (status?, tokio::time::timeout(LAST_WORDS, talk).await.unwrap_or_default())
        }
    };
    Ok(Ended { status, output, said: String::from_utf8_lossy(&said).trim().to_owned() })
}

async fn read_some(stream: Option<impl AsyncRead + Unpin>, most_bytes: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(stream) = stream {
        let _ = stream.take(most_bytes).read_to_end(&mut kept).await;
    }
    kept
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
        let call =
            Call { program: "sh", arguments: &arguments, given: &given, withheld: &["CARGO_MANIFEST_DIR"], limit };
        run(call, input).await.map_err(|error| error.to_string())
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
        let call = Call { program: "/no/such/program", arguments: &[], given: &[], withheld: &[], limit: SECONDS };
        let missing = run(call, b"").await.unwrap_err().to_string();
        assert!(missing.starts_with("cannot be run: "), "{missing}");
    }

    #[tokio::test]
    async fn its_answer_is_taken_up_to_a_length() {
        let answer = async |script: &str| {
            let arguments = ["-c".to_owned(), script.to_owned()];
            let call = Call { program: "sh", arguments: &arguments, given: &[], withheld: &[], limit: SECONDS };
            ask(call, b"12345", 5).await.map_err(|error| error.to_string())
        };
        assert_eq!(answer("cat").await, Ok(b"12345".to_vec()));
        let too_much = "wrote more than 5 bytes, and no such answer is so long";
        assert_eq!(answer("cat; printf 6").await.unwrap_err(), too_much);
        assert_eq!(answer("cat; exit 3").await.unwrap_err(), "failed (exit status: 3)");
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

//! What verifiers cost, and how fast they are made where nothing else is done.

use std::fmt;
use std::time::{Duration, Instant};

use letterpost::domain::letter::LetterId;
use letterpost::domain::password::TemporaryPassword;
use letterpost::domain::verifier::{Bound, Cost, Hasher, Pepper};
use serde::Serialize;

/// A sample takes at least so long, and so many verifiers of each thread.
const LEAST_TIME: Duration = Duration::from_secs(1);
const LEAST_COUNT: u32 = 50;

/// What a verifier costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Verifier {
    /// Next to nothing, so that the rest is seen.
    Least,
    /// What `preset = "random-secret"` says.
    RandomSecret,
    /// What is in force where nothing is said.
    Default,
}

impl Verifier {
    /// The lines of `[password]`.
    pub fn configuration(self) -> &'static str {
        match self {
            Self::Least => "memory_kib = 8\npasses = 1",
            Self::RandomSecret => "preset = \"random-secret\"",
            Self::Default => "preset = \"owasp\"",
        }
    }

    fn cost(self) -> Cost {
        match self {
            Self::Least => Cost::Argon2id { memory_kib: 8, passes: 1, lanes: 1 },
            Self::RandomSecret => Cost::Argon2id { memory_kib: 1024, passes: 1, lanes: 1 },
            Self::Default => Cost::default(),
        }
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Least => "least",
            Self::RandomSecret => "random-secret",
            Self::Default => "default",
        })
    }
}

/// How fast verifiers were made.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Pace {
    /// By all threads together.
    pub a_second: f64,
    /// Microseconds of a processor for one.
    pub processor_us: f64,
}

impl Pace {
    /// Halfway between two.
    pub fn between(self, other: Self) -> Self {
        Self {
            a_second: f64::midpoint(self.a_second, other.a_second),
            processor_us: f64::midpoint(self.processor_us, other.processor_us),
        }
    }
}

/// How fast so many threads make verifiers, by letterpost's own hasher.
pub fn pace(verifier: Verifier, threads: u16) -> Pace {
    let pepper = Pepper::new([0x42; 32]);
    let paces: Vec<Pace> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(|| one_thread(verifier.cost(), &pepper))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let sum = |of: fn(&Pace) -> f64| paces.iter().map(of).sum::<f64>();
    Pace { a_second: sum(|pace| pace.a_second), processor_us: sum(|pace| pace.processor_us) / f64::from(threads) }
}

fn one_thread(cost: Cost, pepper: &Pepper) -> Pace {
    let mut hasher = Hasher::new(pepper);
    let password = TemporaryPassword::from_typed("9QX2-K7D0-4MZH").unwrap();
    let (begin, processor_before, mut made) = (Instant::now(), processor(), 0u32);
    while begin.elapsed() < LEAST_TIME || made < LEAST_COUNT {
        let mut bytes = [0; 10];
        bytes[..4].copy_from_slice(&made.to_be_bytes());
        let bound = Bound { account: "person@example.com", letter: LetterId::from_entropy(bytes) };
        hasher.make(&password, bound, cost, [7; 16]).unwrap();
        made += 1;
    }
    let made = f64::from(made);
    Pace {
        a_second: made / begin.elapsed().as_secs_f64(),
        processor_us: (processor() - processor_before).as_secs_f64() * 1e6 / made,
    }
}

/// How long this thread has been on a processor.
fn processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

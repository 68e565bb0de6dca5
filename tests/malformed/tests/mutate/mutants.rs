//! Broken files by the thousand.

use crate::counting::PEAK;
use edge_build::source::Source;
use edge_test_support::random::Random;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Time that one broken file may take.
const TIME: Duration = Duration::from_secs(10);
/// Bytes that broken files may take beyond sixty-four times the size of the whole one.
const BYTES: usize = 256 << 20;
/// One file at a time, so that what it takes is not mixed up with what another takes.
static ONE: Mutex<()> = Mutex::new(());

/// A way to break a file.
pub(crate) type Break = fn(&[u8], &mut Random) -> Vec<u8>;

/// Reads a file in a round; whether it is accepted.
pub(crate) type Accept = fn(&Source, usize) -> bool;

/// A file to be broken.
pub(crate) struct Mutants {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
    /// How it is broken.
    pub(crate) mutate: Break,
    /// Reads it.
    pub(crate) accepts: Accept,
}

/// What broken files took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    mutants: usize,
    accepted: usize,
    slowest: Duration,
    largest: usize,
    time: Duration,
}

impl Summary {
    /// Both together.
    pub(crate) fn add(&mut self, other: Self) {
        self.mutants += other.mutants;
        self.accepted += other.accepted;
        self.slowest = self.slowest.max(other.slowest);
        self.largest = self.largest.max(other.largest);
        self.time += other.time;
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            mutants,
            accepted,
            slowest,
            largest,
            time,
        } = self;
        write!(
            f,
            "{mutants} mutants in {time:.1?}, {accepted} accepted; slowest {slowest:?}, largest {} KiB",
            largest >> 10
        )
    }
}

impl Mutants {
    /// Of a file.
    pub(crate) fn of(path: &Path, mutate: Break, accepts: Accept) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self {
            path: path.to_path_buf(),
            bytes,
            mutate,
            accepts,
        }
    }

    /// Tries files with wrong bytes. A failure names the seed.
    pub(crate) fn attempt_all(&self, rounds: usize) -> Summary {
        self.attempt_each(rounds, |seed| {
            (self.mutate)(&self.bytes, &mut Random::new(seed as u64))
        })
    }

    /// Tries files that are cut short, at lengths all over the file. A failure names the number of the cut.
    pub(crate) fn attempt_cuts(&self, rounds: usize) -> Summary {
        self.attempt_each(rounds, |cut| {
            let len = self.bytes.len() * cut / rounds;
            self.bytes[..len].to_vec()
        })
    }

    /// Tries files on all cores.
    fn attempt_each(&self, rounds: usize, mutant: impl Fn(usize) -> Vec<u8> + Sync) -> Summary {
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let start = Instant::now();
        PEAK.start();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut summary = Summary::default();
            loop {
                let seed = next.fetch_add(1, Relaxed);
                if seed >= rounds {
                    return summary;
                }
                summary.add(self.attempt(seed, mutant(seed)).unwrap_or_else(|failure| {
                    next.store(rounds, Relaxed);
                    panic!("{}, seed {seed}: {failure}", self.path.display())
                }));
            }
        };
        let mut all = Summary::default();
        thread::scope(|scope| {
            let workers = thread::available_parallelism().map_or(1, usize::from);
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                all.add(worker.join().expect("no failure"));
            }
        });
        all.time = start.elapsed();
        all
    }

    /// What one file took; an error if that is too much, or if the reader panics. The thread is named after the
    /// seed, for the message of an overflowing stack.
    fn attempt(&self, seed: usize, bytes: Vec<u8>) -> Result<Summary, String> {
        let source = Source {
            path: self.path.clone(),
            bytes,
        };
        let start = Instant::now();
        let (sender, receiver) = mpsc::channel();
        let accepts = self.accepts;
        let attempt = move || {
            sender.send(accepts(&source, seed)).expect("somebody waits");
        };
        let thread = thread::Builder::new().name(format!("seed {seed}"));
        let thread = thread.spawn(attempt).expect("a thread can be started");
        let accepted = match receiver.recv_timeout(TIME) {
            Ok(accepted) => {
                thread.join().map_err(|_| "panics")?;
                accepted
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err("panics".to_owned()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err("does not come to an end".to_owned());
            }
        };
        let largest = PEAK.get();
        if largest > BYTES + 64 * self.bytes.len() {
            return Err(format!("takes {} MiB", largest >> 20));
        }
        Ok(Summary {
            mutants: 1,
            accepted: usize::from(accepted),
            slowest: start.elapsed(),
            largest,
            time: Duration::ZERO,
        })
    }
}

//! Files that are cut short or have wrong bytes: an error or a program; no panic, no hang, no allocation of a
//! size that the file dictates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

mod bytes;
mod counting;
mod tree;

use counting::{Counting, PEAK};
use edge_build::compile::compile;
use edge_build::exec::Executor;
use edge_build::npy::{npz_bytes, read_npy, read_npz};
use edge_build::options::{Options, QuantMode};
use edge_build::source::Source;
use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use edge_test_support::workspace;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Time that one file may take.
const TIME: Duration = Duration::from_secs(10);
/// Bytes that one file may take beyond sixty-four times its own.
const BYTES: usize = 256 << 20;
/// One file at a time, so that what it takes is not mixed up with what another takes.
static ONE: Mutex<()> = Mutex::new(());
/// Programs with more multiplications than this are not run.
const RUN_MACS: u64 = 1 << 20;
/// Files above this size are mutated less often.
const SMALL: usize = 64 << 10;

#[test]
fn mutants_of_the_quickstart_network() {
    let path = workspace().join("examples/quickstart/digits.onnx");
    Mutants::of(&path, compiles).run(rounds(2_000));
    Mutants::of(&path, quantizes).run(rounds(200));
}

#[test]
fn mutants_of_calibration_data() {
    let path = workspace().join("examples/quickstart/digits.calib.npy");
    let array = Mutants::of(&path, |file| read_npy(&file.bytes).is_ok());
    array.run(rounds(2_000));
    let numbers = read_npy(&array.bytes).unwrap();
    let archive = Mutants {
        path,
        bytes: npz_bytes(&[("images".to_owned(), numbers)]).unwrap(),
        accepts: |file| read_npz(&file.bytes).is_ok(),
    };
    archive.run(rounds(2_000));
}

#[test]
fn mutants_of_real_networks() {
    let Some(shared) = Shared::find("mutants of real networks") else {
        return;
    };
    for path in one_file_per_model(&shared) {
        let mutants = Mutants::of(&path, compiles);
        let share = if mutants.bytes.len() > SMALL { 60 } else { 600 };
        mutants.run(rounds(share));
    }
}

#[test]
fn mutants_of_backend_tests() {
    let Some(shared) = Shared::find("mutants of the ONNX backend tests") else {
        return;
    };
    let folder = shared.backend_tests(env!("CARGO_TARGET_TMPDIR"));
    let mut all = Summary::default();
    for name in names(&folder) {
        let path = folder.join(name).join("model.onnx");
        all.add(Mutants::of(&path, compiles).attempt_all(rounds(20)));
    }
    println!("ONNX backend tests: {all}");
}

/// How many mutants to try: `EDGE_MUTANTS` multiplies.
fn rounds(usual: usize) -> usize {
    let factor = std::env::var("EDGE_MUTANTS")
        .ok()
        .and_then(|text| text.parse().ok());
    usual * factor.unwrap_or(1)
}

fn one_file_per_model(shared: &Shared) -> Vec<PathBuf> {
    let names = names(&shared.file("models"));
    let files = names.iter().filter_map(|name| {
        let variants = shared.float_variants(name);
        let smallest = variants
            .into_iter()
            .min_by_key(|variant| file_size(&variant.path));
        smallest.map(|variant| variant.path)
    });
    files.collect()
}

/// What is in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("a readable folder").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

fn file_size(path: &Path) -> u64 {
    path.metadata().map_or(u64::MAX, |data| data.len())
}

/// A file to be broken.
struct Mutants {
    path: PathBuf,
    bytes: Vec<u8>,
    accepts: fn(&Source) -> bool,
}

/// What mutants took.
#[derive(Clone, Copy, Debug, Default)]
struct Summary {
    mutants: usize,
    accepted: usize,
    slowest: Duration,
    largest: usize,
}

impl Summary {
    fn add(&mut self, other: Self) {
        self.mutants += other.mutants;
        self.accepted += other.accepted;
        self.slowest = self.slowest.max(other.slowest);
        self.largest = self.largest.max(other.largest);
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            mutants,
            accepted,
            slowest,
            largest,
        } = self;
        write!(
            f,
            "{mutants} mutants, {accepted} accepted; slowest {slowest:?}, largest {} KiB",
            largest >> 10
        )
    }
}

/// Compiles for float; a program that comes out runs.
fn compiles(source: &Source) -> bool {
    attempt(source, QuantMode::None)
}

fn quantizes(source: &Source) -> bool {
    attempt(source, QuantMode::Int8)
}

fn attempt(source: &Source, quant: QuantMode) -> bool {
    let mut options = Options::new(edge_build::target::find("host").expect("a target"));
    options.quant = quant;
    let Ok(artifact) = compile(source, &options) else {
        return false;
    };
    if artifact.report.macs < RUN_MACS {
        Executor::new(&artifact.program)
            .run()
            .expect("a program that runs");
    }
    true
}

impl Mutants {
    fn of(path: &Path, accepts: fn(&Source) -> bool) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self {
            path: path.to_path_buf(),
            bytes,
            accepts,
        }
    }

    /// Tries mutants and tells what they took.
    fn run(&self, rounds: usize) {
        println!("{}: {}", self.path.display(), self.attempt_all(rounds));
    }

    /// Tries mutants; a failure names the seed.
    fn attempt_all(&self, rounds: usize) -> Summary {
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.path.display();
        let mut summary = Summary::default();
        for seed in 0..rounds as u64 {
            let mutant = self.mutant(seed);
            let start = Instant::now();
            PEAK.start();
            let outcome = self.attempt(seed, mutant);
            let accepted =
                outcome.unwrap_or_else(|failure| panic!("{name}, seed {seed}: {failure}"));
            let one = Summary {
                mutants: 1,
                accepted: usize::from(accepted),
                slowest: start.elapsed(),
                largest: PEAK.get(),
            };
            let limit = BYTES + 64 * self.bytes.len();
            assert!(one.largest < limit, "{name}, seed {seed}: {one}");
            summary.add(one);
        }
        summary
    }

    /// Whether the bytes are accepted; an error if the reader panics or does not come to an end. The thread is
    /// named after the seed, for the message of an overflowing stack.
    fn attempt(&self, seed: u64, bytes: Vec<u8>) -> Result<bool, &'static str> {
        let source = Source {
            path: self.path.clone(),
            bytes,
        };
        let (sender, receiver) = mpsc::channel();
        let accepts = self.accepts;
        let attempt = move || {
            sender.send(accepts(&source)).expect("somebody waits");
        };
        let thread = thread::Builder::new().name(format!("seed {seed}"));
        let thread = thread.spawn(attempt).expect("a thread can be started");
        match receiver.recv_timeout(TIME) {
            Ok(yes) => {
                thread.join().map_err(|_| "panics")?;
                Ok(yes)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err("panics"),
            Err(mpsc::RecvTimeoutError::Timeout) => Err("does not come to an end"),
        }
    }

    /// The file with wrong bytes, or with wrong fields.
    fn mutant(&self, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        let fields = if seed.is_multiple_of(2) {
            tree::mutant(&self.bytes, &mut random)
        } else {
            None
        };
        fields.unwrap_or_else(|| bytes::mutant(&self.bytes, &mut random))
    }
}

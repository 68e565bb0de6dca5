//! Files that are cut short or have wrong bytes: an error or a program; no panic, no hang, no allocation of a
//! size that the file dictates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

mod counting;

use counting::{Counting, PEAK};
use edge_build::compile::compile;
use edge_build::options::Options;
use edge_build::source::Source;
use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use edge_test_support::workspace;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
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
/// Files above this size are mutated less often.
const SMALL: usize = 64 << 10;

#[test]
fn mutants_of_the_quickstart_network() {
    let path = workspace().join("examples/quickstart/digits.onnx");
    Mutants::of(&path).run(rounds(2_000));
}

#[test]
fn mutants_of_real_networks() {
    let Some(shared) = Shared::find("mutants of real networks") else {
        return;
    };
    for path in one_file_per_model(&shared) {
        let mutants = Mutants::of(&path);
        let share = if mutants.bytes.len() > SMALL { 60 } else { 600 };
        mutants.run(rounds(share));
    }
}

/// How many mutants to try: `EDGE_MUTANTS` multiplies.
fn rounds(usual: usize) -> usize {
    let factor = std::env::var("EDGE_MUTANTS")
        .ok()
        .and_then(|text| text.parse().ok());
    usual * factor.unwrap_or(1)
}

fn one_file_per_model(shared: &Shared) -> Vec<PathBuf> {
    let models = std::fs::read_dir(shared.file("models")).expect("a readable folder");
    let mut names: Vec<String> = models
        .map(|entry| {
            entry
                .expect("a readable folder")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let files = names.iter().filter_map(|name| {
        let variants = shared.float_variants(name);
        let smallest = variants
            .into_iter()
            .min_by_key(|variant| file_size(&variant.path));
        smallest.map(|variant| variant.path)
    });
    files.collect()
}

fn file_size(path: &Path) -> u64 {
    path.metadata().map_or(u64::MAX, |data| data.len())
}

/// A file to be broken.
struct Mutants {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Mutants {
    fn of(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self {
            path: path.to_path_buf(),
            bytes,
        }
    }

    /// Tries mutants; a failure names the seed.
    fn run(&self, rounds: usize) {
        let _one = ONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let name = self.path.display();
        let (mut programs, mut slowest, mut largest) = (0, Duration::ZERO, 0);
        for seed in 0..rounds as u64 {
            let mutant = self.mutant(seed);
            let start = Instant::now();
            PEAK.start();
            let outcome = self.compile(seed, mutant);
            let (time, peak) = (start.elapsed(), PEAK.get());
            slowest = slowest.max(time);
            largest = largest.max(peak);
            match outcome {
                Ok(compiled) => programs += usize::from(compiled),
                Err(failure) => panic!("{name}, seed {seed}: {failure}"),
            }
            let limit = BYTES + 64 * self.bytes.len();
            assert!(peak < limit, "{name}, seed {seed}: takes {peak} bytes");
        }
        println!(
            "{name}: {rounds} mutants, {programs} still compile; slowest {slowest:?}, largest {} KiB",
            largest >> 10
        );
    }

    /// Whether the bytes compile; an error if the compiler panics or does not come to an end. The thread is
    /// named after the seed, for the message of an overflowing stack.
    fn compile(&self, seed: u64, bytes: Vec<u8>) -> Result<bool, &'static str> {
        let source = Source {
            path: self.path.clone(),
            bytes,
        };
        let (sender, receiver) = mpsc::channel();
        let attempt = move || {
            let target = edge_build::target::find("cortex-m4").expect("a target");
            let compiled = compile(&source, &Options::new(target)).is_ok();
            sender.send(compiled).expect("somebody waits");
        };
        let thread = thread::Builder::new().name(format!("seed {seed}"));
        let thread = thread.spawn(attempt).expect("a thread can be started");
        match receiver.recv_timeout(TIME) {
            Ok(compiled) => {
                thread.join().map_err(|_| "panics")?;
                Ok(compiled)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err("panics"),
            Err(mpsc::RecvTimeoutError::Timeout) => Err("does not come to an end"),
        }
    }

    /// The file with a few wrong bytes, or cut, or both.
    fn mutant(&self, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        let mut bytes = self.bytes.clone();
        for _ in 0..=random.below(4) {
            self.change(&mut bytes, &mut random);
        }
        bytes
    }

    fn change(&self, bytes: &mut Vec<u8>, random: &mut Random) {
        let place = self.place(random).min(bytes.len().saturating_sub(1));
        match random.below(8) {
            0 => bytes.truncate(place),
            1 => {
                bytes.insert(place, random.draw() as u8);
            }
            2 => {
                let end = (place + 1 + random.below(16)).min(bytes.len());
                bytes.drain(place..end);
            }
            3 => {
                let end = (place + 1 + random.below(64)).min(bytes.len());
                let copy = bytes[place..end].to_vec();
                bytes.splice(place..place, copy);
            }
            4 => {
                // A number of ten bytes, the longest that a file can hold.
                let end = (place + 1).min(bytes.len());
                bytes.splice(place..end, [0xff; 9].into_iter().chain([0x01]));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = if random.below(2) == 0 {
                        random.draw() as u8
                    } else {
                        *byte ^ (1 << random.below(8))
                    };
                }
            }
        }
    }

    /// A place; mostly near text, which is where the structure of the file is.
    fn place(&self, random: &mut Random) -> usize {
        let len = self.bytes.len();
        for _ in 0..64 {
            let place = random.below(len);
            let window = &self.bytes[place..(place + 12).min(len)];
            let letters = window.iter().filter(|byte| byte.is_ascii_graphic()).count();
            if letters * 2 > window.len() {
                return place;
            }
        }
        random.below(len)
    }
}

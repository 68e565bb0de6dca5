//! Stands before `rustc` (`RUSTC_WRAPPER`) and appends `crate seconds peak-KiB` to the file `MEASURE_RUSTC`.

use std::fs;
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// How often the memory of the compiler is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(rustc) = arguments.next() else {
        return ExitCode::FAILURE;
    };
    let arguments: Vec<_> = arguments.collect();
    let start = Instant::now();
    let Ok(mut child) = Command::new(rustc).args(&arguments).spawn() else {
        return ExitCode::FAILURE;
    };
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kib(child.id()));
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => std::thread::sleep(INTERVAL),
            Err(_) => return ExitCode::FAILURE,
        }
    };
    let mut words = arguments.iter();
    let name = words
        .find(|word| *word == "--crate-name")
        .and_then(|_| words.next())
        .map(|name| name.to_string_lossy());
    if let (Some(name), Some(log)) = (name, std::env::var_os("MEASURE_RUSTC")) {
        let line = format!("{name} {:.3} {peak}\n", start.elapsed().as_secs_f64());
        let file = fs::OpenOptions::new().append(true).create(true).open(log);
        if file
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .is_err()
        {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::from(status.code().unwrap_or(1) as u8)
}

/// The most memory that a process has had so far; 0 where the system does not tell.
fn peak_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

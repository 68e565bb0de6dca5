//! Stands before `rustc` (`RUSTC_WRAPPER`) and appends `crate seconds cpu-seconds peak-KiB` to the file `MEASURE_RUSTC`.

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
    let (mut peak, mut cpu) = (0, 0.0);
    let status = loop {
        peak = peak.max(peak_kib(child.id()));
        cpu = cpu_seconds(child.id()).unwrap_or(cpu);
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
        let seconds = start.elapsed().as_secs_f64();
        let line = format!("{name} {seconds:.3} {cpu:.2} {peak}\n");
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

/// The time that all threads of a process have run so far; `None` where the system does not tell.
fn cpu_seconds(process: u32) -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is a name in brackets; user and system time are the 14th and 15th.
    let (_, rest) = stat.rsplit_once(')')?;
    let times = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
    (ticks > 0.0).then_some(ticks / TICKS_PER_SECOND)
}

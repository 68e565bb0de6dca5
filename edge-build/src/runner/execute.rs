//! A built program runs, with files as input and output.

use super::folder::Fresh;
use super::{Board, Phase, Platform, RunError, Watch};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A program and its files.
#[derive(Clone, Copy, Debug)]
pub struct Execution<'a> {
    /// The executable.
    pub program: &'a Path,
    /// Where it runs.
    pub platform: Platform,
    /// The plugin that counts cycles.
    pub plugin: Option<&'a Path>,
    /// Files that it reads: name and content.
    pub inputs: &'a [(String, &'a [u8])],
    /// Files that it writes: name, and bytes that count one inference (for progress).
    pub outputs: &'a [(String, usize)],
    /// How long it may run.
    pub limit: Option<Duration>,
}

/// What a program has written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The files, in the order of `Execution::outputs`.
    pub files: Vec<Vec<u8>>,
    /// What the plugin has written; see [`super::counts`].
    pub counts: Option<String>,
}

const COUNTS: &str = "counts.json";
const MESSAGES: &str = "messages.txt";

impl Execution<'_> {
    /// Runs the program to its end.
    ///
    /// # Errors
    /// If it cannot be started, fails, or takes too long.
    pub fn run(&self, watch: Watch<'_>) -> Result<Written, RunError> {
        let folder = Fresh::new().map_err(RunError::file(&std::env::temp_dir()))?;
        let folder = folder.path();
        for (name, content) in self.inputs {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(RunError::file(&path))?;
        }
        let mut command = self.command(folder)?;
        let mut child = command.spawn().map_err(|error| RunError::NoProgram {
            program: command.get_program().to_string_lossy().into_owned(),
            error,
            help: "on Debian `apt-get install qemu-system-arm qemu-system-misc`",
        })?;
        let status = self.wait(&mut child, folder, watch)?;
        if !status.success() {
            let messages = std::fs::read_to_string(folder.join(MESSAGES)).unwrap_or_default();
            return Err(RunError::Failed(explain(status, &messages)));
        }
        let read = |(name, _): &(String, usize)| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(RunError::file(&path))
        };
        let files = self.outputs.iter().map(read).collect::<Result<_, _>>()?;
        let counts = match self.plugin {
            Some(_) => {
                let path = folder.join(COUNTS);
                Some(std::fs::read_to_string(&path).map_err(RunError::file(&path))?)
            }
            None => None,
        };
        Ok(Written { files, counts })
    }

    fn command(&self, folder: &Path) -> Result<Command, RunError> {
        let mut command = match self.platform {
            Platform::Host => Command::new(self.program),
            Platform::Emulated(board) => self.emulator(board),
        };
        let path = folder.join(MESSAGES);
        let messages = File::create(&path).map_err(RunError::file(&path))?;
        let second = messages.try_clone().map_err(RunError::file(&path))?;
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(messages)
            .stderr(second);
        Ok(command)
    }

    /// QEMU, one nanosecond per instruction: counts are exact and the same on every machine.
    fn emulator(&self, board: &Board) -> Command {
        let mut command = Command::new(board.qemu);
        command
            .args(board.machine)
            .args(["-display", "none", "-serial", "null", "-monitor", "none"])
            .args(["-icount", "shift=0"])
            .args(["-semihosting-config", "enable=on,target=native"]);
        if let Some(plugin) = self.plugin {
            // A comma ends a value unless it is doubled.
            let plugin = plugin.display().to_string().replace(',', ",,");
            command
                .arg("-plugin")
                .arg(format!("{plugin},json={COUNTS}"));
        }
        command.arg("-kernel").arg(self.program);
        command
    }

    fn wait(
        &self,
        child: &mut Child,
        folder: &Path,
        watch: Watch<'_>,
    ) -> Result<ExitStatus, RunError> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = child.try_wait().map_err(RunError::file(self.program))? {
                return Ok(status);
            }
            if self.limit.is_some_and(|limit| start.elapsed() > limit) {
                // It is gone already, or is killed now.
                let _ = child.kill();
                let _ = child.wait();
                return Err(RunError::Timeout(start.elapsed().as_secs()));
            }
            watch(Phase::Running {
                done: self.inferences(folder),
            });
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// Inferences that have ended, by the sizes of the files.
    fn inferences(&self, folder: &Path) -> usize {
        let of = |(name, bytes): &(String, usize)| {
            let size = std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
            size as usize / (*bytes).max(1)
        };
        self.outputs.iter().map(of).sum()
    }
}

/// The exit codes of the firmware (`template/src/platform.rs`).
fn explain(status: ExitStatus, messages: &str) -> String {
    let what = match status.code() {
        Some(101) => "panicked".to_owned(),
        Some(102) => "ended with a fault of the processor".to_owned(),
        _ => format!("ended with {status}"),
    };
    let messages = messages.trim();
    if messages.is_empty() {
        what
    } else {
        format!("{what}:\n{messages}")
    }
}

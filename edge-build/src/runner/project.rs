//! A crate around networks, written and built.
//!
//! Programs and everything they are made of stay in a folder for caches: a second run finds them built.

use super::toolchain::Toolchain;
use super::{Board, Platform, RunError, folder};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Bytes of stack of a firmware.
pub(super) const STACK_BYTES: u32 = 256 << 10;

const FIRMWARE: &str = include_str!("../../template/src/firmware.rs");
const HOST: &str = include_str!("../../template/src/host.rs");
const INFER: &str = include_str!("../../template/src/infer.rs");
const SEMIHOSTING: &str = include_str!("../../template/src/platform.rs");
const LINK: &str = include_str!("../../template/link.x");

/// A program.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where it runs.
    pub platform: Platform,
    /// The module `models`: must have `pub fn run() -> Result<(), crate::infer::Failure>`.
    pub models: String,
    /// The firmware links only if no panic can be reached.
    pub forbid_panics: bool,
}

impl Project {
    /// Builds the program and gives the path of the executable.
    ///
    /// # Errors
    /// If there is no compiler, or it refuses the program.
    pub fn build(&self) -> Result<PathBuf, RunError> {
        let toolchain = self.toolchain()?;
        let crates = crates();
        let core = crates.join("edge-core/Cargo.toml");
        if !core.is_file() {
            return Err(RunError::NoSources(core));
        }
        let lock = std::fs::read_to_string(crates.join("Cargo.lock")).unwrap_or_default();
        let tools = folder::cache().join(folder::key(&(&toolchain.version, &crates)));
        let files = self.files(&crates);
        let name = format!("edge-{}", folder::key(&(&files, &lock)));
        let program = tools.join("programs").join(&name);
        for (path, content) in &files {
            write(&program.join(path), &content.replace("{name}", &name))?;
        }
        if !lock.is_empty() && !program.join("Cargo.lock").exists() {
            write(&program.join("Cargo.lock"), &lock)?;
        }
        let target = tools.join("target");
        self.cargo(&toolchain, &program, &target)?;
        let folder = match self.platform {
            Platform::Host => target.join("release"),
            Platform::Emulated(board) => target.join(board.triple).join("release"),
        };
        Ok(match self.platform {
            Platform::Host => folder.join(name + std::env::consts::EXE_SUFFIX),
            Platform::Emulated(_) => folder.join(name),
        })
    }

    /// The compiler that builds it.
    ///
    /// # Errors
    /// If there is none.
    pub fn toolchain(&self) -> Result<Toolchain, RunError> {
        match self.platform {
            Platform::Host => Toolchain::host(),
            Platform::Emulated(board) => Toolchain::for_board(board),
        }
    }

    /// The files of the crate.
    fn files(&self, crates: &Path) -> Vec<(&'static str, String)> {
        let mut files = vec![
            ("Cargo.toml", self.manifest(crates)),
            ("src/infer.rs", INFER.to_owned()),
            ("src/models.rs", self.models.clone()),
        ];
        match self.platform {
            Platform::Host => files.push(("src/main.rs", HOST.to_owned())),
            Platform::Emulated(board) => files.extend([
                ("src/main.rs", FIRMWARE.to_owned()),
                ("src/platform.rs", SEMIHOSTING.to_owned()),
                (
                    "src/platform/machine.rs",
                    board.family.machine_source.to_owned(),
                ),
                ("link.x", link_script(board)),
                (
                    ".cargo/config.toml",
                    format!(
                        "[target.{}]\nrustflags = [\"-C\", \"target-cpu={}\"]\n",
                        board.triple, board.cpu
                    ),
                ),
            ]),
        }
        files
    }

    fn manifest(&self, crates: &Path) -> String {
        let path = |name: &str| {
            let path = crates.join(name).display().to_string();
            format!("{name} = {{ path = {path:?} }}")
        };
        let features = if self.forbid_panics {
            "\"forbid-panics\""
        } else {
            ""
        };
        format!(
            "[package]\nname = \"{{name}}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [features]\ndefault = [{features}]\nforbid-panics = []\n\n\
             [dependencies]\n{}\n\n\
             [profile.release]\ncodegen-units = 1\nlto = true\nopt-level = 3\npanic = \"abort\"\n\n\
             [workspace]\n",
            path("edge-core"),
        )
    }

    fn cargo(&self, toolchain: &Toolchain, program: &Path, target: &Path) -> Result<(), RunError> {
        let mut command = toolchain.cargo();
        command
            .args(["rustc", "--release", "--quiet", "--color=never"])
            .current_dir(program)
            .env("CARGO_TARGET_DIR", target)
            .stdin(Stdio::null());
        if let Platform::Emulated(board) = self.platform {
            command.args(["--target", board.triple]);
            if toolchain.build_std {
                command.arg("-Zbuild-std=core");
            }
            command.args(["--", "-C", "link-arg=-Tlink.x"]);
            command
                .arg("-C")
                .arg(format!("link-arg=-L{}", program.display()));
            if toolchain.foreign_linker {
                let linker = format!("linker={}", board.family.linker);
                command.args(["-C", &linker, "-C", "linker-flavor=ld"]);
                for option in board.family.linker_options {
                    command.arg("-C").arg(format!("link-arg={option}"));
                }
            }
        }
        let output = command.output().map_err(|error| RunError::NoProgram {
            program: toolchain.cargo.display().to_string(),
            error,
            help: "install Rust from https://rustup.rs",
        })?;
        if output.status.success() {
            return Ok(());
        }
        Err(RunError::Build(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}

/// The folder that holds this crate and its siblings.
fn crates() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

fn link_script(board: &Board) -> String {
    let memory = |name: &str, [origin, length]: [u32; 2]| {
        format!("  {name} : ORIGIN = {origin:#x}, LENGTH = {length:#x}\n")
    };
    format!(
        "MEMORY\n{{\n{}{}}}\nSTACK_BYTES = {STACK_BYTES};\n{}",
        memory("FLASH", board.flash),
        memory("RAM", board.ram),
        LINK.replace("__entry", board.family.entry),
    )
}

/// Writes a file unless it is so already: cargo looks at times.
fn write(path: &Path, content: &str) -> Result<(), RunError> {
    if std::fs::read(path).is_ok_and(|known| known == content.as_bytes()) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(RunError::file(folder))?;
    std::fs::write(path, content).map_err(RunError::file(path))
}

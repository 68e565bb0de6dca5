//! The arguments and what they mean together.

use super::Failure;
use crate::options::{self, Options, QuantMode};
use crate::runner::{Board, Platform, board};
use crate::source::Source;
use crate::target;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// What cargo calls.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", disable_help_subcommand = true)]
pub(super) enum Cargo {
    /// Compiles neural networks into Rust for microcontrollers
    Edge(EdgeArgs),
}

/// `cargo edge …`.
#[derive(Debug, Args)]
#[command(version, about)]
pub(super) struct EdgeArgs {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Builds a program around a network and runs it, on this machine or under QEMU
    Run(RunArgs),
    /// Shows layers, shapes, costs and the memory plan of a network
    Inspect(InspectArgs),
}

/// The network and how it is compiled: what the macro takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ModelArgs {
    /// The ONNX or TFLite file
    pub(super) model: PathBuf,
    /// Device family or core [default: that of --core, else host]
    #[arg(long)]
    target: Option<String>,
    /// Element type: none (32-bit float) or int8
    #[arg(long, default_value = "none")]
    quant: String,
    /// Arithmetic of a network that arrives quantized: exact or fast
    #[arg(long, default_value = "exact")]
    rounding: String,
    /// What the choice of kernels aims at: speed, balanced, ram or flash
    #[arg(long, default_value = "balanced")]
    optimize: String,
    /// Kernel variants chosen by hand: NODE=VARIANT,*=VARIANT
    #[arg(long, value_name = "PINS")]
    pin: Option<String>,
    /// Calibration data, .npy or .npz [default: MODEL.calib.npy or .npz beside the model]
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// Name of the generated type [default: from the file]
    #[arg(long)]
    name: Option<String>,
    /// Dimensions that the file leaves open: batch=1,input=1x3x32x32
    #[arg(long)]
    shapes: Option<String>,
}

/// `cargo edge inspect …`.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    #[command(flatten)]
    pub(super) model: ModelArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// `cargo edge run …`.
#[derive(Clone, Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) model: ModelArgs,
    /// Input, .npy or .npz; several rows are several inferences [default: one pseudo-random row]
    #[arg(long, value_name = "FILE")]
    pub(super) input: Option<PathBuf>,
    /// Where outputs are written, .npz
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Where the program runs [default: qemu with --core or --cycles, else host]
    #[arg(long, value_enum)]
    on: Option<On>,
    /// The emulated core: cortex-m0, cortex-m3, cortex-m4, cortex-m7, cortex-m33, riscv32 [default: that of
    /// the target]
    #[arg(long)]
    core: Option<String>,
    /// QEMU plugin that estimates cycles of Cortex-M4 and M7
    #[arg(long, value_name = "PLUGIN")]
    pub(super) cycles: Option<PathBuf>,
    /// Count each layer; takes another build
    #[arg(long, requires = "cycles")]
    pub(super) layers: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// This machine
    Host,
    /// An emulated microcontroller
    Qemu,
}

/// Arguments that do not fit together.
#[derive(Debug, thiserror::Error)]
pub(super) enum Usage {
    #[error("the core `{0}` is not emulated\n  supported: {cores}", cores = board::names())]
    Core(String),
    #[error("the target `{0}` has no core to emulate\n  help: pick one with --core: {cores}", cores = board::names())]
    NoCore(&'static str),
    #[error(
        "--core and --cycles are for programs under QEMU\n  help: use --on qemu, or leave them out"
    )]
    OnHost,
    #[error(
        "the plugin counts cycles of Cortex-M cores only\n  help: leave --cycles out for riscv32"
    )]
    Plugin,
    #[error("{0}: there is no such file")]
    Missing(String),
}

impl ModelArgs {
    /// The model file, its path made absolute.
    pub(super) fn source(&self) -> Result<Source, Failure> {
        Ok(Source::read(&absolute(&self.model))?)
    }

    /// What the compiler is asked.
    pub(super) fn options(&self) -> Result<Options, Failure> {
        let target = target::find(self.target.as_deref().unwrap_or("host"))?;
        let mut options = Options::new(target);
        options.quant = QuantMode::parse(&self.quant)?;
        options.rounding = options::Rounding::parse(&self.rounding)?;
        options.optimize = options::Optimize::parse(&self.optimize)?;
        options.pins = options::parse_pins(self.pin.as_deref().unwrap_or_default())?;
        options.calibration = self.calibration.as_deref().map(absolute);
        if let Some(name) = &self.name {
            options::check_name(name)?;
        }
        options.name.clone_from(&self.name);
        options.shapes = options::parse_shapes(self.shapes.as_deref().unwrap_or_default())?;
        Ok(options)
    }
}

impl RunArgs {
    /// Where the program runs.
    pub(super) fn platform(&self) -> Result<Platform, Failure> {
        let chosen = self.core()?;
        let emulated = self.core.is_some() || self.cycles.is_some();
        match self.on {
            Some(On::Host) if emulated => Err(Usage::OnHost.into()),
            Some(On::Host) => Ok(Platform::Host),
            None if !emulated => Ok(Platform::Host),
            None | Some(On::Qemu) => {
                let target = self.model.options()?.target;
                let board = chosen.or_else(|| board::of_core(target.core));
                let board = board.ok_or(Usage::NoCore(target.name))?;
                if self.cycles.is_some() && !board.triple.starts_with("thumb") {
                    return Err(Usage::Plugin.into());
                }
                Ok(Platform::Emulated(board))
            }
        }
    }

    /// The plugin, its path made absolute.
    pub(super) fn plugin(&self) -> Result<Option<PathBuf>, Failure> {
        let Some(path) = &self.cycles else {
            return Ok(None);
        };
        if path.is_file() {
            Ok(Some(absolute(path)))
        } else {
            Err(Usage::Missing(path.display().to_string()).into())
        }
    }

    /// The emulated core that was asked for.
    fn core(&self) -> Result<Option<&'static Board>, Usage> {
        let find = |name: &String| board::find(name).ok_or_else(|| Usage::Core(name.clone()));
        self.core.as_ref().map(find).transpose()
    }

    /// Without a target the network is compiled for the core it runs on.
    pub(super) fn with_target_of_core(mut self) -> Result<Self, Failure> {
        if let (None, Some(board)) = (&self.model.target, self.core()?) {
            let of_core =
                |target: &&target::Target| target.core == board.core && target.ram.is_none();
            self.model.target = target::TARGETS
                .iter()
                .find(of_core)
                .map(|target| target.name.to_owned());
        }
        Ok(self)
    }
}

/// A path that means the same from every folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &str) -> RunArgs {
        let words = ["cargo", "edge", "run", "net.onnx"].into_iter();
        let parsed = Cargo::try_parse_from(words.chain(arguments.split_whitespace())).unwrap();
        let Cargo::Edge(EdgeArgs { command }) = parsed;
        match command {
            Command::Run(args) => args.with_target_of_core().unwrap(),
            Command::Inspect(_) => panic!("not run"),
        }
    }

    fn board_of(arguments: &str) -> Option<&'static str> {
        match run(arguments).platform().unwrap() {
            Platform::Host => None,
            Platform::Emulated(board) => Some(board.name),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Cargo::command().debug_assert();
    }

    #[test]
    fn the_core_follows_from_the_target_unless_given() {
        assert_eq!(board_of("--target stm32h7"), None);
        assert_eq!(board_of("--target stm32h7 --on qemu"), Some("cortex-m7"));
        assert_eq!(board_of("--target esp32c3 --on qemu"), Some("riscv32"));
        assert_eq!(
            board_of("--target rp2040 --core cortex-m4"),
            Some("cortex-m4")
        );
        assert_eq!(
            board_of("--target stm32f4 --cycles x.so"),
            Some("cortex-m4")
        );
    }

    #[test]
    fn the_target_follows_from_the_core_unless_given() {
        let target = |arguments| run(arguments).model.options().unwrap().target.name;
        assert_eq!(target(""), "host");
        assert_eq!(target("--core cortex-m33"), "cortex-m33");
        assert_eq!(target("--core riscv32"), "riscv32imc");
        assert_eq!(target("--core riscv32 --target stm32f4"), "stm32f4");
    }

    #[test]
    fn contradictions_are_errors() {
        for arguments in [
            "--on qemu",
            "--on host --core cortex-m4",
            "--core riscv32 --cycles x.so",
        ] {
            let error = run(arguments).platform().unwrap_err();
            assert!(matches!(error, Failure::Usage(_)), "{arguments}: {error}");
        }
    }
}

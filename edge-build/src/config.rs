//! Arguments as text become options: the same for macro, build script and command.

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::options::{
    Optimize, Options, QuantMode, Rounding, check_name, parse_pins, parse_shapes,
};
use crate::target;
use std::path::{Path, PathBuf};

/// What the user writes.
///
/// In a build script, with [`Config::compile`]:
///
/// ```no_run
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     edge_build::Config::new("net.onnx")
///         .target("stm32h7")
///         .quant("int8")
///         .compile()?;
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub(crate) model: PathBuf,
    pub(crate) target: Option<String>,
    pub(crate) quant: Option<String>,
    pub(crate) rounding: Option<String>,
    pub(crate) optimize: Option<String>,
    pub(crate) pins: Option<String>,
    pub(crate) calibration: Option<PathBuf>,
    pub(crate) name: Option<String>,
    pub(crate) shapes: Option<String>,
    pub(crate) core_path: Option<String>,
}

impl Config {
    /// The model file: `Config::new("net.onnx")`, relative to the folder of the crate's Cargo.toml.
    #[must_use]
    pub fn new(model: impl Into<PathBuf>) -> Self {
        Self {
            model: model.into(),
            ..Self::default()
        }
    }

    /// The device family or core, required: `.target("stm32h7")`.
    #[must_use]
    pub fn target(mut self, name: impl Into<String>) -> Self {
        self.target = Some(name.into());
        self
    }

    /// Arithmetic of a network that arrives quantized: `"exact"` (as without the call) or `"fast"`.
    #[must_use]
    pub fn rounding(mut self, mode: impl Into<String>) -> Self {
        self.rounding = Some(mode.into());
        self
    }

    /// What the choice of kernels aims at: `"speed"`, `"balanced"` (as without the call), `"ram"` or `"flash"`.
    #[must_use]
    pub fn optimize(mut self, aim: impl Into<String>) -> Self {
        self.optimize = Some(aim.into());
        self
    }

    /// Kernel variants chosen by hand, for experiments: `.pin("conv1=winograd, *=packed")`.
    #[must_use]
    pub fn pin(mut self, pins: impl Into<String>) -> Self {
        self.pins = Some(pins.into());
        self
    }

    /// `"none"` (as without the call) or `"int8"`: `.quant("int8")`.
    #[must_use]
    pub fn quant(mut self, mode: impl Into<String>) -> Self {
        self.quant = Some(mode.into());
        self
    }

    /// Calibration data, `.npy` or `.npz`: `.calibration("samples.npy")`. Without the call
    /// `net.calib.npy` or `net.calib.npz` beside `net.onnx`.
    #[must_use]
    pub fn calibration(mut self, file: impl Into<PathBuf>) -> Self {
        self.calibration = Some(file.into());
        self
    }

    /// The name of the type: `.name("Keywords")`. Without the call the file's in upper camel case.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Dimensions that the file leaves open: `.shapes("batch=1, input=1x3x32x32")`.
    #[must_use]
    pub fn shapes(mut self, shapes: impl Into<String>) -> Self {
        self.shapes = Some(shapes.into());
        self
    }

    /// How the crate names `edge-core` if the dependency is renamed: `.core_path("crate::deps::edge_core")`.
    #[must_use]
    pub fn core_path(mut self, path: impl Into<String>) -> Self {
        self.core_path = Some(path.into());
        self
    }

    /// The options, with paths relative to `root`.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn options(&self, root: &Path) -> Result<Options, Diagnostics> {
        let mut errors = Vec::new();
        let mut keep = |error: Diagnostic| errors.push(error);
        let target = self.find_target().map_err(&mut keep).ok();
        let quant = self.quant.as_deref().map(QuantMode::parse).transpose();
        let quant = quant.map_err(&mut keep).unwrap_or_default();
        let rounding = self.rounding.as_deref().map(Rounding::parse).transpose();
        let rounding = rounding.map_err(&mut keep).unwrap_or_default();
        let optimize = self.optimize.as_deref().map(Optimize::parse).transpose();
        let optimize = optimize.map_err(&mut keep).unwrap_or_default();
        let pins = parse_pins(self.pins.as_deref().unwrap_or_default());
        let pins = pins.map_err(&mut keep).unwrap_or_default();
        let shapes = parse_shapes(self.shapes.as_deref().unwrap_or_default());
        let shapes = shapes.map_err(&mut keep).unwrap_or_default();
        let name = self.name.as_deref().map(check_name).transpose();
        let _ = name.map_err(&mut keep);
        let Some(target) = target.filter(|_| errors.is_empty()) else {
            return Err(Diagnostics(errors));
        };
        let defaults = Options::new(target);
        Ok(Options {
            quant: quant.unwrap_or_default(),
            rounding: rounding.unwrap_or_default(),
            optimize: optimize.unwrap_or_default(),
            pins,
            calibration: self.calibration.as_ref().map(|file| root.join(file)),
            name: self.name.clone(),
            shapes,
            core_path: self.core_path.clone().unwrap_or(defaults.core_path),
            ..Options::new(target)
        })
    }

    fn find_target(&self) -> Result<&'static target::Target, Diagnostic> {
        let name = self.target.as_deref().ok_or_else(|| {
            Diagnostic::error(
                Code::BadArgument,
                "the target is missing",
                "name your device: `target = \"stm32h7\"`; `target = \"host\"` is for tests on a PC",
            )
            .supported(target::names())
            .at(Argument::Model)
        })?;
        target::find(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_come_at_once() {
        let config = Config::new("net.onnx")
            .target("z80")
            .quant("int4")
            .name("no name")
            .shapes("x");
        let errors = config.options(Path::new("")).unwrap_err();
        let arguments: Vec<Argument> = errors.0.iter().map(|error| error.argument).collect();
        let expected = [
            Argument::Target,
            Argument::Quant,
            Argument::Shapes,
            Argument::Name,
        ];
        assert_eq!(arguments, expected);
    }

    #[test]
    fn the_target_is_required() {
        let errors = Config::new("net.onnx").options(Path::new("")).unwrap_err();
        assert!(errors.to_string().contains("stm32h7"), "{errors}");
    }

    #[test]
    fn paths_are_relative_to_the_root() {
        let config = Config::new("net.onnx").target("host").calibration("c.npy");
        let options = config.options(Path::new("/crate")).unwrap();
        assert_eq!(options.calibration, Some(PathBuf::from("/crate/c.npy")));
    }
}

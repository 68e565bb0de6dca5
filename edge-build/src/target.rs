//! Devices, as data.

mod table;

pub use table::TARGETS;

use crate::diag::{Argument, Code, Diagnostic};
use crate::suggest::nearest;

/// Instruction set of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    /// Armv6-M: Cortex-M0, M0+.
    CortexM0,
    /// Armv7-M: Cortex-M3.
    CortexM3,
    /// Armv7E-M: Cortex-M4.
    CortexM4,
    /// Armv7E-M, dual issue: Cortex-M7.
    CortexM7,
    /// Armv8-M: Cortex-M33.
    CortexM33,
    /// RV32IMC.
    Riscv32Imc,
    /// The machine that compiles.
    Host,
}

impl Core {
    /// Architectures, as rustc's target triples begin, whose machine code the core runs.
    #[must_use]
    pub fn architectures(self) -> &'static [&'static str] {
        match self {
            Self::CortexM0 => &["thumbv6m"],
            Self::CortexM3 => &["thumbv7m", "thumbv6m"],
            Self::CortexM4 | Self::CortexM7 => &["thumbv7em", "thumbv7m", "thumbv6m"],
            Self::CortexM33 => &[
                "thumbv8m.main",
                "thumbv8m.base",
                "thumbv7em",
                "thumbv7m",
                "thumbv6m",
            ],
            Self::Riscv32Imc => &["riscv32imc", "riscv32im", "riscv32i"],
            Self::Host => &[],
        }
    }
}

/// A device family or core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name in `target = "…"`.
    pub name: &'static str,
    /// Its core.
    pub core: Core,
    /// RAM of the largest member in bytes; `None` for bare cores.
    pub ram: Option<usize>,
    /// Flash of the largest member in bytes (external where there is no other); `None` for bare cores.
    pub flash: Option<usize>,
    /// A second core of another instruction set, on devices that have one.
    pub other_architecture: Option<&'static str>,
}

impl Target {
    /// A warning if a crate that is compiled for `triple` cannot run on the device.
    ///
    /// Programs under an operating system are tests and simulators: they are for every target.
    #[must_use]
    pub fn check_triple(&self, triple: &str) -> Option<Diagnostic> {
        let architecture = triple.split('-').next().unwrap_or(triple);
        let bare = triple.split('-').any(|part| part == "none");
        let runs = self.core.architectures().contains(&architecture)
            || self.other_architecture == Some(architecture);
        if !bare || runs {
            return None;
        }
        let first = self.core.architectures().first();
        let help = first.map_or_else(
            || "name the device in `target`".to_owned(),
            |known| {
                format!("build with `--target {known}-none-…`, or name another device in `target`")
            },
        );
        Some(
            Diagnostic::warning(
                Code::TargetMismatch,
                format!(
                    "the crate is compiled for `{triple}`, which does not run on `{}`",
                    self.name
                ),
                help,
            )
            .at(Argument::Target),
        )
    }
}

/// The names of all targets, as a list for messages.
#[must_use]
pub fn names() -> String {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    names.join(", ")
}

/// The target of a name.
///
/// # Errors
/// If there is none; the nearest is suggested.
pub fn find(name: &str) -> Result<&'static Target, Diagnostic> {
    if let Some(target) = TARGETS.iter().find(|target| target.name == name) {
        return Ok(target);
    }
    let help = match nearest(name, TARGETS.iter().map(|target| target.name)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "name the family of your device, or its core".to_owned(),
    };
    Err(Diagnostic::error(
        Code::UnknownTarget,
        format!("the target `{name}` is not known"),
        help,
    )
    .supported(names())
    .at(Argument::Target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for (index, target) in TARGETS.iter().enumerate() {
            assert_eq!(find(target.name), Ok(target));
            assert!(TARGETS[..index].iter().all(|t| t.name != target.name));
        }
    }

    #[test]
    fn unknown_names_get_the_nearest() {
        let error = find("stm32h743").unwrap_err();
        assert_eq!(error.code, Code::UnknownTarget);
        assert_eq!(error.argument, Argument::Target);
        assert!(error.help.contains("`stm32h7`"), "{error}");
        assert!(find("z80").unwrap_err().supported.is_some());
    }

    #[test]
    fn only_contradicting_bare_metal_triples_warn() {
        let m7 = find("stm32h7").unwrap();
        assert_eq!(m7.check_triple("thumbv7em-none-eabihf"), None);
        assert_eq!(m7.check_triple("thumbv6m-none-eabi"), None);
        assert_eq!(m7.check_triple("x86_64-unknown-linux-gnu"), None);
        let warning = m7.check_triple("riscv32imc-unknown-none-elf").unwrap();
        assert_eq!(warning.code, Code::TargetMismatch);
        let m0 = find("rp2040").unwrap();
        assert!(m0.check_triple("thumbv7em-none-eabihf").is_some());
        let both = find("rp2350").unwrap();
        assert_eq!(both.check_triple("riscv32imac-unknown-none-elf"), None);
        assert_eq!(both.check_triple("thumbv8m.main-none-eabihf"), None);
        assert!(
            find("host")
                .unwrap()
                .check_triple("thumbv6m-none-eabi")
                .is_some()
        );
    }
}

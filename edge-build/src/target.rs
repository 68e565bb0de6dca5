//! Devices, as data.

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

/// A device family or core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name in `target = "…"`.
    pub name: &'static str,
    /// Its core.
    pub core: Core,
    /// RAM of the largest member in bytes; `None` for bare cores.
    pub ram: Option<usize>,
    /// Flash of the largest member in bytes; `None` for bare cores.
    pub flash: Option<usize>,
}

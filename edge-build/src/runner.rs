//! Builds programs around generated networks and runs them: on this machine, or on an emulated
//! microcontroller under QEMU.
//!
//! | module | what |
//! | --- | --- |
//! | [`board`] | the emulated cores and their boards, as data |
//! | [`toolchain`] | which compiler and linker builds for a core |
//! | [`project`] | a crate around networks, written and built |
//! | [`execute`] | the program runs, with files as input and output |
//! | [`counts`] | what the plugin that counts cycles has measured |
//! | [`elf`] | sections of a firmware and their sizes |
//! | [`network`] | all of it for a list of networks |
//! | `steps` | what each step of a network costs |
//!
//! The sources of the programs lie in `edge-build/template`.

pub mod board;
pub mod counts;
pub mod elf;
mod error;
pub mod execute;
mod folder;
pub mod network;
pub mod project;
mod steps;
pub mod toolchain;

pub use board::Board;
pub use error::RunError;
pub use network::{Cost, Job, Measured, Network, Outcome, bytes_of};
pub use project::Project;

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// This machine.
    Host,
    /// A microcontroller under QEMU.
    Emulated(&'static Board),
}

/// What a run is at; for progress bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The compiler works.
    Building,
    /// The program runs; inferences done so far.
    Running {
        /// Inferences that have ended.
        done: usize,
    },
}

/// Is told what a run is at.
pub type Watch<'a> = &'a dyn Fn(Phase);

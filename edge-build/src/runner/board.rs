//! The emulated cores and their boards, as data.

use crate::target::Core;

/// A board of QEMU and how firmware is built for its core.
#[derive(Debug, PartialEq, Eq)]
pub struct Board {
    /// Name of the core in `--core`.
    pub name: &'static str,
    /// Its instruction set.
    pub core: Core,
    /// Target of rustc.
    pub triple: &'static str,
    /// `-C target-cpu`.
    pub cpu: &'static str,
    /// The emulator.
    pub qemu: &'static str,
    /// Arguments that choose the board.
    pub machine: &'static [&'static str],
    /// Instructions from one tick of the counter to the next under `-icount shift=0` (one per nanosecond).
    pub instructions_per_tick: u64,
    /// First byte and size of the memory for code.
    pub flash: [u32; 2],
    /// First byte and size of the memory for data.
    pub ram: [u32; 2],
    /// What differs between Arm and RISC-V.
    pub family: &'static Family,
}

/// An architecture: its start-up code and its binutils.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// The start-up code.
    pub machine_source: &'static str,
    /// The symbol that the firmware starts at.
    pub entry: &'static str,
    /// The linker of binutils for where rustc brings none, and the options it needs.
    pub linker: &'static str,
    /// Options of that linker.
    pub linker_options: &'static [&'static str],
}

static ARM: Family = Family {
    machine_source: include_str!("../../template/src/platform/arm.rs"),
    entry: "__reset",
    linker: "arm-none-eabi-ld",
    linker_options: &[],
};

static RISCV: Family = Family {
    machine_source: include_str!("../../template/src/platform/riscv.rs"),
    entry: "_start",
    linker: "riscv64-unknown-elf-ld",
    linker_options: &["-melf32lriscv"],
};

const MIB: u32 = 1 << 20;

const fn mps2(
    name: &'static str,
    core: Core,
    triple: &'static str,
    machine: &'static [&'static str],
) -> Board {
    Board {
        name,
        core,
        triple,
        cpu: name,
        qemu: "qemu-system-arm",
        machine,
        instructions_per_tick: 40, // SysTick at 25 MHz
        flash: [0, 4 * MIB],
        ram: [0x2000_0000, 4 * MIB],
        family: &ARM,
    }
}

/// All boards. Firmware for the Cortex-M0 runs on the board of the M3, which has the same instructions and
/// more.
pub static BOARDS: &[Board] = &[
    mps2(
        "cortex-m0",
        Core::CortexM0,
        "thumbv6m-none-eabi",
        &["-M", "mps2-an385"],
    ),
    mps2(
        "cortex-m3",
        Core::CortexM3,
        "thumbv7m-none-eabi",
        &["-M", "mps2-an385"],
    ),
    mps2(
        "cortex-m4",
        Core::CortexM4,
        "thumbv7em-none-eabihf",
        &["-M", "mps2-an386"],
    ),
    mps2(
        "cortex-m7",
        Core::CortexM7,
        "thumbv7em-none-eabihf",
        &["-M", "mps2-an500"],
    ),
    Board {
        instructions_per_tick: 50, // SysTick at 20 MHz
        flash: [0x1000_0000, 4 * MIB],
        ram: [0x3800_0000, 4 * MIB],
        ..mps2(
            "cortex-m33",
            Core::CortexM33,
            "thumbv8m.main-none-eabihf",
            &["-M", "mps2-an505"],
        )
    },
    Board {
        name: "riscv32",
        core: Core::Riscv32Imc,
        triple: "riscv32imc-unknown-none-elf",
        cpu: "generic-rv32",
        qemu: "qemu-system-riscv32",
        machine: &["-M", "virt", "-bios", "none"],
        instructions_per_tick: 1, // the counter of instructions
        flash: [0x8000_0000, 64 * MIB],
        ram: [0x8400_0000, 60 * MIB],
        family: &RISCV,
    },
];

/// The board of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Board> {
    BOARDS.iter().find(|board| board.name == name)
}

/// The board of a core; `None` for the host.
#[must_use]
pub fn of_core(core: Core) -> Option<&'static Board> {
    BOARDS.iter().find(|board| board.core == core)
}

/// The names of all boards, as a list for messages.
#[must_use]
pub fn names() -> String {
    let names: Vec<&str> = BOARDS.iter().map(|board| board.name).collect();
    names.join(", ")
}

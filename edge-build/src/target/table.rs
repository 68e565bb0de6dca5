//! The table of devices. Sizes are those of the largest member of a family, from the makers' data sheets:
//! a network that exceeds them fits no member.

use super::{Core, Target};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

const fn device(name: &'static str, core: Core, ram: usize, flash: usize) -> Target {
    Target {
        name,
        core,
        ram: Some(ram),
        flash: Some(flash),
        other_architecture: None,
    }
}

const fn bare(name: &'static str, core: Core) -> Target {
    Target {
        name,
        core,
        ram: None,
        flash: None,
        other_architecture: None,
    }
}

/// All targets.
pub static TARGETS: &[Target] = &[
    device("stm32f0", Core::CortexM0, 32 * KIB, 256 * KIB),
    device("stm32f1", Core::CortexM3, 96 * KIB, MIB),
    device("stm32f2", Core::CortexM3, 128 * KIB, MIB),
    device("stm32f3", Core::CortexM4, 80 * KIB, 512 * KIB),
    device("stm32f4", Core::CortexM4, 384 * KIB, 2 * MIB),
    device("stm32f7", Core::CortexM7, 512 * KIB, 2 * MIB),
    device("stm32g0", Core::CortexM0, 144 * KIB, 512 * KIB),
    device("stm32g4", Core::CortexM4, 128 * KIB, 512 * KIB),
    device("stm32h5", Core::CortexM33, 640 * KIB, 2 * MIB),
    device("stm32h7", Core::CortexM7, 1376 * KIB, 2 * MIB),
    device("stm32l0", Core::CortexM0, 20 * KIB, 192 * KIB),
    device("stm32l4", Core::CortexM4, 640 * KIB, 2 * MIB),
    device("stm32l5", Core::CortexM33, 256 * KIB, 512 * KIB),
    device("stm32u5", Core::CortexM33, 3026 * KIB, 4 * MIB),
    device("stm32wb", Core::CortexM4, 256 * KIB, MIB),
    device("nrf52832", Core::CortexM4, 64 * KIB, 512 * KIB),
    device("nrf52840", Core::CortexM4, 256 * KIB, MIB),
    device("nrf5340", Core::CortexM33, 512 * KIB, MIB),
    device("rp2040", Core::CortexM0, 264 * KIB, 16 * MIB),
    Target {
        other_architecture: Some("riscv32imac"),
        ..device("rp2350", Core::CortexM33, 520 * KIB, 32 * MIB)
    },
    device("esp32c3", Core::Riscv32Imc, 400 * KIB, 16 * MIB),
    bare("cortex-m0", Core::CortexM0),
    bare("cortex-m0plus", Core::CortexM0),
    bare("cortex-m3", Core::CortexM3),
    bare("cortex-m4", Core::CortexM4),
    bare("cortex-m7", Core::CortexM7),
    bare("cortex-m33", Core::CortexM33),
    bare("riscv32imc", Core::Riscv32Imc),
    bare("host", Core::Host),
];

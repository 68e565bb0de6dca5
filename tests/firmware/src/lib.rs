//! Networks and tools for the tests on emulated cores.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "code of tests: a panic is a failed test"
)]

pub mod baseline;
pub mod case;
pub mod layer;
pub mod program;

use edge_build::runner::toolchain::Toolchain;
use edge_build::runner::{Board, board};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A test per emulated core: calls a function with the name of the core and that of its target.
#[macro_export]
macro_rules! on_every_core {
    ($check:path) => {
        #[test]
        fn cortex_m0() {
            $check("cortex-m0", "cortex-m0");
        }

        #[test]
        fn cortex_m3() {
            $check("cortex-m3", "cortex-m3");
        }

        #[test]
        fn cortex_m4() {
            $check("cortex-m4", "cortex-m4");
        }

        #[test]
        fn cortex_m7() {
            $check("cortex-m7", "cortex-m7");
        }

        #[test]
        fn cortex_m33() {
            $check("cortex-m33", "cortex-m33");
        }

        #[test]
        fn riscv32() {
            $check("riscv32", "riscv32imc");
        }
    };
}

/// How long a firmware may run.
pub const LIMIT: Duration = Duration::from_mins(15);

/// The board of a core, or `None` with a message if nothing here builds for it or emulates it.
#[must_use]
pub fn board(core: &str) -> Option<&'static Board> {
    let board = board::find(core).expect("a known core");
    let toolchain = Toolchain::for_board(board);
    let reason = match &toolchain {
        Ok(toolchain) if emulates(board) => {
            println!("{core}: built by {}", toolchain.describe());
            return Some(board);
        }
        Ok(_) => format!(
            "{} is not installed; on Debian: apt-get install qemu-system-arm qemu-system-misc",
            board.qemu
        ),
        Err(error) => error.to_string(),
    };
    let message = format!("{core}: skipped; {reason}");
    assert!(!edge_test_support::shared::required(), "{message}");
    println!("{message}");
    None
}

fn emulates(board: &Board) -> bool {
    let mut command = Command::new(board.qemu);
    command.arg("--version").stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

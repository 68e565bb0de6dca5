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

use edge_build::runner::toolchain::Toolchain;
use edge_build::runner::{Board, board};
use std::process::{Command, Stdio};
use std::time::Duration;

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

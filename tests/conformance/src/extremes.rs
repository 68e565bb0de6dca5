//! Random networks of one operator with extreme scales, zero points, weights and inputs, and what they mean:
//! `docs/src/exact-arithmetic.md` written down once more, in integers and ratios that cannot overflow.
//!
//! | variable | what |
//! | --- | --- |
//! | `EDGE_EXTREME_CASES` | networks of each kind, [`cases`] if not set |
//! | `EDGE_EXTREME_SEED` | what they begin with |
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test draws some of the types and functions"
)]

pub mod draw;
pub mod fixed;
pub mod functions;
pub mod layers;
pub mod memory;
pub mod moves;
pub mod net;
pub mod pairs;
pub mod pools;
pub mod real;
pub mod softmax;
pub mod tally;
pub mod wanted;

/// Networks of each kind.
#[must_use]
pub fn cases() -> usize {
    variable("EDGE_EXTREME_CASES").unwrap_or(if cfg!(debug_assertions) { 300 } else { 1500 })
}

/// What the random numbers begin with.
#[must_use]
pub fn seed() -> u64 {
    variable("EDGE_EXTREME_SEED").unwrap_or(20) as u64
}

fn variable(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

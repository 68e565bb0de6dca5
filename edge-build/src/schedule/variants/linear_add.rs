//! Sums of two int8 tensors as a linear form.
//!
//! However a file format rounds a sum, it is a function of two bytes close to `first·a + second·b + offset`. Numbers
//! are searched that give it rounded down to the bit in all 65536 pairs; mostly there are some.

#[cfg(test)]
mod tests;

use super::{Layer, Offer};
use crate::exec::run_alone;
use crate::program::{Kernel, Variant};
use crate::target::Core;
use edge_core::params::{
    AddExact, AddOnce, AddS8, BinaryKind, Broadcast, LinearAdd, MAX_RANK, OnceKind, Steps, SumKind,
};
use edge_core::quant::Scale;

/// Values of a byte.
const BYTES: usize = 256;

/// Pairs of bytes.
const PAIRS: usize = BYTES * BYTES;

/// Factors on each side of the nearest that are tried, in units of 2⁻²⁴.
const TRIES: i32 = 4;

/// The offer for a sum or difference of two tensors of one shape.
pub(super) fn offer(layer: &Layer<'_>) -> Option<Offer> {
    let [each, call] = match layer.core {
        Core::CortexM4 | Core::CortexM33 => [29, 60],
        Core::CortexM7 => [20, 50],
        Core::CortexM0 | Core::CortexM3 | Core::Riscv32Imc | Core::Host => return None,
    };
    let sum = Sum::of(&layer.step.kernel)?;
    if sum.walk.joined() != flat(layer.elements) {
        return None;
    }
    let p = LinearAdd {
        len: layer.elements,
        ..linear(&outputs(&sum.of_all)?, sum.factors)?
    };
    Some(Offer {
        variant: Variant::Linear,
        kernel: Kernel::LinearAddS8(p),
        constants: Vec::new(),
        scratch: None,
        lead: None,
        cycles: layer.elements as u64 / 4 * each + call,
    })
}

/// A step that is a sum or a difference.
struct Sum {
    walk: Broadcast,
    /// Steps of the operands in output steps.
    factors: [f64; 2],
    /// The same step over all pairs.
    of_all: Kernel,
}

impl Sum {
    fn of(kernel: &Kernel) -> Option<Self> {
        let walk = flat(PAIRS);
        if let Kernel::AddExactS8(p) = kernel {
            return Some(Self {
                walk: p.walk,
                factors: factors_exact(p)?,
                of_all: Kernel::AddExactS8(AddExact { walk, ..*p }),
            });
        }
        if let Kernel::AddOnceS8(p) = kernel {
            return Some(Self {
                walk: p.walk,
                factors: factors_once(p)?,
                of_all: Kernel::AddOnceS8(AddOnce { walk, ..*p }),
            });
        }
        if let Kernel::AddS8(p) = kernel {
            return Some(Self {
                walk: p.walk,
                factors: factors_native(p)?,
                of_all: Kernel::AddS8(AddS8 { walk, ..*p }),
            });
        }
        None
    }
}

/// Two tensors of `len` elements, one behind another.
fn flat(len: usize) -> Broadcast {
    let last = |value: usize, other: usize| {
        let mut all = [other; MAX_RANK];
        all[MAX_RANK - 1] = value;
        all
    };
    Broadcast {
        shape: last(len, 1),
        first: last(1, 0),
        second: last(1, 0),
    }
}

fn factors_exact(p: &AddExact) -> Option<[f64; 2]> {
    let sign = match p.kind {
        SumKind::Add => 1.0,
        SumKind::Sub => -1.0,
        SumKind::SquaredDifference => return None,
    };
    let unit = 2f64.powi(p.left_shift as i32) * real(p.output);
    Some([
        real(p.first.scale) * unit,
        sign * real(p.second.scale) * unit,
    ])
}

fn factors_once(p: &AddOnce) -> Option<[f64; 2]> {
    let sign = match p.kind {
        OnceKind::Add => 1.0,
        OnceKind::Sub => -1.0,
        OnceKind::Min | OnceKind::Max => return None,
    };
    let unit = 2f64.powi(-(p.shift as i32));
    let steps = |steps: &Steps| f64::from(steps.multiplier) * unit;
    Some([steps(&p.first), sign * steps(&p.second)])
}

fn factors_native(p: &AddS8) -> Option<[f64; 2]> {
    let sign = match p.kind {
        BinaryKind::Add => 1.0,
        BinaryKind::Sub => -1.0,
        BinaryKind::Mul
        | BinaryKind::Div
        | BinaryKind::Min
        | BinaryKind::Max
        | BinaryKind::Pow
        | BinaryKind::PRelu => return None,
    };
    let unit = 2f64.powi(-(p.shift as i32));
    let factor = |multiplier: i32| f64::from(multiplier) * unit;
    Some([
        factor(p.first_multiplier),
        sign * factor(p.second_multiplier),
    ])
}

fn real(scale: Scale) -> f64 {
    f64::from(scale.multiplier) * 2f64.powi(scale.shift - 31)
}

/// What a sum gives for all pairs: the first operand turns with every row of 256.
fn outputs(sum_of_all: &Kernel) -> Option<Vec<i8>> {
    let first = (0..PAIRS).map(|pair| (pair / BYTES) as u8 ^ 0x80);
    let second = (0..PAIRS).map(|pair| (pair % BYTES) as u8 ^ 0x80);
    let inputs = vec![first.collect(), second.collect()];
    let bytes = run_alone(sum_of_all, inputs, &[], PAIRS).ok()?;
    Some(bytes.into_iter().map(|byte| byte as i8).collect())
}

/// The numbers of a linear form that gives these outputs, if there are some near these factors. Its length is 0.
fn linear(outputs: &[i8], factors: [f64; 2]) -> Option<LinearAdd> {
    // Sums stay within 2³⁰ and an offset.
    if factors.iter().any(|factor| factor.abs() >= 32.0) {
        return None;
    }
    let [first, second] = factors.map(|factor| (factor * 2f64.powi(24)).round() as i32);
    // The nearest first.
    let mut tries: Vec<[i32; 2]> = (-TRIES..=TRIES)
        .flat_map(|i| (-TRIES..=TRIES).map(move |j| [i, j]))
        .collect();
    tries.sort_by_key(|[i, j]| i * i + j * j);
    tries.into_iter().find_map(|[i, j]| {
        let (first, second) = (first + i, second + j);
        let offset = offset(outputs, &parts(first), &parts(second))?;
        Some(LinearAdd {
            len: 0,
            first,
            second,
            offset,
        })
    })
}

/// What each value of an operand adds to a sum in 2⁻¹⁶ output steps.
fn parts(factor: i32) -> [i32; BYTES] {
    let mut parts = [0; BYTES];
    for (index, part) in parts.iter_mut().enumerate() {
        *part = (((index as i64 - 128) * i64::from(factor)) >> 8) as i32;
    }
    parts
}

/// An offset with which the sums of all parts, rounded down, are these outputs.
fn offset(outputs: &[i8], first: &[i32; BYTES], second: &[i32; BYTES]) -> Option<i32> {
    // Limits of the offset: from the first on, below the second.
    let (mut low, mut high) = (-(1 << 30), 1 << 30);
    for (row, a) in outputs.chunks_exact(BYTES).zip(first) {
        let mut column = 0;
        while column < BYTES {
            let (output, sum) = (i32::from(row[column]), a + second[column]);
            let least = (output << 16) - sum;
            if output > -128 && least > low {
                low = least;
            }
            if output < 127 && least + (1 << 16) < high {
                high = least + (1 << 16);
            }
            column += 1;
        }
        if low >= high {
            return None;
        }
    }
    Some(low + (high - low) / 2)
}

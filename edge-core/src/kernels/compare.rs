//! Comparisons, truth values and selection. Truth values are bytes, 0 or 1.
//!
//! Source: `TFLite` `EQUAL`, `NOT_EQUAL`, `GREATER`, `GREATER_EQUAL`, `LESS`, `LESS_EQUAL`, `LOGICAL_AND`,
//! `LOGICAL_OR`, `LOGICAL_NOT`, `SELECT_V2`.

use super::binary_exact::rescaled;
use super::integer::Quantized;
use super::pairs::{combine, visit};
use crate::params::{Compare, CompareScaled, Each, Logical, LogicalKind, Relation, Select};

/// Comparison of numbers of one type.
#[inline(always)]
pub fn compare<T: Copy + PartialOrd>(p: &Compare, a: &[T], b: &[T], y: &mut [u8]) {
    combine(&p.walk, a, b, y, |a, b| holds(p.relation, &a, &b).into());
}

/// Comparison of quantized numbers, scaled to a common unit.
#[inline(always)]
pub fn compare_scaled<T: Quantized>(p: &CompareScaled, a: &[T], b: &[T], y: &mut [u8]) {
    combine(&p.compare.walk, a, b, y, |a, b| {
        let a = rescaled(&p.first, a.into(), p.left_shift);
        let b = rescaled(&p.second, b.into(), p.left_shift);
        holds(p.compare.relation, &a, &b).into()
    });
}

#[inline(always)]
fn holds<T: PartialOrd>(relation: Relation, a: &T, b: &T) -> bool {
    match relation {
        Relation::Equal => a == b,
        Relation::NotEqual => a != b,
        Relation::Greater => a > b,
        Relation::GreaterEqual => a >= b,
        Relation::Less => a < b,
        Relation::LessEqual => a <= b,
    }
}

/// Function of two tensors of truth values.
#[inline(always)]
pub fn logical(p: &Logical, a: &[u8], b: &[u8], y: &mut [u8]) {
    combine(&p.walk, a, b, y, |a, b| match p.kind {
        LogicalKind::And => u8::from(a != 0 && b != 0),
        LogicalKind::Or => u8::from(a != 0 || b != 0),
    });
}

/// The other truth value.
#[inline(always)]
pub fn not(_p: &Each, x: &[u8], y: &mut [u8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = u8::from(x == 0);
    }
}

/// `a` where the condition holds, else `b`.
#[inline(always)]
pub fn select<T: Copy>(p: &Select, condition: &[u8], a: &[T], b: &[T], y: &mut [T]) {
    visit(&p.first, condition, a, y, |condition, a, y| {
        if condition != 0 {
            *y = a;
        }
    });
    visit(&p.second, condition, b, y, |condition, b, y| {
        if condition == 0 {
            *y = b;
        }
    });
}

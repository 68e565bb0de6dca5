//! What part of a range matters to the function that reads it.
//!
//! Hard-swish is 0 below −3, a sigmoid hardly moves beyond ±8. A tensor that only such tables read may be cut
//! there: the saturated value has the same result, and the steps between get finer.

use super::share::Groups;
use crate::ir::Graph;
use crate::ops::{Op, Unary};
use edge_core::rt;

/// Points at which the function is looked at.
const POINTS: usize = 1024;

/// What part of an output step the result may change beyond the part that matters.
const TOLERANCE: f32 = 0.125;

/// Notes for every group that only tables read the part of its range that matters to them.
pub(super) fn find(graph: &Graph, groups: &mut Groups) {
    let mut parts: Vec<Option<[f32; 2]>> = vec![None; groups.list.len()];
    let mut read_otherwise = vec![false; groups.list.len()];
    for id in &graph.outputs {
        if let Some(group) = groups.of.get(id.index()).copied().flatten() {
            read_otherwise[group] = true;
        }
    }
    for node in &graph.nodes {
        let to = node
            .outputs
            .first()
            .and_then(|id| groups.of.get(id.index()).copied().flatten());
        for id in &node.inputs {
            let from = groups.of.get(id.index()).copied().flatten();
            let Some(group) = from.filter(|_| from != to) else {
                continue;
            };
            let (Op::Unary(unary), Some(seen)) = (&node.op, groups.list.get(group)) else {
                read_otherwise[group] = true;
                continue;
            };
            let [lo, hi] = range(unary, seen.whole.histogram.range());
            let part = parts[group].get_or_insert([lo, hi]);
            *part = [part[0].min(lo), part[1].max(hi)];
        }
    }
    for ((group, part), otherwise) in groups.list.iter_mut().zip(parts).zip(read_otherwise) {
        group.useful = part.filter(|_| !otherwise);
    }
}

/// The part of a range that matters to a function.
fn range(unary: &Unary, [lo, hi]: [f32; 2]) -> [f32; 2] {
    let at = |point: usize| lo + (hi - lo) * point as f32 / POINTS as f32;
    let f = |x: f32| {
        unary
            .functions
            .iter()
            .fold(x, |value, &function| rt::unary(function, value))
    };
    let results: Vec<f32> = (0..=POINTS).map(|point| f(at(point))).collect();
    let (least, most) = results
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), &y| {
            (least.min(y), most.max(y))
        });
    let near = (most - least) / 255.0 * TOLERANCE;
    let (first, last) = (results.first().copied(), results.last().copied());
    let level = |y: f32, end: Option<f32>| end.is_some_and(|end| (y - end).abs() <= near);
    let below = results.iter().take_while(|y| level(**y, first)).count();
    let above = results
        .iter()
        .rev()
        .take_while(|y| level(**y, last))
        .count();
    if !near.is_finite() || below + above > POINTS {
        return [lo, hi];
    }
    [
        at(below.saturating_sub(1)),
        at((POINTS + 1).saturating_sub(above).min(POINTS)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use edge_core::params::UnaryFn;

    fn of(function: UnaryFn, within: [f32; 2]) -> [f32; 2] {
        range(&Unary::of(function), within)
    }

    #[test]
    fn flat_ends_do_not_matter() {
        let [lo, hi] = of(UnaryFn::HardSwish, [-6.0, 5.0]);
        assert!((-3.02..-2.9).contains(&lo) && hi > 4.98, "[{lo}, {hi}]");
        let [lo, hi] = of(UnaryFn::Sigmoid, [-50.0, 50.0]);
        assert!(
            (-10.0..-6.0).contains(&lo) && (6.0..10.0).contains(&hi),
            "[{lo}, {hi}]"
        );
        let [lo, hi] = of(UnaryFn::Clip(-1.0, 2.0), [-8.0, 8.0]);
        assert!(
            (lo + 1.0).abs() < 0.05 && (hi - 2.0).abs() < 0.05,
            "[{lo}, {hi}]"
        );
    }

    #[test]
    fn the_rest_matters() {
        let [lo, hi] = of(UnaryFn::Affine(2.0, 1.0), [-1.0, 1.0]);
        assert!(lo < -0.99 && hi > 0.99, "[{lo}, {hi}]");
        let whole = |function| {
            let [lo, hi] = of(function, [-1.0, 1.0]);
            (lo + 1.0).abs() < 1e-12 && (hi - 1.0).abs() < 1e-12
        };
        assert!(whole(UnaryFn::Log), "no number below 0");
        assert!(whole(UnaryFn::Clip(0.0, 0.0)), "constant");
    }
}

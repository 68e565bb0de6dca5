//! From ranges to scales and zero points.

use crate::ir::QuantParams;

/// Ranges narrower than this hold zeros only, or rounding errors of them.
const NARROW: f64 = 1e-20;

/// Scale and zero point that cover a range that holds 0.
///
/// `clamp` is the fused activation of the layers that write the tensor; it holds 0. int8 kernels apply no
/// limits of their own: the result stays inside because nothing outside can be represented. So the range is
/// cut to the clamp, and where the clamp begins at 0 the zero point is −128.
pub(super) fn covering(range: [f64; 2], clamp: [f32; 2]) -> QuantParams {
    let mut lo = range[0].min(0.0).max(f64::from(clamp[0]));
    let mut hi = range[1].max(0.0).min(f64::from(clamp[1]));
    if hi - lo < NARROW {
        // Always zero: any step will do, as long as it stays inside the clamp.
        hi = f64::from(clamp[1]).min(1.0);
        lo = if hi > 0.0 {
            0.0
        } else {
            f64::from(clamp[0]).max(-1.0)
        };
    }
    let width = if hi - lo < NARROW { 1.0 } else { hi - lo };
    with_step(lo, width / 255.0)
}

/// Scale and zero point with a given step that start at `lo`.
fn with_step(lo: f64, step: f64) -> QuantParams {
    let scale = step as f32;
    let zero_point = (-128.0 - lo / f64::from(scale)).round_ties_even();
    QuantParams {
        scale,
        zero_point: zero_point.clamp(-128.0, 127.0) as i32,
    }
}

/// The same range seen from zero with steps of at least `least`, unless the clamp forbids.
pub(super) fn coarsened(params: QuantParams, least: f64, clamp: [f32; 2]) -> QuantParams {
    let scale = f64::from(params.scale);
    let inside = clamp
        .iter()
        .all(|limit| limit.is_infinite() || *limit == 0.0);
    if least <= scale || !inside || !least.is_finite() {
        return params;
    }
    let lo = f64::from(-128 - params.zero_point) * scale;
    let hi = f64::from(127 - params.zero_point) * scale;
    // The range grows at either end in proportion, so that one that began at 0 still does.
    with_step(lo * (255.0 * least) / (hi - lo), least)
}

/// A real number as an int8 step.
pub(super) fn quantize(x: f32, params: QuantParams) -> i8 {
    let steps = (f64::from(x) / f64::from(params.scale)).round_ties_even();
    (steps + f64::from(params.zero_point)).clamp(-128.0, 127.0) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];
    const RELU: [f32; 2] = [0.0, f32::INFINITY];

    fn ends(p: QuantParams) -> [f64; 2] {
        [-128, 127].map(|q| f64::from(q - p.zero_point) * f64::from(p.scale))
    }

    #[test]
    fn bytes_of_images_are_exact() {
        let p = covering([0.0, 255.0], FREE);
        assert_eq!((p.scale, p.zero_point), (1.0, -128));
        assert_eq!(quantize(255.0, p), 127);
        let p = covering([-128.0, 127.0], FREE);
        assert_eq!((p.scale, p.zero_point), (1.0, 0));
    }

    #[test]
    fn a_relu_starts_at_the_least_byte() {
        let p = covering([-3.0, 5.1], RELU);
        assert_eq!(p.zero_point, -128);
        assert!((f64::from(p.scale) - 5.1 / 255.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_outside_a_clamp_can_be_represented() {
        for (range, clamp) in [
            ([-3.0, 50.0], [0.0, 6.0]),
            ([-3.0, 50.0], [-1.0, 1.0]),
            ([-0.5, 0.2], [-1.0, 6.0]),
            ([-9.0, 0.2], [f32::NEG_INFINITY, 0.0]),
        ] {
            let p = covering(range, clamp);
            let [lo, hi] = ends(p);
            let half = f64::from(p.scale) / 2.0 * 1.0001;
            assert!(
                lo >= f64::from(clamp[0]) - half && hi <= f64::from(clamp[1]) + half,
                "{p:?}"
            );
        }
        assert_eq!(covering([-3.0, 50.0], [0.0, 6.0]).zero_point, -128);
        assert_eq!(
            covering([-9.0, 0.2], [f32::NEG_INFINITY, 0.0]).zero_point,
            127
        );
    }

    #[test]
    fn empty_ranges_still_have_a_step() {
        for clamp in [FREE, RELU, [0.0, 6.0], [0.0, 0.0], [-1.0, 0.0], [0.0, 1e-3]] {
            let p = covering([0.0, 0.0], clamp);
            assert!(
                p.scale > 0.0 && p.scale.is_finite() && (-128..=127).contains(&p.zero_point),
                "{p:?}"
            );
            assert_eq!(quantize(0.0, p) as i32, p.zero_point);
        }
    }

    #[test]
    fn coarser_steps_keep_zero_where_it_was() {
        let p = coarsened(covering([0.0, 2.0], RELU), 0.1, RELU);
        assert_eq!((p.scale, p.zero_point), (0.1, -128));
        let p = coarsened(covering([-1.0, 1.0], FREE), 0.1, FREE);
        assert_eq!(p.zero_point, covering([-1.0, 1.0], FREE).zero_point);
        let six = covering([0.0, 6.0], [0.0, 6.0]);
        assert_eq!(
            coarsened(six, 0.1, [0.0, 6.0]),
            six,
            "a finite clamp needs its step"
        );
    }
}

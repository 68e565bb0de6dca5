//! Resized images: `RESIZE_NEAREST_NEIGHBOR`, `RESIZE_BILINEAR`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::MAX_ROWS;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{ResizeBilinearOptions, ResizeNearestNeighborOptions};
use crate::ir::DType;
use crate::ops::ResizeLinear;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("RESIZE_BILINEAR", bilinear),
    ("RESIZE_NEAREST_NEIGHBOR", nearest),
];

/// How an axis is resized.
#[derive(Clone, Copy, Debug)]
struct Axis {
    input: usize,
    output: usize,
    align_corners: bool,
    half_pixel: bool,
}

impl Axis {
    /// Whether first and last elements fall together.
    fn aligned(self) -> bool {
        self.align_corners && self.output > 1
    }

    fn last(self) -> usize {
        self.input.saturating_sub(1)
    }
}

/// Height and width; their lengths fit floats and 32-bit products.
fn axes(cx: &OpCx<'_>, align_corners: bool, half_pixel: bool) -> Result<[Axis; 2], Problem> {
    let (x, y) = (cx.shape(&cx.input(0)?), cx.output_shape(0)?);
    let (&[n, in_h, in_w, c], &[m, out_h, out_w, d]) = (x.as_slice(), y.as_slice()) else {
        return Err(Problem::shape(format!("{x:?} resized to {y:?}"), "images"));
    };
    let lens = [in_h, in_w, out_h, out_w];
    if n != m || c != d || lens.iter().any(|&len| len == 0 || len >= MAX_ROWS / 4) {
        return Err(Problem::shape(
            format!("{x:?} resized to {y:?}"),
            "another height and width",
        ));
    }
    let axis = |input, output| Axis {
        input,
        output,
        align_corners,
        half_pixel,
    };
    Ok([axis(in_h, out_h), axis(in_w, out_w)])
}

fn nearest(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options = cx.options::<ResizeNearestNeighborOptions>()?;
    let axes = axes(cx, options.align_corners, options.half_pixel_centers)?;
    let mut x = cx.moved(0, 0)?;
    for (index, axis) in axes.into_iter().enumerate() {
        let rows = (0..axis.output).map(|at| nearest_row(axis, at)).collect();
        x = cx.gather(&x, index + 1, rows)?;
    }
    cx.give(x)
}

/// In single precision, as the reference.
fn nearest_row(axis: Axis, at: usize) -> u32 {
    let scale = if axis.aligned() {
        axis.last() as f32 / (axis.output - 1) as f32
    } else {
        axis.input as f32 / axis.output as f32
    };
    let offset = if axis.half_pixel { 0.5 } else { 0.0 };
    let place = (at as f32 + offset) * scale;
    let row = if axis.align_corners {
        place.round()
    } else {
        place.floor()
    };
    (row as usize).min(axis.last()) as u32
}

fn bilinear(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options = cx.options::<ResizeBilinearOptions>()?;
    let (align_corners, half_pixel) = (options.align_corners, options.half_pixel_centers);
    if align_corners && half_pixel {
        return Err(Problem::attribute(
            "align_corners with half_pixel_centers",
            "one of the two",
        ));
    }
    let axes = axes(cx, align_corners, half_pixel)?;
    let x = cx.input(0)?;
    let sources: fn(Axis, usize) -> ([u32; 2], f32) = if cx.ty(&x).dtype == DType::F32 {
        real_sources
    } else {
        fixed_sources
    };
    let table = |axis: Axis| (0..axis.output).map(|at| sources(axis, at)).collect();
    let [rows, columns] = axes.map(table);
    cx.finish(ResizeLinear { rows, columns }, &[x])
}

/// Two rows and the weight of the second, in single precision.
fn real_sources(axis: Axis, at: usize) -> ([u32; 2], f32) {
    let scale = if axis.aligned() {
        axis.last() as f32 / (axis.output - 1) as f32
    } else {
        axis.input as f32 / axis.output as f32
    };
    let place = if axis.half_pixel {
        (at as f32 + 0.5) * scale - 0.5
    } else {
        at as f32 * scale
    };
    let first = (place.floor().max(0.0) as usize).min(axis.last());
    let second = (place.ceil().max(0.0) as usize).min(axis.last());
    between(first, second, place - first as f32)
}

/// Two rows and the weight of the second, a whole number of 1/1024.
fn fixed_sources(axis: Axis, at: usize) -> ([u32; 2], f32) {
    let (input, output) = (axis.input as i64, axis.output as i64);
    let scale = if axis.aligned() {
        (1024 * (input - 1) + (output - 1) / 2) / (output - 1)
    } else {
        (1024 * input + output / 2) / output
    };
    let at = at as i64;
    let place = if axis.half_pixel {
        at * scale + scale / 2 - 512
    } else {
        at * scale
    };
    let last = input - 1;
    let first = (place / 1024).clamp(0, last);
    let second = ((place + 1023) / 1024).clamp(0, last);
    let weight = (place - 1024 * first) as f32 / 1024.0;
    between(first as usize, second as usize, weight)
}

/// Where both rows are one, weights count for nothing.
fn between(first: usize, second: usize, weight: f32) -> ([u32; 2], f32) {
    let weight = if first == second { 0.0 } else { weight };
    ([first as u32, second as u32], weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(input: usize, output: usize) -> Axis {
        Axis {
            input,
            output,
            align_corners: false,
            half_pixel: false,
        }
    }

    #[test]
    fn weights_are_exact_fractions() {
        let half = Axis {
            half_pixel: true,
            ..axis(2, 4)
        };
        let found: Vec<_> = (0..4).map(|at| fixed_sources(half, at)).collect();
        let expected = [([0, 0], 0.0), ([0, 1], 0.25), ([0, 1], 0.75), ([1, 1], 0.0)];
        assert_eq!(found, expected);
        let found: Vec<_> = (0..4).map(|at| real_sources(half, at)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rows_stay_inside() {
        for (input, output) in [(1, 1), (1, 9), (9, 1), (7, 1 << 19), ((1 << 20) - 1, 3)] {
            for flags in 0..3 {
                let axis = Axis {
                    align_corners: flags == 1,
                    half_pixel: flags == 2,
                    ..axis(input, output)
                };
                for at in [0, output / 2, output - 1] {
                    for sources in [real_sources, fixed_sources] {
                        let (rows, weight) = sources(axis, at);
                        assert!(rows.iter().all(|&row| (row as usize) < input));
                        assert!((0.0..=1.0).contains(&weight), "{axis:?} {at} {weight}");
                    }
                    assert!((nearest_row(axis, at) as usize) < input);
                }
            }
        }
    }
}

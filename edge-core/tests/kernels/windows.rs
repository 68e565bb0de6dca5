//! Windows of all kinds, and the naive walk over their taps.

use edge_core::params::Window2d;
use proptest::prelude::*;

/// Padding that a window has below and to the right, besides what is in [`Window2d`].
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub window: Window2d,
    pub pad_bottom: usize,
    pub pad_right: usize,
}

#[derive(Clone, Copy, Debug)]
struct Axis {
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    behind: usize,
}

fn axis() -> impl Strategy<Value = Axis> {
    (
        1usize..10,
        1usize..5,
        1usize..4,
        1usize..4,
        0usize..5,
        0usize..5,
    )
        .prop_filter_map(
            "the window does not fit",
            |(input, kernel, stride, dilation, before, behind)| {
                let reach = dilation * (kernel - 1) + 1;
                let room = (input + before + behind).checked_sub(reach)?;
                Some(Axis {
                    input,
                    output: room / stride + 1,
                    kernel,
                    stride,
                    dilation,
                    before,
                    behind,
                })
            },
        )
}

/// Windows with any sizes, steps, distances and padding; `channels` gives input and output channels.
pub fn cases(channels: impl Strategy<Value = (usize, usize)>) -> impl Strategy<Value = Case> {
    (1usize..3, axis(), axis(), channels).prop_map(|(batch, v, h, (in_c, out_c))| Case {
        window: Window2d {
            batch,
            in_h: v.input,
            in_w: h.input,
            in_c,
            out_h: v.output,
            out_w: h.output,
            out_c,
            kernel_h: v.kernel,
            kernel_w: h.kernel,
            stride_h: v.stride,
            stride_w: h.stride,
            dilation_h: v.dilation,
            dilation_w: h.dilation,
            pad_top: v.before,
            pad_left: h.before,
        },
        pad_bottom: v.behind,
        pad_right: h.behind,
    })
}

/// Position of a tap in the image, negative or too great outside.
pub fn tap(w: &Window2d, out: [usize; 2], tap: [usize; 2]) -> [i64; 2] {
    [
        (out[0] * w.stride_h + tap[0] * w.dilation_h) as i64 - w.pad_top as i64,
        (out[1] * w.stride_w + tap[1] * w.dilation_w) as i64 - w.pad_left as i64,
    ]
}

/// The element of an NHWC image, `None` outside.
pub fn at<T: Copy>(
    w: &Window2d,
    x: &[T],
    n: usize,
    [row, column]: [i64; 2],
    c: usize,
) -> Option<T> {
    let inside = (0..w.in_h as i64).contains(&row) && (0..w.in_w as i64).contains(&column);
    inside.then(|| x[((n * w.in_h + row as usize) * w.in_w + column as usize) * w.in_c + c])
}

/// All `[batch, row, column, channel]` of the output, in its order.
pub fn outputs(w: &Window2d) -> impl Iterator<Item = [usize; 4]> + use<> {
    let (h, wd, c) = (w.out_h, w.out_w, w.out_c);
    (0..w.batch * h * wd * c).map(move |i| [i / (h * wd * c), i / (wd * c) % h, i / c % wd, i % c])
}

pub fn input_len(w: &Window2d) -> usize {
    w.batch * w.in_h * w.in_w * w.in_c
}

pub fn output_len(w: &Window2d) -> usize {
    w.batch * w.out_h * w.out_w * w.out_c
}

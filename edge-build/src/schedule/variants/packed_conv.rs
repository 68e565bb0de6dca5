//! Convolutions with weights packed in pairs of channels; matrices of two rows and more as convolutions.
//!
//! The order of weights, tiles and scratch memory is in `edge_core::kernels::packed::conv`.

mod cost;
#[cfg(test)]
mod tests;

use super::weighted::{Form, Weighted};
use super::{Layer, Offer};
use crate::program::{Constant, Element, Kernel, Variant};
use crate::target::Core;
use edge_core::params::{Issue, PackedConv2d, Window2d};

/// Pixels of a tile.
const LANES: usize = 3;

/// Taps that may be read behind the last one.
const AHEAD: usize = 2;

/// The offer with int8 weights.
pub(super) fn offer(layer: &Layer<'_>) -> Option<Offer> {
    offer_of(layer, Variant::Packed)
}

/// The offer with weights widened to 16 bits.
pub(super) fn offer_w16(layer: &Layer<'_>) -> Option<Offer> {
    offer_of(layer, Variant::PackedW16)
}

fn offer_of(layer: &Layer<'_>, variant: Variant) -> Option<Offer> {
    let issue = match layer.core {
        Core::CortexM4 | Core::CortexM33 => Issue::Single,
        Core::CortexM7 => Issue::Dual,
        Core::CortexM0 | Core::CortexM3 | Core::Riscv32Imc | Core::Host => return None,
    };
    let weighted = Weighted::of(layer)?;
    let window = flat(weighted.window);
    let rows = match weighted.form {
        Form::Convolution => true,
        Form::FullyConnected => weighted.window.in_h > 1,
        Form::Depthwise => false,
    };
    // The assembly has these arithmetics.
    if !rows || taps(&window) == 0 || weighted.requant.pre_shift > 1 {
        return None;
    }
    let p = PackedConv2d {
        window,
        pad_value: weighted.pad_value,
        requant: weighted.requant,
        issue,
    };
    let wide = variant == Variant::PackedW16;
    let (kernel, element, bytes) = if wide {
        let bytes = pack_w16(&weighted).into_iter().flat_map(i16::to_le_bytes);
        (Kernel::PackedConv2dS8W16(p), Element::I16, bytes.collect())
    } else {
        let mut weights = pack_s8(&weighted)?;
        if issue == Issue::Dual {
            weights.extend([0; AHEAD]);
        }
        let bytes = weights.into_iter().flat_map(i16::to_le_bytes);
        (Kernel::PackedConv2dS8(p), Element::I8, bytes.collect())
    };
    let weights = Constant {
        what: "weights in pairs of channels".to_owned(),
        element,
        bytes,
    };
    Some(Offer {
        variant,
        kernel,
        constants: vec![weights, records(&weighted)],
        scratch: Some((Element::I16, scratch_len(&window))),
        lead: Some(lead(&window)),
        cycles: cost::cycles(&window, issue, wide),
    })
}

/// The same convolution over an image of one row where windows are pixels.
fn flat(window: Window2d) -> Window2d {
    let steps = [
        window.kernel_h,
        window.kernel_w,
        window.stride_h,
        window.stride_w,
    ];
    let pads = [window.pad_top, window.pad_left];
    let same = [window.in_h, window.in_w] == [window.out_h, window.out_w];
    if steps != [1; 4] || pads != [0; 2] || !same {
        return window;
    }
    let pixels = window.batch * window.in_h * window.in_w;
    Window2d {
        batch: 1,
        in_h: 1,
        in_w: pixels,
        out_h: 1,
        out_w: pixels,
        ..window
    }
}

/// Numbers of a window, filled up to whole quads.
fn taps(window: &Window2d) -> usize {
    (window.kernel_h * window.kernel_w * window.in_c).next_multiple_of(4)
}

/// Whether all windows can be widened where they lie in the image.
fn widens_in_place(window: &Window2d) -> bool {
    let neighbours = window.dilation_w == 1 || window.kernel_w == 1;
    let reaches = |out: usize, stride: usize, kernel: usize, dilation: usize| {
        (out.saturating_sub(1)) * stride + (kernel - 1) * dilation
    };
    let last_row = reaches(
        window.out_h,
        window.stride_h,
        window.kernel_h,
        window.dilation_h,
    );
    let last_column = reaches(
        window.out_w,
        window.stride_w,
        window.kernel_w,
        window.dilation_w,
    );
    neighbours
        && window.pad_top == 0
        && window.pad_left == 0
        && last_row < window.in_h
        && last_column < window.in_w
}

/// Elements of scratch memory: the windows of a tile, and as bytes those that must be put together first.
fn scratch_len(window: &Window2d) -> usize {
    let taps = taps(window);
    let copies = if (window.kernel_w * window.in_c).is_multiple_of(4) {
        usize::from(!widens_in_place(window))
    } else {
        LANES
    };
    (taps + AHEAD) * LANES + copies * taps / 2
}

/// Weights of a tap and two channels, for each pair and each four taps those of taps 0, 2, 1, 3; 0 where there is
/// no tap or no channel.
fn pairs(layer: &Weighted) -> impl Iterator<Item = [[i16; 2]; 2]> {
    let window = layer.window;
    let (taps, channels) = (taps(&window), window.out_c);
    (0..channels).step_by(2).flat_map(move |channel| {
        let filter = |channel: usize| {
            let known = channel < channels;
            if known {
                layer.filter(channel)
            } else {
                Vec::new()
            }
        };
        let filters = [filter(channel), filter(channel + 1)];
        let at = move |tap: usize| {
            [0, 1].map(|i: usize| i16::from(filters[i].get(tap).copied().unwrap_or(0)))
        };
        let halves = (0..taps).step_by(4).flat_map(|quad| [quad, quad + 1]);
        halves.map(|tap| [at(tap), at(tap + 2)]).collect::<Vec<_>>()
    })
}

/// `256·B + A` for each tap; `None` if that does not fit, or the sum of a channel B could leave 24 bits.
fn pack_s8(layer: &Weighted) -> Option<Vec<i16>> {
    let narrow = |channel: usize| {
        let [low, high] = layer.bounds(channel);
        low >= -(1 << 23) && high < 1 << 23
    };
    if !(1..layer.window.out_c).step_by(2).all(narrow) {
        return None;
    }
    let both = |[a, b]: [i16; 2]| i16::try_from(256 * i32::from(b) + i32::from(a)).ok();
    pairs(layer).flatten().map(both).collect()
}

/// For each two taps those of A, then those of B.
fn pack_w16(layer: &Weighted) -> Vec<i16> {
    pairs(layer)
        .flat_map(|[first, second]| [first[0], second[0], first[1], second[1]])
        .collect()
}

/// Records of whole pairs.
fn records(layer: &Weighted) -> Constant {
    let count = layer.records.len().next_multiple_of(2);
    let mut bytes: Vec<u8> = layer
        .records
        .iter()
        .flatten()
        .flat_map(|w| w.to_le_bytes())
        .collect();
    bytes.resize(count * 16, 0);
    Constant {
        what: "bias, multiplier, offset and shift of each channel".to_owned(),
        element: Element::I32,
        bytes,
    }
}

/// How many bytes before the input the output must start so that no tile overwrites what a later one reads.
fn lead(window: &Window2d) -> usize {
    let pixels = window.batch * window.out_h * window.out_w;
    let size = pixels * window.out_c;
    let mut lead = 0;
    let mut read = usize::MAX;
    // Backward: `read` is the first byte that pixels from `pixel` on read.
    for pixel in (0..pixels).rev() {
        let behind_tile = (pixel + 1) % LANES == 0;
        if behind_tile {
            lead = lead.max(((pixel + 1) * window.out_c).saturating_sub(read));
        }
        read = read.min(first_read(window, pixel).unwrap_or(usize::MAX));
    }
    lead.min(size)
}

/// The first byte of the image that the window of a pixel reads.
fn first_read(window: &Window2d, pixel: usize) -> Option<usize> {
    let (row, column) = (pixel / window.out_w, pixel % window.out_w);
    let (image, row) = (row / window.out_h, row % window.out_h);
    let inside =
        |out: usize, stride: usize, pad: usize, kernel: usize, dilation: usize, len: usize| {
            let taps =
                (0..kernel).filter_map(|tap| (out * stride + tap * dilation).checked_sub(pad));
            taps.into_iter().find(|&at| at < len)
        };
    let y = inside(
        row,
        window.stride_h,
        window.pad_top,
        window.kernel_h,
        window.dilation_h,
        window.in_h,
    )?;
    let x = inside(
        column,
        window.stride_w,
        window.pad_left,
        window.kernel_w,
        window.dilation_w,
        window.in_w,
    )?;
    Some(((image * window.in_h + y) * window.in_w + x) * window.in_c)
}

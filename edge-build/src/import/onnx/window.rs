//! Attributes of windows that slide: `kernel_shape`, `strides`, `dilations`, `pads`, `auto_pad`, `ceil_mode`.

use super::node::NodeCx;
use crate::import::builder::{MAX_ELEMENTS, checked_len};
use crate::import::problem::Problem;
use crate::ops::Sliding;

/// Greatest number in an attribute of a window.
const MAX_NUMBER: i64 = 1 << 20;

/// How the size of the output is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    /// Windows that fit.
    Down,
    /// Also windows that begin inside and reach over the end.
    Up,
}

/// A window, and how much of its bottom and right padding comes from rounding up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) sliding: Sliding,
    pub(super) ceil_pads: [usize; 2],
}

/// One number per spatial axis, as height and width: a signal is an image of height 1.
pub(super) fn pair(
    cx: &NodeCx<'_>,
    name: &str,
    spatial: usize,
    least: i64,
) -> Result<Option<[usize; 2]>, Problem> {
    let Some(list) = cx.attrs.ints(name)? else {
        return Ok(None);
    };
    if list.is_empty() {
        return Ok(None);
    }
    let number = |x: i64| number(name, x, least);
    match (list, spatial) {
        (&[one], 1) => Ok(Some([least as usize, number(one)?])),
        (&[first, second], 2) => Ok(Some([number(first)?, number(second)?])),
        _ => Err(Problem::shape(
            format!("{name} {list:?} for {spatial} spatial axes"),
            "one number per spatial axis of an image [N, C, H, W] or a signal [N, C, L]",
        )),
    }
}

fn number(name: &str, x: i64, least: i64) -> Result<usize, Problem> {
    if (least..=MAX_NUMBER).contains(&x) {
        return Ok(x as usize);
    }
    Err(Problem::attribute(
        format!("{name} holds {x}"),
        format!("{least} to {MAX_NUMBER}"),
    ))
}

/// Attribute `pads`, as top, left, bottom, right.
pub(super) fn pads(cx: &NodeCx<'_>, spatial: usize) -> Result<[usize; 4], Problem> {
    let list = cx.attrs.ints("pads")?.unwrap_or(&[]);
    let number = |x: i64| number("pads", x, 0);
    match (list, spatial) {
        ([], _) => Ok([0; 4]),
        (&[left, right], 1) => Ok([0, number(left)?, 0, number(right)?]),
        (&[top, left, bottom, right], 2) => {
            Ok([number(top)?, number(left)?, number(bottom)?, number(right)?])
        }
        _ => Err(Problem::shape(
            format!("pads {list:?} for {spatial} spatial axes"),
            "two numbers per spatial axis",
        )),
    }
}

/// Where padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AutoPad {
    /// As attribute `pads` says.
    Explicit,
    /// Nowhere.
    Valid,
    /// So that the output has `input / stride` rows; an odd one at the end.
    SameUpper,
    /// The same; an odd one at the beginning.
    SameLower,
}

/// Attribute `auto_pad`.
pub(super) fn auto_pad(cx: &NodeCx<'_>) -> Result<AutoPad, Problem> {
    match cx.attrs.text("auto_pad")?.unwrap_or("NOTSET") {
        "NOTSET" | "" => Ok(AutoPad::Explicit),
        "VALID" => Ok(AutoPad::Valid),
        "SAME_UPPER" => Ok(AutoPad::SameUpper),
        "SAME_LOWER" => Ok(AutoPad::SameLower),
        other => Err(Problem::attribute(
            format!("auto_pad = \"{other}\""),
            "NOTSET, VALID, SAME_UPPER, SAME_LOWER",
        )),
    }
}

/// A total of padding in two parts.
pub(super) fn halves(auto: AutoPad, total: usize) -> (usize, usize) {
    let less = total / 2;
    if auto == AutoPad::SameLower {
        (total - less, less)
    } else {
        (less, total - less)
    }
}

/// Window of a kernel on an NHWC image.
pub(super) fn read(
    cx: &NodeCx<'_>,
    kernel: [usize; 2],
    spatial: usize,
    image: &[usize],
    rounding: Rounding,
) -> Result<Window, Problem> {
    let &[n, height, width, c] = image else {
        return Err(Problem::shape(
            format!("an image of shape {image:?}"),
            "rank 4",
        ));
    };
    let mut sliding = Sliding {
        kernel,
        strides: pair(cx, "strides", spatial, 1)?.unwrap_or([1, 1]),
        dilations: pair(cx, "dilations", spatial, 1)?.unwrap_or([1, 1]),
        pads: [0; 4],
    };
    let auto = auto_pad(cx)?;
    match auto {
        AutoPad::Explicit => sliding.pads = pads(cx, spatial)?,
        AutoPad::Valid => {}
        AutoPad::SameUpper | AutoPad::SameLower => same(&mut sliding, auto, [height, width]),
    }
    let mut ceil_pads = [0; 2];
    if rounding == Rounding::Up {
        ceil_pads = [0, 1].map(|axis| ceil_pad(&sliding, axis, [height, width][axis]));
        sliding.pads[2] += ceil_pads[0];
        sliding.pads[3] += ceil_pads[1];
    }
    let [top, left, bottom, right] = sliding.pads;
    let padded = [n, height + top + bottom, width + left + right, c];
    checked_len(&padded, MAX_ELEMENTS)?;
    Ok(Window { sliding, ceil_pads })
}

/// Rows between the first and the last tap of a window, both included.
fn reach(sliding: &Sliding, axis: usize) -> usize {
    sliding.dilations[axis] * (sliding.kernel[axis].max(1) - 1) + 1
}

fn same(sliding: &mut Sliding, auto: AutoPad, input: [usize; 2]) {
    for (axis, rows) in input.into_iter().enumerate() {
        let steps = rows.div_ceil(sliding.strides[axis]).max(1) - 1;
        let needed = steps * sliding.strides[axis] + reach(sliding, axis);
        let (before, after) = halves(auto, needed.saturating_sub(rows));
        sliding.pads[axis] = before;
        sliding.pads[axis + 2] = after;
    }
}

/// Rows to add at the end so that rounding down gives what rounding up would. A window that would begin
/// behind the input and its leading padding does not count.
fn ceil_pad(sliding: &Sliding, axis: usize, input: usize) -> usize {
    let (stride, lead) = (sliding.strides[axis], sliding.pads[axis]);
    let padded = input + lead + sliding.pads[axis + 2];
    let Some(room) = padded.checked_sub(reach(sliding, axis)) else {
        return 0;
    };
    let mut steps = room.div_ceil(stride);
    if steps * stride >= input + lead {
        steps = steps.saturating_sub(1);
    }
    (steps * stride).saturating_sub(room)
}

//! Kernels cut into strips: the same function for some rows of the output, from the rows of the input that it
//! needs.

use super::Kernel;
use edge_core::params::Window2d;
use std::ops::Range;

/// An image and the image that a kernel makes of it, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowWise {
    /// Rows of the input.
    pub in_rows: usize,
    /// Elements of an input row.
    pub in_row: usize,
    /// Rows of the output.
    pub out_rows: usize,
    /// Elements of an output row.
    pub out_row: usize,
    /// How many input rows further each output row begins to read.
    pub stride: usize,
    /// Rows of padding above the first input row.
    pub pad: usize,
    /// Taps read for an output row, over all its elements and one input channel: a measure of the work.
    pub taps: usize,
}

impl Kernel {
    /// The shapes of a kernel that slides a window over one image, each row of its output for itself.
    #[must_use]
    pub fn row_wise(&self) -> Option<RowWise> {
        let mut kernel = self.clone();
        let w = *kernel.window()?;
        let depth = if kernel.sums_channels() { w.in_c } else { 1 };
        (w.batch == 1).then_some(RowWise {
            in_rows: w.in_h,
            in_row: w.in_w * w.in_c,
            out_rows: w.out_h,
            out_row: w.out_w * w.out_c,
            stride: w.stride_h,
            pad: w.pad_top,
            taps: w.out_w * w.out_c * w.kernel_h * w.kernel_w * depth,
        })
    }

    /// Whether each element of the output comes from the same element of the first input, and nothing else is read
    /// but constants of the kernel.
    #[must_use]
    pub fn is_element_wise(&self) -> bool {
        matches!(self, Self::TableS8(_) | Self::UnaryF32(_))
    }

    /// The kernel for some rows of its output, `row` elements each, and the rows of its input that it reads.
    #[must_use]
    pub fn strip(&self, rows: &Range<usize>, row: usize) -> Option<(Self, Range<usize>)> {
        let mut kernel = self.clone();
        if let Some(window) = kernel.window() {
            let reads = cut(window, rows)?;
            return Some((kernel, reads));
        }
        if let Self::TableS8(p) = &mut kernel {
            p.len = rows.len() * row;
        }
        self.is_element_wise().then_some((kernel, rows.clone()))
    }

    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "a kernel that is not listed is not cut"
    )]
    fn window(&mut self) -> Option<&mut Window2d> {
        match self {
            Self::Conv2dF32(p) => Some(&mut p.window),
            Self::Conv2dS8(p) => Some(&mut p.window),
            Self::DepthwiseConv2dF32(p) => Some(&mut p.window),
            Self::DepthwiseConv2dS8(p) => Some(&mut p.window),
            Self::Conv2dExactS8(p)
            | Self::Conv2dExactS8W16(p)
            | Self::Conv2dExactS16(p)
            | Self::Conv2dExactS16B32(p) => Some(&mut p.window),
            Self::DepthwiseConv2dExactS8(p)
            | Self::DepthwiseConv2dExactS8W16(p)
            | Self::DepthwiseConv2dExactS16(p)
            | Self::DepthwiseConv2dExactS16B32(p) => Some(&mut p.window),
            Self::MaxPool2dF32(p) | Self::MaxPool2dS8(p) => Some(&mut p.window),
            Self::MaxPool2dQuantizedS8(p) | Self::MaxPool2dQuantizedS16(p) => Some(&mut p.window),
            _ => None,
        }
    }

    fn sums_channels(&self) -> bool {
        matches!(
            self,
            Self::Conv2dF32(_)
                | Self::Conv2dS8(_)
                | Self::Conv2dExactS8(_)
                | Self::Conv2dExactS8W16(_)
                | Self::Conv2dExactS16(_)
                | Self::Conv2dExactS16B32(_)
        )
    }
}

/// Makes a window compute some of its output rows; the input rows that it reads. `None` if it reads none.
fn cut(window: &mut Window2d, rows: &Range<usize>) -> Option<Range<usize>> {
    let last = rows.end.checked_sub(1)?;
    let reach = (window.kernel_h.checked_sub(1)?) * window.dilation_h + 1;
    let top = rows.start * window.stride_h;
    let first = top.saturating_sub(window.pad_top);
    let end = (last * window.stride_h + reach).saturating_sub(window.pad_top);
    let reads = first..end.min(window.in_h);
    window.pad_top = window.pad_top.saturating_sub(top);
    window.in_h = reads.len();
    window.out_h = rows.len();
    (!reads.is_empty() && !rows.is_empty()).then_some(reads)
}

//! Windows that slide over images: padding, steps, sizes.

use crate::import::problem::Problem;
use crate::ops::Sliding;

/// The schemes of padding, numbered as in the schema.
const SAME: i8 = 0;
const VALID: i8 = 1;

/// What the options of an operator say of its window; pairs are height and width.
pub(super) struct Window {
    pub(super) padding: i8,
    pub(super) kernel: [usize; 2],
    pub(super) strides: [i32; 2],
    pub(super) dilations: [i32; 2],
}

impl Window {
    /// The window over an image of a height and width. Where the padding is odd, one more is below and to the right.
    pub(super) fn sliding(&self, image: [usize; 2]) -> Result<Sliding, Problem> {
        let strides = positive(self.strides, "stride")?;
        let dilations = positive(self.dilations, "dilation")?;
        let [top, bottom] = self.pads(image[0], self.kernel[0], strides[0], dilations[0])?;
        let [left, right] = self.pads(image[1], self.kernel[1], strides[1], dilations[1])?;
        Ok(Sliding {
            kernel: self.kernel,
            strides,
            dilations,
            pads: [top, left, bottom, right],
        })
    }

    /// Padding before and behind along one axis.
    fn pads(
        &self,
        len: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
    ) -> Result<[usize; 2], Problem> {
        match self.padding {
            VALID => return Ok([0, 0]),
            SAME => {}
            other => {
                return Err(Problem::attribute(
                    format!("padding of kind {other}"),
                    "SAME and VALID",
                ));
            }
        }
        let total = || {
            let steps = len.div_ceil(stride).checked_sub(1)?.checked_mul(stride)?;
            let reach = kernel.checked_sub(1)?.checked_mul(dilation)?;
            let end = steps.checked_add(reach)?.checked_add(1)?;
            Some(end.saturating_sub(len))
        };
        let total =
            total().ok_or_else(|| Problem::broken("a window whose size is 0 or has no end"))?;
        Ok([total / 2, total - total / 2])
    }
}

/// Steps and distances, of at least 1.
fn positive(numbers: [i32; 2], what: &str) -> Result<[usize; 2], Problem> {
    let one = |number: i32| {
        usize::try_from(number)
            .ok()
            .filter(|&number| number > 0)
            .ok_or_else(|| {
                Problem::attribute(
                    format!("a {what} of {number}"),
                    format!("{what}s of at least 1"),
                )
            })
    };
    Ok([one(numbers[0])?, one(numbers[1])?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pads(padding: i8, len: usize, kernel: usize, stride: i32, dilation: i32) -> [usize; 4] {
        let window = Window {
            padding,
            kernel: [kernel; 2],
            strides: [stride; 2],
            dilations: [dilation; 2],
        };
        let sliding = window.sliding([len; 2]).unwrap();
        let out = sliding.output([len; 2]).unwrap();
        if padding == SAME {
            assert_eq!(out, [len.div_ceil(stride as usize); 2]);
        }
        sliding.pads
    }

    #[test]
    fn odd_padding_has_more_behind() {
        assert_eq!(pads(SAME, 49, 10, 2, 1), [4, 4, 5, 5]);
        assert_eq!(pads(SAME, 8, 3, 2, 1), [0, 0, 1, 1]);
        assert_eq!(pads(SAME, 7, 3, 1, 2), [2, 2, 2, 2]);
    }

    #[test]
    fn windows_that_fit_need_no_padding() {
        assert_eq!(pads(SAME, 8, 1, 3, 1), [0; 4]);
        assert_eq!(pads(VALID, 8, 3, 2, 1), [0; 4]);
    }

    #[test]
    fn nonsense_is_an_error() {
        let window = |padding, kernel, stride| Window {
            padding,
            kernel: [kernel; 2],
            strides: [stride; 2],
            dilations: [1; 2],
        };
        assert!(window(2, 3, 1).sliding([8; 2]).is_err());
        assert!(window(SAME, 0, 1).sliding([8; 2]).is_err());
        assert!(window(SAME, 3, 0).sliding([8; 2]).is_err());
        assert!(window(SAME, 3, -1).sliding([8; 2]).is_err());
        assert!(window(SAME, usize::MAX, 1).sliding([8; 2]).is_err());
    }
}

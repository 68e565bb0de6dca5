//! Convolution of bytes to sums of 32 bits, without scales.
//!
//! Source: ONNX `ConvInteger`.

use super::conv2d::{Sliding, weighted_macs};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, Tensor, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::{Element, Kernel};
use edge_core::params;

/// Inputs: image NHWC of bytes, its zero point, constant weights OHWI of 8 or 16 bits without zero point.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerConv2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
    /// Number of groups.
    pub groups: usize,
}

/// Greatest absolute value of a byte without its zero point.
pub(super) const GREATEST_BYTE: i64 = 255;

impl Operator for IntegerConv2d {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let wrong = || {
            let found: Vec<String> = inputs.iter().map(ToString::to_string).collect();
            OpError::new(
                format!("{} in {} group(s)", found.join(", "), self.groups),
                "an image of bytes, one zero point, weights [out, kernel height, kernel width, channels / groups]",
            )
        };
        let &[image, zero, weights] = inputs else {
            return Err(wrong());
        };
        let (&[out, kernel_h, kernel_w, depth], &[_, _, _, channels]) =
            (weights.shape.as_slice(), image.shape.as_slice())
        else {
            return Err(wrong());
        };
        let groups = self.groups.max(1);
        let fits = [kernel_h, kernel_w] == self.sliding.kernel
            && depth.checked_mul(groups) == Some(channels)
            && out.is_multiple_of(groups)
            && zero.len() == 1
            && [image.dtype, zero.dtype] == [DType::I8; 2];
        if !fits {
            return Err(wrong());
        }
        let shape = self.sliding.infer(image, out)?;
        Ok(vec![TensorType::plain(DType::I32, shape)])
    }

    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
        weighted_macs(outputs[0], inputs[2], inputs[2].shape[0])
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let p = params::IntegerConv2d {
            window: self.sliding.window(node.input_type(0)?, node.output_type()),
            groups: self.groups.max(1),
        };
        let weights = node.input_tensor(2)?;
        let rows = node.output_type().shape.last().copied().unwrap_or(1);
        check_sums(weights, rows)?;
        let what = format!("{} weights {}", node.node().name, weights.ty());
        let (kernel, constant) = match (weights.as_i8(), weights.as_i16()) {
            (Some(w), _) => (
                Kernel::IntegerConv2dW8(p),
                node.add_constant(&what, Element::I8, w),
            ),
            (None, Some(w)) => (
                Kernel::IntegerConv2dW16(p),
                node.add_constant(&what, Element::I16, w),
            ),
            (None, None) => return Err(LowerError::of_dtype(weights.dtype())),
        };
        let operands = [node.operand(0)?, node.operand(1)?];
        node.step(kernel, &operands, &[constant]);
        Ok(())
    }
}

/// Checks that no sum of bytes times the weights of a row can leave 32 bits; rows stand one behind the other.
fn check_sums(weights: &Tensor, rows: usize) -> Result<(), LowerError> {
    let numbers: Vec<i64> = match (weights.as_i8(), weights.as_i16()) {
        (Some(w), _) => w.iter().map(|&w| w.into()).collect(),
        (None, Some(w)) => w.iter().map(|&w| w.into()).collect(),
        (None, None) => return Ok(()),
    };
    let len = numbers.len().checked_div(rows).unwrap_or(0).max(1);
    let reach = |row: &[i64]| row.iter().map(|w| w.abs() * GREATEST_BYTE).sum::<i64>();
    let most = numbers.chunks(len).map(reach).max().unwrap_or(0);
    if most <= i64::from(i32::MAX) {
        return Ok(());
    }
    Err(LowerError::new(
        format!("sums of up to {most}"),
        "sums that fit 32 bits",
    ))
}

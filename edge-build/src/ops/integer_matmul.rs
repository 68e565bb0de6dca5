//! Product of two matrices of bytes to sums of 32 bits, without scales.
//!
//! Source: ONNX `MatMulInteger`.

use super::integer_conv2d::GREATEST_BYTE;
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params;

/// Inputs: `[batch, rows, inner]`, `[batch or 1, inner, columns]` (8 bits, or 16 with zero points of 0), zero
/// points of the first (one, or one per row), of the second (one, or one per column).
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerMatMul;

impl Operator for IntegerMatMul {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        if let &[a, b, first, second] = inputs
            && let (&[batch, rows, inner], &[b_batch, b_inner, columns]) =
                (a.shape.as_slice(), b.shape.as_slice())
            && inner == b_inner
            && (b_batch == batch || b_batch == 1)
            && (first.len() == 1 || first.len() == rows)
            && (second.len() == 1 || second.len() == columns)
            && [a.dtype, first.dtype, second.dtype] == [DType::I8; 3]
            && matches!(b.dtype, DType::I8 | DType::I16)
        {
            return Ok(vec![TensorType::plain(
                DType::I32,
                vec![batch, rows, columns],
            )]);
        }
        let found: Vec<String> = inputs.iter().map(ToString::to_string).collect();
        Err(OpError::new(
            found.join(", "),
            "[batch, rows, inner], [batch or 1, inner, columns], zero points of rows and of columns",
        ))
    }

    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
        outputs[0].len() as u64 * inputs[0].shape[2] as u64
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (a, b) = (node.input_type(0)?, node.input_type(1)?);
        let (rows, columns) = (a.shape[1], b.shape[2]);
        let one_or = |zeros: usize, len: usize| if zeros == 1 { 1 } else { len };
        let p = params::IntegerMatMul {
            product: params::MatMul {
                batch: a.shape[0],
                rows,
                inner: a.shape[2],
                columns,
                second_stride: if b.shape[0] == 1 {
                    0
                } else {
                    b.shape[1] * columns
                },
            },
            first_zeros: one_or(node.input_type(2)?.len(), rows),
            second_zeros: one_or(node.input_type(3)?.len(), columns),
        };
        let (kernel, greatest) = match b.dtype {
            DType::I16 => (Kernel::IntegerMatMulW16(p), GREATEST_BYTE * 2),
            DType::I8 => (Kernel::IntegerMatMulW8(p), GREATEST_BYTE),
            other @ (DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let most = (a.shape[2] as i64).saturating_mul(GREATEST_BYTE * greatest);
        if most > i64::from(i32::MAX) {
            return Err(LowerError::new(
                format!("sums of up to {most}"),
                "sums that fit 32 bits",
            ));
        }
        let operands = [
            node.operand(0)?,
            node.operand(1)?,
            node.operand(2)?,
            node.operand(3)?,
        ];
        node.step(kernel, &operands, &[]);
        Ok(())
    }
}

//! Product of two computed matrices.
//!
//! Source: ONNX `MatMul`, `TFLite` `BATCH_MATMUL`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::weighted;
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params;

/// `[batch, rows, inner] × [batch or 1, inner, columns]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MatMul;

impl Operator for MatMul {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        if let &[a, b] = inputs
            && let (&[batch, rows, inner], &[b_batch, b_inner, columns]) =
                (a.shape.as_slice(), b.shape.as_slice())
            && inner == b_inner
            && (b_batch == batch || b_batch == 1)
        {
            return Ok(vec![TensorType {
                dtype: a.dtype,
                shape: vec![batch, rows, columns],
                quant: None,
            }]);
        }
        let found: Vec<String> = inputs.iter().map(ToString::to_string).collect();
        Err(OpError::new(
            found.join(" × "),
            "[batch, rows, inner] × [batch or 1, inner, columns]",
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
        let p = params::MatMul {
            batch: a.shape[0],
            rows: a.shape[1],
            inner: a.shape[2],
            columns: b.shape[2],
            second_stride: if b.shape[0] == 1 {
                0
            } else {
                b.shape[1] * b.shape[2]
            },
        };
        match node.output_type().dtype {
            DType::F32 => {
                let operands = [node.operand(0)?, node.operand(1)?];
                node.step(Kernel::MatMulF32(p), &operands, &[]);
                Ok(())
            }
            DType::I8 | DType::I16 => weighted::lower_product(node, p),
            other @ (DType::U8 | DType::I32 | DType::I64 | DType::Bool) => {
                Err(LowerError::of_dtype(other))
            }
        }
    }
}

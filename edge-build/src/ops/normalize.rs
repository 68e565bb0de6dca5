//! Rows of 8 bits divided by their length, to scale 1/128 and zero point 0.
//!
//! Source: `TFLite` `L2_NORMALIZATION`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params;

/// Rows along the last axis divided by their length. Input: int8, at least one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize;

/// Greatest length of a row: squares of 255 sum up to less than 2³¹.
const MAX_LEN: usize = 33_025;

impl Operator for Normalize {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype == DType::I8 && !x.shape.is_empty() => {
                Ok(vec![TensorType::plain(DType::I8, x.shape.clone())])
            }
            [x] => Err(OpError::new(x.to_string(), "an int8 tensor with axes")),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one int8 tensor",
            )),
        }
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let x = node.input_type(0)?;
        let (from, to) = (
            arithmetic::params_of(x)?,
            arithmetic::params_of(node.output_type())?,
        );
        let (len, rows) = match x.shape.split_last() {
            Some((&len, rows)) => (len, rows.iter().product()),
            None => (1, 1),
        };
        if len > MAX_LEN {
            return Err(LowerError::new(
                format!("rows of {len} elements"),
                format!("rows of up to {MAX_LEN}"),
            ));
        }
        if to.zero_point != 0 || (to.scale * 128.0 - 1.0).abs() > 1e-3 {
            return Err(LowerError::new(
                format!(
                    "results with scale {:e} and zero point {}",
                    to.scale, to.zero_point
                ),
                "scale 1/128 and zero point 0",
            ));
        }
        let p = params::NormalizeS8 {
            rows,
            len,
            input_zero: from.zero_point,
        };
        let operand = node.operand(0)?;
        node.step(Kernel::NormalizeS8(p), &[operand], &[]);
        Ok(())
    }
}

//! The same numbers in another element type.
//!
//! Source: `TFLite` `CAST`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::movement::{self, Axis};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::Each;

/// The same numbers in another element type; what they stand for by a scale does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct Cast {
    /// Element type of the output.
    pub dtype: DType,
}

impl Operator for Cast {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] => Ok(vec![TensorType::plain(self.dtype, x.shape.clone())]),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one tensor",
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
        let from = node.input_type(0)?.dtype;
        let x = node.operand(0)?;
        let len = node.output_type().len();
        if let Some(kernel) = kernel(from, self.dtype, Each { len }) {
            node.step(kernel, &[x], &[]);
            return Ok(());
        }
        let axis = Axis {
            len,
            source: 1,
            target: 1,
        };
        let output = node.output();
        movement::emit(node, movement::copy(&[axis], 0, 0)?, x, output)
    }
}

/// The kernels from one element type, by the type of the output; none where the bytes stay.
macro_rules! to {
    ($to:expr, $p:expr, $truth:ident $(, $output:ident $cast:ident)*) => {
        match $to {
            DType::Bool => Some(Kernel::$truth($p)),
            $(DType::$output => Some(Kernel::$cast($p)),)*
            #[allow(clippy::wildcard_enum_match_arm, reason = "the type of the input itself")]
            _ => None,
        }
    };
}

/// The kernel from one type to another; none where the bytes stay.
fn kernel(from: DType, to: DType, p: Each) -> Option<Kernel> {
    if from == to {
        return None;
    }
    // Truth values are bytes.
    match from {
        DType::F32 => {
            to!(to, p, TruthF32, I8 CastF32S8, U8 CastF32U8, I16 CastF32S16, I32 CastF32S32, I64 CastF32S64)
        }
        DType::I8 => {
            to!(to, p, TruthS8, F32 CastS8F32, U8 CastS8U8, I16 CastS8S16, I32 CastS8S32, I64 CastS8S64)
        }
        DType::U8 | DType::Bool => {
            to!(to, p, TruthU8, F32 CastU8F32, I8 CastU8S8, I16 CastU8S16, I32 CastU8S32, I64 CastU8S64)
        }
        DType::I16 => {
            to!(to, p, TruthS16, F32 CastS16F32, I8 CastS16S8, U8 CastS16U8, I32 CastS16S32, I64 CastS16S64)
        }
        DType::I32 => {
            to!(to, p, TruthS32, F32 CastS32F32, I8 CastS32S8, U8 CastS32U8, I16 CastS32S16, I64 CastS32S64)
        }
        DType::I64 => {
            to!(to, p, TruthS64, F32 CastS64F32, I8 CastS64S8, U8 CastS64U8, I16 CastS64S16, I32 CastS64S32)
        }
    }
}

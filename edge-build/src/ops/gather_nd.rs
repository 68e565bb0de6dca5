//! Rows picked by indices that are computed at run time.
//!
//! Source: `TFLite` `GATHER`, `GATHER_ND`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering, movement};
use crate::program::{Element, Kernel};
use edge_core::params::{self, MAX_RANK};

/// Picks rows: of `[batch, outer, d₀, …, dₖ₋₁, inner]` by indices `[batch, count, k]`, int32 or int64, to
/// `[batch, outer, count, inner]`.
///
/// An index outside its dimension counts as the nearest inside.
#[derive(Clone, Debug, PartialEq)]
pub struct GatherNd;

/// The shapes of both inputs taken apart.
struct Parts<'a> {
    batch: usize,
    outer: usize,
    dims: &'a [usize],
    inner: usize,
    count: usize,
}

fn parts<'a>(x: &'a [usize], indices: &[usize]) -> Option<Parts<'a>> {
    let (&[batch, outer, ref dims @ .., inner], &[own, count, depth]) = (x, indices) else {
        return None;
    };
    let fits = own == batch && depth == dims.len() && (1..=MAX_RANK).contains(&depth);
    (fits && !dims.contains(&0)).then_some(Parts {
        batch,
        outer,
        dims,
        inner,
        count,
    })
}

impl Operator for GatherNd {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let error = |found: String| {
            OpError::new(
                found,
                format!("a tensor and indices of up to {MAX_RANK} of its axes"),
            )
        };
        let &[x, indices] = inputs else {
            return Err(error(format!("{} inputs", inputs.len())));
        };
        let numbers = matches!(indices.dtype, DType::I32 | DType::I64);
        let parts = parts(&x.shape, &indices.shape).filter(|_| numbers);
        let parts = parts.ok_or_else(|| error(format!("indices {indices} of {x}")))?;
        let shape = vec![parts.batch, parts.outer, parts.count, parts.inner];
        Ok(vec![TensorType::plain(x.dtype, shape)])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, indices) = (node.input_type(0)?, node.input_type(1)?);
        let parts = parts(&x.shape, &indices.shape).ok_or_else(|| {
            LowerError::new(format!("indices {indices} of {x}"), "those inferred")
        })?;
        let mut dims = [1; MAX_RANK];
        dims[..parts.dims.len()].copy_from_slice(parts.dims);
        let rows: usize = parts.dims.iter().product();
        // Parts that share their indices need the row numbers of one of them only, unless batches lie around.
        let shared = parts.batch == 1;
        let numbers = params::RowNumbers {
            batch: parts.batch,
            outer: if shared { 1 } else { parts.outer },
            count: parts.count,
            depth: parts.dims.len(),
            dims,
        };
        let gather = params::Gather {
            outer: if shared { parts.outer } else { 1 },
            axis: if shared {
                rows
            } else {
                parts.batch * parts.outer * rows
            },
            inner: parts.inner,
        };
        let kernel = match indices.dtype {
            DType::I32 => Kernel::RowNumbersS32(numbers),
            DType::I64 => Kernel::RowNumbersS64(numbers),
            other @ (DType::F32 | DType::I8 | DType::U8 | DType::I16 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let table = node.scratch(Element::U32, numbers.batch * numbers.outer * numbers.count);
        let operand = node.operand(1)?;
        node.step_to(kernel, &[operand], &[], table);
        movement::emit_pick(node, gather, table)
    }
}

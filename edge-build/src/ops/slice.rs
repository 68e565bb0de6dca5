//! A part of a tensor, with steps.
//!
//! Source: ONNX `Slice`, `Split`; `TFLite` `SLICE`, `STRIDED_SLICE`, `SPLIT`.

use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::lower::movement::{self, Axis};
use crate::lower::{LowerError, NodeLowering};

/// A part of a tensor: along axis `i` the elements `starts[i]`, `starts[i] + steps[i]`, …, `lens[i]` of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// First element along each axis.
    pub starts: Vec<usize>,
    /// Step along each axis, not 0.
    pub steps: Vec<isize>,
    /// Number of elements along each axis.
    pub lens: Vec<usize>,
}

impl Slice {
    fn fits(&self, shape: &[usize]) -> bool {
        let rank = shape.len();
        let inside = |axis: usize| {
            let (start, step, len) = (self.starts[axis], self.steps[axis], self.lens[axis]);
            let last = (len as isize)
                .checked_sub(1)
                .and_then(|n| n.checked_mul(step));
            let last = last.and_then(|reach| (start as isize).checked_add(reach));
            len > 0
                && start < shape[axis]
                && last.is_some_and(|l| l >= 0 && (l as usize) < shape[axis])
        };
        self.starts.len() == rank
            && self.steps.len() == rank
            && self.lens.len() == rank
            && (0..rank).all(inside)
    }
}

impl Operator for Slice {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        if !self.fits(&x.shape) {
            return Err(OpError::new(
                format!(
                    "slice from {:?} by {:?}, {:?} elements, of {x}",
                    self.starts, self.steps, self.lens
                ),
                "a part of at least one element inside the tensor",
            ));
        }
        Ok(vec![TensorType {
            dtype: x.dtype,
            shape: self.lens.clone(),
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Same
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let source = movement::strides(&node.input_type(0)?.shape);
        let target = movement::strides(&self.lens);
        let axes: Vec<Axis> = (0..self.lens.len())
            .map(|i| Axis {
                len: self.lens[i],
                source: source[i] as isize * self.steps[i],
                target: target[i],
            })
            .collect();
        let start = self
            .starts
            .iter()
            .zip(&source)
            .map(|(first, stride)| first * stride)
            .sum();
        let p = movement::copy(&axes, start, 0)?;
        let (x, output) = (node.operand(0)?, node.output());
        movement::emit(node, p, x, output)
    }
}

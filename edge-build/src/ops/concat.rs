//! Tensors one behind the other along an axis.
//!
//! Source: ONNX `Concat`, `TFLite` `CONCATENATION`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, TensorType};
use crate::lower::exact::requant::{legacy_table, rescale_table};
use crate::lower::movement::{self, Axis};
use crate::lower::{DraftOperand, LowerError, NodeLowering};
use crate::program::{Element, Kernel};
use edge_core::params::TableS8;

/// Concatenation along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Concat {
    /// The axis.
    pub axis: usize,
}

impl Operator for Concat {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let first = inputs.first().filter(|x| self.axis < x.shape.len());
        let first = first
            .ok_or_else(|| OpError::new(format!("axis {}", self.axis), "an axis of the inputs"))?;
        let mut shape = first.shape.clone();
        shape[self.axis] = 0;
        for x in inputs {
            let mut rest = x.shape.clone();
            let own = rest.get_mut(self.axis).map(|dim| std::mem::replace(dim, 1));
            let mut common = shape.clone();
            common[self.axis] = 1;
            let sum = own
                .filter(|_| rest == common)
                .and_then(|own| shape[self.axis].checked_add(own));
            shape[self.axis] = sum.ok_or_else(|| {
                OpError::new(
                    format!("{x} beside {first}"),
                    format!("shapes that differ along axis {} only", self.axis),
                )
            })?;
        }
        Ok(vec![TensorType {
            dtype: first.dtype,
            shape,
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Unified
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let output = node.output();
        let target = movement::strides(&node.output_type().shape);
        let mut start = 0;
        for index in 0..node.node().inputs.len() {
            let shape = &node.input_type(index)?.shape;
            let source = movement::strides(shape);
            let axes: Vec<Axis> = (0..shape.len())
                .map(|i| Axis {
                    len: shape[i],
                    source: source[i] as isize,
                    target: target[i],
                })
                .collect();
            let p = movement::copy(&axes, 0, start * target[self.axis])?;
            start += shape[self.axis];
            let x = rescaled(node, index)?;
            movement::emit(node, p, x, output)?;
        }
        Ok(())
    }
}

/// An operand in the quantization of the output. Where `TFLite` copies numbers as they are the importer has given
/// all operands one quantization.
fn rescaled(node: &mut NodeLowering<'_>, index: usize) -> Result<DraftOperand, LowerError> {
    let (x, y) = (node.input_type(index)?, node.output_type());
    let operand = node.operand(index)?;
    let (Some(from), Some(to)) = (x.params(), y.params()) else {
        return Ok(operand);
    };
    if from == to {
        return Ok(operand);
    }
    if x.dtype != DType::I8 {
        return Err(LowerError::new(
            format!("{x} beside other scales"),
            "i8 where scales differ",
        ));
    }
    let table = match node.arithmetic() {
        Arithmetic::Onnx => rescale_table(from, to),
        Arithmetic::TfLite | Arithmetic::Native => legacy_table(from, to)?,
    };
    let table = node.add_constant("numbers in the scale of the result", Element::I8, &table);
    let scratch = node.scratch(Element::I8, x.len());
    let kernel = Kernel::TableS8(TableS8 { len: x.len() });
    node.step_to(kernel, &[operand], &[table], scratch);
    Ok(DraftOperand::Buffer(scratch))
}

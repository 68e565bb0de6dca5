//! Linear resize of an NHWC image.
//!
//! Source: ONNX `Resize` and `Upsample` in linear mode, `TFLite` `RESIZE_BILINEAR`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, TensorType};
use crate::lower::exact::requant::resize_scale;
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params;

/// Linear resize. Each output row or column is `source[0]·(1−weight) + source[1]·weight`.
#[derive(Clone, Debug, PartialEq)]
pub struct ResizeLinear {
    /// Per output row: two input rows and the weight of the second.
    pub rows: Vec<([u32; 2], f32)>,
    /// Per output column: two input columns and the weight of the second.
    pub columns: Vec<([u32; 2], f32)>,
}

impl Operator for ResizeLinear {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let error =
            |found: String| OpError::new(found, "one image of rank 4 and sources inside it");
        let &[x] = inputs else {
            return Err(error(format!("{} inputs", inputs.len())));
        };
        let &[n, h, w, c] = x.shape.as_slice() else {
            return Err(error(format!("{x}")));
        };
        let inside = |table: &[([u32; 2], f32)], len: usize| {
            table
                .iter()
                .all(|(sources, _)| sources.iter().all(|&source| (source as usize) < len))
        };
        if !inside(&self.rows, h) || !inside(&self.columns, w) {
            return Err(error(format!("sources outside {x}")));
        }
        Ok(vec![TensorType {
            dtype: x.dtype,
            shape: vec![n, self.rows.len(), self.columns.len(), c],
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
        let (x, y) = (&node.input_type(0)?.shape, node.output_type());
        let p = params::ResizeLinear {
            batch: x[0],
            in_h: x[1],
            in_w: x[2],
            out_h: self.rows.len(),
            out_w: self.columns.len(),
            channels: x[3],
        };
        let both = || self.rows.iter().chain(&self.columns);
        let sources: Vec<u32> = both().flat_map(|(sources, _)| *sources).collect();
        let sources = node.add_constant("two source rows or columns each", Element::U32, &sources);
        let operand = node.operand(0)?;
        match y.dtype {
            DType::F32 => {
                let weights: Vec<f32> = both().map(|(_, weight)| *weight).collect();
                let weights =
                    node.add_constant("weights of the second source", Element::F32, &weights);
                node.step(Kernel::ResizeLinearF32(p), &[operand], &[sources, weights]);
            }
            DType::I8 => {
                let (unit, kernel) = Self::kernel_s8(node, p)?;
                let weights: Vec<i32> = both()
                    .map(|(_, weight)| (weight * unit).round() as i32)
                    .collect();
                let what = format!("weights of the second source, 1/{unit}");
                let weights = node.add_constant(&what, Element::I32, &weights);
                node.step(kernel, &[operand], &[sources, weights]);
            }
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        }
        Ok(())
    }
}

impl ResizeLinear {
    /// The kernel for bytes, and what its weights are fractions of.
    fn kernel_s8(
        node: &NodeLowering<'_>,
        resize: params::ResizeLinear,
    ) -> Result<(f32, Kernel), LowerError> {
        Ok(match node.arithmetic() {
            Arithmetic::Native => (256.0, Kernel::ResizeLinearS8(resize)),
            Arithmetic::TfLite => (1024.0, Kernel::ResizeBilinearS8(resize)),
            Arithmetic::Onnx => {
                let from = arithmetic::params_of(node.input_type(0)?)?;
                let to = arithmetic::params_of(node.output_type())?;
                let kernel = Kernel::ResizeRescaledS8(params::ResizeRescaled {
                    resize,
                    input_zero: from.zero_point,
                    scale: resize_scale(from, to)?,
                    output_zero: to.zero_point,
                });
                (2048.0, kernel)
            }
        })
    }
}

//! Quantized numbers in another scale, or another element type.
//!
//! Source: `TFLite` `QUANTIZE` of integers; ONNX `QuantizeLinear` behind `DequantizeLinear`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, QuantParams, TensorType};
use crate::lower::exact::{binary::rounding, multiplier};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params::{self, TableS8};
use edge_core::quant::Rounding;
use edge_core::rt;

/// Quantized numbers in another scale, or another element type.
#[derive(Clone, Debug, PartialEq)]
pub struct Requantize {
    /// Element type of the output: `I8`, `I16` or `I32`.
    pub dtype: DType,
    /// What numbers of type `I32` stand for, on either side; their types do not say.
    pub wide: QuantParams,
}

impl Requantize {
    fn params_of(&self, ty: &TensorType) -> Result<QuantParams, LowerError> {
        if ty.dtype == DType::I32 {
            return Ok(self.wide);
        }
        arithmetic::params_of(ty)
    }
}

impl Operator for Requantize {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let takes = |dtype| matches!(dtype, DType::I8 | DType::I16 | DType::I32);
        match inputs {
            [x] if takes(x.dtype)
                && takes(self.dtype)
                && [x.dtype, self.dtype] != [DType::I32; 2] =>
            {
                Ok(vec![TensorType::plain(self.dtype, x.shape.clone())])
            }
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one quantized tensor",
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
        let (x, y) = (node.input_type(0)?, node.output_type());
        let (from, to) = (self.params_of(x)?, self.params_of(y)?);
        let p = requantize(node.arithmetic(), x.dtype, from, to)?;
        let operand = node.operand(0)?;
        let kernel = match (x.dtype, y.dtype) {
            (DType::I8, DType::I8) => {
                let inputs: Vec<i8> = (i8::MIN..=i8::MAX).collect();
                let mut bytes = vec![0i8; inputs.len()];
                rt::requantize_each(&p, &inputs, &mut bytes);
                let table = node.add_constant("table of a rescaling", Element::I8, &bytes);
                let kernel = Kernel::TableS8(TableS8 { len: y.len() });
                node.step(kernel, &[operand], &[table]);
                return Ok(());
            }
            (DType::I8, DType::I16) => Kernel::RequantizeS8S16(p),
            (DType::I8, DType::I32) => Kernel::RequantizeS8S32(p),
            (DType::I16, DType::I8) => Kernel::RequantizeS16S8(p),
            (DType::I16, DType::I16) => Kernel::RequantizeS16S16(p),
            (DType::I16, DType::I32) => Kernel::RequantizeS16S32(p),
            (DType::I32, DType::I8) => Kernel::RequantizeS32S8(p),
            (DType::I32, DType::I16) => Kernel::RequantizeS32S16(p),
            (other, _) => return Err(LowerError::of_dtype(other)),
        };
        node.step(kernel, &[operand], &[]);
        Ok(())
    }
}

/// Parameters of a rescaling.
fn requantize(
    meaning: Arithmetic,
    from_type: DType,
    from: QuantParams,
    to: QuantParams,
) -> Result<params::Requantize, LowerError> {
    let rounding = rounding(meaning);
    let scale = multiplier::quantize_multiplier(f64::from(from.scale) / f64::from(to.scale))?;
    let bound = match from_type {
        DType::I8 => 1 << 8,
        DType::I16 => 1 << 16,
        DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => 1 << 31,
    };
    if from_type == DType::I32 && from.zero_point != 0 {
        return Err(LowerError::new(
            "32-bit integers with a zero point",
            "zero point 0",
        ));
    }
    if rounding == Rounding::TfLite {
        if scale.shift > 0 {
            multiplier::check_i32(scale, bound)?;
        }
        let greatest = (bound * i64::from(scale.multiplier)) >> (31 - scale.shift);
        arithmetic::fit_i32(greatest + 1 + i64::from(to.zero_point).abs())?;
    }
    Ok(params::Requantize {
        input_zero: from.zero_point,
        scale,
        rounding,
        zero_point: to.zero_point,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(scale: f32, zero_point: i32) -> QuantParams {
        QuantParams { scale, zero_point }
    }

    #[test]
    fn results_that_could_leave_32_bits_are_refused() {
        let taken =
            |from_type, from, to| requantize(Arithmetic::TfLite, from_type, from, to).is_ok();
        assert!(taken(DType::I32, grid(0.5, 0), grid(1.0, 127)));
        assert!(!taken(DType::I32, grid(0.5, 1), grid(1.0, 127)));
        assert!(!taken(DType::I32, grid(1.0, 0), grid(1.0, 0)));
        // All but one: what is added comes on top.
        assert!(!taken(
            DType::I32,
            grid(1.0 - f32::EPSILON / 2.0, 0),
            grid(1.0, 1000)
        ));
        assert!(!taken(DType::I8, grid(1.0, 0), grid(1.0, i32::MAX)));
        assert!(taken(DType::I8, grid(1.0, -128), grid(1e-4, -128)));
    }
}

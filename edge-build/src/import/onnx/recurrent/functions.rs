//! The functions that a file may choose for gates and states.

use crate::import::onnx::attrs::Attrs;
use crate::import::onnx::unary::RELU;
use crate::import::problem::Problem;
use edge_core::params::UnaryFn;

/// The functions of all directions, `default` for each if the file does not choose.
pub(super) fn read(
    attrs: Attrs<'_>,
    default: &[UnaryFn],
    directions: usize,
) -> Result<Vec<UnaryFn>, Problem> {
    let names = attrs.texts("activations")?;
    if names.is_empty() {
        return Ok(default.repeat(directions));
    }
    if names.len() != default.len() * directions {
        return Err(number(default.len()));
    }
    let mut alphas = attrs.floats("activation_alpha")?.unwrap_or_default().iter();
    let mut betas = attrs.floats("activation_beta")?.unwrap_or_default().iter();
    let mut functions = Vec::with_capacity(names.len());
    for name in names {
        // Functions take their numbers from the lists in order, those that have any.
        let mut alpha = |default| alphas.next().copied().unwrap_or(default);
        let mut beta = |default| betas.next().copied().unwrap_or(default);
        functions.push(match name.to_ascii_lowercase().as_str() {
            "sigmoid" => UnaryFn::Sigmoid,
            "tanh" => UnaryFn::Tanh,
            "relu" => RELU,
            "softsign" => UnaryFn::Softsign,
            "softplus" => UnaryFn::Softplus,
            "leakyrelu" => UnaryFn::LeakyRelu(alpha(0.01)),
            "thresholdedrelu" => UnaryFn::ThresholdedRelu(alpha(1.0)),
            "elu" => UnaryFn::Elu(alpha(1.0)),
            "hardsigmoid" => UnaryFn::HardSigmoid(alpha(0.2), beta(0.5)),
            "affine" => UnaryFn::Affine(alpha(1.0), beta(0.0)),
            _ => {
                return Err(Problem::attribute(
                    format!("activation `{name}`"),
                    "Sigmoid, Tanh, Relu, Softsign, Softplus, LeakyRelu, ThresholdedRelu, Elu, HardSigmoid, Affine",
                ));
            }
        });
    }
    Ok(functions)
}

/// The error for another number of functions.
pub(super) fn number(per_direction: usize) -> Problem {
    Problem::attribute(
        "another number of activations",
        format!("{per_direction} for each direction"),
    )
}

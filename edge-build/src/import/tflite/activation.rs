//! Activations that an operator applies to its result.

use crate::import::problem::Problem;
use crate::ops::conv2d::NO_CLAMP;

/// The limits of the result for a `fused_activation_function`.
pub(super) fn clamp(code: i8) -> Result<[f32; 2], Problem> {
    let name = match code {
        0 => return Ok(NO_CLAMP),
        1 => return Ok([0.0, f32::INFINITY]),
        2 => return Ok([-1.0, 1.0]),
        3 => return Ok([0.0, 6.0]),
        4 => "TANH".to_owned(),
        5 => "SIGN_BIT".to_owned(),
        other => format!("number {other}"),
    };
    Err(Problem::attribute(
        format!("the fused activation {name}"),
        "NONE, RELU, RELU_N1_TO_1 and RELU6",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_are_limits() {
        let bits = |limits: [f32; 2]| limits.map(f32::to_bits);
        assert_eq!(bits(clamp(0).unwrap()), bits(NO_CLAMP));
        assert_eq!(bits(clamp(3).unwrap()), bits([0.0, 6.0]));
        for code in [-1, 4, 5, 6] {
            assert!(clamp(code).is_err());
        }
    }
}

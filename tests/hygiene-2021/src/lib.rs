//! Generated code in edition 2021, with a renamed run time, among names of the user.
#![deny(warnings, missing_docs, clippy::pedantic)]

#[allow(unused_imports, reason = "its names must do no harm")]
use std::io::*;

edge_macros::include_model!("../ui/models/net.onnx", target = "host");

/// What a firmware's own modules look like.
pub mod vendor {
    pub use neural_runtime as nn;
}

edge_macros::include_model!(
    "../ui/models/two.onnx",
    target = "host",
    crate = crate::vendor::nn
);

/// Not the one of `core`.
pub type Result = u8;

/// Not the one of `core`.
pub struct Some;

#[cfg(test)]
mod tests {
    use super::{Net, Two, TwoInputs};

    #[test]
    fn networks_run() {
        assert!(Net::new().predict(&[0.5; 16]).iter().all(|y| y.is_finite()));
        let outputs = Two::new().predict(TwoInputs {
            left: &[1.0; 4],
            right: &[2.0; 4],
        });
        assert_eq!(outputs.sum.map(f32::to_bits), [3.0f32.to_bits(); 4]);
    }
}

//! [`include_model!`]: an ONNX network becomes a Rust type at compile time.
//!
//! | module | what |
//! | --- | --- |
//! | `args` | the arguments, each with its span |
//! | `rustc` | what the arguments of the compiler that expands the macro say |
//! | `expand` | the call of the compiler, change tracking |
//! | `errors` | errors at the argument at fault, and a type that keeps them alone |
//! | `warn` | warnings on stable Rust |

mod args;
mod errors;
mod expand;
mod rustc;
mod warn;

use proc_macro::TokenStream;

/// Compiles a network into a type.
///
/// ```ignore
/// edge_macros::include_model!("net.onnx", target = "stm32h7", quant = "int8");
///
/// let mut net = Net::new();
/// let scores = net.predict(&frame);
/// ```
///
/// The path is relative to the folder of the crate's Cargo.toml.
///
/// | argument | value |
/// | --- | --- |
/// | `target` | device family or core, required: `"stm32f4"`, `"rp2040"`, `"cortex-m7"`, `"host"`, … |
/// | `quant` | `"none"` (default) keeps the numbers of the file, `"int8"` quantizes weights and activations of a float network |
/// | `rounding` | arithmetic of a network that arrives quantized: `"exact"` (default) gives the bits of the file's format, `"fast"` is quicker and may be one step off |
/// | `calibration` | samples, `.npy` or `.npz`; without it `net.calib.npy` or `net.calib.npz` beside the model |
/// | `name` | name of the type; without it that of the file in upper camel case |
/// | `shapes` | dimensions that the file leaves open: `"batch=1, input=1x3x32x32"` |
/// | `crate` | path of `edge-core`, where it is not a dependency of this crate: `crate = my::edge_core` |
///
/// The type has `new`, `predict`, `predict_quantized` (int8), `input_mut`, `run`, `output`, and constants with
/// names, shapes and costs; it implements `edge_core::model::Model`.
#[proc_macro]
pub fn include_model(input: TokenStream) -> TokenStream {
    expand::include_model(input.into()).into()
}

//! The int8 networks that run everywhere.

use edge_build::codegen;
use edge_build::compile::{Artifact, compile};
use edge_build::exec::Executor;
use edge_build::ident::type_name;
use edge_build::options::{Options, QuantMode};
use edge_build::program::Program;
use edge_build::runner::{Network, bytes_of};
use edge_build::target::{self, Target};
use edge_core::params::Quantize;
use edge_core::rt::quantize_s8;
use edge_test_support::array::Array;
use edge_test_support::shared::Shared;
use std::path::{Path, PathBuf};

/// The networks: name of the model, name of the file.
pub const MODELS: [[&str; 2]; 6] = [
    ["kws_dscnn", "kws_dscnn_nchw"],
    ["ic_resnet8", "ic_resnet8_nchw"],
    ["ad_autoencoder", "ad_autoencoder_h5_tf2onnx_nhwc"],
    ["digits_cnn", "digits_cnn_torchscript_op13"],
    ["ecg_cnn1d", "ecg_cnn1d_torchscript_op14"],
    ["ecg_tcn", "ecg_tcn_torchscript_op14"],
];

/// Inputs per network.
pub const ROWS: usize = 8;

/// A network compiled for a target.
#[derive(Debug)]
pub struct Case {
    /// Name of the file.
    pub name: &'static str,
    /// What runs.
    pub network: Network,
    /// What the compiler made.
    pub artifact: Artifact,
}

impl Case {
    /// Compiles a network; calibration data is put into the layout of the file below `tmp`.
    #[must_use]
    pub fn new(shared: &Shared, tmp: &str, [model, name]: [&'static str; 2], target: &str) -> Self {
        let path = shared.variant(model, name).path;
        let source = edge_test_support::source(&path);
        let mut options = Options::new(find(target));
        let shape = calibrate(&mut options, shared, tmp, [model, name]);
        let artifact = compile(&source, &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        let inputs = shared.golden_inputs(model).for_input(&shape).take(ROWS);
        let network = Network {
            type_name: artifact.report.name.clone(),
            code: codegen::text(&artifact.tokens),
            rows: quantized(&inputs, &artifact.program),
            row_bytes: bytes_of(&artifact.program.inputs),
            output_bytes: bytes_of(&artifact.program.outputs),
        };
        Self {
            name,
            network,
            artifact,
        }
    }

    /// All networks for a target.
    #[must_use]
    pub fn all(shared: &Shared, tmp: &str, target: &str) -> Vec<Self> {
        let one = |model: &[&'static str; 2]| Self::new(shared, tmp, *model, target);
        MODELS.iter().map(one).collect()
    }

    /// The outputs of the integer executor of the compiler, row after row.
    #[must_use]
    pub fn executed(&self) -> Vec<u8> {
        let mut executor = Executor::new(&self.artifact.program);
        let mut outputs = Vec::new();
        for row in self.network.rows.chunks_exact(self.network.row_bytes) {
            executor.set_input(0, row);
            executor.run().expect("a sound program");
            outputs.extend_from_slice(executor.output(0));
        }
        outputs
    }
}

/// Asks for int8 and for the calibration data of a network; gives the shape of its input.
///
/// The data is put into the layout of the file below `tmp`.
pub fn calibrate(
    options: &mut Options,
    shared: &Shared,
    tmp: &str,
    [model, name]: [&str; 2],
) -> Vec<usize> {
    let path = shared.variant(model, name).path;
    let source = edge_test_support::source(&path);
    let float = compile(&source, options).unwrap_or_else(|e| panic!("{name}: {e}"));
    let shape = float.program.inputs[0].shape.clone();
    options.quant = QuantMode::Int8;
    options.name = Some(type_name(&path));
    options.calibration = Some(calibration(shared, tmp, [model, name], &shape));
    shape
}

fn find(target: &str) -> &'static Target {
    target::find(target).expect("a known target")
}

fn calibration(shared: &Shared, tmp: &str, [model, name]: [&str; 2], shape: &[usize]) -> PathBuf {
    let path = Path::new(tmp).join(format!("{name}.calib.npy"));
    let data = shared.calibration(model).for_input(shape);
    // Tests run beside each other: the file appears whole.
    let unique = format!("{name}.{:?}.tmp", std::thread::current().id());
    let temporary = Path::new(tmp).join(unique);
    data.write(&temporary);
    std::fs::rename(&temporary, &path).expect("a file that can be renamed");
    path
}

/// Inputs through scale and zero point of the (only) input.
fn quantized(inputs: &Array, program: &Program) -> Vec<u8> {
    let quant = program.inputs[0].quant.expect("an int8 network");
    let p = Quantize {
        scale: quant.scale,
        zero_point: quant.zero_point,
    };
    let mut bytes = vec![0; inputs.data.len()];
    quantize_s8(&p, &inputs.data, &mut bytes);
    bytes.iter().map(|&x| x as u8).collect()
}

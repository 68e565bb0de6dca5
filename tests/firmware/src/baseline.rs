//! The public int8 `TFLite` networks that runtimes are compared on.

use edge_build::codegen;
use edge_build::compile::{Artifact, compile};
use edge_build::exec::Executor;
use edge_build::ident::type_name;
use edge_build::options::Options;
use edge_build::runner::{Network, bytes_of};
use edge_build::target;
use edge_test_support::shared::Shared;
use std::path::Path;

/// A network and what it gives for [`made_up`] bytes.
#[derive(Clone, Copy, Debug)]
pub struct Baseline {
    /// The file below `models/`.
    pub file: &'static str,
    /// Checksum (zlib's) of the output of the reference kernels of `TFLite`.
    pub crc32: u32,
}

const fn baseline(file: &'static str, crc32: u32) -> Baseline {
    Baseline { file, crc32 }
}

/// The networks.
pub const BASELINES: [Baseline; 7] = [
    baseline("kws_dscnn/kws_dscnn_int8", 0xf7cb_3257),
    baseline(
        "vww_mobilenetv1_025_96/vww_mobilenetv1_025_96_int8",
        0x90d2_a596,
    ),
    baseline("ic_resnet8/ic_resnet8_int8", 0x942b_d32c),
    baseline("ad_autoencoder/ad_autoencoder_int8", 0xa6ce_7800),
    baseline("tflite_micro/person_detect_int8", 0x01a5_a599),
    baseline("tflite_micro/micro_speech_int8", 0xc002_d0b0),
    baseline("tflite_micro/hello_world_int8", 0x71be_eff9),
];

/// A `TFLite` network compiled for a target, and rows for it.
#[derive(Debug)]
pub struct Compiled {
    /// What runs.
    pub network: Network,
    /// What the compiler made.
    pub artifact: Artifact,
}

impl Compiled {
    /// Compiles a file as it is; its only row is made up.
    #[must_use]
    pub fn new(path: &Path, target: &str) -> Self {
        let mut options = Options::new(target::find(target).expect("a known target"));
        options.name = Some(type_name(path));
        let source = edge_test_support::source(path);
        let artifact =
            compile(&source, &options).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let row_bytes = bytes_of(&artifact.program.inputs);
        let network = Network {
            type_name: artifact.report.name.clone(),
            code: codegen::text(&artifact.tokens),
            rows: match artifact.program.inputs[0].quant {
                Some(_) => made_up(row_bytes),
                None => floats(&made_up(row_bytes / 4)),
            },
            row_bytes,
            output_bytes: bytes_of(&artifact.program.outputs),
        };
        Self { network, artifact }
    }

    /// All [`BASELINES`] for a target.
    #[must_use]
    pub fn baselines(shared: &Shared, target: &str) -> Vec<Self> {
        let path = |file| shared.file(&format!("models/{file}.tflite"));
        BASELINES
            .iter()
            .map(|baseline| Self::new(&path(baseline.file), target))
            .collect()
    }

    /// The output of the executor of the compiler.
    #[must_use]
    pub fn executed(&self) -> Vec<u8> {
        let mut executor = Executor::new(&self.artifact.program);
        executor.set_input(0, &self.network.rows);
        executor.run().expect("a sound program");
        executor.output(0).to_vec()
    }
}

/// Signed bytes as floats of −1 to 1.
fn floats(bytes: &[u8]) -> Vec<u8> {
    let float = |&byte: &u8| (f32::from(byte as i8) / 128.0).to_le_bytes();
    bytes.iter().flat_map(float).collect()
}

/// Bytes of the generator xorshift32 from 0x12345678.
#[must_use]
pub fn made_up(len: usize) -> Vec<u8> {
    let mut state = 0x1234_5678_u32;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..len).map(|_| draw()).collect()
}

//! Builds a network for a core and runs it.

use crate::rival::Rival;
use edge_build::codegen;
use edge_build::compile::{Artifact, compile};
use edge_build::ident::type_name;
use edge_build::options::Options;
use edge_build::report::Report;
use edge_build::runner::counts::Counts;
use edge_build::runner::elf::Sizes;
use edge_build::runner::{Board, Job, Network, Platform, bytes_of};
use edge_build::target;
use edge_test_support::shared::Shared;
use firmware::LIMIT;
use firmware::baseline::made_up;
use firmware::case::calibrate;
use std::path::PathBuf;

/// What all measurements share.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The models.
    pub shared: Shared,
    /// The plugin that counts cycles.
    pub plugin: PathBuf,
    /// What is asked of the compiler; target and name are those of the measurement.
    pub options: Options,
    /// Measures the float ONNX files, quantized by us, instead of the `TFLite` files in exact arithmetic.
    pub native: bool,
}

/// What a network takes on a core.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What the rival takes.
    pub rival: Rival,
    /// What the compiler says of it.
    pub report: Report,
    /// Whether the output is that of the reference; `None` where it is not defined to the bit.
    pub equal: Option<bool>,
    /// Counts of one inference.
    pub counts: Counts,
    /// The deepest stack, in bytes.
    pub stack: u32,
    /// Bytes in flash and RAM.
    pub sizes: Sizes,
}

impl Measured {
    /// Bytes in flash: the whole firmware less start-up and measuring.
    #[must_use]
    pub fn flash_bytes(&self) -> u64 {
        self.sizes.networks
    }
}

impl Bench {
    /// The surroundings, or what is missing.
    ///
    /// # Errors
    /// A message for people if there are no models or no plugin.
    pub fn find() -> Result<Self, String> {
        let shared = Shared::find("bench").ok_or("there are no models")?;
        let plugin = std::env::var_os("EDGE_CYCLES").map(PathBuf::from);
        let plugin = plugin
            .filter(|path| path.is_file())
            .ok_or("there is no plugin that counts cycles; set EDGE_CYCLES to cortexm_cycles.so")?;
        Ok(Self {
            shared,
            plugin: std::path::absolute(&plugin).unwrap_or(plugin),
            options: Options::new(target::find("host").expect("the host is a target")),
            native: false,
        })
    }

    /// What a network takes on a core.
    #[must_use]
    pub fn measure(&self, rival: &Rival, board: &'static Board) -> Measured {
        let (job, artifact) = self.job(rival, board, false);
        let outcome = job
            .run(&|_| ())
            .unwrap_or_else(|e| panic!("{}: {e}", rival.name));
        let ran = &outcome.networks[0];
        Measured {
            rival: *rival,
            equal: (!self.native).then(|| rawzip::crc32(&ran.outputs) == rival.baseline.crc32),
            counts: outcome.counts.expect("the plugin counts"),
            stack: ran.costs[0].stack,
            sizes: outcome.sizes.expect("a firmware"),
            report: artifact.report,
        }
    }

    /// What each step of a network takes on a core.
    #[must_use]
    pub fn layers(&self, rival: &Rival, board: &'static Board) -> Vec<Counts> {
        let (job, artifact) = self.job(rival, board, true);
        job.count_steps(artifact.program.steps.len(), &|_| ())
            .unwrap_or_else(|e| panic!("{}: {e}", rival.name))
    }

    fn job(&self, rival: &Rival, board: &'static Board, profile: bool) -> (Job, Artifact) {
        let mut options = Options {
            target: target::find(board.name).expect("boards are named like targets"),
            profile,
            ..self.options.clone()
        };
        let path = match rival.float {
            Some(float) if self.native => {
                let tmp = std::env::temp_dir();
                let tmp = tmp.to_str().expect("a path of plain text");
                calibrate(&mut options, &self.shared, tmp, float);
                self.shared.variant(float[0], float[1]).path
            }
            _ => {
                let file = format!("models/{}.tflite", rival.baseline.file);
                self.shared.file(&file)
            }
        };
        options.name = Some(type_name(&path));
        let source = edge_test_support::source(&path);
        let artifact =
            compile(&source, &options).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let row_bytes = bytes_of(&artifact.program.inputs);
        let network = Network {
            type_name: artifact.report.name.clone(),
            code: codegen::text(&artifact.tokens),
            rows: made_up(row_bytes),
            row_bytes,
            output_bytes: bytes_of(&artifact.program.outputs),
        };
        let job = Job {
            networks: vec![network],
            platform: Platform::Emulated(board),
            plugin: Some(self.plugin.clone()),
            forbid_panics: false,
            limit: Some(LIMIT),
        };
        (job, artifact)
    }
}

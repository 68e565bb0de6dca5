//! What a network costs and how exact it is.

use crate::ir::Graph;
use crate::options::Options;
use crate::program::Program;
use crate::quantize::Accuracy;
use crate::source::Source;

/// What a network costs and how exact it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Name of the type.
    pub name: String,
    /// Name of the model file, without folder.
    pub file: String,
    /// `target`.
    pub target: &'static str,
    /// `quant`.
    pub quant: &'static str,
    /// Size of the arena in bytes.
    pub ram_bytes: usize,
    /// Weights, biases, multipliers and tables in bytes.
    pub flash_bytes: usize,
    /// Weights alone.
    pub weights_bytes: usize,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// A row per step.
    pub layers: Vec<Layer>,
    /// How exact it is.
    pub accuracy: Option<Accuracy>,
}

/// What one step costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name of the node.
    pub node: String,
    /// Name of the operator.
    pub operator: &'static str,
    /// Kernel that runs.
    pub kernel: &'static str,
    /// Shape and type of the output.
    pub output: String,
    /// Multiply-accumulate operations.
    pub macs: u64,
    /// Bytes in flash.
    pub constant_bytes: usize,
    /// Arena range of the output.
    pub arena: [usize; 2],
}

/// Sums up a program.
#[must_use]
pub fn of(
    _source: &Source,
    _options: &Options,
    _graph: &Graph,
    _program: &Program,
    _accuracy: Option<Accuracy>,
) -> Report {
    unimplemented!()
}

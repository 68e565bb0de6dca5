//! The driver: one line per phase.

mod fit;

use crate::diag::{Diagnostic, Diagnostics};
use crate::ir::Arithmetic;
use crate::options::{Options, Rounding};
use crate::program::Program;
use crate::report::Report;
use crate::schedule::Scheduled;
use crate::source::Source;
use crate::{codegen, import, ir, lower, passes, plan, qdq, quantize, report, schedule};
use crate::{lower::Assembly, plan::Planner};
use proc_macro2::TokenStream;

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The Rust source.
    pub tokens: TokenStream,
    /// What the source computes.
    pub program: Program,
    /// What it costs and how exact it is.
    pub report: Report,
    /// What the user should know.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles a network.
///
/// # Errors
/// All errors of the first phase that fails.
pub fn compile(source: &Source, options: &Options) -> Result<Artifact, Diagnostics> {
    let mut artifact = check(source, options)?;
    artifact.tokens = codegen::run(&artifact.program, &artifact.report, options);
    Ok(artifact)
}

/// Compiles a network but for the Rust source, which stays empty: whatever can go wrong goes wrong here.
///
/// # Errors
/// All errors of the first phase that fails.
pub fn check(source: &Source, options: &Options) -> Result<Artifact, Diagnostics> {
    let mut graph = import::run(source, options)?;
    if options.rounding == Rounding::Fast {
        graph.arithmetic = Arithmetic::Native;
    }
    ir::verify::run(&graph)?;
    let graph = passes::canonicalize(graph)?;
    ir::verify::run(&graph)?;
    let graph = qdq::run(graph);
    ir::verify::run(&graph)?;
    let quantized = quantize::run(graph, source, options)?;
    ir::verify::run(&quantized.graph)?;
    let file_macs = quantized.graph.macs();
    let graph = passes::prune(quantized.graph);
    ir::verify::run(&graph)?;
    let graph = schedule::order::run(graph);
    let draft = lower::run(&graph).map_err(|errors| lower::diagnostics(&graph, errors))?;
    let Scheduled { draft, optimize } = schedule::run(draft, options)?;
    let plan = plan::Search.plan(&draft);
    plan::verify(&draft, &plan).map_err(plan::diagnostics)?;
    let Assembly { program, .. } = lower::assemble(&graph, &draft, &plan);
    fit::check_border(&program)?;
    let mut report = report::of(source, options, &graph, &program, quantized.accuracy);
    report.file_macs = file_macs;
    report.optimize = optimize.name();
    fit::check(&report, options)?;
    Ok(Artifact {
        tokens: TokenStream::new(),
        program,
        report,
        warnings: quantized.warnings,
    })
}

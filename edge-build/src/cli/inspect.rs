//! `cargo edge inspect`: layers, shapes, costs and the memory plan of a network.

use super::args::InspectArgs;
use super::progress::Progress;
use super::{Failure, compile};

/// Runs the command and gives what is printed.
pub(super) fn inspect(args: &InspectArgs) -> Result<String, Failure> {
    let (artifact, _) = compile(&args.model, &Progress::new())?;
    Ok(if args.json {
        artifact.report.to_json()
    } else {
        artifact.report.to_text()
    })
}

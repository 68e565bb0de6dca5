//! `cargo edge inspect`: layers, shapes, costs and the memory plan of a network.

use super::args::InspectArgs;
use super::progress::Progress;
use super::{Failure, compile};

/// Runs the command and gives what is printed.
pub(super) fn inspect(args: &InspectArgs) -> Result<String, Failure> {
    let compiled = compile(&args.model, &Progress::new())?.compiled;
    Ok(if args.json {
        compiled.report_json
    } else {
        compiled.report_text
    })
}

//! `cargo edge run`: builds a program around a network and runs it.

use super::args::RunArgs;
use super::print::{self, Facts};
use super::progress::Progress;
use super::rows::{self, Rows};
use super::{Failure, compile, layers, results};
use crate::npy;
use crate::program::Port;
use crate::runner::{self, Job, Platform};

/// Runs the command and gives what is printed.
pub(super) fn run(args: &RunArgs) -> Result<String, Failure> {
    let args = &args.clone().with_target_of_core()?;
    let (platform, plugin) = (args.platform()?, args.plugin()?);
    let progress = Progress::new();
    let network = compile(&args.model, &progress)?;
    let sheet = &network.sheet;
    let rows = rows_of(args, &sheet.inputs)?;
    let job = Job {
        networks: vec![runner::Network {
            type_name: sheet.name.clone(),
            code: network.compiled.code.clone(),
            row_bytes: runner::bytes_of(&sheet.inputs),
            output_bytes: runner::bytes_of(&sheet.outputs),
            rows: rows.bytes.clone(),
        }],
        platform,
        plugin,
        forbid_panics: false,
        limit: None,
    };
    let progress = progress.of_run(building(platform), rows.count);
    let watch = |phase| progress.follow(phase);
    let outcome = job.run(&watch);
    let counted = args.layers.then(|| layers::count(&network, &job, &watch));
    progress.stop();
    let (outcome, layers) = (outcome?, counted.transpose()?);
    let outputs: &[u8] = outcome
        .networks
        .first()
        .map_or(&[], |network| &network.outputs);
    let columns = results::columns(outputs, &sheet.outputs);
    if let Some(path) = &args.output {
        let arrays: Vec<_> = columns.iter().flat_map(results::Column::arrays).collect();
        npy::write_npz(path, &arrays).map_err(|error| Failure::Write {
            path: path.display().to_string(),
            error,
        })?;
    }
    let facts = Facts {
        model: args.model.model.display().to_string(),
        sheet,
        platform,
        input: args.input.as_ref().map(|path| path.display().to_string()),
        rows: rows.count,
        columns: &columns,
        sizes: outcome.sizes,
        layers: layers.as_deref(),
        cost: results::per_inference(&outcome, &rows, platform != Platform::Host),
    };
    Ok(if args.json {
        print::json(&facts)
    } else {
        print::text(&facts)
    })
}

fn rows_of(args: &RunArgs, ports: &[Port]) -> Result<Rows, Failure> {
    if let Some(path) = &args.input {
        return Ok(rows::read(path, ports)?);
    }
    eprintln!("note: no --input given, {}", rows::MADE_UP);
    Ok(rows::make_up(ports))
}

fn building(platform: Platform) -> String {
    match platform {
        Platform::Host => "building the program (the first time takes a minute)".to_owned(),
        Platform::Emulated(board) => {
            format!(
                "building firmware for {} (the first time takes a minute)",
                board.name
            )
        }
    }
}

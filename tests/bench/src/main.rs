//! `cargo run --release -p bench`: the table of `docs/src/performance.md`.

use bench::measure::Bench;
use bench::rival::{RIVALS, Rival};
use bench::tables;
use clap::Parser;
use edge_build::options::{Optimize, parse_pins};
use std::process::ExitCode;

/// What the seven baseline networks take on emulated cores, beside TFLite Micro with CMSIS-NN
#[derive(Debug, Parser)]
#[command(
    after_help = "Needs EDGE_SHARED (a folder with the models), EDGE_CYCLES (the QEMU plugin), QEMU, and a compiler for the cores."
)]
struct Args {
    /// kws, vww, ic, ad, person, speech, hello [default: all]
    networks: Vec<String>,
    /// m4, m7, m33, m3, m0
    #[arg(long, value_delimiter = ',', default_value = "m4,m7")]
    cores: Vec<String>,
    /// Each layer as well
    #[arg(long)]
    layers: bool,
    /// The float ONNX files of the networks, quantized by us, where there are some
    #[arg(long)]
    native: bool,
    /// What the choice of kernels aims at: speed, balanced, ram or flash
    #[arg(long, default_value = "balanced")]
    optimize: String,
    /// Kernel variants chosen by hand: NODE=VARIANT,*=VARIANT
    #[arg(long, default_value = "")]
    pin: String,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let mut bench = Bench::find()?;
    bench.options.optimize = Optimize::parse(&args.optimize).map_err(|e| e.to_string())?;
    bench.options.pins = parse_pins(&args.pin).map_err(|e| e.to_string())?;
    bench.native = args.native;
    let mut rivals = rivals(&args.networks)?;
    rivals.retain(|rival| !args.native || rival.float.is_some());
    for core in &args.cores {
        let name = format!("cortex-{core}");
        let known = edge_build::runner::board::find(&name).is_some();
        if !known {
            return Err(format!(
                "the core `{core}` is not known: m4, m7, m33, m3, m0"
            ));
        }
        let board = firmware::board(&name).ok_or("there is no firmware without these tools")?;
        let measured: Vec<_> = rivals
            .iter()
            .map(|rival| bench.measure(rival, board))
            .collect();
        println!("\n{}", tables::networks(board, &measured));
        if args.layers {
            let mut counted = Vec::new();
            for one in &measured {
                let counts = bench.layers(&one.rival, board);
                println!("{}", tables::layers(board, one, &counts));
                counted.push((one, counts));
            }
            println!("{}", tables::kinds(board, &counted));
        }
    }
    Ok(())
}

fn rivals(names: &[String]) -> Result<Vec<Rival>, String> {
    if names.is_empty() {
        return Ok(RIVALS.to_vec());
    }
    let find = |name: &String| {
        let known = RIVALS.iter().find(|rival| rival.name == name);
        known.copied().ok_or_else(|| {
            let names: Vec<&str> = RIVALS.iter().map(|rival| rival.name).collect();
            format!("the network `{name}` is not known: {}", names.join(", "))
        })
    };
    names.iter().map(find).collect()
}

//! Networks with memory from run to run: generated code gives what `tflite-micro` gives over several runs, and
//! once more from the beginning after `reset`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::oracle::{Case, Run, Scripts, cases};
use edge_test_support::scratch::{Scratch, succeed};
use edge_test_support::shared::Shared;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

/// Operators with memory.
const OPERATORS: [&str; 3] = ["READ_VARIABLE", "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"];
/// Cases of each operator and type.
const CASES: usize = 3;
/// Greatest difference of floats.
const TOLERANCE: f32 = 1e-5;

#[test]
fn generated_code_remembers_and_forgets() {
    let Some(folder) = folder() else {
        return;
    };
    let all = cases(&folder, &OPERATORS.map(ToOwned::to_owned));
    let mut taken: BTreeMap<(String, String), usize> = BTreeMap::new();
    let cases: Vec<Case> = all
        .into_iter()
        .filter(|case| {
            let key = (case.operator.clone(), case.kind.clone());
            let count = taken.entry(key).or_default();
            *count += 1;
            *count <= CASES
        })
        .collect();
    assert!(cases.len() > OPERATORS.len());
    let scratch = build(&cases);
    let failures: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(index, case)| {
            let what = format!("{}/{} ({})", case.operator, case.name, case.note);
            check(&scratch, index, case).map(|reason| format!("{what}: {reason}"))
        })
        .collect();
    println!("{} networks with memory", cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The folder of cases, made if need be.
fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("EDGE_ORACLE_DIR") {
        return Some(folder.into());
    }
    let what = "networks with memory";
    Shared::find(what)?;
    let arguments = ["--only".to_owned(), OPERATORS.join(",")];
    let scripts = Scripts::find(what)?;
    Some(scripts.run(env!("CARGO_TARGET_TMPDIR"), "generate.py", &arguments))
}

/// Runs the generated code of a case; what is wrong with it.
fn check(scratch: &Scratch, index: usize, case: &Case) -> Option<String> {
    let runs = case.numbers();
    let bytes = |side: fn(&Run) -> &Vec<Vec<u8>>| -> Vec<u8> {
        runs.iter().flat_map(|run| side(run).concat()).collect()
    };
    let [from, to] = ["in", "out"].map(|end| scratch.path(&format!("{index}.{end}")));
    std::fs::write(&from, bytes(|run| &run.inputs)).expect("a writable file");
    let program = scratch.target_dir().join("release").join("streaming");
    succeed(
        Command::new(program)
            .arg(index.to_string())
            .args([&from, &to]),
    );
    let found = std::fs::read(to).expect("the program writes its outputs");
    let wanted = bytes(|run| &run.outputs);
    let (first, second) = found.split_at(found.len() / 2);
    if first != second {
        return Some("another result after `reset`".to_owned());
    }
    let same = if case.kind.starts_with("float") {
        close(first, &wanted)
    } else {
        first == wanted
    };
    (!same).then(|| format!("{first:?}, not {wanted:?}"))
}

fn close(found: &[u8], wanted: &[u8]) -> bool {
    let floats = |bytes: &[u8]| -> Vec<f32> {
        let words = bytes.as_chunks().0.iter();
        words.map(|&word| f32::from_le_bytes(word)).collect()
    };
    let (found, wanted) = (floats(found), floats(wanted));
    let range = wanted.iter().fold(1.0f32, |most, x| most.max(x.abs()));
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE * range;
    found.len() == wanted.len() && found.iter().zip(&wanted).all(near)
}

/// A program that runs the network of a number over the inputs in a file, twice with a `reset` between.
fn build(cases: &[Case]) -> Scratch {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "streaming");
    let (mut modules, mut arms) = (String::new(), String::new());
    for (index, case) in cases.iter().enumerate() {
        let model = case.model().display().to_string();
        let include = format!("include_model!({model:?}, target = \"host\", name = \"Net\");");
        writeln!(modules, "mod net{index} {{ edge_macros::{include} }}").expect("a string");
        let arm = format!("\"{index}\" => drive(&mut net{index}::Net::new(), &input),");
        writeln!(arms, "        {arm}").expect("a string");
    }
    let main = include_str!("streaming/program.rs")
        .replace("// modules", &modules)
        .replace("// arms", &arms);
    scratch.write("src/main.rs", main);
    succeed(&mut scratch.cargo(&["build", "--release", "--quiet"]));
    scratch
}

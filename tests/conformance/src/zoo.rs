//! A crate with many networks.

use edge_test_support::array::Array;
use edge_test_support::scratch::{Scratch, succeed};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// One `include_model!`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Name of the module, different from all others.
    pub name: String,
    /// The model file.
    pub model: PathBuf,
    /// Calibration data; without it the network stays float.
    pub calibration: Option<PathBuf>,
}

/// The crate, built.
#[derive(Debug)]
pub struct Zoo {
    scratch: Scratch,
    program: PathBuf,
}

/// What the generated type says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// `RAM_BYTES`.
    pub ram: usize,
    /// `FLASH_BYTES`.
    pub flash: usize,
    /// `MACS`.
    pub macs: u64,
}

impl Zoo {
    /// Writes and builds the crate below `tmp`.
    #[must_use]
    pub fn build(tmp: &str, name: &str, entries: &[Entry]) -> Self {
        let scratch = Scratch::new(tmp, name);
        // Calibration runs inside of the macro; what it costs unoptimised is measured by `build-cost`.
        let profile = "\n[profile.release.build-override]\nopt-level = 2\n";
        let dependencies = edge_test_support::scratch::dependencies("edge-macros");
        scratch.manifest(name, &format!("{dependencies}{profile}"));
        scratch.write("src/main.rs", main_file(entries));
        scratch.write("src/drive.rs", include_str!("zoo/drive.rs"));
        succeed(&mut scratch.cargo(&["build", "--release", "--quiet"]));
        let program = scratch.target_dir().join("release").join(name);
        Self { scratch, program }
    }

    /// The outputs of a network for each sample: `predict`.
    #[must_use]
    pub fn predict(&self, entry: &str, input: &Array) -> Vec<f32> {
        let bytes = self.run(entry, "predict", &input.to_le_bytes());
        let words = bytes.as_chunks().0;
        words.iter().map(|&word| f32::from_le_bytes(word)).collect()
    }

    /// The raw outputs of an int8 network for raw samples: `predict_quantized`.
    #[must_use]
    pub fn predict_quantized(&self, entry: &str, input: &[u8]) -> Vec<u8> {
        self.run(entry, "predict_quantized", input)
    }

    /// The associated consts of a network.
    #[must_use]
    pub fn costs(&self, entry: &str) -> Costs {
        let text = self.run(entry, "costs", &[]);
        let text = String::from_utf8(text).expect("numbers");
        let mut numbers = text
            .split_whitespace()
            .map(|n| n.parse::<u64>().expect("a number"));
        let mut next = || numbers.next().expect("three numbers");
        Costs {
            ram: next() as usize,
            flash: next() as usize,
            macs: next(),
        }
    }

    fn run(&self, entry: &str, form: &str, input: &[u8]) -> Vec<u8> {
        let files = [format!("{entry}.in"), format!("{entry}.out")];
        self.scratch.write(&files[0], input);
        let [from, to] = files.map(|file| self.scratch.path(&file));
        let mut command = std::process::Command::new(&self.program);
        succeed(command.args([entry, form]).args([&from, &to]));
        std::fs::read(to).expect("the program writes its outputs")
    }
}

fn main_file(entries: &[Entry]) -> String {
    let mut modules = String::new();
    let mut arms = String::new();
    for entry in entries {
        let name = &entry.name;
        let quant = entry.calibration.as_ref().map_or_else(
            || "quant = \"none\"".to_owned(),
            |path| format!("quant = \"int8\", calibration = {}", literal(path)),
        );
        writeln!(
            modules,
            "mod {name} {{\n    edge_macros::include_model!({}, target = \"host\", name = \"Net\", {quant});\n}}",
            literal(&entry.model)
        )
        .expect("writing to a string");
        let mut arm = |form: &str, value: String| {
            writeln!(arms, "        ({name:?}, {form:?}) => {value},")
                .expect("writing to a string");
        };
        let new = format!("Box::new({name}::Net::new())");
        arm(
            "predict",
            format!("{{ let mut net = {new}; drive::predict(&input, |row| net.predict(row)) }}"),
        );
        arm("costs", format!("drive::costs::<{name}::Net>()"));
        if entry.calibration.is_some() {
            arm(
                "predict_quantized",
                format!(
                    "{{ let mut net = {new}; drive::predict_quantized(&input, |row| net.predict_quantized(row)) }}"
                ),
            );
        }
    }
    format!(
        "//! Written by the conformance tests.\n\nmod drive;\n{modules}\nfn main() {{\n    \
         let arguments: Vec<String> = std::env::args().collect();\n    \
         let input = std::fs::read(&arguments[3]).unwrap();\n    \
         let output = match (arguments[1].as_str(), arguments[2].as_str()) {{\n{arms}        \
         other => panic!(\"{{other:?}}\"),\n    }};\n    \
         std::fs::write(&arguments[4], output).unwrap();\n}}\n"
    )
}

/// A path as a string literal.
fn literal(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

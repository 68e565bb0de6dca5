//! A model with numbers for its inputs and what the reference computes from them, several times in a row.

use std::path::{Path, PathBuf};

/// Type and shape of an input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Element type as numpy spells it.
    pub dtype: String,
    /// Number of elements.
    pub len: usize,
}

/// The bytes of all inputs and outputs of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What goes in.
    pub inputs: Vec<Vec<u8>>,
    /// What the reference computes.
    pub outputs: Vec<Vec<u8>>,
}

/// One model.
#[derive(Clone, Debug)]
pub struct Case {
    /// Operator, which is the name of the folder.
    pub operator: String,
    /// Name in the folder: `int8_007`.
    pub name: String,
    /// Type of the operator: `int8`, `int16-extreme`.
    pub kind: String,
    /// What is special about it.
    pub note: String,
    /// Number of runs. State stays between them.
    pub runs: usize,
    /// Inputs.
    pub inputs: Vec<Spec>,
    /// Outputs.
    pub outputs: Vec<Spec>,
    folder: PathBuf,
}

impl Spec {
    fn parse(text: &str) -> Self {
        let (dtype, shape) = text.split_once(':').expect("`dtype:shape`");
        let dims = shape.split('x').filter(|dim| !dim.is_empty());
        Self {
            dtype: dtype.to_owned(),
            len: dims
                .map(|dim| dim.parse::<usize>().expect("a number"))
                .product(),
        }
    }

    /// Bytes of one element.
    #[must_use]
    pub fn size(&self) -> usize {
        match self.dtype.as_str() {
            "bool" | "int8" | "uint8" => 1,
            "float16" | "int16" => 2,
            "float32" | "int32" => 4,
            "int64" => 8,
            other => panic!("{other} is no element type"),
        }
    }
}

/// The cases of the folders below `folder`, all or those of some operators, sorted.
#[must_use]
pub fn cases(folder: &Path, only: &[String]) -> Vec<Case> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut cases = Vec::new();
    for entry in entries {
        let folder = entry.expect("a readable folder").path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if only.is_empty() || only.iter().any(|wanted| *wanted == name) {
            let index = std::fs::read_to_string(folder.join("index.tsv")).unwrap_or_default();
            let lines = index.lines().skip(1);
            cases.extend(lines.map(|line| Case::parse(&folder, &name, line)));
        }
    }
    cases.sort_by(|a, b| (&a.operator, &a.name).cmp(&(&b.operator, &b.name)));
    cases
}

impl Case {
    fn parse(folder: &Path, operator: &str, line: &str) -> Self {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, kind, runs, inputs, outputs, note] = columns[..] else {
            panic!("{}: {line}", folder.display());
        };
        let specs = |text: &str| -> Vec<Spec> {
            let texts = text.split(',').filter(|text| !text.is_empty());
            texts.map(Spec::parse).collect()
        };
        Self {
            operator: operator.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            note: note.to_owned(),
            runs: runs.parse().expect("a number"),
            inputs: specs(inputs),
            outputs: specs(outputs),
            folder: folder.to_owned(),
        }
    }

    /// The model file.
    #[must_use]
    pub fn model(&self) -> PathBuf {
        self.folder.join(format!("{}.tflite", self.name))
    }

    /// The runs.
    #[must_use]
    pub fn numbers(&self) -> Vec<Run> {
        let path = self.folder.join(format!("{}.bin", self.name));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut rest = bytes.as_slice();
        let mut side = |specs: &[Spec]| -> Vec<Vec<u8>> {
            let mut tensor = |spec: &Spec| {
                let (bytes, tail) = rest.split_at(spec.len * spec.size());
                rest = tail;
                bytes.to_vec()
            };
            specs.iter().map(&mut tensor).collect()
        };
        let runs = (0..self.runs).map(|_| Run {
            inputs: side(&self.inputs),
            outputs: side(&self.outputs),
        });
        runs.collect()
    }
}

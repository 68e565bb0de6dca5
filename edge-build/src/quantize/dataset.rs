//! Calibration data: found, read and checked.

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::ir::types::{same_order, shape_text};
use crate::ir::{Graph, ValueId};
use crate::npy::{self, Array};
use crate::options::Options;
use crate::source::{self, Source};
use std::path::{Path, PathBuf};

/// Names under which an `.npz` file may hold labels.
const LABELS: [&str; 3] = ["labels", "label", "y"];

/// Inputs of many inferences.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dataset {
    /// Number of inferences, at least 1.
    pub(super) count: usize,
    /// For each input of the graph the numbers of all inferences, one behind the other.
    pub(super) inputs: Vec<Vec<f32>>,
    /// The class of each row of the first output, if it is known.
    pub(super) labels: Option<Vec<usize>>,
    /// Whether nobody gave them.
    pub(super) made_up: bool,
}

/// Fewest samples of a half whose ranges say something about the other half.
const LEAST_HALF: usize = 4;

impl Dataset {
    /// Whether there are enough samples to judge ranges from one half by the other.
    pub(super) fn can_be_halved(&self) -> bool {
        let first = (0..self.count)
            .filter(|&sample| half_of(sample) == 0)
            .count();
        first.min(self.count - first) >= LEAST_HALF
    }

    /// The numbers of input `input` in inference `sample`.
    pub(super) fn sample(&self, sample: usize, input: usize) -> &[f32] {
        let all = self.inputs.get(input).map_or(&[][..], Vec::as_slice);
        let len = all.len() / self.count.max(1);
        all.get(sample * len..(sample + 1) * len).unwrap_or(&[])
    }
}

/// The half of the data that a sample belongs to: ranges from one half are judged by the other. Scattered, so
/// that an order of the samples by class or time does not matter.
pub(super) fn half_of(sample: usize) -> usize {
    (sample as u32).wrapping_mul(0x9e37_79b1) as usize >> 20 & 1
}

/// Where the calibration data of a model lies: `calibration`, or `net.calib.npy` or `net.calib.npz` beside
/// `net.onnx`. The caller makes the build depend on it.
#[must_use]
pub fn calibration_path(source: &Source, options: &Options) -> Option<PathBuf> {
    let beside = || {
        ["calib.npy", "calib.npz"]
            .into_iter()
            .map(|ending| source.path.with_extension(ending))
            .find(|path| path.is_file())
    };
    options.calibration.clone().or_else(beside)
}

/// Reads and checks a file of calibration data.
pub(super) fn read(path: &Path, graph: &Graph) -> Result<Dataset, Diagnostics> {
    let file = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let unreadable = |why: String| {
        error(
            Code::CalibrationUnreadable,
            format!("calibration data `{file}` cannot be read: {why}"),
            "give an .npy file (one input) or an .npz file (an array per input, named like the input) written by NumPy",
        )
    };
    let bytes = std::fs::read(path).map_err(|e| Diagnostic {
        code: Code::CalibrationUnreadable,
        argument: Argument::Calibration,
        ..source::unreadable(path, &e)
    })?;
    let arrays = if npy::is_npz(&bytes) {
        npy::read_npz(&bytes)
    } else {
        npy::read_npy(&bytes).map(|array| vec![(String::new(), array)])
    };
    let arrays = arrays.map_err(|e| unreadable(e.to_string()))?;
    from_arrays(&arrays, graph)
}

/// Checks arrays by name; an array without a name belongs to the only input.
pub(super) fn from_arrays(
    arrays: &[(String, Array)],
    graph: &Graph,
) -> Result<Dataset, Diagnostics> {
    let mut errors = Vec::new();
    let mut inputs = Vec::new();
    let mut counts = Vec::new();
    for &id in &graph.inputs {
        let read = find(arrays, graph, id).and_then(|array| {
            let count = count_of(graph, id, array)?;
            let numbers = array.data.to_f32();
            check_finite(graph, id, &numbers, count)?;
            Ok((count, numbers))
        });
        match read {
            Ok((count, numbers)) => {
                counts.push(count);
                inputs.push(numbers);
            }
            Err(diagnostic) => errors.push(diagnostic),
        }
    }
    let count = counts.first().copied().unwrap_or(0);
    if errors.is_empty() && counts.iter().any(|&other| other != count) {
        errors.push(error(
            Code::CalibrationShape,
            format!("the inputs have different numbers of samples: {counts:?}"),
            "give every input the same number of samples",
        ));
    }
    let labels = labels(arrays, graph, count).unwrap_or_else(|diagnostic| {
        errors.push(diagnostic);
        None
    });
    if errors.is_empty() {
        Ok(Dataset {
            count,
            inputs,
            labels,
            made_up: false,
        })
    } else {
        Err(Diagnostics(errors))
    }
}

fn error(code: Code, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(code, message, help).at(Argument::Calibration)
}

fn is_label(name: &str) -> bool {
    LABELS.contains(&name)
}

fn find<'a>(
    arrays: &'a [(String, Array)],
    graph: &Graph,
    id: ValueId,
) -> Result<&'a Array, Diagnostic> {
    let name = &graph.value(id).name;
    if let Some((_, array)) = arrays.iter().find(|(other, _)| other == name) {
        return Ok(array);
    }
    let mut others = arrays.iter().filter(|(name, _)| !is_label(name));
    if let (1, Some((_, array)), None) = (graph.inputs.len(), others.next(), others.next()) {
        return Ok(array);
    }
    let names: Vec<String> = arrays.iter().map(|(name, _)| format!("`{name}`")).collect();
    Err(error(
        Code::CalibrationShape,
        format!(
            "no calibration data for input `{name}` {}; there is {}",
            graph.ty(id),
            if names == ["``"] {
                "one array without a name".to_owned()
            } else {
                names.join(", ")
            }
        ),
        "give an .npz file with an array per input, named like the input",
    ))
}

/// `[N,32,32,3]`.
fn row_shape(shape: &[usize]) -> String {
    let dims = shape.iter().skip(1).map(ToString::to_string);
    let dims: Vec<String> = std::iter::once("N".to_owned()).chain(dims).collect();
    format!("[{}]", dims.join(","))
}

/// Number of inferences that an array holds for an input. Axes of length 1 may be left out or stand elsewhere.
fn count_of(graph: &Graph, id: ValueId, array: &Array) -> Result<usize, Diagnostic> {
    let shape = &graph.ty(id).shape;
    let samples = match (array.shape.split_first(), shape.split_first()) {
        (Some((&n, rest)), _) if same_order(rest, shape) => Some(n),
        (Some((&n, rest)), Some((&batch, inner)))
            if same_order(rest, inner) && batch > 0 && n % batch == 0 =>
        {
            Some(n / batch)
        }
        _ => None,
    };
    let samples = samples.ok_or_else(|| {
        error(
            Code::CalibrationShape,
            format!(
                "calibration data of shape {} for input `{}` of shape {}",
                shape_text(&array.shape),
                graph.value(id).name,
                shape_text(shape)
            ),
            "give one row per sample, in the layout of the model's input",
        )
        .supported(row_shape(shape))
    })?;
    if samples == 0 {
        return Err(error(
            Code::CalibrationShape,
            format!(
                "no samples in calibration data of shape {}",
                shape_text(&array.shape)
            ),
            "give at least one sample; some 100 are a good number",
        ));
    }
    Ok(samples)
}

fn check_finite(
    graph: &Graph,
    id: ValueId,
    numbers: &[f32],
    count: usize,
) -> Result<(), Diagnostic> {
    let Some(at) = numbers.iter().position(|x| !x.is_finite()) else {
        return Ok(());
    };
    let len = (numbers.len() / count.max(1)).max(1);
    Err(error(
        Code::CalibrationNotFinite,
        format!(
            "calibration sample {} holds {} at element {} of input `{}`",
            at / len,
            numbers.get(at).copied().unwrap_or(f32::NAN),
            at % len,
            graph.value(id).name
        ),
        "remove the sample, or clean it the way the firmware cleans its inputs",
    ))
}

/// Labels, one per row of the inputs.
fn labels(
    arrays: &[(String, Array)],
    graph: &Graph,
    count: usize,
) -> Result<Option<Vec<usize>>, Diagnostic> {
    let is_input = |name: &str| graph.inputs.iter().any(|&id| graph.value(id).name == name);
    let Some((name, array)) = arrays
        .iter()
        .find(|(name, _)| is_label(name) && !is_input(name))
    else {
        return Ok(None);
    };
    let rows = graph
        .inputs
        .first()
        .and_then(|&id| graph.ty(id).shape.first().copied());
    let numbers = array.data.to_f32();
    let whole = numbers.iter().all(|&x| x >= 0.0 && x.fract() == 0.0);
    if !whole || (numbers.len() != count && numbers.len() != count * rows.unwrap_or(1)) {
        return Err(error(
            Code::CalibrationShape,
            format!(
                "labels `{name}` of shape {} for {count} samples",
                shape_text(&array.shape)
            ),
            "give the number of the right class for each sample, or leave the labels out",
        ));
    }
    Ok(Some(numbers.iter().map(|&x| x as usize).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::TensorType;
    use crate::npy::Data;

    fn graph(shapes: &[(&str, &[usize])]) -> Graph {
        let mut graph = Graph::default();
        for (name, shape) in shapes {
            let id = graph.add_value(*name, TensorType::f32(shape.to_vec()));
            graph.inputs.push(id);
        }
        graph
    }

    fn named(name: &str, shape: &[usize], data: impl Into<Data>) -> (String, Array) {
        let array = Array {
            shape: shape.to_vec(),
            data: data.into(),
        };
        (name.to_owned(), array)
    }

    fn code(arrays: &[(String, Array)], graph: &Graph) -> Option<Code> {
        from_arrays(arrays, graph)
            .err()
            .map(|errors| errors.0[0].code)
    }

    #[test]
    fn takes_both_ways_to_count_samples_and_any_type() {
        let one = graph(&[("x", &[1, 2])]);
        for shape in [&[3, 2][..], &[3, 1, 2], &[3, 2, 1]] {
            let data = from_arrays(&[named("", shape, vec![0u8, 1, 2, 3, 4, 255])], &one);
            let data = data.expect("fits");
            assert_eq!(data.count, 3);
            assert_eq!(data.sample(2, 0), [4.0, 255.0]);
        }
        let batch = graph(&[("x", &[2, 2])]);
        let data = from_arrays(&[named("", &[4, 2], vec![0.0f64; 8])], &batch).expect("fits");
        assert_eq!(data.count, 2);
    }

    #[test]
    fn halves_are_nearly_equal() {
        for count in [16usize, 64, 100, 1000] {
            let first = (0..count).filter(|&sample| half_of(sample) == 0).count();
            assert!(first.abs_diff(count / 2) <= count / 8, "{first} of {count}");
        }
    }

    #[test]
    fn finds_inputs_by_name_and_labels() {
        let two = graph(&[("a", &[1, 1]), ("b", &[1, 2])]);
        let arrays = [
            named("b", &[2, 2], vec![1.0f32, 2.0, 3.0, 4.0]),
            named("y", &[2], vec![7i64, 0]),
            named("a", &[2, 1], vec![5.0f32, 6.0]),
        ];
        let data = from_arrays(&arrays, &two).expect("fits");
        assert_eq!(
            (data.sample(1, 0), data.sample(0, 1)),
            (&[6.0][..], &[1.0, 2.0][..])
        );
        assert_eq!(data.labels, Some(vec![7, 0]));
        assert_eq!(code(&arrays[..2], &two), Some(Code::CalibrationShape));
    }

    #[test]
    fn refuses_wrong_shapes_missing_samples_and_numbers_that_are_not_finite() {
        let one = graph(&[("x", &[1, 2])]);
        let wrong = from_arrays(&[named("", &[3, 3], vec![0.0f32; 9])], &one).expect_err("wrong");
        assert_eq!(wrong.0[0].code, Code::CalibrationShape);
        assert!(wrong.0[0].message.contains("[3,3]") && wrong.0[0].message.contains("[1,2]"));
        assert_eq!(wrong.0[0].argument, Argument::Calibration);
        assert_eq!(
            code(&[named("", &[0, 2], Vec::<f32>::new())], &one),
            Some(Code::CalibrationShape)
        );
        assert_eq!(
            code(&[named("", &[], vec![0.0f32])], &one),
            Some(Code::CalibrationShape)
        );
        let nan = [named("", &[2, 2], vec![0.0, 1.0, 2.0, f32::NAN])];
        let nan = from_arrays(&nan, &one).expect_err("nan");
        assert_eq!(nan.0[0].code, Code::CalibrationNotFinite);
        assert!(
            nan.0[0]
                .message
                .starts_with("calibration sample 1 holds NaN at element 1")
        );
        let labels = [
            named("x", &[2, 2], vec![0.0f32; 4]),
            named("y", &[3], vec![0i32; 3]),
        ];
        assert_eq!(code(&labels, &one), Some(Code::CalibrationShape));
        let missing = read(Path::new("/no/such/file.npy"), &one).expect_err("missing");
        assert_eq!(missing.0[0].code, Code::CalibrationUnreadable);
    }
}

//! Files made by the builder of the crate `flatbuffers`, whole and broken.

mod file;

use super::names::builtin_name;
use super::*;
use file::{Changes, small};
use std::path::Path;

fn broken(file: &[u8]) -> String {
    Model::read(file).map_or_else(|error| error.to_string(), |model| format!("{model:?}"))
}

#[test]
fn a_file_is_read() {
    let file = small(Changes::default());
    let model = Model::read(&file).unwrap();
    let [subgraph] = model.subgraphs.as_slice() else {
        panic!("{model:?}");
    };
    assert_eq!(
        (&*subgraph.inputs, &*subgraph.outputs),
        (&[0][..], &[3][..])
    );
    assert_eq!(subgraph.name, "main");
    let weights = &subgraph.tensors[1];
    assert_eq!(weights.shape, [2, 1, 2, 2]);
    assert_eq!(DataType::try_from(weights.data_type), Ok(DataType::Int8));
    assert_eq!(model.data(weights), [1, 2, 3, 4, 5, 6, 7, 8]);
    let quantization = weights.quantization.as_ref().unwrap();
    assert_eq!(quantization.scale, [0.5, 0.25]);
    assert_eq!(quantization.zero_point, [0, -3]);
    assert_eq!(quantization.quantized_dimension, 0);
    assert_eq!(subgraph.tensors[0].quantization, None);
    assert!(model.data(&subgraph.tensors[0]).is_empty());
    assert_eq!(model.signature_defs[0].inputs[0].name, "image");
}

#[test]
fn bytes_behind_the_flatbuffer_are_found() {
    let file = small(Changes::default());
    let model = Model::read(&file).unwrap();
    assert_eq!(model.data(&model.subgraphs[0].tensors[2]), file::BEHIND);
}

#[test]
fn operators_have_a_code_and_options() {
    let file = small(Changes::default());
    let model = Model::read(&file).unwrap();
    let [conv, state] = model.subgraphs[0].operators.as_slice() else {
        panic!("{model:?}");
    };
    assert_eq!(model.code(conv).unwrap().name(), "CONV_2D");
    assert_eq!(model.code(conv).unwrap().version, 1);
    assert_eq!(conv.inputs, [Some(0), Some(1), None]);
    let expected = Conv2DOptions {
        padding: 1,
        stride_w: 2,
        stride_h: 3,
        dilation_w_factor: 1,
        dilation_h_factor: 4,
        ..Conv2DOptions::default()
    };
    assert_eq!(conv.options(), Some(&expected));
    assert_eq!(conv.options::<AddOptions>(), None);
    assert_eq!(model.code(state).unwrap().name(), "VAR_HANDLE");
    let options: &VarHandleOptions = state.options().unwrap();
    assert_eq!(options.shared_name, "state");
}

#[test]
fn the_code_is_the_greater_of_two() {
    let name = |narrow, wide| {
        let code = Changes {
            code: (narrow, wide),
            ..Changes::default()
        };
        let file = small(code);
        let model = Model::read(&file).unwrap();
        model.operator_codes[0].name().into_owned()
    };
    assert_eq!(name(3, 0), "CONV_2D");
    assert_eq!(name(0, 3), "CONV_2D");
    assert_eq!(name(127, 150), "GELU");
    assert_eq!(name(32, 32), "Custom");
    assert_eq!(name(127, 210), "number 210");
    assert_eq!(name(-1, -1), "number -1");
}

#[test]
fn names_stand_at_their_numbers() {
    let name = |code| builtin_name(code).unwrap_or("");
    assert_eq!(name(0), "ADD");
    assert_eq!(name(126), "BATCH_MATMUL");
    assert_eq!(name(128), "CUMSUM");
    assert_eq!(name(152), "RELU_0_TO_1");
    assert_eq!(name(209), "STABLEHLO_CASE");
    assert_eq!(name(210), "");
    assert_eq!(name(-1), "");
    assert_eq!(Padding::try_from(2), Err(2));
    assert_eq!(Activation::try_from(3).map(Activation::name), Ok("RELU6"));
}

#[test]
fn other_files_and_versions_are_errors() {
    let file = small(Changes::default());
    assert!(Model::read(&file).is_ok());
    let mut other = file.clone();
    other[7] = b'2';
    assert_eq!(Model::read(&other).unwrap_err(), SchemaError::NotTfLite);
    let read = |changes| Model::read(&small(changes)).map(|_| ());
    let version = Changes {
        version: 2,
        ..Changes::default()
    };
    assert_eq!(read(version), Err(SchemaError::Version(2)));
    let empty = Changes {
        subgraphs: 0,
        ..Changes::default()
    };
    assert_eq!(read(empty), Err(SchemaError::NoSubgraph));
}

#[test]
fn numbers_of_nothing_are_errors() {
    let input = Changes {
        conv_input: 4,
        ..Changes::default()
    };
    assert_eq!(
        broken(&small(input)),
        "the file is broken: `subgraphs[0].operators[0].inputs` is 4, but there are 4"
    );
    let negative = Changes {
        conv_input: -2,
        ..Changes::default()
    };
    assert!(broken(&small(negative)).contains("operators[0].inputs` is"));
    let buffer = Changes {
        buffer: 9,
        ..Changes::default()
    };
    assert_eq!(
        broken(&small(buffer)),
        "the file is broken: `subgraphs[0].tensors[1].buffer` is 9, but there are 3"
    );
    let outside = Changes {
        behind_size: u64::MAX,
        ..Changes::default()
    };
    assert!(broken(&small(outside)).contains("`buffers[2]` leads out of the file"));
}

#[test]
fn a_cut_file_is_an_error() {
    let file = small(Changes::default());
    for len in 0..file.len() {
        assert!(Model::read(&file[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn wrong_bytes_are_an_error_or_a_model() {
    let file = small(Changes::default());
    let mut state = 1u64;
    let mut draw = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % bound
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = file.clone();
        for _ in 0..=draw(3) {
            let place = draw(bytes.len());
            bytes[place] = [0, 1, 0x7f, 0x80, 0xff, draw(256) as u8][draw(6)];
        }
        match Model::read(&bytes) {
            Ok(model) => {
                read += 1;
                for tensor in model.subgraphs.iter().flat_map(|s| &s.tensors) {
                    assert!(model.data(tensor).len() <= bytes.len());
                }
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read > 1_000 && refused > 1_000, "{read} {refused}");
}

/// A list of many offsets to one table would become large.
#[test]
fn a_file_cannot_be_repeated_in_itself() {
    let shared = |tensors| Changes {
        shared_tensors: tensors,
        ..Changes::default()
    };
    let message = broken(&small(shared(100_000)));
    assert!(message.contains("`subgraphs[0].tensors["), "{message}");
    assert!(
        message.contains("repeats parts of the file too often"),
        "{message}"
    );
    let small = small(shared(100));
    assert_eq!(Model::read(&small).unwrap().subgraphs[0].tensors.len(), 104);
}

#[test]
fn real_files_are_read() {
    let Some(shared) = std::env::var_os("EDGE_SHARED") else {
        assert!(std::env::var_os("EDGE_REQUIRE").is_none(), "no EDGE_SHARED");
        println!("skipped: set EDGE_SHARED to a folder with real models");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(shared);
    let models = ["data/models", "models"].map(|folder| root.join(folder));
    let models = models.iter().find(|folder| folder.is_dir()).unwrap();
    let folders = std::fs::read_dir(models).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let mut count = 0;
    for path in files.map(|file| file.unwrap().path()) {
        if path
            .extension()
            .is_some_and(|extension| extension == "tflite")
        {
            let bytes = std::fs::read(&path).unwrap();
            let model = Model::read(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            println!("{}: {}", path.display(), operators(&model));
            count += 1;
        }
    }
    assert!(count >= 14, "{count} files");
}

fn operators(model: &Model<'_>) -> String {
    let operators = model.subgraphs.iter().flat_map(|s| &s.operators);
    let names = operators.map(|operator| model.code(operator).unwrap().name());
    names.collect::<Vec<_>>().join(" ")
}

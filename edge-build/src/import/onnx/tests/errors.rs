//! What is wrong with a file, and how it is told.

use crate::import::onnx::schema::{DataLocation, DataType, FunctionProto, StringStringEntryProto};
use crate::import::onnx::testing::Model;
use crate::options::Options;
use crate::source::Source;

fn import_bytes(bytes: &[u8]) -> String {
    let source = Source {
        path: "net.onnx".into(),
        bytes: bytes.to_vec(),
    };
    let options = Options::new(crate::target::find("host").unwrap());
    crate::import::run(&source, &options)
        .unwrap_err()
        .to_string()
}

/// `y = Relu(x)`.
fn relu() -> Model {
    let mut model = Model::new(13);
    model.input("x", &[1, 3]).output("y", &[1, 3]);
    model.node("Relu", &["x"], &["y"]);
    model
}

fn check(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}

#[test]
fn files_that_are_no_models() {
    check(&import_bytes(b"hello"), &["E0102", "text"]);
    check(&import_bytes(&[0xff; 64]), &["E0102", "not an ONNX model"]);
    let bytes = relu().bytes();
    check(
        &import_bytes(&bytes[..bytes.len() - 5]),
        &["E0104", "truncated"],
    );
    check(&import_bytes(&[0x08, 0x07]), &["E0106", "no graph"]);
}

#[test]
fn empty_graphs() {
    let mut model = Model::new(13);
    model.input("x", &[1]);
    check(&model.errors(), &["E0106", "no outputs"]);
    model.output("x", &[1]);
    check(&model.errors(), &["E0106", "no nodes"]);
}

#[test]
fn operator_sets() {
    let mut model = relu();
    model.proto.opset_import[0].version = Some(6);
    check(
        &model.errors(),
        &["E0103", "operator set 6", "7 to", "version_converter"],
    );
    model.proto.opset_import.clear();
    check(&model.errors(), &["E0104", "operator set"]);
    model = relu();
    model.proto.opset_import[0].version = Some(1000);
    assert!(model.import().is_ok());
}

#[test]
fn all_unsupported_operators_at_once() {
    let mut model = Model::new(17);
    model.input("x", &[1, 3]).output("y", &[1, 3]);
    model.node("NonMaxSuppression", &["x"], &["a"]);
    model.node("Scan", &["a"], &["b"]);
    model.node("NonMaxSuppression", &["b"], &["c"]);
    model.node("QLinearOwn", &["c"], &["d"]);
    model.node("Acos", &["d"], &["e"]);
    model.node("Own", &["e"], &["y"]);
    model.graph().node[5].domain = Some("com.example".to_owned());
    model.proto.functions.push(FunctionProto {
        name: Some("Own".to_owned()),
        domain: Some("com.example".to_owned()),
    });
    let errors = model.import().unwrap_err();
    assert_eq!(errors.0.len(), 5);
    let text = errors.to_string();
    check(
        &text,
        &[
            "operator `NonMaxSuppression` (opset 17) is not supported",
            "node \"/NonMaxSuppression0\" (NonMaxSuppression), node \"/NonMaxSuppression2\"",
            "extract_model",
            "[\"x\"]",
            "control flow",
            "quant = \"int8\"",
            "com.example::Own",
            "inline",
            "GlobalAveragePool",
            "the first error lists",
        ],
    );
}

#[test]
fn circles_and_missing_values() {
    let mut model = Model::new(13);
    model.input("x", &[1]).output("y", &[1]);
    model.node("Add", &["x", "b"], &["a"]);
    model.node("Relu", &["a"], &["b"]);
    model.node("Relu", &["b"], &["y"]);
    check(&model.errors(), &["E0107", "circle", "/Add0"]);
    let mut model = Model::new(13);
    model.input("x", &[1]).output("y", &[1]);
    model.node("Add", &["x", "w"], &["y"]);
    check(&model.errors(), &["E0105", "`w` is neither a weight"]);
    let mut model = relu();
    model.node("Tanh", &["x"], &["y"]);
    check(&model.errors(), &["E0104", "made twice"]);
    let mut model = relu();
    model.output("nothing", &[1]);
    check(&model.errors(), &["E0104", "`nothing` is made by no node"]);
}

#[test]
fn weights_in_a_missing_file() {
    let mut model = Model::new(13);
    model
        .input("x", &[1, 3])
        .output("y", &[1, 3])
        .weights("w", &[3]);
    model.node("Add", &["x", "w"], &["y"]);
    let tensor = &mut model.graph().initializer[0];
    tensor.float_data.clear();
    tensor.data_location = Some(DataLocation::External as i32);
    let at = |place: &str| {
        vec![StringStringEntryProto {
            key: Some("location".to_owned()),
            value: Some(place.to_owned()),
        }]
    };
    tensor.external_data = at("no-such-file.bin");
    check(
        &model.errors(),
        &["E0105", "no-such-file.bin", "weights `w`", "beside"],
    );
    model.graph().initializer[0].external_data = at("../secret.bin");
    check(&model.errors(), &["E0105", "outside the folder"]);
    model.graph().initializer[0].external_data.clear();
    check(&model.errors(), &["E0104", "location"]);
    model.graph().initializer[0].data_location = None;
    check(&model.errors(), &["E0105", "no data"]);
}

#[test]
fn weights_in_a_file_beside_the_model() {
    let folder = std::env::temp_dir().join(format!("edge-external-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let numbers: Vec<u8> = [9.0f32, 1.0, 2.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    std::fs::write(folder.join("net.bin"), &numbers).unwrap();
    let mut model = Model::new(13);
    model
        .input("x", &[1, 2])
        .output("y", &[1, 2])
        .weights("w", &[2]);
    model.node("Add", &["x", "w"], &["y"]);
    let tensor = &mut model.graph().initializer[0];
    tensor.float_data.clear();
    tensor.data_location = Some(DataLocation::External as i32);
    for (key, value) in [("location", "net.bin"), ("offset", "4"), ("length", "8")] {
        tensor.external_data.push(StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value.to_owned()),
        });
    }
    let source = |model: &Model| Source {
        path: folder.join("net.onnx"),
        bytes: model.bytes(),
    };
    let graph = crate::import::run(&source(&model), &model.options).unwrap();
    let weights = crate::import::onnx::testing::floats(&graph, graph.nodes[0].inputs[1]);
    assert_eq!(weights, [1.0, 2.0]);
    model.graph().initializer[0].external_data[2].value = Some("99".to_owned());
    let errors = crate::import::run(&source(&model), &model.options).unwrap_err();
    check(&errors.to_string(), &["E0105", "12 bytes"]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn dimensions_that_are_unknown_or_wrong() {
    let with = |dims: &[&str]| {
        let mut model = Model::new(13);
        model.dynamic_input("x", dims);
        model.node("Relu", &["x"], &["y"]);
        model
            .graph()
            .output
            .push(crate::import::onnx::schema::ValueInfoProto {
                name: Some("y".to_owned()),
                r#type: None,
            });
        model
    };
    let text = with(&["N", "length", "?"]).errors();
    check(
        &text,
        &["E0201", "dimension 1 (`length`) of input `x`", "shapes = "],
    );
    check(
        &text,
        &["dimension 2 of input `x`", "input x [N, length, ?]"],
    );
    check(
        &with(&["1", "0"]).errors(),
        &["E0202", "dimension 1 of `x` is 0"],
    );
    check(&with(&["1", "-3"]).errors(), &["E0202", "is -3"]);
    check(&with(&["1000000", "1000000", "9"]).errors(), &["E0203"]);
    let huge = i64::MAX.to_string();
    check(&with(&["1", &huge, &huge]).errors(), &["E0203"]);
    let mut model = with(&["1", "n"]);
    model.shape("m", &[4]).shape("n", &[4]);
    check(&model.errors(), &["E0502", "`m` = [4]", "x [1, n]"]);
    let mut model = with(&["1", "3"]);
    model.shape("x", &[1, 4]);
    check(&model.errors(), &["E0202", "is 3 in the model, not 4"]);
    let mut model = with(&["n"]);
    model.shape("n", &[0]);
    check(&model.errors(), &["E0202", "is 0"]);
    let mut model = with(&[]);
    model.graph().input[0]
        .r#type
        .as_mut()
        .unwrap()
        .tensor_type
        .as_mut()
        .unwrap()
        .shape = None;
    check(
        &model.errors(),
        &["E0201", "the shape of input `x` is unknown"],
    );
    model.shape("x", &[1, 4]);
    assert!(model.import().is_ok());
}

#[test]
fn shapes_that_contradict() {
    let mut model = relu();
    model.graph().output.clear();
    model.output("y", &[1, 4]);
    check(&model.errors(), &["E0202", "declares y [1, 4]", "[1,3]"]);
    let mut model = Model::new(13);
    model
        .input("x", &[1, 2, 5, 5])
        .output("y", &[1, 3, 3, 3])
        .weights("w", &[3, 4, 3, 3]);
    model.node("Conv", &["x", "w"], &["y"]);
    check(
        &model.errors(),
        &["E0202", "/Conv0", "x f32[1,2,5,5]", "w f32[3,4,3,3]"],
    );
    let mut model = Model::new(13);
    model
        .input("a", &[2, 3])
        .input("b", &[2, 4])
        .output("y", &[2, 3]);
    model.node("Add", &["a", "b"], &["y"]);
    check(&model.errors(), &["E0202", "f32[2,3] and f32[2,4]"]);
}

#[test]
fn every_wrong_node_is_told_but_none_behind_it() {
    let mut model = Model::new(13);
    model
        .input("x", &[2, 3])
        .output("y", &[2, 3])
        .weights("w", &[7]);
    model.node("Add", &["x", "w"], &["a"]);
    model.node("Mul", &["x", "w"], &["b"]);
    model.node("Add", &["a", "b"], &["y"]);
    assert_eq!(model.import().unwrap_err().0.len(), 2);
}

#[test]
fn types_that_are_not_float() {
    let mut model = relu();
    let set = |model: &mut Model, ty: DataType| {
        let info = model.graph().input[0].r#type.as_mut().unwrap();
        info.tensor_type.as_mut().unwrap().elem_type = Some(ty as i32);
    };
    set(&mut model, DataType::Int64);
    check(&model.errors(), &["E0109", "INT64", "float32"]);
    set(&mut model, DataType::Uint8);
    check(&model.errors(), &["E0109", "u8[1,3]", "DequantizeLinear"]);
    set(&mut model, DataType::Float);
    assert!(model.import().is_ok());
    model.graph().input[0].r#type = None;
    check(&model.errors(), &["E0109", "no tensor"]);
    let mut model = relu();
    model.node("Cast", &["x"], &["i"]).int("to", 7);
    model.output("i", &[1, 3]);
    check(&model.errors(), &["E0109", "cast to INT64"]);
}

#[test]
fn attributes_that_are_not_supported() {
    let mut model = Model::new(13);
    model
        .input("x", &[1, 1, 4, 4])
        .output("y", &[1, 1, 2, 2])
        .output("i", &[1, 1, 2, 2]);
    model
        .node("MaxPool", &["x"], &["y", "i"])
        .ints("kernel_shape", &[3, 3]);
    check(&model.errors(), &["E0108", "output `i` is used"]);
    let mut model = Model::new(13);
    model.input("x", &[1, 1, 4, 4]).output("y", &[1, 1, 8, 8]);
    model.floats("s", &[4], &[1.0, 1.0, 2.0, 2.0]);
    model
        .node("Resize", &["x", "", "s"], &["y"])
        .text("mode", "cubic");
    check(&model.errors(), &["E0108", "cubic", "nearest, linear"]);
    let mut model = Model::new(13);
    model
        .input("x", &[1, 3])
        .input("s", &[2])
        .output("y", &[3, 1]);
    model.node("Reshape", &["x", "s"], &["y"]);
    check(&model.errors(), &["E0108", "computed at run time"]);
    let mut model = Model::new(13);
    model
        .input("x", &[1, 1, 4, 4, 4])
        .weights("w", &[1, 1, 2, 2, 2])
        .output("y", &[1]);
    model.node("Conv", &["x", "w"], &["y"]);
    check(&model.errors(), &["E0108", "signals [N, C, L]"]);
}

#[test]
fn numbers_in_the_file_allocate_nothing() {
    let constant = |dims: &[i64]| {
        let mut model = Model::new(13);
        model.input("x", &[1]).output("y", &[1]).ints("s", dims);
        model.node("ConstantOfShape", &["s"], &["c"]);
        model.node("Add", &["x", "c"], &["y"]);
        model.errors()
    };
    check(&constant(&[1 << 40]), &["E0203"]);
    check(&constant(&[i64::MAX, i64::MAX, 0]), &["E0203"]);
    check(&constant(&[1; 1000]), &["E0203", "1000 axes"]);
    let mut model = Model::new(13);
    model
        .input("x", &[1, 2])
        .output("y", &[1, 2])
        .ints("r", &[1 << 40, 1 << 40]);
    model.node("Tile", &["x", "r"], &["y"]);
    check(&model.errors(), &["E0203"]);
    let mut model = Model::new(13);
    model.input("x", &[1]).output("y", &[1]);
    model.node("Constant", &[], &["a"]).int("value_int", 0);
    model
        .node("Constant", &[], &["b"])
        .int("value_int", i64::MAX);
    model.node("Constant", &[], &["c"]).int("value_int", 1);
    model.node("Range", &["a", "b", "c"], &["r"]);
    model.node("Cast", &["r"], &["f"]).int("to", 1);
    model.node("Add", &["x", "f"], &["y"]);
    check(&model.errors(), &["E0203"]);
}

#[test]
fn constants_do_not_grow_without_end() {
    let mut model = Model::new(13);
    model
        .input("x", &[1])
        .output("y", &[1])
        .ints("s", &[1 << 20]);
    model.node("ConstantOfShape", &["s"], &["c0"]);
    for k in 0..200 {
        let names = [format!("c{k}"), format!("c{}", k + 1)];
        model.node("Exp", &[&names[0]], &[&names[1]]);
    }
    model.node("Add", &["x", "c200"], &["y"]);
    check(&model.errors(), &["E0203", "without end"]);
}

#[test]
fn a_long_chain_is_read_in_no_time() {
    let mut model = Model::new(13);
    model.input("v0", &[1]).output("v50000", &[1]);
    for k in 0..50_000 {
        let names = [format!("v{k}"), format!("v{}", k + 1)];
        model.node("Relu", &[&names[0]], &[&names[1]]);
    }
    let begin = std::time::Instant::now();
    assert_eq!(model.import().unwrap().nodes.len(), 50_000);
    assert!(begin.elapsed().as_secs() < 60);
}

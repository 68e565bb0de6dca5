//! How quantized operators are read.

use crate::import::onnx::schema::{DataType, TensorProto};
use crate::import::onnx::testing::{Model, names};
use crate::ir::{Arithmetic, DType, Graph, Quant, QuantParams};

/// Bytes as a constant of a type.
fn bytes(model: &mut Model, name: &str, ty: DataType, dims: &[i64], data: &[i32]) {
    let tensor = TensorProto {
        name: Some(name.to_owned()),
        data_type: Some(ty as i32),
        dims: dims.to_vec(),
        int32_data: data.to_vec(),
        ..TensorProto::default()
    };
    model.graph().initializer.push(tensor);
}

/// Input `x`, scale `s`, and zero point `z` of a type.
fn model(ty: DataType, zero: i32) -> Model {
    let mut model = Model::new(13);
    model.input("x", &[2, 3]).floats("s", &[], &[0.5]);
    bytes(&mut model, "z", ty, &[], &[zero]);
    model
}

fn input_of(model: &mut Model, ty: DataType) {
    let tensor = model.graph().input[0].r#type.as_mut().unwrap();
    tensor.tensor_type.as_mut().unwrap().elem_type = Some(ty as i32);
}

fn params(graph: &Graph) -> Vec<QuantParams> {
    let bytes = graph.values.iter().filter(|v| v.ty.dtype == DType::I8);
    bytes.filter_map(|value| value.ty.params()).collect()
}

#[test]
fn signed_and_unsigned_activations_are_signed_inside() {
    for (ty, zero, steps) in [
        (
            DataType::Uint8,
            130,
            ["Quantize", "Recode", "Dequantize"].as_slice(),
        ),
        (DataType::Int8, 2, &["Quantize", "Dequantize"]),
    ] {
        let mut model = model(ty, zero);
        model.node("QuantizeLinear", &["x", "s", "z"], &["q"]);
        model.node("DequantizeLinear", &["q", "s", "z"], &["y"]);
        model.output("y", &[2, 3]);
        let graph = model.import().unwrap();
        assert_eq!(names(&graph), steps);
        assert_eq!(graph.arithmetic, Arithmetic::Onnx);
        let expected = QuantParams {
            scale: 0.5,
            zero_point: 2,
        };
        assert_eq!(params(&graph), [expected]);
    }
}

#[test]
fn inputs_of_bytes_mean_what_their_reader_says() {
    for (ty, zero, own) in [(DataType::Int8, -3, -3), (DataType::Uint8, 125, 125)] {
        let mut model = model(ty, zero);
        input_of(&mut model, ty);
        let perm = &[1, 0];
        model.node("Transpose", &["x"], &["t"]).ints("perm", perm);
        model.node("DequantizeLinear", &["t", "s", "z"], &["y"]);
        model.output("y", &[3, 2]);
        let graph = model.import().unwrap();
        let port = &graph.value(graph.inputs[0]).ty;
        let stated = port.params().unwrap();
        assert_eq!((stated.scale, stated.zero_point), (0.5, own));
        assert!(params(&graph).iter().all(|p| p.zero_point == -3));
    }
}

#[test]
fn another_reader_has_its_own_view() {
    let mut model = model(DataType::Int8, -3);
    input_of(&mut model, DataType::Int8);
    model.floats("s2", &[], &[2.0]);
    model.node("DequantizeLinear", &["x", "s", "z"], &["a"]);
    model.node("DequantizeLinear", &["x", "s2"], &["b"]);
    model.node("Add", &["a", "b"], &["y"]);
    model.output("y", &[2, 3]);
    let graph = model.import().unwrap();
    assert_eq!(
        names(&graph),
        ["Dequantize", "Reshape", "Dequantize", "Binary"]
    );
    let scales: Vec<f32> = params(&graph).iter().map(|p| p.scale).collect();
    assert_eq!(scales, [0.5, 2.0]);
}

#[test]
fn constants_keep_their_grid_where_axes_move() {
    let mut model = model(DataType::Int8, 0);
    model.input("image", &[1, 2, 4, 4]);
    bytes(
        &mut model,
        "w",
        DataType::Uint8,
        &[3, 2, 1, 1],
        &[0, 255, 1, 2, 128, 127],
    );
    bytes(&mut model, "wz", DataType::Uint8, &[3], &[0, 1, 128]);
    model.floats("ws", &[3], &[0.5, 1.0, 2.0]);
    let node = model.node("DequantizeLinear", &["w", "ws", "wz"], &["weights"]);
    node.int("axis", 0);
    model.node("Conv", &["image", "weights"], &["y"]);
    model.output("y", &[1, 3, 4, 4]);
    let graph = model.import().unwrap();
    let conv = graph
        .nodes
        .iter()
        .find(|n| n.op.name() == "Conv2d")
        .unwrap();
    let weights = graph.value(conv.inputs[1]);
    let floats = weights.constant.as_ref().unwrap().as_f32().unwrap();
    assert_eq!(floats, [0.0, 127.5, 0.0, 1.0, 0.0, -2.0]);
    let grid = Quant::PerChannel {
        axis: 0,
        scales: vec![0.5, 1.0, 2.0],
    };
    assert_eq!(weights.ty.quant, Some(grid));
}

#[test]
fn operators_on_integers_become_three() {
    let mut model = model(DataType::Uint8, 100);
    input_of(&mut model, DataType::Uint8);
    bytes(
        &mut model,
        "w",
        DataType::Int8,
        &[3, 2],
        &[1, 2, 3, -4, -5, -6],
    );
    bytes(&mut model, "b", DataType::Int32, &[2], &[100, -100]);
    bytes(&mut model, "wz", DataType::Int8, &[], &[0]);
    let inputs = ["x", "s", "z", "w", "s", "wz", "b", "s", "z"];
    model.node("QGemm", &inputs, &["q"]);
    model.graph().node[0].domain = Some("com.microsoft".to_owned());
    model.node("DequantizeLinear", &["q", "s", "z"], &["y"]);
    model.output("y", &[2, 2]);
    let graph = model.import().unwrap();
    let steps = [
        "Recode",
        "Dequantize",
        "FullyConnected",
        "Quantize",
        "Recode",
        "Dequantize",
    ];
    assert_eq!(names(&graph), steps);
    let layer = &graph.nodes[2];
    let bias = graph.constant(layer.inputs[2]).unwrap();
    assert_eq!(bias.as_f32(), Some(&[25.0f32, -25.0][..]));
}

#[test]
fn bytes_with_a_scale_of_the_moment() {
    let mut model = model(DataType::Int8, 3);
    model.node("DynamicQuantizeLinear", &["x"], &["q", "qs", "qz"]);
    bytes(
        &mut model,
        "w",
        DataType::Int8,
        &[3, 2],
        &[1, 2, 3, 4, 5, 127],
    );
    bytes(&mut model, "wz", DataType::Int8, &[2], &[0, -1]);
    model.node("MatMulInteger", &["q", "w", "qz", "wz"], &["sums"]);
    model.node("Cast", &["sums"], &["real"]).int("to", 1);
    model.node("Mul", &["real", "qs"], &["y"]);
    model.output("y", &[2, 2]);
    let graph = model.import().unwrap();
    let found = names(&graph);
    for wanted in ["DynamicQuantize", "IntegerMatMul", "Cast", "Binary"] {
        assert!(found.contains(&wanted), "{wanted} in {found:?}");
    }
    let product = graph.nodes.iter().find(|n| n.op.name() == "IntegerMatMul");
    let weights = graph.constant(product.unwrap().inputs[1]).unwrap();
    assert_eq!(weights.as_i16(), Some(&[1i16, 3, 3, 5, 5, 128][..]));
}

#[test]
fn activations_with_a_scale_per_channel() {
    let mut model = model(DataType::Uint8, 0);
    model.floats("many", &[3], &[1.0, 2.0, 0.5]);
    bytes(&mut model, "zeros", DataType::Uint8, &[3], &[0, 1, 255]);
    model.node("QuantizeLinear", &["x", "many", "zeros"], &["q"]);
    model.node("DequantizeLinear", &["q", "many", "zeros"], &["y"]);
    model.output("y", &[2, 3]);
    let graph = model.import().unwrap();
    let steps = [
        "Binary",
        "Unary",
        "Binary",
        "Quantize",
        "Recode",
        "Dequantize",
        "Binary",
        "Binary",
    ];
    assert_eq!(names(&graph), steps);
    let own = QuantParams {
        scale: 1.0,
        zero_point: -128,
    };
    assert_eq!(params(&graph), [own]);
}

#[test]
fn what_is_not_read_is_told() {
    let mut scales = model(DataType::Int8, 0);
    scales.floats("many", &[2, 1], &[1.0, 2.0]);
    let node = scales.node("QuantizeLinear", &["x", "many"], &["q"]);
    node.int("block_size", 3);
    scales.node("DequantizeLinear", &["q", "s"], &["y"]);
    scales.output("y", &[2, 3]);
    let mut wrong_scale = model(DataType::Int8, 0);
    wrong_scale.floats("bad", &[], &[-1.0]);
    wrong_scale.node("QuantizeLinear", &["x", "bad", "z"], &["y"]);
    wrong_scale.output("y", &[2, 3]);
    let mut wide = model(DataType::Int16, 0);
    wide.node("QuantizeLinear", &["x", "s", "z"], &["y"]);
    wide.output("y", &[2, 3]);
    let mut float_on_bytes = model(DataType::Int8, 0);
    float_on_bytes.node("QuantizeLinear", &["x", "s", "z"], &["q"]);
    float_on_bytes.node("Sigmoid", &["q"], &["y"]);
    float_on_bytes.output("y", &[2, 3]);
    for (model, code) in [
        (scales, "E0108"),
        (wrong_scale, "E0108"),
        (wide, "E0109"),
        (float_on_bytes, "E0109"),
    ] {
        assert!(model.errors().contains(code), "{}", model.errors());
    }
}

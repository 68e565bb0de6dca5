//! Chains of shapes, movement of elements, dimensions of inputs, constants in all forms.

use crate::import::onnx::schema::{DataType, TensorProto};
use crate::import::onnx::testing::{Model, find_op, floats, names};

#[test]
fn a_flatten_by_shape_arithmetic_is_one_reshape() {
    let mut model = Model::new(13);
    model
        .dynamic_input("x", &["batch", "3", "4"])
        .output("y", &[1, 12]);
    model
        .ints("zero", &[0])
        .ints("axis", &[0])
        .ints("rest", &[-1]);
    model.node("Shape", &["x"], &["s"]);
    model.node("Gather", &["s", "zero"], &["batch"]);
    model.node("Squeeze", &["batch", "axis"], &["scalar"]);
    model.node("Unsqueeze", &["scalar", "axis"], &["first"]);
    model
        .node("Concat", &["first", "rest"], &["shape"])
        .int("axis", 0);
    model.node("Reshape", &["x", "shape"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Reshape"]);
    assert_eq!(graph.nodes[0].name, "/Reshape5");
}

#[test]
fn the_padding_chain_of_an_exporter_is_one_pad() {
    // What `F.pad(x, (3, 0))` becomes.
    let mut model = Model::new(14);
    model.input("x", &[1, 2, 5]).output("y", &[1, 2, 8]);
    model
        .ints("pads", &[3, 0])
        .ints("missing", &[4])
        .ints("pair", &[-1, 2]);
    model
        .ints("start", &[-1])
        .ints("end", &[i64::MIN + 1])
        .ints("axes", &[0]);
    model.ints("step", &[-1]).ints("flat", &[-1]);
    model
        .node("ConstantOfShape", &["missing"], &["zeros"])
        .tensor("value", int64(0));
    model
        .node("Concat", &["pads", "zeros"], &["all"])
        .int("axis", 0);
    model.node("Reshape", &["all", "pair"], &["pairs"]);
    model.node(
        "Slice",
        &["pairs", "start", "end", "axes", "step"],
        &["turned"],
    );
    model
        .node("Transpose", &["turned"], &["columns"])
        .ints("perm", &[1, 0]);
    model.node("Reshape", &["columns", "flat"], &["list"]);
    model.node("Cast", &["list"], &["cast"]).int("to", 7);
    model.node("Pad", &["x", "cast"], &["y"]);
    let graph = model.import().unwrap();
    let (_, op) = find_op!(graph, Pad);
    assert_eq!(op.before, [0, 0, 3]);
    assert_eq!(op.after, [0, 0, 0]);
    assert_eq!(graph.nodes.len(), 1);
}

fn int64(value: i64) -> TensorProto {
    TensorProto {
        dims: vec![1],
        data_type: Some(DataType::Int64 as i32),
        int64_data: vec![value],
        ..TensorProto::default()
    }
}

#[test]
fn logic_of_constants() {
    let mut model = Model::new(16);
    model.input("x", &[1, 6]).output("y", &[2, 3]);
    model
        .ints("wanted", &[2, -1])
        .ints("minus", &[-1])
        .ints("three", &[3]);
    model.node("Equal", &["wanted", "minus"], &["open"]);
    model.node("Where", &["open", "three", "wanted"], &["shape"]);
    model.node("Reshape", &["x", "shape"], &["y"]);
    assert_eq!(names(&model.import().unwrap()), ["Reshape"]);
}

#[test]
fn ranges_and_products() {
    let mut model = Model::new(13);
    model.input("x", &[2, 3]).output("y", &[6]);
    model.node("Shape", &["x"], &["s"]);
    model
        .node("ReduceProd", &["s"], &["count"])
        .int("keepdims", 0);
    model.node("Constant", &[], &["zero"]).int("value_int", 0);
    model.node("Constant", &[], &["one"]).int("value_int", 1);
    model.node("Range", &["zero", "count", "one"], &["r"]);
    model.node("Cast", &["r"], &["f"]).int("to", 1);
    model
        .node("Constant", &[], &["flat"])
        .ints("value_ints", &[-1]);
    model.node("Reshape", &["x", "flat"], &["line"]);
    model.node("Add", &["line", "f"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Reshape", "Binary"]);
    let constant = graph.nodes[1].inputs[1];
    assert_eq!(floats(&graph, constant), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn slices_in_both_forms() {
    let mut old = Model::new(9);
    old.input("x", &[4, 5]).output("y", &[2, 5]);
    old.node("Slice", &["x"], &["y"])
        .ints("starts", &[1])
        .ints("ends", &[3]);
    let mut new = Model::new(13);
    new.input("x", &[4, 5]).output("y", &[2, 5]);
    new.ints("starts", &[-3])
        .ints("ends", &[3])
        .ints("axes", &[0]);
    new.node("Slice", &["x", "starts", "ends", "axes"], &["y"]);
    for model in [old, new] {
        let graph = model.import().unwrap();
        let (_, op) = find_op!(graph, Slice);
        assert_eq!((op.starts[0], op.lens[0]), (1, 2));
    }
}

#[test]
fn split_is_slices_and_unused_parts_are_none() {
    let mut model = Model::new(18);
    model.input("x", &[1, 7]).output("y", &[1, 1]);
    model
        .node("Split", &["x"], &["a", "", "c"])
        .int("axis", 1)
        .int("num_outputs", 3);
    model.node("Relu", &["c"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Slice", "Slice", "Unary"]);
}

#[test]
fn gathers_of_a_scalar_drop_the_axis() {
    let mut model = Model::new(13);
    model.input("x", &[2, 3, 4]).output("y", &[2, 4]);
    model.node("Constant", &[], &["last"]).int("value_int", -1);
    model.node("Gather", &["x", "last"], &["y"]).int("axis", 1);
    assert_eq!(names(&model.import().unwrap()), ["Slice", "Reshape"]);
}

#[test]
fn tiles_and_expansions() {
    let mut model = Model::new(13);
    model.input("x", &[2, 3]).output("y", &[2, 4, 3]);
    model.ints("repeats", &[2, 1]).ints("shape", &[2, 4, 3]);
    model.node("Tile", &["x", "repeats"], &["t"]);
    model.node("Expand", &["t", "shape"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Reshape", "Expand", "Reshape", "Expand"]);
}

#[test]
fn depth_to_space_moves_blocks() {
    let mut model = Model::new(13);
    model.input("x", &[1, 8, 2, 3]).output("y", &[1, 8, 2, 3]);
    model
        .node("DepthToSpace", &["x"], &["d"])
        .int("blocksize", 2)
        .text("mode", "CRD");
    model
        .node("SpaceToDepth", &["d"], &["y"])
        .int("blocksize", 2);
    assert!(model.import().is_ok(), "{}", model.errors());
}

#[test]
fn dimensions_from_the_argument() {
    let mut model = Model::new(13);
    model.dynamic_input("x", &["batch", "length", "?"]);
    model.node("Relu", &["x"], &["y"]);
    model.output("y", &[2, 16, 3]);
    model.shape("x", &[2, 16, 3]);
    assert!(model.import().is_ok());
    let mut model = Model::new(13);
    model.dynamic_input("x", &["batch", "length"]);
    model.node("Relu", &["x"], &["y"]);
    model.output("y", &[1, 16]).shape("length", &[16]);
    let graph = model.import().unwrap();
    assert_eq!(graph.ty(graph.inputs[0]).shape, [1, 16]);
}

#[test]
fn older_files_list_weights_among_the_inputs() {
    let mut model = Model::new(8);
    model
        .input("x", &[1, 3])
        .input("c", &[3])
        .weights("c", &[3]);
    model.node("Add", &["x", "c"], &["y"]);
    let graph = model.output("y", &[1, 3]).import().unwrap();
    assert_eq!(graph.inputs.len(), 1);
}

#[test]
fn outputs_that_are_inputs_or_each_other_have_their_own_names() {
    let mut model = Model::new(13);
    model
        .input("x", &[1, 3])
        .output("y", &[1, 3])
        .output("z", &[1, 3])
        .output("x2", &[1, 3]);
    model.node("Relu", &["x"], &["y"]);
    model.node("Identity", &["y"], &["z"]);
    model.node("Identity", &["x"], &["x2"]);
    let graph = model.import().unwrap();
    let names: Vec<&str> = graph
        .outputs
        .iter()
        .map(|&o| graph.value(o).name.as_str())
        .collect();
    assert_eq!(names, ["y", "z", "x2"]);
    let ids: std::collections::HashSet<_> = graph.outputs.iter().collect();
    assert_eq!(ids.len(), 3);
    assert!(!graph.outputs.contains(&graph.inputs[0]));
}

#[test]
fn nodes_may_stand_in_any_order_and_dead_ones_do_not_count() {
    let mut model = Model::new(13);
    model.input("x", &[1, 3]).output("y", &[1, 3]);
    model.node("Loop", &["x"], &["dead"]);
    model.node("Tanh", &["a"], &["y"]);
    model.node("Relu", &["x"], &["a"]);
    let graph = model.import().unwrap();
    let names: Vec<&str> = graph.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["/Relu2", "/Tanh1"]);
}

//! Functions of elements, constants on either side, reductions.

use crate::import::onnx::testing::{Model, find_op, floats, names};
use crate::ir::Graph;
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

/// The functions of the only node.
fn functions(graph: &Graph) -> Vec<UnaryFn> {
    find_op!(graph, Unary).1.functions.clone()
}

#[test]
fn scalar_constants_make_functions_of_one_number() {
    let with = |op: &str, inputs: [&str; 2]| {
        let mut model = Model::new(13);
        model.input("x", &[1, 3]).floats("c", &[1], &[4.0]);
        model.node(op, &inputs, &["y"]);
        functions(&model.output("y", &[1, 3]).import().unwrap())[0]
    };
    let inf = f32::INFINITY;
    let cases = [
        ("Add", ["x", "c"], UnaryFn::Affine(1.0, 4.0)),
        ("Sub", ["x", "c"], UnaryFn::Affine(1.0, -4.0)),
        ("Sub", ["c", "x"], UnaryFn::Affine(-1.0, 4.0)),
        ("Mul", ["c", "x"], UnaryFn::Affine(4.0, 0.0)),
        ("Div", ["x", "c"], UnaryFn::Affine(0.25, 0.0)),
        ("Div", ["c", "x"], UnaryFn::DivideInto(4.0)),
        ("Pow", ["x", "c"], UnaryFn::Power(4.0)),
        ("Pow", ["c", "x"], UnaryFn::PowerOf(4.0)),
        ("Min", ["x", "c"], UnaryFn::Clip(-inf, 4.0)),
        ("Max", ["c", "x"], UnaryFn::Clip(4.0, inf)),
        ("PRelu", ["x", "c"], UnaryFn::LeakyRelu(4.0)),
    ];
    for (op, inputs, expected) in cases {
        assert_eq!(with(op, inputs), expected, "{op} {inputs:?}");
    }
}

#[test]
fn tensor_constants_stay_operands() {
    let mut model = Model::new(13);
    model.input("x", &[1, 2, 3]).weights("c", &[2, 1]);
    model.node("Mul", &["x", "c"], &["y"]);
    let graph = model.output("y", &[1, 2, 3]).import().unwrap();
    assert_eq!(names(&graph), ["Binary"]);
    let constant = graph.nodes[0].inputs[1];
    assert_eq!(graph.value(constant).name, "c");
    assert_eq!(floats(&graph, constant), [0.1, 0.2]);
}

#[test]
fn a_scalar_of_higher_rank_grows_the_result() {
    let mut model = Model::new(13);
    model.input("x", &[3]).floats("c", &[1, 1], &[2.0]);
    model.node("Add", &["x", "c"], &["y"]);
    let graph = model.output("y", &[1, 3]).import().unwrap();
    assert_eq!(names(&graph), ["Unary", "Reshape"]);
}

#[test]
fn many_inputs_are_chained() {
    let mut model = Model::new(13);
    model
        .input("a", &[1, 3])
        .input("b", &[1, 3])
        .input("c", &[1, 1]);
    model.node("Mean", &["a", "b", "c"], &["y"]);
    let graph = model.output("y", &[1, 3]).import().unwrap();
    assert_eq!(names(&graph), ["Binary", "Binary", "Unary"]);
}

#[test]
fn limits_are_attributes_or_inputs() {
    let mut old = Model::new(7);
    old.input("x", &[1, 3]).output("y", &[1, 3]);
    old.node("Clip", &["x"], &["y"])
        .float("min", 0.0)
        .float("max", 6.0);
    let mut new = Model::new(13);
    new.input("x", &[1, 3])
        .output("y", &[1, 3])
        .floats("max", &[], &[6.0]);
    new.node("Constant", &[], &["min"])
        .float("value_float", 0.0);
    new.node("Clip", &["x", "min", "max"], &["y"]);
    for model in [old, new] {
        let functions = functions(&model.import().unwrap());
        assert_eq!(functions, [UnaryFn::Clip(0.0, 6.0)]);
    }
    let mut open = Model::new(13);
    open.input("x", &[1, 3])
        .output("y", &[1, 3])
        .floats("max", &[], &[6.0]);
    open.node("Clip", &["x", "", "max"], &["y"]);
    let functions = functions(&open.import().unwrap());
    assert_eq!(functions, [UnaryFn::Clip(f32::NEG_INFINITY, 6.0)]);
}

#[test]
fn limits_may_be_computed() {
    let mut model = Model::new(13);
    model
        .input("x", &[1, 3])
        .input("low", &[])
        .floats("max", &[], &[6.0]);
    model.node("Clip", &["x", "low", "max"], &["y"]);
    let graph = model.output("y", &[1, 3]).import().unwrap();
    assert_eq!(names(&graph), ["Binary", "Unary"]);
}

#[test]
fn attributes_of_functions() {
    let of = |op: &str, alpha: f32| {
        let mut model = Model::new(18);
        model.input("x", &[1, 3]).output("y", &[1, 3]);
        model.node(op, &["x"], &["y"]).float("alpha", alpha);
        functions(&model.import().unwrap())[0]
    };
    assert_eq!(of("LeakyRelu", 0.5), UnaryFn::LeakyRelu(0.5));
    assert_eq!(of("Elu", 0.5), UnaryFn::Elu(0.5));
    assert_eq!(of("HardSigmoid", 0.25), UnaryFn::HardSigmoid(0.25, 0.5));
    assert_eq!(of("ThresholdedRelu", 2.0), UnaryFn::ThresholdedRelu(2.0));
    assert_eq!(of("Relu", 0.0), UnaryFn::Clip(0.0, f32::INFINITY));
}

#[test]
fn reductions_in_both_forms() {
    let mut old = Model::new(11);
    old.input("x", &[2, 3, 4, 5]).output("y", &[2, 4]);
    old.node("ReduceMean", &["x"], &["y"])
        .ints("axes", &[1, -1])
        .int("keepdims", 0);
    let mut new = Model::new(18);
    new.input("x", &[2, 3, 4, 5])
        .output("y", &[2, 4])
        .ints("axes", &[-1, 1]);
    new.node("ReduceMean", &["x", "axes"], &["y"])
        .int("keepdims", 0);
    for model in [old, new] {
        let graph = model.import().unwrap();
        assert_eq!(names(&graph), ["Reduce", "Reduce", "Reshape"]);
        let (_, op) = find_op!(graph, Reduce);
        assert_eq!((op.kind, op.start, op.end), (ReduceKind::Mean, 1, 2));
    }
}

#[test]
fn no_axes_are_all_axes_or_none() {
    let mut all = Model::new(13);
    all.input("x", &[2, 3]).output("y", &[1, 1]);
    all.node("ReduceSum", &["x"], &["y"]);
    assert_eq!(names(&all.import().unwrap()), ["Reduce"]);
    let mut none = Model::new(13);
    none.input("x", &[2, 3]).output("y", &[2, 3]);
    none.node("ReduceSum", &["x"], &["s"])
        .int("noop_with_empty_axes", 1);
    none.node("Relu", &["s"], &["y"]);
    assert_eq!(names(&none.import().unwrap()), ["Unary"]);
}

#[test]
fn norms_are_composed() {
    let mut model = Model::new(13);
    model.input("x", &[2, 3]).output("y", &[2, 1]);
    model.node("ReduceL2", &["x"], &["y"]).ints("axes", &[1]);
    assert_eq!(
        names(&model.import().unwrap()),
        ["Unary", "Reduce", "Unary"]
    );
}

#[test]
fn constants_are_computed_like_on_the_device() {
    let mut model = Model::new(13);
    model.input("x", &[3]).output("y", &[3]);
    model
        .floats("a", &[3], &[-1.0, 0.0, 2.0])
        .floats("b", &[1], &[2.0]);
    model.node("Tanh", &["a"], &["t"]);
    model.node("Mul", &["t", "b"], &["m"]);
    model.node("Add", &["x", "m"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Binary"]);
    let expected: Vec<f32> = [-1.0, 0.0, 2.0]
        .map(|x| edge_core::rt::unary(UnaryFn::Tanh, x) * 2.0)
        .to_vec();
    assert_eq!(floats(&graph, graph.nodes[0].inputs[1]), expected);
    let (_, op) = find_op!(graph, Binary);
    assert_eq!(op.kind, BinaryKind::Add);
}

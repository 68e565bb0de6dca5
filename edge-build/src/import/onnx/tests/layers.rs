//! Convolutions, pooling, products, normalizations: what they become.

use crate::import::onnx::testing::{Model, find_op, floats, names};
use crate::ops::{Op, Sliding, Sums};

fn conv_model(x: &[i64], w: &[i64], y: &[i64]) -> Model {
    let mut model = Model::new(13);
    model.input("x", x).weights("w", w).output("y", y);
    model
}

#[test]
fn conv_is_framed_by_transposes_and_gets_a_bias() {
    let mut model = conv_model(&[1, 2, 5, 6], &[3, 2, 2, 3], &[1, 3, 4, 4]);
    model.node("Conv", &["x", "w"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Transpose", "Conv2d", "Transpose"]);
    let node = &graph.nodes[1];
    assert_eq!(node.name, "/Conv0");
    assert_eq!(graph.ty(node.inputs[1]).shape, [3, 2, 3, 2]);
    // O = 0, H = 0, W = 1, I = 1 stood at [0, 1, 0, 1] = 1·6 + 1, so the eighth weight.
    assert!((floats(&graph, node.inputs[1])[3] - 0.8).abs() < 1e-6);
    assert_eq!(floats(&graph, node.inputs[2]), [0.0; 3]);
    assert_eq!(graph.ty(graph.outputs[0]).shape, [1, 3, 4, 4]);
    assert_eq!(graph.value(graph.outputs[0]).name, "y");
}

#[test]
fn as_many_groups_as_channels_are_depthwise() {
    let mut model = conv_model(&[1, 2, 4, 4], &[4, 1, 3, 3], &[1, 4, 4, 4]);
    model
        .node("Conv", &["x", "w"], &["y"])
        .int("group", 2)
        .text("auto_pad", "SAME_UPPER");
    let graph = model.import().unwrap();
    let (index, op) = find_op!(graph, DepthwiseConv2d);
    assert_eq!(op.sliding.pads, [1, 1, 1, 1]);
    let weights = graph.nodes[index].inputs[1];
    assert_eq!(graph.ty(weights).shape, [3, 3, 4]);
    // The first tap of the second output was weight 10.
    assert!((floats(&graph, weights)[1] - 1.0).abs() < 1e-6);
}

#[test]
fn signals_are_images_of_height_one() {
    let mut model = conv_model(&[1, 2, 9], &[4, 2, 3], &[1, 4, 5]);
    model
        .node("Conv", &["x", "w"], &["y"])
        .ints("dilations", &[2])
        .ints("strides", &[2])
        .ints("pads", &[3, 1]);
    let graph = model.import().unwrap();
    assert_eq!(
        names(&graph),
        ["Transpose", "Reshape", "Conv2d", "Reshape", "Transpose"]
    );
    let (_, op) = find_op!(graph, Conv2d);
    let expected = Sliding {
        kernel: [1, 3],
        strides: [1, 2],
        dilations: [1, 2],
        pads: [0, 3, 0, 1],
    };
    assert_eq!(op.sliding, expected);
}

#[test]
fn pooling_rounds_up_but_not_past_the_input() {
    let ceil = |len: i64, out: i64, pads: &[i64]| {
        let mut model = Model::new(12);
        model.input("x", &[1, 1, len]).output("y", &[1, 1, out]);
        model
            .node("AveragePool", &["x"], &["y"])
            .ints("kernel_shape", &[2])
            .ints("strides", &[3])
            .ints("pads", pads)
            .int("ceil_mode", 1)
            .int("count_include_pad", 1);
        let graph = model.import().unwrap();
        let (_, op) = find_op!(graph, AveragePool2d);
        assert!(op.count_pad);
        (op.sliding.pads[3], op.ceil_pads[1])
    };
    assert_eq!(ceil(7, 3, &[0, 0]), (1, 1));
    assert_eq!(ceil(8, 3, &[0, 0]), (0, 0));
    // A third window would begin in the padding behind the input.
    assert_eq!(ceil(6, 2, &[0, 1]), (1, 0));
}

#[test]
fn averages_are_summed_in_the_order_of_onnxruntime() {
    let sums = |opset, strides: &[i64]| {
        let [h, w] = [0, 1].map(|i: usize| 5 / strides[i] + 1);
        let mut model = Model::new(opset);
        model.input("x", &[1, 1, 7, 7]).output("y", &[1, 1, h, w]);
        model
            .node("AveragePool", &["x"], &["y"])
            .ints("kernel_shape", &[2, 2])
            .ints("strides", strides);
        let graph = model.import().unwrap();
        let (_, op) = find_op!(graph, AveragePool2d);
        op.sums
    };
    assert_eq!(sums(18, &[3, 2]), Sums::Columns);
    assert_eq!(sums(18, &[2, 3]), Sums::Rows);
    assert_eq!(sums(19, &[2, 2]), Sums::Rows);
}

#[test]
fn global_pooling_reduces_an_image() {
    let mut model = Model::new(13);
    model.input("x", &[1, 3, 4, 5]).output("y", &[1, 3, 1, 1]);
    model.node("GlobalAveragePool", &["x"], &["y"]);
    let graph = model.import().unwrap();
    assert_eq!(names(&graph), ["Transpose", "Reduce", "Transpose"]);
}

#[test]
fn gemm_folds_its_factors() {
    let mut model = Model::new(13);
    model
        .input("x", &[2, 3])
        .weights("w", &[3, 2])
        .floats("c", &[], &[1.0]);
    model
        .node("Gemm", &["x", "w", "c"], &["y"])
        .float("alpha", 2.0)
        .float("beta", 3.0);
    let graph = model.output("y", &[2, 2]).import().unwrap();
    assert_eq!(names(&graph), ["FullyConnected"]);
    let inputs = &graph.nodes[0].inputs;
    assert_eq!(floats(&graph, inputs[2]), [3.0, 3.0]);
    let weights = floats(&graph, inputs[1]);
    assert!((weights[1] - 0.6).abs() < 1e-6, "{weights:?}");
}

#[test]
fn a_bias_per_row_is_added() {
    let mut model = Model::new(13);
    model
        .input("x", &[2, 3])
        .weights("w", &[4, 3])
        .weights("c", &[2, 1]);
    model
        .node("Gemm", &["x", "w", "c"], &["y"])
        .int("transB", 1);
    let graph = model.output("y", &[2, 4]).import().unwrap();
    assert_eq!(names(&graph), ["FullyConnected", "Binary"]);
}

#[test]
fn products_on_either_side() {
    let product = |a: &[i64], b: &[i64], y: &[i64], constant: &str| {
        let mut model = Model::new(13);
        for (name, dims) in [("a", a), ("b", b)] {
            if name == constant {
                model.weights(name, dims);
            } else {
                model.input(name, dims);
            }
        }
        model.node("MatMul", &["a", "b"], &["y"]);
        names(&model.output("y", y).import().unwrap())
    };
    assert_eq!(
        product(&[2, 5, 3], &[3, 4], &[2, 5, 4], "b"),
        ["Reshape", "FullyConnected", "Reshape"]
    );
    assert_eq!(
        product(&[5, 3], &[3], &[5], "b"),
        ["FullyConnected", "Reshape"]
    );
    assert_eq!(
        product(&[3], &[3, 4], &[4], "b"),
        ["Reshape", "FullyConnected", "Reshape"]
    );
    assert!(product(&[4, 3], &[2, 3, 5], &[2, 4, 5], "a").contains(&"FullyConnected"));
    assert_eq!(product(&[2, 4, 3], &[2, 3, 5], &[2, 4, 5], ""), ["MatMul"]);
    assert_eq!(
        product(&[4, 3], &[2, 3, 5], &[2, 4, 5], ""),
        ["Expand", "MatMul"]
    );
}

#[test]
fn batch_normalization_is_a_depthwise_layer_at_every_rank() {
    for dims in [&[1, 2][..], &[1, 2, 3], &[1, 2, 3, 4], &[1, 2, 3, 4, 5]] {
        let mut model = Model::new(15);
        model
            .input("x", dims)
            .floats("g", &[2], &[1.0, 2.0])
            .floats("b", &[2], &[0.5, 0.0]);
        model
            .floats("m", &[2], &[1.0, 3.0])
            .floats("v", &[2], &[3.0, 0.0]);
        model
            .node("BatchNormalization", &["x", "g", "b", "m", "v"], &["y"])
            .float("epsilon", 1.0);
        let graph = model.output("y", dims).import().unwrap();
        let (index, _) = find_op!(graph, DepthwiseConv2d);
        let inputs = &graph.nodes[index].inputs;
        assert_eq!(floats(&graph, inputs[1]), [0.5, 2.0]);
        assert_eq!(floats(&graph, inputs[2]), [0.0, -6.0]);
    }
}

#[test]
fn softmax_flattens_before_opset_13() {
    for (opset, expected) in [(12, (1, 3)), (13, (1, 2))] {
        let mut model = Model::new(opset);
        model.input("x", &[1, 2, 3]).output("y", &[1, 2, 3]);
        model.node("Softmax", &["x"], &["y"]).int("axis", 1);
        let graph = model.import().unwrap();
        let (_, op) = find_op!(graph, Softmax);
        assert_eq!((op.start, op.end), expected);
    }
}

#[test]
fn resize_to_the_nearest_is_two_gathers() {
    let mut model = Model::new(13);
    model.input("x", &[1, 1, 2, 2]).output("y", &[1, 1, 4, 5]);
    model.ints("sizes", &[1, 1, 4, 5]);
    model
        .node("Resize", &["x", "", "", "sizes"], &["y"])
        .text("coordinate_transformation_mode", "asymmetric")
        .text("nearest_mode", "floor");
    let graph = model.import().unwrap();
    let rows: Vec<&[u32]> = graph
        .nodes
        .iter()
        .filter_map(|node| {
            if let Op::Gather(op) = &node.op {
                Some(op.rows.as_slice())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(rows, [&[0u32, 0, 1, 1][..], &[0, 0, 0, 1, 1]]);
}

#[test]
fn linear_resize_has_tables() {
    let mut model = Model::new(11);
    model.input("x", &[1, 1, 2, 2]).output("y", &[1, 1, 4, 2]);
    model
        .floats("scales", &[4], &[1.0, 1.0, 2.0, 1.0])
        .floats("roi", &[0], &[]);
    model
        .node("Resize", &["x", "roi", "scales"], &["y"])
        .text("mode", "linear");
    let graph = model.import().unwrap();
    let (_, op) = find_op!(graph, ResizeLinear);
    let expected = [([0, 1], 0.0), ([0, 1], 0.25), ([0, 1], 0.75), ([1, 1], 0.0)];
    assert_eq!(op.rows, expected);
    assert_eq!(op.columns, [([0, 1], 0.0), ([1, 1], 0.0)]);
}

#[test]
fn transposed_convolution_from_the_size_of_its_output() {
    let mut model = conv_model(&[1, 2, 3, 3], &[2, 4, 3, 3], &[1, 4, 6, 6]);
    model
        .node("ConvTranspose", &["x", "w"], &["y"])
        .ints("strides", &[2, 2])
        .text("auto_pad", "SAME_UPPER");
    let graph = model.import().unwrap();
    let (_, op) = find_op!(graph, ConvTranspose2d);
    assert_eq!(op.sliding.pads, [0, 0, 1, 1]);
}

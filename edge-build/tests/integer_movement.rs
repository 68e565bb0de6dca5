//! Operators that move, reduce and resize integers, in each arithmetic, compared with plain loops.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::exec::Executor;
use edge_build::ir::{
    Arithmetic, DType, Graph, Node, Quant, QuantParams, Tensor, TensorType, ValueId,
};
use edge_build::lower;
use edge_build::ops::{
    Concat, Expand, Gather, GatherNd, Op, Pad, Reduce, ResizeLinear, Slice, Transpose,
};
use edge_build::plan::{Disjoint, Planner};
use edge_core::params::ReduceKind;

const ARITHMETICS: [Arithmetic; 3] = [Arithmetic::Native, Arithmetic::TfLite, Arithmetic::Onnx];

fn quant(scale: f32, zero_point: i32) -> Quant {
    Quant::PerTensor(QuantParams { scale, zero_point })
}

fn ty(dtype: DType, shape: &[usize], quant: impl Into<Option<Quant>>) -> TensorType {
    TensorType {
        dtype,
        shape: shape.to_vec(),
        quant: quant.into(),
    }
}

/// A graph of one operator.
fn graph(
    op: impl Into<Op>,
    inputs: &[TensorType],
    output: impl Into<Option<Quant>>,
    arithmetic: Arithmetic,
) -> Graph {
    let (op, mut graph) = (op.into(), Graph::default());
    graph.arithmetic = arithmetic;
    for ty in inputs {
        let id = graph.add_value("x", ty.clone());
        graph.inputs.push(id);
    }
    let types: Vec<&TensorType> = inputs.iter().collect();
    let made = op.operator().infer(&types).expect("inputs that it takes");
    let made = made.into_iter().next().expect("an output");
    let output = graph.add_value(
        "y",
        TensorType {
            quant: output.into(),
            ..made
        },
    );
    graph.outputs.push(output);
    graph.nodes.push(Node {
        name: op.name().to_owned(),
        op,
        inputs: graph.inputs.clone(),
        outputs: vec![output],
    });
    graph
}

fn run(graph: &Graph, inputs: &[&[u8]]) -> Vec<u8> {
    let draft = lower::run(graph).unwrap_or_else(|errors| panic!("{errors:?}"));
    let assembly = lower::assemble(graph, &draft, &Disjoint.plan(&draft));
    let mut executor = Executor::new(&assembly.program);
    for (index, bytes) in inputs.iter().enumerate() {
        executor.set_input(index, bytes);
    }
    executor.run().expect("a program that runs");
    executor.output(0).to_vec()
}

fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|&byte| byte as i8).collect()
}

fn unsigned(numbers: &[i8]) -> Vec<u8> {
    numbers.iter().map(|&number| number as u8).collect()
}

/// Every byte, in a mixed order.
fn noise(len: usize) -> Vec<i8> {
    (0..len).map(|i| (i * 167 + i / 256 + 11) as i8).collect()
}

#[test]
fn every_type_is_moved() {
    let types = [
        DType::F32,
        DType::I8,
        DType::U8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::Bool,
    ];
    // Where each element of `[2, 3]` goes.
    let ops: [(Op, &[usize]); 5] = [
        (Transpose { perm: vec![1, 0] }.into(), &[0, 3, 1, 4, 2, 5]),
        (
            Slice {
                starts: vec![1, 2],
                steps: vec![-1, -2],
                lens: vec![2, 2],
            }
            .into(),
            &[5, 3, 2, 0],
        ),
        (
            Expand {
                shape: vec![2, 2, 3],
            }
            .into(),
            &[0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5],
        ),
        (
            Gather {
                axis: 1,
                rows: vec![2, 2, 0],
            }
            .into(),
            &[2, 2, 0, 5, 5, 3],
        ),
        (Concat { axis: 1 }.into(), &[0, 1, 2, 3, 4, 5]),
    ];
    for dtype in types {
        let quant = dtype.is_quantized().then(|| quant(0.5, 3));
        let size = dtype.size();
        let bytes: Vec<u8> = (0..6 * size).map(|i| i as u8).collect();
        for (op, from) in &ops {
            let graph = graph(
                op.clone(),
                &[ty(dtype, &[2, 3], quant.clone())],
                quant.clone(),
                Arithmetic::TfLite,
            );
            let expected: Vec<u8> = from
                .iter()
                .flat_map(|&at| bytes[at * size..(at + 1) * size].to_vec())
                .collect();
            assert_eq!(run(&graph, &[&bytes]), expected, "{} of {dtype}", op.name());
        }
        let indices: Vec<u8> = [1i32, -7, 0, 9]
            .iter()
            .flat_map(|i| i.to_le_bytes())
            .collect();
        let x = ty(dtype, &[1, 1, 2, 3, 1], quant.clone());
        let rows = ty(DType::I32, &[1, 2, 2], None);
        let picked = graph_of_rows(&x, &rows, quant);
        let expected = [&bytes[3 * size..4 * size], &bytes[2 * size..3 * size]].concat();
        assert_eq!(run(&picked, &[&bytes, &indices]), expected, "{dtype}");
    }
}

fn graph_of_rows(x: &TensorType, rows: &TensorType, quant: Option<Quant>) -> Graph {
    let inputs = [x.clone(), rows.clone()];
    graph(GatherNd, &inputs, quant, Arithmetic::TfLite)
}

#[test]
fn padding_of_integers_is_real() {
    let pad = Pad {
        before: vec![1],
        after: vec![0],
        value: -1.5,
    };
    let padded = |dtype: DType, quant: Option<Quant>, bytes: &[u8]| {
        let x = ty(dtype, &[1], quant.clone());
        run(&graph(pad.clone(), &[x], quant, Arithmetic::Onnx), &[bytes])
    };
    assert_eq!(padded(DType::I8, Some(quant(0.5, 4)), &[9]), [1, 9]);
    let halves = padded(DType::I16, Some(quant(0.001, 0)), &[9, 0]);
    assert_eq!(halves, [(-1500i16).to_le_bytes(), [9, 0]].concat());
    let saturated = padded(DType::I16, Some(quant(1e-6, 0)), &[9, 0]);
    assert_eq!(saturated, [i16::MIN.to_le_bytes(), [9, 0]].concat());
    let words = padded(DType::I32, None, &[9, 0, 0, 0]);
    assert_eq!(words, [(-1i32).to_le_bytes(), [9, 0, 0, 0]].concat());
    assert_eq!(padded(DType::Bool, None, &[0]), [1, 0]);
}

#[test]
fn joined_numbers_get_the_scale_of_the_whole_in_onnx() {
    let x = noise(256);
    let from = [(0.05f32, -7), (0.1, 20)];
    let to = (0.1f32, 20);
    let types = from.map(|(scale, zero)| ty(DType::I8, &[256], quant(scale, zero)));
    let of = |arithmetic| {
        let graph = graph(Concat { axis: 0 }, &types, quant(to.0, to.1), arithmetic);
        signed(&run(&graph, &[&unsigned(&x), &unsigned(&x)]))
    };
    let found = of(Arithmetic::Onnx);
    for (index, &y) in found.iter().enumerate() {
        let (scale, zero) = from[index / 256];
        let real = f64::from(i32::from(x[index % 256]) - zero) * f64::from(scale);
        let steps = (real / f64::from(to.0)).round_ties_even() as i32 + to.1;
        assert_eq!(i32::from(y), steps.clamp(-128, 127), "{index}");
    }
    // The others round halves away from zero.
    for (a, b) in found.iter().zip(of(Arithmetic::TfLite)) {
        assert!(a.abs_diff(b) <= 1, "{a} {b}");
    }
}

#[test]
fn means_and_sums_are_near_the_real_ones() {
    let shape = [3, 5, 4];
    let x = noise(60);
    let (from, to) = ((0.07f32, -3), (0.09f32, 5));
    for kind in [ReduceKind::Mean, ReduceKind::Sum] {
        for arithmetic in ARITHMETICS {
            let op = Reduce {
                kind,
                start: 1,
                end: 2,
            };
            let x_ty = ty(DType::I8, &shape, quant(from.0, from.1));
            let graph = graph(op, &[x_ty], quant(to.0, to.1), arithmetic);
            let found = signed(&run(&graph, &[&unsigned(&x)]));
            for (index, &y) in found.iter().enumerate() {
                let (o, i) = (index / 4, index % 4);
                let sum: i32 = (0..5)
                    .map(|a| i32::from(x[(o * 5 + a) * 4 + i]) - from.1)
                    .sum();
                let count = if kind == ReduceKind::Mean { 5.0 } else { 1.0 };
                let real = f64::from(sum) * f64::from(from.0) / f64::from(to.0) / count;
                let exact = (real.round_ties_even() as i32 + to.1).clamp(-128, 127);
                let tolerance = i32::from(arithmetic != Arithmetic::Onnx);
                let off = (i32::from(y) - exact).abs();
                assert!(off <= tolerance, "{kind:?} {arithmetic:?}: {y} for {exact}");
            }
        }
    }
}

#[test]
fn extremes_keep_their_numbers_and_refuse_others() {
    let op = Reduce {
        kind: ReduceKind::Min,
        start: 0,
        end: 1,
    };
    let x = ty(DType::I16, &[3], quant(0.5, 0));
    let bytes: Vec<u8> = [5i16, -300, 7]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    for arithmetic in ARITHMETICS {
        let same = graph(
            op.clone(),
            std::slice::from_ref(&x),
            x.quant.clone(),
            arithmetic,
        );
        assert_eq!(run(&same, &[&bytes]), (-300i16).to_le_bytes());
        let other = graph(
            op.clone(),
            std::slice::from_ref(&x),
            quant(0.25, 0),
            arithmetic,
        );
        assert!(lower::run(&other).is_err());
    }
}

#[test]
fn a_linear_resize_is_near_the_real_one() {
    // Thirds: no weight is exact.
    let thirds = |len: u32| -> Vec<([u32; 2], f32)> {
        (0..3 * len - 2)
            .map(|at| ([at / 3, (at / 3 + 1).min(len - 1)], (at % 3) as f32 / 3.0))
            .collect()
    };
    let op = ResizeLinear {
        rows: thirds(4),
        columns: thirds(3),
    };
    let (from, to) = ((0.07f32, -3), (0.05f32, 9));
    let x = noise(24);
    let x_ty = ty(DType::I8, &[1, 4, 3, 2], quant(from.0, from.1));
    let graph = graph(op.clone(), &[x_ty], quant(to.0, to.1), Arithmetic::Onnx);
    let found = signed(&run(&graph, &[&unsigned(&x)]));
    let pixel = |row: u32, column: u32, c: usize| {
        let at = (row as usize * 3 + column as usize) * 2 + c;
        f64::from(i32::from(x[at]) - from.1) * f64::from(from.0)
    };
    let mut index = 0;
    for (rows, down) in &op.rows {
        for (columns, right) in &op.columns {
            for c in 0..2 {
                let (down, right) = (f64::from(*down), f64::from(*right));
                let of = |row| {
                    pixel(row, columns[0], c) * (1.0 - right) + pixel(row, columns[1], c) * right
                };
                let real = of(rows[0]) * (1.0 - down) + of(rows[1]) * down;
                let steps = (real / f64::from(to.0)).round() as i32 + to.1;
                let off = (i32::from(found[index]) - steps.clamp(-128, 127)).abs();
                assert!(off <= 1, "{index}: {} for {steps}", found[index]);
                index += 1;
            }
        }
    }
    assert_eq!(index, found.len());
}

#[test]
fn scales_too_far_apart_are_errors() {
    let mean = Reduce {
        kind: ReduceKind::Sum,
        start: 0,
        end: 1,
    };
    let resize = ResizeLinear {
        rows: vec![([0, 0], 0.0)],
        columns: vec![([0, 0], 0.0)],
    };
    for (scale, other) in [(f32::MAX, f32::MIN_POSITIVE), (f32::MIN_POSITIVE, f32::MAX)] {
        for arithmetic in ARITHMETICS {
            let x = ty(DType::I8, &[4], quant(scale, 0));
            // An error or a program, never a panic.
            let _ = lower::run(&graph(mean.clone(), &[x], quant(other, 127), arithmetic));
            let x = ty(DType::I8, &[1, 1, 1, 1], quant(scale, -128));
            let graph = graph(resize.clone(), &[x], quant(other, 127), arithmetic);
            if let Ok(draft) = lower::run(&graph) {
                let assembly = lower::assemble(&graph, &draft, &Disjoint.plan(&draft));
                let mut executor = Executor::new(&assembly.program);
                executor.set_input(0, &[127]);
                executor.run().expect("a program that runs");
            }
        }
    }
    let huge = quant(f32::MAX, 0);
    let x = ty(DType::I8, &[4], huge);
    let refused = graph(mean, &[x], quant(f32::MIN_POSITIVE, 0), Arithmetic::TfLite);
    assert!(lower::run(&refused).is_err());
}

/// A constant operand of a type.
#[test]
fn constants_are_joined_with_computed_values() {
    let mut graph = graph(
        Concat { axis: 0 },
        &[ty(DType::I64, &[1], None)],
        None,
        Arithmetic::TfLite,
    );
    let tensor = Tensor::from_i64(&[2], vec![7, i64::MIN]).expect("two numbers");
    let constant: ValueId = graph.add_constant("c", tensor);
    graph.nodes[0].inputs.push(constant);
    let output = graph.outputs[0];
    graph.values[output.index()].ty.shape = vec![3];
    let found = run(&graph, &[&5i64.to_le_bytes()]);
    let expected: Vec<u8> = [5, 7, i64::MIN]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    assert_eq!(found, expected);
}

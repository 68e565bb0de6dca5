#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::ir::{Graph, Node, QuantParams};
use crate::lower;
use crate::ops::conv2d::NO_CLAMP;

const QUANT: QuantParams = QuantParams {
    scale: 0.5,
    zero_point: 0,
};

fn quantized(dtype: DType, shape: &[usize]) -> TensorType {
    TensorType {
        dtype,
        ..TensorType::i8(shape, QUANT)
    }
}

/// The kernel of a function of two inputs.
fn kernel(
    op: Binary,
    arithmetic: Arithmetic,
    a: TensorType,
    b: TensorType,
) -> Result<Kernel, LowerError> {
    let mut graph = Graph {
        arithmetic,
        ..Graph::default()
    };
    let shape = broadcast_shape(&a.shape, &b.shape).unwrap();
    let y = TensorType { shape, ..a.clone() };
    let inputs = [graph.add_value("a", a), graph.add_value("b", b)];
    let output = graph.add_value("y", y);
    graph.inputs = inputs.to_vec();
    graph.outputs = vec![output];
    graph.nodes.push(Node {
        name: "y".to_owned(),
        op: op.into(),
        inputs: inputs.to_vec(),
        outputs: vec![output],
    });
    let draft = lower::run(&graph).map_err(|errors| errors[0].1.clone())?;
    Ok(draft.steps[0].kernel.clone())
}

fn of(kind: BinaryKind, arithmetic: Arithmetic, dtype: DType, clamp: [f32; 2]) -> Kernel {
    let ty = quantized(dtype, &[2, 3]);
    kernel(Binary { kind, clamp }, arithmetic, ty.clone(), ty).unwrap()
}

#[test]
fn each_arithmetic_has_its_kernel() {
    use Arithmetic::{Native, Onnx, TfLite};
    use BinaryKind::{Add, Div, Max, Mul};
    let name = |kind, arithmetic, dtype| of(kind, arithmetic, dtype, NO_CLAMP).function();
    assert_eq!(name(Add, Native, DType::I8), "add_s8");
    assert_eq!(name(Add, TfLite, DType::I8), "add_exact");
    assert_eq!(name(Add, Onnx, DType::I8), "add_once");
    assert_eq!(name(Max, TfLite, DType::I16), "choose");
    assert_eq!(name(Max, Onnx, DType::I16), "add_once");
    assert_eq!(name(Mul, Native, DType::I8), "mul_s8");
    // Without a native kernel the arithmetic is that of TFLite.
    assert!(matches!(
        of(Div, Native, DType::I8, NO_CLAMP),
        Kernel::DivExactS8(MulExact {
            rounding: Rounding::TfLite,
            ..
        })
    ));
    assert_eq!(name(Add, Native, DType::I16), "add_exact");
}

#[test]
fn native_kernels_do_not_lose_an_activation() {
    let relu = of(
        BinaryKind::Add,
        Arithmetic::Native,
        DType::I8,
        [0.0, f32::INFINITY],
    );
    assert!(matches!(relu, Kernel::AddExactS8(p) if p.range == [0, 127]));
    // 128 steps of a half are out of reach.
    let open = of(
        BinaryKind::Add,
        Arithmetic::Native,
        DType::I8,
        [-64.0, 64.0],
    );
    assert!(matches!(open, Kernel::AddS8(_)));
}

#[test]
fn slopes_of_half_words_are_bytes() {
    let op = Binary {
        kind: BinaryKind::PRelu,
        clamp: NO_CLAMP,
    };
    let x = quantized(DType::I16, &[2, 3]);
    let found = kernel(op, Arithmetic::TfLite, x, quantized(DType::I8, &[3])).unwrap();
    assert!(matches!(found, Kernel::PReluExactS16(_)));
    let add = Binary {
        kind: BinaryKind::Add,
        clamp: NO_CLAMP,
    };
    let types = [quantized(DType::I16, &[3]), quantized(DType::I8, &[3])];
    assert!(add.infer(&[&types[0], &types[1]]).is_err());
}

#[test]
fn plain_integers_have_four_operations_and_two_choices() {
    let plain = |dtype| TensorType::plain(dtype, vec![4]);
    let with = |kind, dtype| {
        let clamp = [0.0, f32::INFINITY];
        let op = Binary { kind, clamp };
        kernel(op, Arithmetic::TfLite, plain(dtype), plain(dtype))
    };
    let found = with(BinaryKind::Mul, DType::I32).unwrap();
    assert!(matches!(found, Kernel::IntegersS32(p) if p.range == [0, i32::MAX]));
    assert!(with(BinaryKind::Min, DType::I64).is_ok());
    assert!(with(BinaryKind::Add, DType::I64).is_err());
    assert!(with(BinaryKind::Pow, DType::I32).is_err());
    assert!(with(BinaryKind::Add, DType::Bool).is_err());
}

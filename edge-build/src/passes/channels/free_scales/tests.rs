use super::super::run as prune;
use super::*;
use crate::ir::edit;
use crate::passes::testing::integers::{ARITHMETICS, Build, Parts, quant, window};

/// An image whose second channel is its bias alone, with scales of its own.
fn half_constant(arithmetic: Arithmetic, bias: i32, scales: [f32; 2]) -> (Build, ValueId) {
    let mut b = Build::new(arithmetic, 1);
    let x = b.input(&[1, 4, 5, 2], quant(1.0, 5));
    let y = b.conv(
        x,
        Parts {
            scales: scales.to_vec(),
            to: quant(1.0, -7),
            ..Parts::of(window([1, 1]), &[90, -77, 0, 0], &[120, bias])
        },
    );
    (b, y)
}

fn freed(graph: &mut Graph) -> bool {
    super::run(graph);
    true
}

fn scales(graph: &Graph) -> Vec<f32> {
    let layer = Layer::of(graph, &graph.nodes[0]).expect("a layer");
    layer.scales(graph).expect("scales")
}

#[test]
fn known_channels_keep_their_numbers() {
    for bias in [0, 49, 50, -1234, 7_999, i32::MAX / 32, i32::MIN / 32] {
        // Both below 2^-6: the shift stays.
        for own in [0.015, 0.008] {
            let (mut b, y) = half_constant(Arithmetic::Native, bias, [0.01, own]);
            b.graph.outputs = vec![y];
            let (graph, _) = b.check(freed);
            assert_eq!(scales(&graph), [0.01, 0.01], "{bias} {own}");
        }
    }
}

#[test]
fn known_channels_have_no_say_in_the_shift() {
    let (mut b, y) = half_constant(Arithmetic::Native, 30, [0.01, 0.3]);
    let z = b.conv(
        y,
        Parts {
            scales: vec![0.01],
            ..Parts::of(window([1, 1]), &[50, 50], &[0])
        },
    );
    b.graph.outputs = vec![z];
    let left = |mut graph: Graph| {
        prune(&mut graph);
        edit::sweep(&mut graph, |_, _| None);
        graph.ty(graph.nodes[0].outputs[0]).shape.last().copied()
    };
    assert_eq!(left(b.graph.clone()), Some(2));
    super::run(&mut b.graph);
    assert_eq!(scales(&b.graph), [0.01, 0.01]);
    assert_eq!(left(b.graph), Some(1));
}

#[test]
fn scales_stay_where_they_say_something() {
    // In other arithmetics each channel has its own shift; factors near 1 skip outputs.
    for arithmetic in ARITHMETICS {
        let native = arithmetic == Arithmetic::Native;
        let all = if native { [0.7, 0.9] } else { [0.01, 0.3] };
        let (mut b, y) = half_constant(arithmetic, 30, all);
        b.graph.outputs = vec![y];
        let (graph, _) = b.check(freed);
        assert_eq!(scales(&graph), all);
    }
}

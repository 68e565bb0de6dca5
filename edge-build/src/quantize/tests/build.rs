//! Small networks for tests.

use crate::ir::{Graph, Node, Tensor, TensorType, ValueId};
use crate::ops::conv2d::{NO_CLAMP, Sliding};
use crate::ops::{Conv2d, FullyConnected, Op, Reshape};
use crate::quantize::dataset::Dataset;
use crate::quantize::{Accuracy, support, with_data};

/// A graph under construction; weights are noise that is always the same.
#[derive(Default)]
pub(super) struct Build {
    pub(super) graph: Graph,
    state: u32,
}

impl Build {
    fn noise(&mut self) -> f32 {
        self.state = self
            .state
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.state >> 8) as f32 / 8_388_608.0 - 1.0
    }

    pub(super) fn input(&mut self, name: &str, shape: &[usize]) -> ValueId {
        let id = self.graph.add_value(name, TensorType::f32(shape));
        self.graph.inputs.push(id);
        id
    }

    pub(super) fn constant(&mut self, shape: &[usize], scale: f32) -> ValueId {
        let data = (0..shape.iter().product())
            .map(|_| self.noise() * scale)
            .collect();
        self.graph
            .add_constant("c", Tensor::from_f32(shape, data).unwrap())
    }

    pub(super) fn node(&mut self, name: &str, op: impl Into<Op>, inputs: &[ValueId]) -> ValueId {
        let op = op.into();
        let types: Vec<&TensorType> = inputs.iter().map(|&id| self.graph.ty(id)).collect();
        let ty = op.operator().infer(&types).unwrap().remove(0);
        let output = self.graph.add_value(format!("{name}:0"), ty);
        self.graph.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs: inputs.to_vec(),
            outputs: vec![output],
        });
        output
    }

    pub(super) fn conv(
        &mut self,
        name: &str,
        x: ValueId,
        outputs: usize,
        clamp: [f32; 2],
    ) -> ValueId {
        let depth = *self.graph.ty(x).shape.last().unwrap();
        let sliding = Sliding {
            kernel: [3, 3],
            strides: [1, 1],
            dilations: [1, 1],
            pads: [1; 4],
        };
        let w = self.constant(&[outputs, 3, 3, depth], 0.5);
        let b = self.constant(&[outputs], 0.2);
        self.node(
            name,
            Conv2d {
                sliding,
                groups: 1,
                clamp,
            },
            &[x, w, b],
        )
    }

    pub(super) fn dense(&mut self, name: &str, x: ValueId, outputs: usize) -> ValueId {
        let depth = self.graph.ty(x).shape[1];
        let (w, b) = (
            self.constant(&[outputs, depth], 0.3),
            self.constant(&[outputs], 0.2),
        );
        self.node(name, FullyConnected { clamp: NO_CLAMP }, &[x, w, b])
    }

    pub(super) fn flat(&mut self, x: ValueId) -> ValueId {
        let len = self.graph.ty(x).len();
        self.node(
            "flat",
            Reshape {
                shape: vec![1, len],
            },
            &[x],
        )
    }

    pub(super) fn data(&mut self, count: usize) -> Dataset {
        let lens: Vec<usize> = self
            .graph
            .inputs
            .iter()
            .map(|&id| self.graph.ty(id).len())
            .collect();
        let inputs = lens
            .iter()
            .map(|len| (0..len * count).map(|_| self.noise()).collect())
            .collect();
        Dataset {
            count,
            inputs,
            labels: None,
            made_up: false,
        }
    }

    pub(super) fn quantized(mut self, outputs: &[ValueId]) -> (Graph, Accuracy) {
        self.graph.outputs = outputs.to_vec();
        let data = self.data(40);
        support::split_clamps(&mut self.graph);
        with_data(self.graph, &data).expect("quantizes")
    }
}

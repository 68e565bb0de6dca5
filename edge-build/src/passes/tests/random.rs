//! Random graphs: whatever stands beside what, the passes keep what is computed, and they settle.

use super::*;
use crate::ops::{Concat, Expand, Gather, Slice, Softmax};
use crate::passes::testing::assert_close;

/// Graphs tried.
const GRAPHS: u32 = 300;

/// Values of a graph from which operators pick.
struct Random {
    build: Build,
    values: Vec<ValueId>,
    state: u32,
}

impl Random {
    fn new(seed: u32) -> Self {
        let mut random = Self {
            build: Build::new(),
            values: Vec::new(),
            state: seed.wrapping_mul(2_654_435_761).wrapping_add(12_345),
        };
        for name in ["a", "b"] {
            let shape = random.dims();
            let input = random.build.input(name, &shape);
            random.values.push(input);
        }
        random
    }

    fn below(&mut self, end: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.state >> 10) as usize % end.max(1)
    }

    fn dims(&mut self) -> Vec<usize> {
        (0..4).map(|_| [1, 1, 2, 3, 4][self.below(5)]).collect()
    }

    fn value(&mut self) -> ValueId {
        // Mostly the newest, so that chains grow.
        let back = self.below(3).min(self.values.len() - 1);
        self.values[self.values.len() - 1 - back]
    }

    fn push(&mut self, op: impl Into<Op>, inputs: &[ValueId]) {
        let id = self.build.node(op, inputs);
        self.values.push(id);
    }

    fn step(&mut self) {
        let x = self.value();
        match self.below(13) {
            0..=2 => self.turn(x),
            3 | 4 => self.view(x),
            5 | 6 => self.function(x),
            7..=9 => self.binary(x),
            10 => self.part(x),
            11 => self.along_axis(x),
            _ => self.layer(x),
        }
    }

    fn turn(&mut self, x: ValueId) {
        let mut rest: Vec<usize> = (0..self.build.shape(x).len()).collect();
        let mut perm = Vec::new();
        while !rest.is_empty() {
            let at = self.below(rest.len());
            perm.push(rest.remove(at));
        }
        self.push(Transpose { perm }, &[x]);
    }

    fn view(&mut self, x: ValueId) {
        let mut shape = self.build.shape(x).to_vec();
        let at = self.below(shape.len());
        match self.below(3) {
            0 if shape.len() < 5 => shape.insert(at, 1),
            1 if at + 1 < shape.len() => {
                let next = shape.remove(at + 1);
                shape[at] *= next;
            }
            _ => {
                if let Some(unit) = shape.iter().position(|&dim| dim == 1)
                    && shape.len() > 1
                {
                    shape.remove(unit);
                }
            }
        }
        self.push(Reshape { shape }, &[x]);
    }

    fn function(&mut self, x: ValueId) {
        let functions = [
            RELU,
            UnaryFn::Clip(-0.5, 2.0),
            UnaryFn::Clip(0.25, 2.0),
            UnaryFn::Affine(0.75, 0.25),
            UnaryFn::Affine(-1.25, 0.0),
            UnaryFn::Tanh,
            UnaryFn::HardSigmoid(1.0 / 6.0, 0.5),
        ];
        let function = functions[self.below(functions.len())];
        self.push(Unary::of(function), &[x]);
    }

    fn binary(&mut self, x: ValueId) {
        use BinaryKind::{Add, Max, Mul, Sub};
        let kind = [Add, Add, Mul, Sub, Max][self.below(5)];
        let op = Binary {
            kind,
            clamp: NO_CLAMP,
        };
        let shape = self.build.shape(x).to_vec();
        let fits = |b: &Build, id: &ValueId| {
            crate::ops::binary::broadcast_shape(b.shape(*id), &shape).as_ref() == Some(&shape)
        };
        let partner = self
            .values
            .iter()
            .rev()
            .copied()
            .find(|id| *id != x && fits(&self.build, id));
        let known = self.below(3) == 0;
        let other = partner.filter(|_| !known).unwrap_or_else(|| {
            let (first, keep) = (self.below(shape.len()), self.below(1 << shape.len()));
            let narrowed = |axis: usize| {
                if keep >> axis & 1 == 1 {
                    shape[axis]
                } else {
                    1
                }
            };
            let narrowed: Vec<usize> = (first..shape.len()).map(narrowed).collect();
            self.build.weights(&narrowed)
        });
        let inputs = if self.below(2) == 0 {
            [x, other]
        } else {
            [other, x]
        };
        self.push(op, &inputs);
    }

    fn part(&mut self, x: ValueId) {
        let shape = self.build.shape(x).to_vec();
        let axis = self.below(shape.len());
        match self.below(4) {
            0 => {
                let mut slice = Slice {
                    starts: vec![0; shape.len()],
                    steps: vec![1; shape.len()],
                    lens: shape.clone(),
                };
                slice.starts[axis] = shape[axis] - 1;
                slice.steps[axis] = -1;
                slice.lens[axis] = 1 + self.below(shape[axis]);
                self.push(slice, &[x]);
            }
            1 => {
                let rows = (0..3).map(|_| self.below(shape[axis]) as u32).collect();
                self.push(Gather { axis, rows }, &[x]);
            }
            2 => {
                let mut pad = Pad {
                    before: vec![0; shape.len()],
                    after: vec![0; shape.len()],
                    value: [0.0, 0.5][self.below(2)],
                };
                pad.before[axis] = self.below(2);
                pad.after[axis] = 1;
                self.push(pad, &[x]);
            }
            _ => {
                let grown = |&dim: &usize| if dim == 1 { 2 } else { dim };
                let shape: Vec<usize> = shape.iter().map(grown).collect();
                if shape.iter().product::<usize>() < 2000 {
                    self.push(Expand { shape }, &[x]);
                }
            }
        }
    }

    fn along_axis(&mut self, x: ValueId) {
        let rank = self.build.shape(x).len();
        let start = self.below(rank);
        let end = start + 1 + self.below(rank - start);
        match self.below(4) {
            0 => {
                let log = false;
                self.push(
                    Softmax {
                        start,
                        end,
                        log,
                        beta: 1.0,
                        wide: false,
                    },
                    &[x],
                );
            }
            1 => {
                let kind = ReduceKind::Mean;
                self.push(Reduce { kind, start, end }, &[x]);
            }
            2 => {
                let kind = ReduceKind::Max;
                self.push(Reduce { kind, start, end }, &[x]);
            }
            _ => {
                let k = self.build.shape(x).to_vec();
                let k = self.build.weights(&k);
                self.push(Concat { axis: start }, &[x, k, x]);
            }
        }
    }

    fn layer(&mut self, x: ValueId) {
        let shape = self.build.shape(x).to_vec();
        let depth = shape.last().copied().unwrap_or(1);
        let pads = [self.below(2), 1, 0, self.below(2)];
        let clamp = NO_CLAMP;
        let (b, w) = (&mut self.build, window([1, 1], pads));
        match (shape.len(), self.state >> 20 & 3) {
            (2, _) => {
                let rest = [b.weights(&[3, depth]), b.weights(&[3])];
                self.push(FullyConnected { clamp }, &[x, rest[0], rest[1]]);
            }
            (4, 0) => self.push(
                MaxPool2d {
                    sliding: window([2, 2], [1; 4]),
                    clamp: NO_CLAMP,
                },
                &[x],
            ),
            (4, 1) => {
                let rest = [b.weights(&[1, 1, depth]), b.weights(&[depth])];
                let sliding = window([1, 1], [0; 4]);
                self.push(DepthwiseConv2d { sliding, clamp }, &[x, rest[0], rest[1]]);
            }
            (4, _) => {
                let rest = [b.weights(&[2, 1, 1, depth]), b.weights(&[2])];
                let op = Conv2d {
                    sliding: w,
                    groups: 1,
                    clamp,
                };
                self.push(op, &[x, rest[0], rest[1]]);
            }
            _ => {}
        }
    }
}

fn graph(seed: u32) -> Graph {
    let mut random = Random::new(seed);
    for _ in 0..14 {
        random.step();
    }
    let first = random.values[random.values.len() / 2];
    let last = random.values[random.values.len() - 1];
    random.build.output(last).output(first).graph()
}

#[test]
fn random_graphs_keep_what_they_compute() {
    let (mut before, mut after) = ([0, 0], [0, 0]);
    for seed in 0..GRAPHS {
        let graph = graph(seed);
        verify::run(&graph).expect("sound before");
        let small = canonicalize(graph.clone()).expect("passes do not fail");
        verify::run(&small).unwrap_or_else(|errors| panic!("graph {seed}: {errors}"));
        println!("graph {seed}");
        assert_close(&graph, &small, 1e-4);
        let cost = |graph: &Graph| [graph.nodes.len(), transposed_elements(graph)];
        let (own_before, own_after) = (cost(&graph), cost(&small));
        assert!(own_after[1] <= own_before[1], "transposes move more");
        for part in 0..2 {
            before[part] += own_before[part];
            after[part] += own_after[part];
        }
    }
    println!("nodes and transposed elements before {before:?}, after {after:?}");
    assert!(
        after[0] * 3 < before[0] * 2 && after[1] * 3 < before[1] * 2,
        "smaller by a third on the whole: {before:?}, {after:?}"
    );
}

#[test]
fn random_graphs_settle() {
    for seed in 0..GRAPHS {
        let mut graph = graph(seed);
        for _ in 0..12 {
            run_all(CANONICALIZE, &mut graph);
        }
        let restless: Vec<_> = CANONICALIZE
            .iter()
            .filter(|pass| (pass.run)(&mut graph))
            .map(|pass| pass.name)
            .collect();
        assert_eq!(restless, [""; 0], "graph {seed}: {:?}", ops(&graph));
    }
}

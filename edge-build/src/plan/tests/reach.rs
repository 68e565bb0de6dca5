//! Outputs that reach into the dying part of their input: small cases, and the shapes of real networks.

use super::{ahead, apart, arena, draft, in_place};
use crate::lower::{BufferId, DraftStep};
use crate::plan::blocks::Blocks;
use crate::plan::liveness::Lives;
use crate::plan::{Plan, Planner, Search, gaps, verify};

#[test]
fn an_output_reaches_into_its_input() {
    let steps = vec![ahead(&[0], 1, 8)];
    assert_eq!(arena(&draft(&[100, 60], &[0], steps, &[1])), 108);
    let steps = vec![ahead(&[0], 1, 8)];
    assert_eq!(arena(&draft(&[60, 100], &[0], steps, &[1])), 100);
    let steps = vec![ahead(&[0], 1, 0)];
    let same = draft(&[60, 60], &[0], steps, &[1]);
    assert_eq!(arena(&same), 60);
    assert_eq!(Search.plan(&same).offsets, [0, 0]);
}

#[test]
fn an_input_that_is_read_later_is_left_alone() {
    let steps = vec![ahead(&[0], 1, 8), apart(&[0, 1], 2)];
    assert_eq!(arena(&draft(&[100, 60, 4], &[0], steps, &[2])), 164);
    let steps = vec![ahead(&[0, 0], 1, 8)];
    assert_eq!(arena(&draft(&[100, 60], &[0], steps, &[1])), 160);
}

#[test]
fn scratch_memory_lies_apart_from_both() {
    let mut step = ahead(&[0], 1, 8);
    step.scratch = Some(BufferId(2));
    assert_eq!(arena(&draft(&[100, 60, 20], &[0], vec![step], &[1])), 128);
}

#[test]
fn the_check_knows_how_far_an_output_may_reach() {
    let good = |offsets: [usize; 2]| {
        let plan = Plan {
            offsets: offsets.to_vec(),
            arena_bytes: 200,
        };
        verify(
            &draft(&[100, 60], &[0], vec![ahead(&[0], 1, 8)], &[1]),
            &plan,
        )
        .is_ok()
    };
    assert!(good([8, 0]) && good([12, 0]) && good([60, 0]) && good([0, 100]));
    assert!(!good([4, 0]) && !good([0, 0]) && !good([0, 4]) && !good([0, 96]));
}

/// An image, `[height, width, channels]`, of bytes.
type Shape = [usize; 3];

/// A window over images.
struct Window {
    x: Shape,
    y: Shape,
    kernel: usize,
    stride: usize,
}

impl Window {
    /// The least lead of a kernel that walks over the output pixel by pixel.
    fn lead(&self) -> usize {
        let ([x_h, x_w, x_c], [y_h, y_w, y_c]) = (self.x, self.y);
        let pad = ((y_h - 1) * self.stride + self.kernel).saturating_sub(x_h) / 2;
        let first_read = |row: usize, column: usize| {
            let [row, column] = [row, column].map(|at| (at * self.stride).saturating_sub(pad));
            (row * x_w + column) * x_c
        };
        let mut lead = 0;
        for pixel in 0..y_h * y_w {
            let later = pixel..y_h * y_w;
            let needed = later.map(|p| first_read(p / y_w, p % y_w)).min();
            lead = lead.max((pixel * y_c).saturating_sub(needed.unwrap_or(0)));
        }
        lead
    }
}

/// A network in the making.
#[derive(Default)]
struct Net {
    shapes: Vec<Shape>,
    steps: Vec<DraftStep>,
}

impl Net {
    fn of(input: Shape) -> Self {
        Self {
            shapes: vec![input],
            steps: Vec::new(),
        }
    }

    /// A convolution of a buffer.
    fn conv(&mut self, input: usize, channels: usize, kernel: usize, stride: usize) -> usize {
        let x = self.shapes[input];
        let y = [x[0].div_ceil(stride), x[1].div_ceil(stride), channels];
        let window = Window {
            x,
            y,
            kernel,
            stride,
        };
        self.shapes.push(y);
        let output = self.shapes.len() - 1;
        self.steps.push(ahead(&[input], output, window.lead()));
        output
    }

    /// A depthwise convolution that reads a plane before it writes there.
    fn depthwise(&mut self, input: usize, stride: usize) -> usize {
        let [h, w, c] = self.shapes[input];
        self.shapes
            .push([h.div_ceil(stride), w.div_ceil(stride), c]);
        let output = self.shapes.len() - 1;
        self.steps.push(ahead(&[input], output, 0));
        output
    }

    /// A sum over the first operand.
    fn add(&mut self, a: usize, b: usize) -> usize {
        self.shapes.push(self.shapes[a]);
        let output = self.shapes.len() - 1;
        self.steps.push(in_place(&[a, b], output));
        output
    }

    /// The size of its arena and of the busiest moment.
    fn arena(self) -> [usize; 2] {
        let sizes: Vec<usize> = self.shapes.iter().map(|s| s.iter().product()).collect();
        let draft = draft(&sizes, &[0], self.steps, &[sizes.len() - 1]);
        let lives = Lives::of(&draft);
        let bound = gaps::bound(&draft, &lives, &Blocks::joined(&draft, &lives));
        [arena(&draft), bound]
    }
}

#[test]
fn a_mobile_net_needs_its_widest_layer_and_little_more() {
    let mut net = Net::of([96, 96, 3]);
    let mut x = net.conv(0, 8, 3, 2);
    let blocks = [
        (1, 16),
        (2, 32),
        (1, 32),
        (2, 64),
        (1, 64),
        (2, 128),
        (1, 128),
    ];
    for (stride, channels) in blocks
        .into_iter()
        .chain([(1, 128); 4])
        .chain([(2, 256), (1, 256)])
    {
        x = net.depthwise(x, stride);
        x = net.conv(x, channels, 1, 1);
    }
    let [arena, bound] = net.arena();
    assert_eq!(arena, bound);
    assert!(arena < 37_200, "{arena}");
}

/// The output of step 1 may overwrite its input, and must not: step 2 needs room below it.
#[test]
fn an_output_leaves_the_place_of_its_input_where_the_next_step_profits() {
    let steps = vec![ahead(&[0], 1, 4), in_place(&[1], 2), ahead(&[2], 3, 16)];
    let net = draft(&[28, 16, 16, 32], &[0], steps, &[3]);
    assert_eq!(arena(&net), 32);
}

#[test]
fn a_chain_of_equal_layers_needs_one_and_the_leads() {
    let mut net = Net::of([49, 10, 1]);
    let mut x = net.conv(0, 64, 10, 2);
    for _ in 0..4 {
        x = net.depthwise(x, 1);
        x = net.conv(x, 64, 1, 1);
    }
    let [arena, bound] = net.arena();
    assert_eq!(arena, bound);
    assert!(arena < 8_400, "{arena}");
}

#[test]
fn a_residual_network_needs_two_images() {
    let mut net = Net::of([32, 32, 3]);
    let mut x = net.conv(0, 16, 3, 1);
    for (channels, stride) in [(16, 1), (32, 2), (64, 2)] {
        let a = net.conv(x, channels, 3, stride);
        let a = net.conv(a, channels, 3, 1);
        let shortcut = match stride {
            1 => x,
            _ => net.conv(x, channels, 1, stride),
        };
        x = net.add(shortcut, a);
    }
    let [arena, bound] = net.arena();
    assert_eq!(arena, bound);
    assert!(arena < 2 * 16_384 + 700, "{arena}");
}

//! Random layers with weights, each alone in a network, for every kernel variant that is offered for it.

use edge_build::codegen;
use edge_build::exec::Executor;
use edge_build::ir::{
    self, Arithmetic, DType, Graph, Node, Quant, QuantParams, Tensor, TensorType, ValueId,
};
use edge_build::lower::{self, Assembly, Draft};
use edge_build::ops::{Conv2d, DepthwiseConv2d, FullyConnected, Op, Sliding};
use edge_build::options::{Options, parse_pins};
use edge_build::plan::{self, Planner};
use edge_build::program::Program;
use edge_build::report;
use edge_build::runner::{Network, bytes_of};
use edge_build::schedule::variants;
use edge_build::source::Source;
use edge_build::target::Target;
use edge_test_support::random::Random;
use std::path::PathBuf;

/// Rows of inputs per layer.
pub const ROWS: usize = 3;

/// Name of the only node.
const NODE: &str = "node";

/// A network of one layer.
#[derive(Debug)]
pub struct Layer {
    graph: Graph,
    /// Inputs, row after row.
    pub rows: Vec<u8>,
}

/// A layer computed by one kernel variant.
#[derive(Debug)]
pub struct Case {
    /// Which layer and which variant.
    pub what: String,
    /// What runs.
    pub network: Network,
    program: Program,
}

/// The axis of the weights that counts outputs, and the shapes of input, weights and output.
struct Shape {
    op: Op,
    axis: usize,
    input: Vec<usize>,
    weights: Vec<usize>,
    output: Vec<usize>,
}

impl Layer {
    /// A layer with random shapes, numbers and arithmetic.
    #[must_use]
    pub fn draw(random: &mut Random) -> Self {
        let clamp = [
            [f32::NEG_INFINITY, f32::INFINITY],
            [0.0, f32::INFINITY],
            [-0.4, 0.6],
        ];
        let clamp = clamp[random.below(3)];
        let shape = match random.below(8) {
            0..4 => conv(random, clamp),
            4..6 => depthwise(random, clamp),
            _ => fully_connected(random, clamp),
        };
        // What is quantized here has no limits but those of the type.
        let free = clamp[0] < -1.0;
        let arithmetic = if free && random.below(2) == 0 {
            Arithmetic::Native
        } else {
            [Arithmetic::TfLite, Arithmetic::Onnx][random.below(2)]
        };
        let extreme = random.below(4) == 0;
        let graph = graph(random, shape, arithmetic, extreme);
        ir::verify::run(&graph).expect("a sound graph");
        let len = ROWS * graph.ty(graph.inputs[0]).len();
        let rows = bytes(random, len, extreme).into_iter().map(|b| b as u8);
        Self {
            rows: rows.collect(),
            graph,
        }
    }

    /// Whether results are rounded once.
    #[must_use]
    pub fn rounds_once(&self) -> bool {
        self.graph.arithmetic == Arithmetic::Onnx
    }

    /// What the reference kernels make of the rows.
    #[must_use]
    pub fn reference(&self) -> Vec<u8> {
        self.execute(&self.assembled(&self.lowered()).program)
    }

    /// The layer by each variant that a target offers, but for the reference.
    #[must_use]
    pub fn cases(&self, target: &'static Target, name: &str) -> Vec<Case> {
        let draft = self.scheduled(&Options::new(target));
        let choice = draft.steps[0].choice.as_ref().expect("a chosen variant");
        let all = std::iter::once(&choice.chosen).chain(&choice.others);
        let names = all
            .map(|cost| cost.variant.name())
            .filter(|&n| n != "reference");
        names
            .map(|variant| self.case(target, name, variant))
            .collect()
    }

    fn case(&self, target: &'static Target, name: &str, variant: &str) -> Case {
        let mut options = Options::new(target);
        options.pins = parse_pins(&format!("{NODE}={variant}")).expect("a pin");
        let ident: String = variant.chars().filter(|&c| c != '-').collect();
        options.name = Some(format!("{name}{ident}"));
        let program = self.assembled(&self.scheduled(&options)).program;
        let source = Source {
            path: PathBuf::from("layer.tflite"),
            bytes: Vec::new(),
        };
        let report = report::of(&source, &options, &self.graph, &program, None);
        let tokens = codegen::run(&program, &report, &options);
        Case {
            what: format!("{variant}: {}", program.steps[0].what),
            network: Network {
                type_name: report.name,
                code: codegen::text(&tokens),
                rows: self.rows.clone(),
                row_bytes: bytes_of(&program.inputs),
                output_bytes: bytes_of(&program.outputs),
            },
            program,
        }
    }

    /// What the executor of the compiler makes of the rows.
    #[must_use]
    pub fn executed(&self, case: &Case) -> Vec<u8> {
        self.execute(&case.program)
    }

    fn execute(&self, program: &Program) -> Vec<u8> {
        let mut executor = Executor::new(program);
        let mut outputs = Vec::new();
        for row in self.rows.chunks_exact(self.rows.len() / ROWS) {
            executor.set_input(0, row);
            executor.run().expect("a sound program");
            outputs.extend_from_slice(executor.output(0));
        }
        outputs
    }

    fn lowered(&self) -> Draft {
        lower::run(&self.graph).expect("a layer that can be lowered")
    }

    fn scheduled(&self, options: &Options) -> Draft {
        variants::run(self.lowered(), options).expect("pins that can be kept")
    }

    fn assembled(&self, draft: &Draft) -> Assembly {
        let plan = plan::Search.plan(draft);
        plan::verify(draft, &plan).expect("a sound plan");
        lower::assemble(&self.graph, draft, &plan)
    }
}

fn bytes(random: &mut Random, len: usize, extreme: bool) -> Vec<i8> {
    let byte = |random: &mut Random| match random.draw() >> 17 {
        word if extreme => [i8::MIN, i8::MAX][word as usize % 2],
        word => word as i8,
    };
    (0..len).map(|_| byte(random)).collect()
}

/// A float between two.
fn between(random: &mut Random, low: f32, high: f32) -> f32 {
    low + (high - low) * (random.below(1 << 20) as f32 / (1 << 20) as f32)
}

fn sliding(random: &mut Random, kernel: [usize; 2], image: [usize; 2]) -> Sliding {
    let stride = [1, 1, 2][random.below(3)];
    let pad = |random: &mut Random, kernel: usize| if kernel > 1 { random.below(2) } else { 0 };
    let [pads_y, pads_x] = kernel.map(|kernel| [pad(random, kernel), pad(random, kernel)]);
    Sliding {
        kernel: [kernel[0].min(image[0]), kernel[1].min(image[1])],
        strides: [stride; 2],
        dilations: [1; 2],
        pads: [pads_y[0], pads_x[0], pads_y[1], pads_x[1]],
    }
}

fn image(random: &mut Random) -> [usize; 2] {
    [3 + random.below(7), 3 + random.below(7)]
}

fn conv(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let [h, w] = image(random);
    let kernel = [[1, 1], [3, 3], [3, 3], [3, 3], [1, 1], [2, 3]][random.below(6)];
    let sliding = sliding(random, kernel, [h, w]);
    let [out_h, out_w] = sliding.output([h, w]).expect("a window that fits");
    let channels = [1, 3, 4, 8, 16, 20][random.below(6)];
    let outputs = 1 + random.below(12);
    Shape {
        axis: 0,
        input: vec![1, h, w, channels],
        weights: vec![outputs, sliding.kernel[0], sliding.kernel[1], channels],
        output: vec![1, out_h, out_w, outputs],
        op: Conv2d {
            sliding,
            groups: 1,
            clamp,
        }
        .into(),
    }
}

fn depthwise(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let [h, w] = image(random);
    let kernel = if random.below(6) == 0 { [2, 4] } else { [3, 3] };
    let sliding = sliding(random, kernel, [h, w]);
    let [out_h, out_w] = sliding.output([h, w]).expect("a window that fits");
    let channels = 2 + random.below(12);
    Shape {
        axis: 2,
        input: vec![1, h, w, channels],
        weights: vec![sliding.kernel[0], sliding.kernel[1], channels],
        output: vec![1, out_h, out_w, channels],
        op: DepthwiseConv2d { sliding, clamp }.into(),
    }
}

fn fully_connected(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let rows = [1, 1, 3][random.below(3)];
    let inputs = [1, 7, 64, 130][random.below(4)];
    let outputs = 1 + random.below(70);
    Shape {
        axis: 0,
        input: vec![rows, inputs],
        weights: vec![outputs, inputs],
        output: vec![rows, outputs],
        op: FullyConnected { clamp }.into(),
    }
}

/// A graph of the layer; outputs fill their range, or reach beyond it.
fn graph(random: &mut Random, shape: Shape, arithmetic: Arithmetic, extreme: bool) -> Graph {
    let mut graph = Graph {
        arithmetic,
        ..Graph::default()
    };
    // Of −128 in half of the layers, where ReLU is the saturation itself.
    let zero_point = |random: &mut Random| {
        i32::from(bytes(random, 1, false)[0].min(if random.below(2) == 0 {
            i8::MIN
        } else {
            i8::MAX
        }))
    };
    let quantized = |shape: &[usize], quant| TensorType {
        dtype: DType::I8,
        shape: shape.to_vec(),
        quant: Some(Quant::PerTensor(quant)),
    };
    let x = QuantParams {
        scale: 0.02,
        zero_point: zero_point(random),
    };
    let outputs = shape.weights[shape.axis];
    let mut scales: Vec<f32> = (0..outputs).map(|_| between(random, 0.004, 0.01)).collect();
    if random.below(3) == 0 {
        // One scale for all.
        let first = scales[0];
        scales.fill(first);
    }
    let count: usize = shape.weights.iter().product();
    let sum = 74.0 * 74.0 * ((count / outputs) as f32).sqrt();
    let y = QuantParams {
        scale: 0.02 * 0.007 * sum / 128.0 * between(random, 0.5, 4.0),
        zero_point: zero_point(random),
    };
    let bias = (0..outputs)
        .map(|_| between(random, -sum, sum) as i32)
        .collect();
    let weights = Tensor::from_i8(&shape.weights, bytes(random, count, extreme));
    let bias = Tensor::from_i32(&[outputs], bias);
    let input = graph.add_value("x", quantized(&shape.input, x));
    let weights = graph.add_constant("w", weights.expect("as many as the shape has"));
    let bias = graph.add_constant("b", bias.expect("as many as the shape has"));
    graph.values[weights.index()].ty.quant = Some(Quant::PerChannel {
        axis: shape.axis,
        scales,
    });
    let output: ValueId = graph.add_value("y", quantized(&shape.output, y));
    graph.inputs = vec![input];
    graph.outputs = vec![output];
    graph.nodes = vec![Node {
        name: NODE.to_owned(),
        op: shape.op,
        inputs: vec![input, weights, bias],
        outputs: vec![output],
    }];
    graph
}

//! Models with bytes changed at random: never a panic, never a long wait.

use crate::import::onnx::ops;
use crate::import::onnx::schema::{GraphProto, ModelProto};
use crate::import::onnx::testing::Model;
use crate::options::Options;
use crate::source::Source;
use prost::Message as _;

/// How many broken models of each kind are tried.
const ROUNDS: usize = 4000;

/// Numbers at which shape arithmetic breaks, if it breaks.
const NUMBERS: [i64; 14] = [
    0,
    1,
    -1,
    2,
    3,
    -2,
    7,
    1 << 16,
    1 << 31,
    1 << 40,
    -(1 << 40),
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
];

/// A generator of pseudo-random numbers: xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

fn network() -> Vec<u8> {
    let mut model = Model::new(13);
    model
        .dynamic_input("x", &["batch", "2", "6", "6"])
        .output("y", &[1, 2]);
    model
        .weights("w", &[4, 2, 3, 3])
        .weights("b", &[4])
        .weights("g", &[4]);
    model
        .node("Conv", &["x", "w", "b"], &["c"])
        .ints("pads", &[1, 0, 1, 0])
        .int("group", 1);
    model.node("BatchNormalization", &["c", "b", "b", "g", "g"], &["n"]);
    model.node("Relu", &["n"], &["r"]);
    model
        .node("MaxPool", &["r"], &["m"])
        .ints("kernel_shape", &[2, 2])
        .int("ceil_mode", 1);
    model
        .node("ReduceMean", &["m"], &["e"])
        .ints("axes", &[2, 3])
        .int("keepdims", 0);
    model.weights("f", &[2, 4]);
    model.node("Gemm", &["e", "f"], &["l"]).int("transB", 1);
    model.node("Softmax", &["l"], &["y"]);
    model.bytes()
}

fn shape_work() -> Vec<u8> {
    let mut model = Model::new(13);
    model.input("x", &[2, 3, 4]).output("y", &[1]);
    model
        .ints("i", &[1, 0])
        .ints("p", &[0, 1, 0, 0, 2, 0])
        .ints("r", &[1, 2, 1])
        .ints("a", &[1]);
    model
        .ints("st", &[0])
        .ints("en", &[9])
        .ints("sp", &[2])
        .ints("sh", &[0, -1]);
    model.node("Gather", &["x", "i"], &["g"]).int("axis", 1);
    model.node("Pad", &["g", "p"], &["q"]).text("mode", "edge");
    model.node("Tile", &["q", "r"], &["t"]);
    model.node("Slice", &["t", "st", "en", "a", "sp"], &["s"]);
    model.node("Shape", &["s"], &["d"]);
    model.node("ConstantOfShape", &["d"], &["z"]);
    model.node("Concat", &["s", "z"], &["c"]).int("axis", -1);
    model.node("Reshape", &["c", "sh"], &["f"]);
    model.node("Split", &["f"], &["u", "v"]).int("axis", 1);
    model.node("Mul", &["u", "v"], &["w"]);
    model.floats("scale", &[2], &[1.0, 2.0]);
    model.node("Upsample", &["w", "scale"], &["h"]);
    model
        .node("ReduceLogSumExp", &["h"], &["l"])
        .int("keepdims", 0);
    model.node("Unsqueeze", &["l", "a0"], &["y"]);
    model.ints("a0", &[0]);
    model.bytes()
}

fn import(bytes: Vec<u8>) -> bool {
    let source = Source {
        path: "net.onnx".into(),
        bytes,
    };
    let options = Options::new(crate::target::find("host").unwrap());
    crate::import::run(&source, &options).is_ok()
}

#[test]
fn no_byte_can_make_the_importer_panic() {
    for (seed, bytes) in [(1, network()), (2, shape_work())] {
        assert!(import(bytes.clone()));
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
        let mut fine = 0;
        for round in 0..ROUNDS {
            let mut broken = bytes.clone();
            for _ in 0..=round % 3 {
                let at = random.next(broken.len());
                broken[at] = match round % 4 {
                    0 => broken[at] ^ (1 << random.next(8)),
                    1 => 0xff,
                    2 => broken[at].wrapping_add(1),
                    _ => random.next(256) as u8,
                };
            }
            fine += usize::from(import(broken));
        }
        // Names, weights and doc texts may change without harm; most other bytes may not.
        assert!(fine > 100 && fine < ROUNDS - 100, "{fine}");
    }
}

#[test]
fn no_truncation_can_make_the_importer_panic() {
    for bytes in [network(), shape_work()] {
        for len in 0..bytes.len() {
            import(bytes[..len].to_vec());
        }
    }
}

/// Changes one number, name or operator of a graph.
fn mutate(graph: &mut GraphProto, random: &mut Random) {
    let number = NUMBERS[random.next(NUMBERS.len())];
    let node = random.next(graph.node.len());
    let other = random.next(graph.node.len());
    let tensor = random.next(graph.initializer.len());
    let output = graph.node[other].output[0].clone();
    let weights = graph.initializer[tensor].name.clone().unwrap();
    match random.next(7) {
        0 => {
            let names: Vec<&str> = ops::names().collect();
            graph.node[node].op_type = Some(names[random.next(names.len())].to_owned());
        }
        1 => {
            let count = graph.node[node].attribute.len();
            if let Some(attribute) = graph.node[node].attribute.get_mut(random.next(count)) {
                attribute.i = attribute.i.map(|_| number);
                let count = attribute.ints.len();
                if let Some(one) = attribute.ints.get_mut(random.next(count)) {
                    *one = number;
                }
            }
        }
        2 => {
            let list = &mut graph.initializer[tensor].int64_data;
            let count = list.len();
            if let Some(one) = list.get_mut(random.next(count)) {
                *one = number;
            }
        }
        3 => {
            let dims = &mut graph.initializer[tensor].dims;
            let len: i64 = dims.iter().product();
            *dims = [vec![1, len], vec![len], vec![len, 1, 1], vec![0, 1 << 40]][random.next(4)]
                .clone();
        }
        4 | 5 => {
            let inputs = &mut graph.node[node].input;
            let count = inputs.len();
            if let Some(input) = inputs.get_mut(random.next(count)) {
                *input = [output, weights, String::new(), "x".to_owned()][random.next(4)].clone();
            }
        }
        _ => graph.node[node].input.push(weights),
    }
}

#[test]
fn no_number_can_make_the_importer_panic() {
    for (seed, bytes) in [(3, network()), (4, shape_work())] {
        let model = ModelProto::decode(bytes.as_slice()).unwrap();
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
        for round in 0..ROUNDS {
            let mut broken = model.clone();
            // Declared shapes would hide what nodes do.
            let graph = broken.graph.as_mut().unwrap();
            for output in &mut graph.output {
                output.r#type = None;
            }
            for _ in 0..=round % 4 {
                mutate(graph, &mut random);
            }
            import(broken.encode_to_vec());
        }
    }
}

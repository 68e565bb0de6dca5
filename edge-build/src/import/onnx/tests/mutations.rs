//! Models with bytes changed at random: never a panic, never a long wait.

use crate::import::onnx::testing::Model;
use crate::options::Options;
use crate::source::Source;

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
        for round in 0..4000 {
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
        assert!(fine > 100 && fine < 3900, "{fine}");
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

#![deny(warnings)]

edge_macros::include_model!(
    "models/net.onnx",
    target = "host",
    quant = "int8",
    calibration = "models/samples.npy",
    shapes = "image=1x1x4x4",
);

fn main() {
    let mut net = Net::new();
    let scores: [f32; 3] = net.predict(&[0.0; 16]);
    assert!(scores.iter().all(|score| score.is_finite()));
}

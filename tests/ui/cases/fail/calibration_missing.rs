edge_macros::include_model!(
    "models/net.onnx",
    target = "host",
    quant = "int8",
    calibration = "/no/such/folder/samples.npy"
);

fn main() {
    let mut net = Net::new();
    let scores = net.predict(&[0.0; 16]);
    for (class, score) in scores.iter().enumerate() {
        println!("{class}: {score}, {}", Net::SUMMARY);
    }
}

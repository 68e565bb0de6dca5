#![deny(deprecated)]

edge_macros::include_model!("models/net.onnx", target = "host", quant = "int8");

fn main() {
    let mut net = Net::new();
    let scores: [f32; 3] = net.predict(&[0.0; 16]);
    println!("{scores:?}");
}

edge_macros::include_model!("models/net.onnx", target = "rp2400", quant = "int4", name = "1");

fn main() {
    let mut net = Net::new();
    let scores = net.predict(&[0.0; 16]);
    for (class, score) in scores.iter().enumerate() {
        println!("{class}: {score}, {}", Net::SUMMARY);
    }
}

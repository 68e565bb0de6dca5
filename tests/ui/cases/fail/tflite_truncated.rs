edge_macros::include_model!("models/truncated.tflite", target = "host", name = "Net");

fn main() {
    let mut net = Net::new();
    let scores = net.predict(&[0.0; 16]);
    for (class, score) in scores.iter().enumerate() {
        println!("{class}: {score}, {}", Net::SUMMARY);
    }
}

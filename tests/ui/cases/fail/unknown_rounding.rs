edge_macros::include_model!("models/relu.tflite", target = "host", rounding = "fats", name = "Net");

fn main() {
    let mut net = Net::new();
    let scores = net.predict(&[0.0; 16]);
    for (class, score) in scores.iter().enumerate() {
        println!("{class}: {score}, {}", Net::SUMMARY);
    }
}

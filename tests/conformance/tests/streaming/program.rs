//! Written by the streaming test.

use edge_core::model::Model;

// modules
/// All outputs of all runs, twice.
fn drive(net: &mut impl Model, input: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..2 {
        let mut rest = input;
        while !rest.is_empty() {
            for port in 0..inputs(net) {
                let slot = net.input_bytes_mut(port);
                let (bytes, tail) = rest.split_at(slot.len());
                slot.copy_from_slice(bytes);
                rest = tail;
            }
            net.run();
            for port in 0..outputs(net) {
                all.extend_from_slice(net.output_bytes(port));
            }
        }
        net.reset();
    }
    all
}

fn inputs<M: Model>(_: &M) -> usize {
    M::INPUTS.len()
}

fn outputs<M: Model>(_: &M) -> usize {
    M::OUTPUTS.len()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let input = std::fs::read(&arguments[2]).unwrap();
    let output = match arguments[1].as_str() {
// arms
        other => panic!("{other}"),
    };
    std::fs::write(&arguments[3], output).unwrap();
}

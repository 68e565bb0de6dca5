//! Inner products of bytes are exact on every core, whatever their length.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use firmware::program::{project, run};

/// Layers of each length from 1 to as many inputs, with four outputs and more.
const LONGEST: usize = 70;

/// Layers as the firmware reads them, and what it shall write. Biases take off the sums all but a byte, so that
/// any other sum shows.
fn layers() -> (Vec<u8>, Vec<u8>) {
    let mut random = Random::new(11);
    let (mut words, mut expected) = (Vec::new(), Vec::new());
    for inputs in 1..=LONGEST {
        let outputs = 4 + random.below(6);
        let extreme = random.below(4) == 0;
        let mut number = |_| if extreme { -128 } else { random.draw() as i8 };
        let x: Vec<i8> = (0..inputs).map(&mut number).collect();
        let weights: Vec<i8> = (0..inputs * outputs).map(&mut number).collect();
        words.extend(
            [inputs, outputs]
                .iter()
                .flat_map(|&n| (n as u32).to_le_bytes()),
        );
        words.extend(x.iter().chain(&weights).map(|&n| n as u8));
        for filter in weights.chunks(inputs) {
            let products = x
                .iter()
                .zip(filter)
                .map(|(&x, &w)| i32::from(x) * i32::from(w));
            let byte = random.draw() as i8;
            let bias = i32::from(byte) - products.sum::<i32>();
            words.extend(bias.to_le_bytes());
            expected.push(byte as u8);
        }
    }
    (words, expected)
}

fn check(core: &str) {
    if Shared::find(core).is_none() {
        return;
    }
    let Some(board) = firmware::board(core) else {
        return;
    };
    let (words, expected) = layers();
    let program = project(board, include_str!("../src/programs/products.rs"));
    let found = run(&program, ("layers", &words), "outputs").unwrap();
    assert_eq!(found, expected, "{core}");
}

#[test]
fn cortex_m0() {
    check("cortex-m0");
}

#[test]
fn cortex_m3() {
    check("cortex-m3");
}

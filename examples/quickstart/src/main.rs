//! Handwritten digits, classified by the code that a microcontroller would run.

use edge_core::model::Model;

edge_macros::include_model!("digits.onnx", target = "host", quant = "int8");
edge_macros::include_model!("digits.onnx", target = "host", name = "DigitsFloat");

/// Pixels of one image, 8 × 8.
const PIXELS: usize = 64;
/// Images that the network was not trained on: one byte a pixel, 0 (white) to 16 (black).
const IMAGES: &[u8; 100 * PIXELS] = include_bytes!("../samples/images.bin");
/// What the images show.
const LABELS: &[u8; 100] = include_bytes!("../samples/labels.bin");

/// The image as the network was trained: 0.0 to 1.0.
fn pixels(image: &[u8]) -> [f32; PIXELS] {
    std::array::from_fn(|i| f32::from(image[i]) / 16.0)
}

/// The class with the greatest score, and the score.
fn best(scores: &[f32; 10]) -> (usize, f32) {
    let first = (0, scores[0]);
    scores.iter().copied().enumerate().fold(
        first,
        |best, next| if next.1 > best.1 { next } else { best },
    )
}

/// Number of samples that each network gets right: int8, float.
fn correct() -> [usize; 2] {
    let (mut int8, mut float) = (Digits::new(), DigitsFloat::new());
    let mut right = [0, 0];
    for (image, &label) in IMAGES.chunks_exact(PIXELS).zip(LABELS) {
        let pixels = pixels(image);
        right[0] += usize::from(best(&int8.predict(&pixels)).0 == usize::from(label));
        right[1] += usize::from(best(&float.predict(&pixels)).0 == usize::from(label));
    }
    right
}

/// Prints images side by side, and below each what the network says.
fn show(net: &mut Digits, images: &[u8], labels: &[u8]) {
    const SHADES: &[u8; 17] = b"  ..::--==++**##@";
    let images: Vec<&[u8]> = images.chunks_exact(PIXELS).collect();
    for row in 0..8 {
        for image in &images {
            for pixel in &image[row * 8..row * 8 + 8] {
                let shade = char::from(SHADES[usize::from(*pixel)]);
                print!("{shade}{shade}");
            }
            print!("  ");
        }
        println!();
    }
    for (image, label) in images.iter().zip(labels) {
        let (digit, score) = best(&net.predict(&pixels(image)));
        let verdict = if digit == usize::from(*label) {
            "right"
        } else {
            "wrong"
        };
        let line = format!("{digit} ({:.0} %) {verdict}", score * 100.0);
        print!("{line:<18}");
    }
    println!("\n");
}

fn costs<M: Model>(kind: &str, right: usize) {
    println!(
        "{kind:<7}{right:>5} of 100{:>10} B{:>10} B{:>10}",
        M::RAM_BYTES,
        M::FLASH_BYTES,
        M::MACS
    );
}

fn main() {
    let mut net = Digits::new();
    for start in [0, 5] {
        let images = &IMAGES[start * PIXELS..(start + 5) * PIXELS];
        show(&mut net, images, &LABELS[start..start + 5]);
    }
    let [int8, float] = correct();
    println!("             right         RAM       flash      MACs");
    costs::<Digits>("int8", int8);
    costs::<DigitsFloat>("float", float);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The float network gets 98 of the samples right when `train.py` evaluates it with numpy.
    #[test]
    fn accuracy_is_that_of_training() {
        let [int8, float] = correct();
        assert_eq!(float, 98);
        assert!(int8 >= 97, "int8: {int8} of 100");
    }

    #[test]
    fn int8_is_four_times_smaller() {
        assert!(Digits::FLASH_BYTES * 3 < DigitsFloat::FLASH_BYTES);
        assert!(Digits::RAM_BYTES * 3 < DigitsFloat::RAM_BYTES);
    }
}

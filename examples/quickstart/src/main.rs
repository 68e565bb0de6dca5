//! Handwritten digits, classified on the host by the code that a microcontroller would run.

mod samples;

use edge_core::model::Model;
use samples::{PIXELS, best, pixels};

edge_macros::include_model!("digits.onnx", target = "host", quant = "int8");
edge_macros::include_model!("digits.onnx", target = "host", name = "DigitsFloat");

// Budgets are checked by the compiler: a network that outgrows them does not build.
const _: () = assert!(Digits::RAM_BYTES <= 2048 && Digits::FLASH_BYTES <= 4096);

/// Images printed.
const SHOWN: usize = 6;

/// Prints images side by side, and below each what the network says.
fn show(net: &mut Digits) {
    const SHADES: &[u8; 17] = b" ..::--==++**##%@";
    let images: Vec<&[u8; PIXELS]> = samples::all().map(|(image, _)| image).take(SHOWN).collect();
    for row in 0..8 {
        for image in &images {
            for &pixel in &image[row * 8..row * 8 + 8] {
                let shade = char::from(SHADES[usize::from(pixel)]);
                print!("{shade}{shade}");
            }
            print!("  ");
        }
        println!();
    }
    for image in images {
        let (digit, percent) = best(&net.predict(&pixels(image)));
        let verdict = format!("{digit} ({percent} %)");
        print!("{verdict:^16}  ");
    }
    println!("\n");
}

/// Prints what a network costs and how good it is.
fn costs<M: Model>(kind: &str, right: usize) {
    println!(
        "{kind:5}  {:7} B  {:7} B  {:7}  {right:3} of {}",
        M::RAM_BYTES,
        M::FLASH_BYTES,
        M::MACS,
        samples::COUNT
    );
}

fn main() -> std::fmt::Result {
    let (mut int8, mut float) = (Digits::new(), DigitsFloat::new());
    show(&mut int8);

    let mut text = String::new();
    samples::report(&mut text, |image| int8.predict(image))?;
    println!("{text}");

    println!("{}", Digits::SUMMARY);
    println!("             RAM      flash     MACs  right");
    costs::<Digits>("int8", samples::right(|image| int8.predict(image)));
    costs::<DigitsFloat>("float", samples::right(|image| float.predict(image)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy gets 98 of the samples right with the float network: see `train.py`.
    #[test]
    fn float_is_as_good_as_in_training() {
        let mut net = DigitsFloat::new();
        assert_eq!(samples::right(|image| net.predict(image)), 98);
    }

    #[test]
    fn int8_is_as_good_as_float() {
        let mut net = Digits::new();
        let right = samples::right(|image| net.predict(image));
        assert!(right >= 97, "{right} of 100");
    }
}

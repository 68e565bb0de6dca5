//! The committed samples and what is printed about them; the firmware examples print the same with this file.

use core::fmt::{Result, Write};

/// Pixels of one image, 8 × 8.
pub(crate) const PIXELS: usize = 64;
/// Number of samples.
pub(crate) const COUNT: usize = 100;
/// Rows of the table.
const SHOWN: usize = 10;

/// Images that the network was not trained on: one byte a pixel, 0 (white) to 16 (black).
static IMAGES: &[u8; COUNT * PIXELS] = include_bytes!("../samples/images.bin");
/// What the images show.
static LABELS: &[u8; COUNT] = include_bytes!("../samples/labels.bin");

/// Every image with its label.
pub(crate) fn all() -> impl Iterator<Item = (&'static [u8; PIXELS], u8)> {
    let (images, _) = IMAGES.as_chunks::<PIXELS>();
    images.iter().zip(LABELS.iter().copied())
}

/// The image as the network was trained: 0.0 to 1.0.
pub(crate) fn pixels(image: &[u8; PIXELS]) -> [f32; PIXELS] {
    image.map(|pixel| f32::from(pixel) / 16.0)
}

/// The digit with the greatest score, and the score in percent.
pub(crate) fn best(scores: &[f32; 10]) -> (u8, u32) {
    let mut best = (0, f32::MIN);
    for (digit, &score) in (0..).zip(scores) {
        if score > best.1 {
            best = (digit, score);
        }
    }
    (best.0, (best.1 * 100.0 + 0.5) as u32)
}

/// Number of samples that a network gets right.
pub(crate) fn right(mut predict: impl FnMut(&[f32; PIXELS]) -> [f32; 10]) -> usize {
    all()
        .filter(|&(image, label)| best(&predict(&pixels(image))).0 == label)
        .count()
}

/// Writes what a network says about the first samples, how many of all it gets right, and a fingerprint
/// (FNV-1a) of the bits of all scores: equal fingerprints mean equal results, to the bit.
///
/// # Errors
/// If `out` does not take the text.
pub(crate) fn report(
    out: &mut impl Write,
    mut predict: impl FnMut(&[f32; PIXELS]) -> [f32; 10],
) -> Result {
    writeln!(out, "sample  label  digit  score")?;
    let (mut right, mut fingerprint) = (0, 0x811c_9dc5_u32);
    for (index, (image, label)) in all().enumerate() {
        let scores = predict(&pixels(image));
        let (digit, percent) = best(&scores);
        right += usize::from(digit == label);
        for byte in scores
            .iter()
            .flat_map(|score| score.to_bits().to_le_bytes())
        {
            fingerprint = (fingerprint ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        if index < SHOWN {
            writeln!(out, "{index:6}  {label:5}  {digit:5}  {percent:3} %")?;
        }
    }
    writeln!(
        out,
        "{right} of {COUNT} right, fingerprint of all scores {fingerprint:08x}"
    )
}

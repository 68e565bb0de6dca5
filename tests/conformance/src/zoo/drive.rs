//! Runs networks over files of raw samples.

use edge_core::model::Model;

/// Each row of floats through `predict`.
pub fn predict<const IN: usize, const OUT: usize>(
    input: &[u8],
    mut predict: impl FnMut(&[f32; IN]) -> [f32; OUT],
) -> Vec<u8> {
    let words = input.as_chunks().0.iter();
    let floats: Vec<f32> = words.map(|&word| f32::from_le_bytes(word)).collect();
    let (rows, rest) = floats.as_chunks::<IN>();
    assert!(rest.is_empty());
    let outputs = rows.iter().flat_map(|row| predict(row));
    outputs.flat_map(f32::to_le_bytes).collect()
}

/// Each row of bytes through `predict_quantized`.
#[allow(dead_code, reason = "a crate of float networks does not call it")]
pub fn predict_quantized<const IN: usize, const OUT: usize>(
    input: &[u8],
    mut predict: impl FnMut(&[i8; IN]) -> [i8; OUT],
) -> Vec<u8> {
    let bytes: Vec<i8> = input.iter().map(|&byte| byte as i8).collect();
    let (rows, rest) = bytes.as_chunks::<IN>();
    assert!(rest.is_empty());
    let outputs = rows.iter().flat_map(|row| predict(row));
    outputs.map(|x| x as u8).collect()
}

/// `RAM_BYTES FLASH_BYTES MACS`.
pub fn costs<M: Model>() -> Vec<u8> {
    assert_eq!(M::RAM_BYTES, size_of::<M>());
    format!("{} {} {}", M::RAM_BYTES, M::FLASH_BYTES, M::MACS).into_bytes()
}

//! Writing of `.npy` and `.npz` files. Nothing is compressed; the same arrays give the same bytes.

use super::Array;
use std::io::{self, Write};
use std::path::Path;

/// An array as the bytes of an `.npy` file, version 1.
#[must_use]
pub fn npy_bytes(array: &Array) -> Vec<u8> {
    let dims: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
    let comma = if dims.len() == 1 { "," } else { "" };
    let mut header = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': ({}{comma}), }}",
        array.data.descr(),
        dims.join(", ")
    );
    // Magic, version and length take 10 bytes; the data starts at a multiple of 64.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header.extend(std::iter::repeat_n(' ', padded - header.len() - 1));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(array.data.little_endian());
    bytes
}

/// Arrays by name as the bytes of an `.npz` file.
///
/// # Errors
/// If a name is too long for the format.
pub fn npz_bytes(arrays: &[(String, Array)]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, array) in arrays {
        let (mut entry, config) = archive
            .new_file(format!("{name}.npy"))
            .compression_method(rawzip::CompressionMethod::STORE)
            .start()
            .map_err(io::Error::other)?;
        let mut writer = config.wrap(&mut entry);
        writer.write_all(&npy_bytes(array))?;
        let (_, descriptor) = writer.finish().map_err(io::Error::other)?;
        entry.finish(descriptor).map_err(io::Error::other)?;
    }
    archive.finish().map_err(io::Error::other)?;
    Ok(bytes)
}

/// Writes an `.npy` file.
///
/// # Errors
/// If the file cannot be written.
pub fn write_npy(path: &Path, array: &Array) -> io::Result<()> {
    std::fs::write(path, npy_bytes(array))
}

/// Writes an `.npz` file.
///
/// # Errors
/// If the file cannot be written or a name is too long for the format.
pub fn write_npz(path: &Path, arrays: &[(String, Array)]) -> io::Result<()> {
    std::fs::write(path, npz_bytes(arrays)?)
}

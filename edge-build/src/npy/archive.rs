//! `.npz`: a zip of `.npy` files, stored or deflated.

use super::{Array, NpyError, read_npy};
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive, ZipSliceEntry};

/// Greatest size of one array after decompression; the arrays that calibration needs are far smaller.
const MOST_BYTES: usize = 1 << 30;

/// Greatest number of arrays.
const MOST_ARRAYS: usize = 1024;

/// Reads all arrays of an `.npz` file, by name (without `.npy`) in the order of the file.
///
/// # Errors
/// If the archive or an array in it is broken.
pub fn read_npz(bytes: &[u8]) -> Result<Vec<(String, Array)>, NpyError> {
    if !super::is_npz(bytes) {
        return Err(NpyError::Magic("an .npz"));
    }
    let broken = |error: rawzip::Error| NpyError::Archive(error.to_string());
    let archive = ZipArchive::from_slice(bytes).map_err(broken)?;
    let mut arrays = Vec::new();
    let mut entries = archive.entries();
    // All arrays together may not outgrow the limit either.
    let mut room = MOST_BYTES;
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        if arrays.len() == MOST_ARRAYS {
            return Err(NpyError::Archive(format!("more than {MOST_ARRAYS} arrays")));
        }
        let file = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        let name = file.strip_suffix(".npy").unwrap_or(&file).to_owned();
        let member = unpack(
            &archive,
            entry.wayfinder(),
            entry.compression_method(),
            room,
        )
        .and_then(|content| {
            room -= content.len().min(room);
            read_npy(&content)
        });
        match member {
            Ok(array) => arrays.push((name, array)),
            Err(error) => {
                return Err(NpyError::Member {
                    name,
                    error: Box::new(error),
                });
            }
        }
    }
    Ok(arrays)
}

fn unpack(
    archive: &ZipSliceArchive<&[u8]>,
    at: rawzip::ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    room: usize,
) -> Result<Vec<u8>, NpyError> {
    let broken = |error: rawzip::Error| NpyError::Archive(error.to_string());
    let entry: ZipSliceEntry<'_> = archive.get_entry(at).map_err(broken)?;
    let content = if method == CompressionMethod::STORE {
        if entry.data().len() > room {
            return Err(NpyError::Archive(format!("more than {MOST_BYTES} bytes")));
        }
        entry.data().to_vec()
    } else if method == CompressionMethod::DEFLATE {
        miniz_oxide::inflate::decompress_to_vec_with_limit(entry.data(), room).map_err(|error| {
            let why = if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput {
                format!("more than {MOST_BYTES} bytes after decompression")
            } else {
                "compressed data that cannot be decompressed".to_owned()
            };
            NpyError::Archive(why)
        })?
    } else {
        return Err(NpyError::Archive(format!("compression method {method:?}")));
    };
    let claim = entry.claim_verifier();
    if claim.crc != rawzip::crc32(&content) {
        return Err(NpyError::Archive("a checksum that does not fit".to_owned()));
    }
    Ok(content)
}

//! Weights in a file beside the model.

use super::schema::{StringStringEntryProto, TensorProto};
use super::tensors::MAX_STORED_BYTES;
use crate::import::problem::Problem;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Component, Path};

/// Reads the bytes of a tensor that lie in another file, in the folder of the model.
///
/// # Errors
/// If the file is not there, lies outside the folder or is too short.
pub(super) fn read(folder: &Path, tensor: &TensorProto) -> Result<Vec<u8>, Problem> {
    let location = entry(&tensor.external_data, "location")
        .filter(|location| !location.is_empty())
        .ok_or_else(|| Problem::broken("external data without a location"))?;
    let inside = Path::new(location)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err(Problem::missing(format!(
            "weights lie in `{location}`, outside the folder of the model"
        ))
        .help("put the file with the weights beside the model and export again"));
    }
    let offset = number(&tensor.external_data, "offset")?.unwrap_or(0);
    let length = number(&tensor.external_data, "length")?;
    read_range(folder, location, offset, length)
}

fn read_range(
    folder: &Path,
    location: &str,
    offset: u64,
    length: Option<u64>,
) -> Result<Vec<u8>, Problem> {
    let absent = |error: std::io::Error| {
        Problem::missing(format!(
            "weights lie in `{location}`, which cannot be read: {error}"
        ))
        .help(format!(
            "put `{location}` beside the model, or save the model with its weights inside: \
                 `onnx.save(model, path, save_as_external_data=False)`"
        ))
    };
    let path = folder.join(location).canonicalize().map_err(absent)?;
    let root = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    if !path.starts_with(root.canonicalize().map_err(absent)?) {
        return Err(Problem::missing(format!(
            "weights lie in `{location}`, a link that leaves the folder of the model"
        )));
    }
    let mut file = File::open(&path).map_err(absent)?;
    let size = file.metadata().map_err(absent)?.len();
    let rest = size.checked_sub(offset);
    let length = length.or(rest).unwrap_or(0);
    if rest.is_none_or(|rest| length > rest) {
        return Err(Problem::missing(format!(
            "weights lie at {offset}, {length} bytes, of `{location}`, which has {size} bytes"
        )));
    }
    if length > MAX_STORED_BYTES as u64 {
        return Err(Problem::too_large(
            format!("{length} bytes of weights in one tensor"),
            format!("{MAX_STORED_BYTES} bytes"),
        ));
    }
    let mut bytes = vec![0; length as usize];
    file.seek(SeekFrom::Start(offset)).map_err(absent)?;
    file.read_exact(&mut bytes).map_err(absent)?;
    Ok(bytes)
}

fn entry<'a>(entries: &'a [StringStringEntryProto], key: &str) -> Option<&'a str> {
    entries
        .iter()
        .find(|e| e.key.as_deref() == Some(key))
        .and_then(|e| e.value.as_deref())
}

fn number(entries: &[StringStringEntryProto], key: &str) -> Result<Option<u64>, Problem> {
    entry(entries, key)
        .map(|text| {
            text.parse().map_err(|_| {
                Problem::broken(format!(
                    "external data with {key} `{text}`, no number of bytes"
                ))
            })
        })
        .transpose()
}

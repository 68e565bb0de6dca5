//! Inputs from files, or made up: rows of bytes as they lie in the arena.

use super::numbers;
use crate::ir::types::{same_order, shape_text};
use crate::npy::{self, Array};
use crate::program::{Element, Port};
use std::path::Path;

/// Inputs that do not fit the network.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowsError {
    #[error("{path}: {error}")]
    Read { path: String, error: String },
    #[error(
        "{path} holds one array, the network has {inputs} inputs\n  help: give an .npz with arrays named {names}"
    )]
    OneArray {
        path: String,
        inputs: usize,
        names: String,
    },
    #[error("{path} has no array named `{name}`\n  supported: {names}")]
    NoArray {
        path: String,
        name: String,
        names: String,
    },
    #[error(
        "the array for input `{name}` has shape {found}\n  supported: {shape}, or rows of it: [N,{row}]"
    )]
    Shape {
        name: String,
        found: String,
        shape: String,
        row: String,
    },
    #[error("the arrays have {0} and {1} rows")]
    Count(usize, usize),
    #[error("the input holds no rows")]
    Empty,
}

/// Rows for the inputs of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// For each row the bytes of all inputs.
    pub(super) bytes: Vec<u8>,
    /// Number of rows.
    pub(super) count: usize,
}

/// Reads rows from an `.npy` or `.npz` file.
pub(super) fn read(path: &Path, ports: &[Port]) -> Result<Rows, RowsError> {
    let shown = path.display().to_string();
    let failed = |error: String| RowsError::Read {
        path: shown.clone(),
        error,
    };
    let file = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let arrays = if npy::is_npz(&file) {
        npy::read_npz(&file).map_err(|error| failed(error.to_string()))?
    } else {
        let array = npy::read_npy(&file).map_err(|error| failed(error.to_string()))?;
        let [port] = ports else {
            return Err(RowsError::OneArray {
                path: shown,
                inputs: ports.len(),
                names: names(ports.iter().map(|port| &port.name)),
            });
        };
        vec![(port.name.clone(), array)]
    };
    let mut columns = Vec::new();
    for port in ports {
        let found = arrays.iter().find(|(name, _)| *name == port.name);
        // With one input and one array there is nothing to confuse.
        let only = (ports.len() == 1 && arrays.len() == 1).then(|| arrays.first());
        let (_, array) = found.or(only.flatten()).ok_or_else(|| RowsError::NoArray {
            path: shown.clone(),
            name: port.name.clone(),
            names: names(arrays.iter().map(|(name, _)| name)),
        })?;
        columns.push(column(array, port)?);
    }
    interleave(&columns, ports)
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The bytes of all rows for one input.
fn column(array: &Array, port: &Port) -> Result<Vec<u8>, RowsError> {
    if !fits(&array.shape, &port.shape) {
        let row: Vec<String> = row_shape(&port.shape)
            .iter()
            .map(ToString::to_string)
            .collect();
        return Err(RowsError::Shape {
            name: port.name.clone(),
            found: shape_text(&array.shape),
            shape: shape_text(&port.shape),
            row: row.join(","),
        });
    }
    let (element, data) = (port.slot.element, &array.data);
    Ok(if let Some(raw) = numbers::raw(element, data) {
        raw
    } else if port.quant.is_some() {
        numbers::quantized(&data.to_f32(), port)
    } else {
        numbers::cast(element, data)
    })
}

/// A shape without a batch of one in front.
fn row_shape(shape: &[usize]) -> &[usize] {
    match shape {
        [1, row @ ..] if !row.is_empty() => row,
        whole => whole,
    }
}

/// Whether an array is one row or several: the shape of the input, or any number of rows of it. Axes of length
/// 1 may be left out or stand elsewhere.
fn fits(array: &[usize], input: &[usize]) -> bool {
    let several = matches!(array, [_, rest @ ..] if same_order(rest, input));
    array == input || array == row_shape(input) || several
}

/// Rows of all inputs from the rows of each.
fn interleave(columns: &[Vec<u8>], ports: &[Port]) -> Result<Rows, RowsError> {
    let count = |(column, port): (&Vec<u8>, &Port)| column.len() / port.slot.bytes().max(1);
    let mut counts = columns.iter().zip(ports).map(count);
    let rows = counts.next().unwrap_or(1);
    if let Some(other) = counts.find(|&other| other != rows) {
        return Err(RowsError::Count(rows, other));
    }
    if rows == 0 {
        return Err(RowsError::Empty);
    }
    let mut bytes = Vec::new();
    for row in 0..rows {
        for (column, port) in columns.iter().zip(ports) {
            let size = port.slot.bytes();
            bytes.extend(column.get(row * size..(row + 1) * size).unwrap_or(&[]));
        }
    }
    Ok(Rows { bytes, count: rows })
}

/// What is said about made-up rows.
pub(super) const MADE_UP: &str =
    "one pseudo-random row: xorshift32 from 0x12345678, bytes as int8, floats as byte / 128";

/// One row of numbers that look random and are the same everywhere.
pub(super) fn make_up(ports: &[Port]) -> Rows {
    let mut state = 0x1234_5678u32;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as i8
    };
    let mut bytes = Vec::new();
    for port in ports {
        for _ in 0..port.slot.len {
            match port.slot.element {
                Element::F32 => bytes.extend((f32::from(draw()) / 128.0).to_le_bytes()),
                element @ (Element::I8
                | Element::U8
                | Element::I16
                | Element::U16
                | Element::I32
                | Element::U32
                | Element::I64) => bytes.extend((0..element.size()).map(|_| draw() as u8)),
            }
        }
    }
    Rows { bytes, count: 1 }
}

#[cfg(test)]
mod tests;

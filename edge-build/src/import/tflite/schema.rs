//! The file: `.tflite` is a flatbuffer with a table [`Model`] at its root.
//!
//! [`Model::read`] verifies what it reads and checks that all numbers of tensors, buffers and operator codes are
//! those of something; codes of types, kinds of padding and the like stay numbers until they are needed.
#![allow(
    dead_code,
    reason = "the fields are those of the file, whether an operator asks for them or not"
)]

mod check;
mod codes;
mod error;
mod names;
mod options;
mod tables;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use codes::*;
pub(crate) use error::SchemaError;
#[cfg(test)]
pub(crate) use names::builtin_code;
pub(crate) use options::*;
pub(crate) use tables::*;

use std::ops::Range;

/// The only version of the schema that has been in use since 2018.
const VERSION: u32 = 3;
/// What stands in the bytes from 4 on.
const IDENTIFIER: &[u8] = b"TFL3";

/// A file, read.
#[derive(Clone, Debug)]
pub(crate) struct Model<'a> {
    file: &'a [u8],
    buffers: Vec<Range<usize>>,
    /// What the operators do.
    pub(crate) operator_codes: Vec<OperatorCode>,
    /// The networks in it, the main one first; never empty.
    pub(crate) subgraphs: Vec<SubGraph>,
    /// What is said about the model.
    pub(crate) metadata: Vec<Metadata>,
    /// Names of inputs and outputs.
    pub(crate) signature_defs: Vec<SignatureDef>,
}

impl<'a> Model<'a> {
    /// Reads a file. It takes time and memory in proportion to the file, whatever it holds.
    ///
    /// # Errors
    /// If it is no TFLite model of version 3, is broken or holds no network.
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, SchemaError> {
        if file.get(4..8) != Some(IDENTIFIER) {
            return Err(SchemaError::NotTfLite);
        }
        let root: Root = wire::root(file)?;
        if root.version != VERSION {
            return Err(SchemaError::Version(root.version));
        }
        if root.subgraphs.is_empty() {
            return Err(SchemaError::NoSubgraph);
        }
        check::run(&root)?;
        Ok(Self {
            file,
            buffers: root.buffers.into_iter().map(|buffer| buffer.0).collect(),
            operator_codes: root.operator_codes,
            subgraphs: root.subgraphs,
            metadata: root.metadata,
            signature_defs: root.signature_defs,
        })
    }

    /// The bytes of a buffer: little-endian, row by row. Empty if there are none.
    pub(crate) fn buffer(&self, index: usize) -> &'a [u8] {
        let range = self.buffers.get(index).cloned();
        range.and_then(|range| self.file.get(range)).unwrap_or(&[])
    }

    /// The values of a tensor; empty if it is not a constant.
    pub(crate) fn data(&self, tensor: &TensorDef) -> &'a [u8] {
        self.buffer(tensor.buffer)
    }

    /// What an operator does.
    pub(crate) fn code(&self, operator: &OperatorDef) -> Option<&OperatorCode> {
        self.operator_codes.get(operator.code)
    }
}

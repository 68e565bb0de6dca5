//! The tables of a model. Fields that the importer has no use for are left out.
//!
//! Numbers of fields are those of
//! <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs>.

use super::error::Broken;
use super::names::builtin_name;
use super::options::{Options, OptionsTable};
use super::wire::{Record, Table, tables};
use std::borrow::Cow;
use std::ops::Range;

tables! {
    /// A list of operators in the order in which they run, and the tensors between them.
    SubGraph {
        0 tensors: Vec<TensorDef>,
        /// Numbers of tensors.
        1 inputs: Vec<usize>,
        /// Numbers of tensors.
        2 outputs: Vec<usize>,
        3 operators: Vec<OperatorDef>,
        4 name: String,
    }

    /// A tensor.
    TensorDef {
        0 shape: Vec<i32>,
        /// A [`DataType`](super::codes::DataType).
        1 data_type: i8,
        /// Number of its buffer; see [`Model::data`](super::Model::data).
        2 buffer: usize,
        3 name: String,
        4 quantization: Option<Quantization>,
        /// Whether it keeps its values from run to run, zeros at first.
        5 is_variable: bool,
        /// How it is stored if it is stored without its zeros.
        6 sparsity: Option<Sparsity>,
        /// Whether an empty shape means that there is one element.
        8 has_rank: bool,
        /// Not 0 if the values lie in another file.
        10 external_buffer: u32,
    }

    /// What integers stand for: `scale · (q − zero_point)`.
    Quantization {
        /// One for all, or one per channel.
        2 scale: Vec<f32>,
        /// One for all, or one per channel.
        3 zero_point: Vec<i64>,
        /// Not 0 if the fields of this table count for nothing: 1 custom, 2 by blocks, 3 by several axes.
        4 details: i8,
        /// The axis of the channels.
        6 quantized_dimension: i32,
    }

    /// How a sparse tensor is stored.
    Sparsity {
        0 traversal_order: Vec<i32>,
    }

    /// Something said about the model.
    Metadata {
        0 name: String,
        /// Number of the buffer that says it.
        1 buffer: usize,
    }

    /// Names of the inputs and outputs of a subgraph, as it is called from outside.
    SignatureDef {
        0 inputs: Vec<TensorMap>,
        1 outputs: Vec<TensorMap>,
        2 key: String,
        4 subgraph: usize,
    }

    /// A name of a tensor.
    TensorMap {
        0 name: String,
        1 tensor: usize,
    }
}

/// What an operator does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OperatorCode {
    /// Number of a builtin operator.
    pub(crate) builtin: i32,
    /// Name of an operator that is not builtin.
    pub(crate) custom: String,
    /// Version of the operator.
    pub(crate) version: i32,
}

impl OperatorCode {
    /// Number of the builtin operator `CUSTOM`, which is known by its name only.
    const CUSTOM: i32 = 32;

    /// The name of the operator: `CONV_2D`.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match builtin_name(self.builtin) {
            Some(_) if self.builtin == Self::CUSTOM => Cow::Borrowed(self.custom.as_str()),
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(format!("number {}", self.builtin)),
        }
    }
}

impl Record for OperatorCode {
    /// Numbers up to 126 stand in a field of a byte in old files, in both fields or in the wide one in new ones.
    fn read(table: &mut Table<'_, '_, '_>) -> Result<Self, Broken> {
        let narrow: i8 = table.field(0, "deprecated_builtin_code")?.unwrap_or(0);
        let wide: i32 = table.field(3, "builtin_code")?.unwrap_or(0);
        Ok(Self {
            builtin: wide.max(i32::from(narrow)),
            custom: table.field(1, "custom_code")?.unwrap_or_default(),
            version: table.field(2, "version")?.unwrap_or(1),
        })
    }
}

/// A call of an operator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OperatorDef {
    /// Number of its code; see [`Model::code`](super::Model::code).
    pub(crate) code: usize,
    /// Numbers of tensors; `None` where an input is left out.
    pub(crate) inputs: Vec<Option<usize>>,
    /// Numbers of tensors.
    pub(crate) outputs: Vec<usize>,
    /// Numbers of tensors that only carry the quantization of values inside of the operator.
    pub(crate) intermediates: Vec<Option<usize>>,
    /// What it does in particular.
    pub(crate) options: Options,
}

impl OperatorDef {
    /// The options if they are those of the operator that is asked about.
    pub(crate) fn options<T: OptionsTable>(&self) -> Option<&T> {
        T::of(&self.options)
    }
}

impl Record for OperatorDef {
    fn read(table: &mut Table<'_, '_, '_>) -> Result<Self, Broken> {
        Ok(Self {
            code: table.field(0, "opcode_index")?.unwrap_or(0),
            inputs: table.field(1, "inputs")?.unwrap_or_default(),
            outputs: table.field(2, "outputs")?.unwrap_or_default(),
            intermediates: table.field(8, "intermediates")?.unwrap_or_default(),
            options: Options::read(table)?,
        })
    }
}

/// Where the bytes of a buffer lie in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Buffer(pub(super) Range<usize>);

impl Record for Buffer {
    /// The bytes stand in the table, or behind the flatbuffer if that would have become too large.
    fn read(table: &mut Table<'_, '_, '_>) -> Result<Self, Broken> {
        let offset: u64 = table.field(1, "offset")?.unwrap_or(0);
        if offset <= 1 {
            return Ok(Self(table.field(0, "data")?.unwrap_or(0..0)));
        }
        let size: u64 = table.field(2, "size")?.unwrap_or(0);
        table.outside(offset, size).map(Self)
    }
}

/// The table at the root.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Root {
    pub(super) version: u32,
    pub(super) operator_codes: Vec<OperatorCode>,
    pub(super) subgraphs: Vec<SubGraph>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) metadata: Vec<Metadata>,
    pub(super) signature_defs: Vec<SignatureDef>,
}

impl Record for Root {
    fn read(table: &mut Table<'_, '_, '_>) -> Result<Self, Broken> {
        Ok(Self {
            version: table.field(0, "version")?.unwrap_or(0),
            operator_codes: table.field(1, "operator_codes")?.unwrap_or_default(),
            subgraphs: table.field(2, "subgraphs")?.unwrap_or_default(),
            buffers: table.field(4, "buffers")?.unwrap_or_default(),
            metadata: table.field(6, "metadata")?.unwrap_or_default(),
            signature_defs: table.field(7, "signature_defs")?.unwrap_or_default(),
        })
    }
}

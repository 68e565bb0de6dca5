//! Static types of tensors.

pub use edge_core::quant::QuantParams;

/// Element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DType {
    /// 32-bit float.
    F32,
    /// Signed byte.
    I8,
    /// Unsigned byte: at the border of the graph and as plain numbers. A quantized one inside is an `I8` whose
    /// zero point is 128 less.
    U8,
    /// Signed 16-bit integer.
    I16,
    /// Signed 32-bit integer.
    I32,
    /// Signed 64-bit integer.
    I64,
    /// Truth value: one byte, 0 or 1.
    Bool,
}

impl DType {
    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::I64 => 8,
        }
    }

    /// Whether elements stand for real numbers by a scale and a zero point.
    #[must_use]
    pub fn is_quantized(self) -> bool {
        match self {
            Self::I8 | Self::I16 => true,
            Self::F32 | Self::U8 | Self::I32 | Self::I64 | Self::Bool => false,
        }
    }
}

impl std::fmt::Display for DType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
        })
    }
}

/// Type of a tensor: element type, shape, and quantization where elements stand for real numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorType {
    /// Element type.
    pub dtype: DType,
    /// Dimensions; empty for a scalar.
    pub shape: Vec<usize>,
    /// What the integers stand for, if they stand for real numbers.
    pub quant: Option<Quant>,
}

/// What integers stand for.
#[derive(Clone, Debug, PartialEq)]
pub enum Quant {
    /// One scale and zero point: activations.
    PerTensor(QuantParams),
    /// A scale for each index of an axis, zero point 0: weights.
    PerChannel {
        /// The axis that counts channels.
        axis: usize,
        /// One scale per channel.
        scales: Vec<f32>,
    },
}

impl TensorType {
    /// A float tensor.
    #[must_use]
    pub fn f32(shape: impl Into<Vec<usize>>) -> Self {
        Self {
            dtype: DType::F32,
            shape: shape.into(),
            quant: None,
        }
    }

    /// An int8 activation.
    #[must_use]
    pub fn i8(shape: impl Into<Vec<usize>>, quant: QuantParams) -> Self {
        Self {
            dtype: DType::I8,
            shape: shape.into(),
            quant: Some(Quant::PerTensor(quant)),
        }
    }

    /// Numbers that stand for themselves, or whose quantization is set later.
    #[must_use]
    pub fn plain(dtype: DType, shape: impl Into<Vec<usize>>) -> Self {
        Self {
            dtype,
            shape: shape.into(),
            quant: None,
        }
    }

    /// Scale and zero point, if there is one for the whole tensor.
    #[must_use]
    pub fn params(&self) -> Option<QuantParams> {
        match &self.quant {
            Some(Quant::PerTensor(params)) => Some(*params),
            Some(Quant::PerChannel { .. }) | None => None,
        }
    }

    /// Number of elements. The importer has checked that it fits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.len() * self.dtype.size()
    }
}

/// `f32[1,28,28,8]`.
impl std::fmt::Display for TensorType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.dtype, shape_text(&self.shape))
    }
}

/// `[1,28,28,8]`.
#[must_use]
pub fn shape_text(shape: &[usize]) -> String {
    let dims: Vec<String> = shape.iter().map(ToString::to_string).collect();
    format!("[{}]", dims.join(","))
}

/// Whether two shapes differ in axes of length 1 only: then their elements lie in the same order.
#[must_use]
pub fn same_order(a: &[usize], b: &[usize]) -> bool {
    let long =
        |shape: &[usize]| -> Vec<usize> { shape.iter().copied().filter(|&dim| dim != 1).collect() };
    long(a) == long(b)
}

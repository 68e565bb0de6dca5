//! Arrays in files: `.npy` (one array) and `.npz` (a zip of arrays by name), the formats of NumPy.
//!
//! Reading never allocates by a number in the file: sizes are checked against the bytes that are there.

mod archive;
mod header;
mod write;

pub use archive::read_npz;
pub use write::{npy_bytes, npz_bytes, write_npy, write_npz};

use header::Header;

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NpyError {
    /// The file does not start like an `.npy` or `.npz` file.
    #[error("not {0} file")]
    Magic(&'static str),
    /// The header is broken.
    #[error("a broken header: {0}")]
    Header(String),
    /// The element type is not known.
    #[error(
        "elements of type '{0}'; known are float32, float64, int8 to int64, uint8 to uint64 and bool"
    )]
    Type(String),
    /// The file ends too early or too late.
    #[error("{found} bytes of data where the header says {expected}")]
    Length {
        /// Bytes that follow the header.
        found: usize,
        /// Bytes that the header announces.
        expected: String,
    },
    /// The zip around the arrays is broken.
    #[error("a broken archive: {0}")]
    Archive(String),
    /// An array of an archive is broken.
    #[error("array \"{name}\": {error}")]
    Member {
        /// Name of the array.
        name: String,
        /// What is wrong with it.
        error: Box<NpyError>,
    },
}

macro_rules! element_types {
    ($($(#[$doc:meta])* $name:ident($type:ty) = $code:literal $numpy:literal;)*) => {
        /// The elements of an array in row-major order.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Data { $($(#[$doc])* $name(Vec<$type>),)* }

        impl Data {
            /// Number of elements.
            #[must_use]
            pub fn len(&self) -> usize {
                match self { $(Self::$name(data) => data.len(),)* }
            }

            /// The elements as the nearest 32-bit floats.
            #[must_use]
            #[allow(clippy::unnecessary_cast, reason = "one of the rows is f32 itself")]
            pub fn to_f32(&self) -> Vec<f32> {
                match self { $(Self::$name(data) => data.iter().map(|&x| x as f32).collect(),)* }
            }

            /// The elements as the nearest 64-bit floats.
            #[must_use]
            #[allow(clippy::unnecessary_cast, reason = "one of the rows is f64 itself")]
            pub fn to_f64(&self) -> Vec<f64> {
                match self { $(Self::$name(data) => data.iter().map(|&x| x as f64).collect(),)* }
            }

            /// The type in the words of `NumPy`.
            #[must_use]
            pub fn type_name(&self) -> &'static str {
                match self { $(Self::$name(_) => $numpy,)* }
            }

            /// The type in the language of the header, little-endian.
            fn descr(&self) -> &'static str {
                match self { $(Self::$name(_) => $code,)* }
            }

            /// The bytes of the elements.
            #[must_use]
            pub fn little_endian(&self) -> Vec<u8> {
                match self {
                    $(Self::$name(data) => data.iter().flat_map(|x| x.to_le_bytes()).collect(),)*
                }
            }

            fn size_of(code: &str) -> Option<usize> {
                match code { $(_ if code == &$code[1..] => Some(size_of::<$type>()),)* _ => None }
            }

            /// `bytes` holds whole little-endian elements of a type that [`Self::size_of`] knows.
            fn parse(code: &str, bytes: &[u8]) -> Option<Self> {
                match code {
                    $(_ if code == &$code[1..] => Some(Self::$name(
                        bytes.chunks_exact(size_of::<$type>())
                            .map(|chunk| chunk.try_into().map_or(<$type>::default(), <$type>::from_le_bytes))
                            .collect(),
                    )),)*
                    _ => None,
                }
            }

            /// The elements of a column-major array of that shape, row by row.
            fn into_row_major(self, shape: &[usize]) -> Self {
                match self { $(Self::$name(data) => Self::$name(row_major(&data, shape)),)* }
            }
        }

        $(impl From<Vec<$type>> for Data {
            fn from(data: Vec<$type>) -> Self { Self::$name(data) }
        })*
    };
}

element_types! {
    /// 32-bit floats.
    F32(f32) = "<f4" "float32";
    /// 64-bit floats.
    F64(f64) = "<f8" "float64";
    /// Signed bytes.
    I8(i8) = "|i1" "int8";
    /// Bytes; truth values as well.
    U8(u8) = "|u1" "uint8";
    /// Signed half words.
    I16(i16) = "<i2" "int16";
    /// Half words.
    U16(u16) = "<u2" "uint16";
    /// Signed words.
    I32(i32) = "<i4" "int32";
    /// Words.
    U32(u32) = "<u4" "uint32";
    /// Signed double words.
    I64(i64) = "<i8" "int64";
    /// Double words.
    U64(u64) = "<u8" "uint64";
}

impl Data {
    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Numbers with a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Dimensions; empty for a scalar.
    pub shape: Vec<usize>,
    /// As many elements as the product of the dimensions, in row-major order.
    pub data: Data,
}

/// Whether the bytes are a zip archive: `.npz` rather than `.npy`.
#[must_use]
pub fn is_npz(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// Reads an `.npy` file (versions 1 to 3, either byte order, row- or column-major).
///
/// # Errors
/// If the file is not one, is broken, or holds elements that are no numbers.
pub fn read_npy(bytes: &[u8]) -> Result<Array, NpyError> {
    let (header, body) = Header::split(bytes)?;
    let Header {
        code,
        big_endian,
        column_major,
        shape,
    } = header;
    // Truth values are bytes that are 0 or 1.
    let code = if code == "b1" { "u1".to_owned() } else { code };
    let size = Data::size_of(&code).ok_or_else(|| NpyError::Type(code.clone()))?;
    let bytes_needed = shape
        .iter()
        .try_fold(size, |product, &dim| product.checked_mul(dim));
    if bytes_needed != Some(body.len()) {
        return Err(NpyError::Length {
            found: body.len(),
            expected: bytes_needed.map_or("more than fit".to_owned(), |n| n.to_string()),
        });
    }
    let data = if big_endian && size > 1 {
        let swapped: Vec<u8> = body
            .chunks_exact(size)
            .flat_map(|chunk| chunk.iter().rev().copied())
            .collect();
        Data::parse(&code, &swapped)
    } else {
        Data::parse(&code, body)
    };
    let data = data.ok_or_else(|| NpyError::Type(code.clone()))?;
    let data = if column_major && shape.len() > 1 {
        data.into_row_major(&shape)
    } else {
        data
    };
    Ok(Array { shape, data })
}

/// Walks the row-major order and picks from the column-major one.
fn row_major<T: Copy>(data: &[T], shape: &[usize]) -> Vec<T> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut step = 1usize;
    for &dim in shape {
        strides.push(step);
        step = step.saturating_mul(dim);
    }
    let mut index = vec![0usize; shape.len()];
    let mut out = Vec::with_capacity(data.len());
    while out.len() < data.len() {
        let at: usize = index.iter().zip(&strides).map(|(i, s)| i * s).sum();
        let Some(&element) = data.get(at) else { break };
        out.push(element);
        for (i, &dim) in index.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < dim {
                break;
            }
            *i = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests;

//! Stored tensors become [`Tensor`]s.

use super::external;
use super::schema::{DataLocation, DataType, TensorProto};
use crate::import::builder::checked_len;
use crate::import::floats::from_half;
use crate::import::problem::Problem;
use crate::ir::Tensor;
use ndarray::ArrayD;
use std::borrow::Cow;
use std::path::Path;

/// Greatest size of a stored tensor in bytes.
pub(super) const MAX_STORED_BYTES: usize = 256 << 20;

/// Reads a stored tensor. All floats become `f32`, integers of four bits bytes, longer unsigned integers the
/// next wider type.
///
/// # Errors
/// If data and shape do not fit, the data is not there, or the element type is not supported.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "element types of ONNX without a counterpart here"
)]
pub(super) fn read(proto: &TensorProto, folder: &Path) -> Result<Tensor, Problem> {
    let shape = shape_of(proto)?;
    let count = checked_len(&shape, MAX_STORED_BYTES)?;
    let ty = data_type(proto.data_type)?;
    let raw = raw_bytes(proto, folder)?;
    let data = Data { proto, raw, count };
    let tensor = match ty {
        DataType::Float => finish_f32(shape, data.floats()?),
        DataType::Double => finish_f32(shape, data.doubles()?),
        DataType::Float16 => finish_f32(
            shape,
            data.ints::<2, _>(|b| from_half(u16::from_le_bytes(b)))?,
        ),
        DataType::Bfloat16 => finish_f32(
            shape,
            data.ints::<2, _>(|b| f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16))?,
        ),
        DataType::Int8 => ArrayD::from_shape_vec(shape, data.ints::<1, _>(i8::from_le_bytes)?)
            .ok()
            .map(Tensor::I8),
        DataType::Uint8 => ArrayD::from_shape_vec(shape, data.ints::<1, _>(|[b]| b)?)
            .ok()
            .map(Tensor::U8),
        DataType::Int4 => ArrayD::from_shape_vec(shape, data.nibbles(|low| (low << 4) as i8 >> 4)?)
            .ok()
            .map(Tensor::I8),
        DataType::Uint4 => ArrayD::from_shape_vec(shape, data.nibbles(|low| low)?)
            .ok()
            .map(Tensor::U8),
        DataType::Uint16 => finish_i32(shape, data.ints::<2, _>(|b| u16::from_le_bytes(b).into())?),
        DataType::Int16 => ArrayD::from_shape_vec(shape, data.ints::<2, _>(i16::from_le_bytes)?)
            .ok()
            .map(Tensor::I16),
        DataType::Int32 => finish_i32(shape, data.ints::<4, _>(i32::from_le_bytes)?),
        DataType::Bool => ArrayD::from_shape_vec(shape, data.ints::<1, _>(|[b]| b != 0)?)
            .ok()
            .map(Tensor::Bool),
        DataType::Int64 | DataType::Uint32 | DataType::Uint64 => {
            ArrayD::from_shape_vec(shape, data.longs(ty)?)
                .ok()
                .map(Tensor::I64)
        }
        other => return Err(unsupported(&other.text())),
    };
    tensor.ok_or_else(|| data.mismatch(0))
}

/// The element type that a number in the file stands for.
pub(super) fn data_type(number: Option<i32>) -> Result<DataType, Problem> {
    let number = number.unwrap_or(0);
    DataType::try_from(number)
        .ok()
        .filter(|&ty| ty != DataType::Undefined)
        .ok_or_else(|| Problem::broken(format!("element type {number}, which does not exist")))
}

fn unsupported(name: &str) -> Problem {
    Problem::dtype(
        format!("elements of type {name}"),
        "FLOAT, FLOAT16, BFLOAT16, DOUBLE, BOOL and integers of 4 to 64 bits",
    )
}

fn shape_of(proto: &TensorProto) -> Result<Vec<usize>, Problem> {
    let dim = |&dim: &i64| {
        usize::try_from(dim)
            .map_err(|_| Problem::shape(format!("a stored dimension of {dim}"), "0 and above"))
    };
    proto.dims.iter().map(dim).collect()
}

fn finish_f32(shape: Vec<usize>, data: Vec<f32>) -> Option<Tensor> {
    ArrayD::from_shape_vec(shape, data).ok().map(Tensor::F32)
}

fn finish_i32(shape: Vec<usize>, data: Vec<i32>) -> Option<Tensor> {
    ArrayD::from_shape_vec(shape, data).ok().map(Tensor::I32)
}

/// The packed bytes of a tensor; `None` if its numbers stand in typed fields.
fn raw_bytes<'a>(proto: &'a TensorProto, folder: &Path) -> Result<Option<Cow<'a, [u8]>>, Problem> {
    if proto.data_location == Some(DataLocation::External as i32) {
        return Ok(Some(Cow::Owned(external::read(folder, proto)?)));
    }
    Ok(proto.raw_data.as_deref().map(Cow::Borrowed))
}

/// The numbers of a tensor as they stand in the file.
struct Data<'a> {
    proto: &'a TensorProto,
    raw: Option<Cow<'a, [u8]>>,
    count: usize,
}

impl Data<'_> {
    fn mismatch(&self, found: usize) -> Problem {
        if found == 0 {
            return Problem::missing(format!(
                "a tensor of shape {:?} has no data",
                self.proto.dims
            ));
        }
        Problem::broken(format!(
            "a tensor of shape {:?} has data for {found} elements",
            self.proto.dims
        ))
    }

    /// Packed numbers of `SIZE` bytes; `None` if there are no packed bytes.
    fn packed<const SIZE: usize, T>(
        &self,
        read: impl Fn([u8; SIZE]) -> T,
    ) -> Result<Option<Vec<T>>, Problem> {
        let Some(raw) = &self.raw else {
            return Ok(None);
        };
        let (chunks, rest) = raw.as_chunks::<SIZE>();
        if chunks.len() != self.count || !rest.is_empty() {
            return Err(self.mismatch(chunks.len()));
        }
        Ok(Some(chunks.iter().map(|&chunk| read(chunk)).collect()))
    }

    fn typed<S: Copy, T>(&self, field: &[S], read: impl Fn(S) -> T) -> Result<Vec<T>, Problem> {
        if field.len() != self.count {
            return Err(self.mismatch(field.len()));
        }
        Ok(field.iter().map(|&number| read(number)).collect())
    }

    fn floats(&self) -> Result<Vec<f32>, Problem> {
        match self.packed(f32::from_le_bytes)? {
            Some(data) => Ok(data),
            None => self.typed(&self.proto.float_data, |x| x),
        }
    }

    fn doubles(&self) -> Result<Vec<f32>, Problem> {
        match self.packed(|b| f64::from_le_bytes(b) as f32)? {
            Some(data) => Ok(data),
            None => self.typed(&self.proto.double_data, |x| x as f32),
        }
    }

    /// Types whose typed form is the low bytes of `int32_data`.
    fn ints<const SIZE: usize, T>(
        &self,
        read: impl Fn([u8; SIZE]) -> T,
    ) -> Result<Vec<T>, Problem> {
        if let Some(data) = self.packed(&read)? {
            return Ok(data);
        }
        self.typed(&self.proto.int32_data, |number| {
            let mut low = [0; SIZE];
            for (byte, from) in low.iter_mut().zip(number.to_le_bytes()) {
                *byte = from;
            }
            read(low)
        })
    }

    /// Numbers of four bits, the first in the low half of the first byte.
    fn nibbles<T>(&self, read: impl Fn(u8) -> T) -> Result<Vec<T>, Problem> {
        let pairs = Data {
            proto: self.proto,
            raw: self.raw.as_deref().map(Cow::Borrowed),
            count: self.count.div_ceil(2),
        };
        let bytes = pairs.ints::<1, _>(|[byte]| byte)?;
        let halves = bytes.iter().flat_map(|byte| [byte & 15, byte >> 4]);
        Ok(halves.take(self.count).map(read).collect())
    }

    fn longs(&self, ty: DataType) -> Result<Vec<i64>, Problem> {
        if ty == DataType::Int64 {
            return match self.packed(i64::from_le_bytes)? {
                Some(data) => Ok(data),
                None => self.typed(&self.proto.int64_data, |x| x),
            };
        }
        let packed = if ty == DataType::Uint32 {
            self.packed(|b| u64::from(u32::from_le_bytes(b)))?
        } else {
            self.packed(u64::from_le_bytes)?
        };
        let data = match packed {
            Some(data) => data,
            None => self.typed(&self.proto.uint64_data, |x| x)?,
        };
        let long = |x: u64| i64::try_from(x).map_err(|_| unsupported("UINT64 beyond 2⁶³"));
        data.into_iter().map(long).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proto(ty: DataType, dims: &[i64]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: Some(ty as i32),
            ..TensorProto::default()
        }
    }

    fn f32s(proto: &TensorProto) -> Vec<f32> {
        read(proto, Path::new(""))
            .unwrap()
            .as_f32()
            .unwrap()
            .to_vec()
    }

    #[test]
    fn every_float_type() {
        let mut raw = proto(DataType::Float, &[2]);
        raw.raw_data = Some(
            [1.5f32, -2.0]
                .iter()
                .flat_map(|x| x.to_le_bytes())
                .collect(),
        );
        assert_eq!(f32s(&raw), [1.5, -2.0]);
        let mut half = proto(DataType::Float16, &[1]);
        half.int32_data = vec![0x3c00];
        assert_eq!(f32s(&half), [1.0]);
        let mut brain = proto(DataType::Bfloat16, &[1]);
        brain.raw_data = Some(vec![0x80, 0x3f]);
        assert_eq!(f32s(&brain), [1.0]);
        let mut double = proto(DataType::Double, &[]);
        double.double_data = vec![0.5];
        assert_eq!(f32s(&double), [0.5]);
    }

    #[test]
    fn every_integer_type() {
        let mut x = proto(DataType::Int8, &[2]);
        x.int32_data = vec![-1, 127];
        assert_eq!(
            read(&x, Path::new("")).unwrap().as_i8(),
            Some(&[-1i8, 127][..])
        );
        let mut x = proto(DataType::Uint8, &[1]);
        x.raw_data = Some(vec![200]);
        assert_eq!(read(&x, Path::new("")).unwrap().as_u8(), Some(&[200][..]));
        let mut x = proto(DataType::Int16, &[1]);
        x.raw_data = Some(vec![0xff, 0xff]);
        assert_eq!(read(&x, Path::new("")).unwrap().as_i16(), Some(&[-1][..]));
        let mut x = proto(DataType::Int4, &[3]);
        x.raw_data = Some(vec![0xf1, 0x08]);
        let all = [1i8, -1, -8];
        assert_eq!(read(&x, Path::new("")).unwrap().as_i8(), Some(&all[..]));
        let mut x = proto(DataType::Uint4, &[2]);
        x.int32_data = vec![0xa3];
        assert_eq!(
            read(&x, Path::new("")).unwrap().as_u8(),
            Some(&[3u8, 10][..])
        );
        let mut x = proto(DataType::Uint32, &[1]);
        x.uint64_data = vec![u64::from(u32::MAX)];
        let all = [i64::from(u32::MAX)];
        assert_eq!(read(&x, Path::new("")).unwrap().as_i64(), Some(&all[..]));
    }

    #[test]
    fn data_that_does_not_fit() {
        let mut x = proto(DataType::Float, &[1 << 40, 1 << 40]);
        let text = |x: &TensorProto| {
            read(x, Path::new(""))
                .unwrap_err()
                .at(String::new())
                .to_string()
        };
        assert!(text(&x).contains("E0203"));
        x.dims = vec![-1];
        assert!(text(&x).contains("E0202"));
        x.dims = vec![3];
        assert!(text(&x).contains("E0105"));
        x.raw_data = Some(vec![0; 13]);
        assert!(text(&x).contains("E0104"));
        x.data_type = Some(8);
        assert!(text(&x).contains("E0109"));
        x.data_type = Some(99);
        assert!(text(&x).contains("E0104"));
    }
}

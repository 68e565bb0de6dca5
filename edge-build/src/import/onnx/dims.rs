//! Static shapes of the graph's inputs: dimensions of the file, fixed by the argument `shapes` where unknown.

use super::schema::{DataType, Dimension, TensorTypeProto, ValueInfoProto};
use crate::diag::{Argument, Code, Diagnostic};
use crate::import::builder::{MAX_ELEMENTS, checked_len};
use crate::ir::types::shape_text;
use crate::ir::{DType, TensorType};

/// One dimension as the file states it.
#[derive(Clone, Debug, PartialEq)]
enum Dim {
    Known(i64),
    Named(String),
    Unknown,
}

fn stated(info: &ValueInfoProto) -> Option<Vec<Dim>> {
    let shape = tensor_type(info)?.shape.as_ref()?;
    let dim = |value: &Option<Dimension>| match value {
        Some(Dimension::DimValue(dim)) => Dim::Known(*dim),
        Some(Dimension::DimParam(name)) if !name.is_empty() => Dim::Named(name.clone()),
        Some(Dimension::DimParam(_)) | None => Dim::Unknown,
    };
    Some(shape.dim.iter().map(|d| dim(&d.value)).collect())
}

fn tensor_type(info: &ValueInfoProto) -> Option<&TensorTypeProto> {
    info.r#type.as_ref()?.tensor_type.as_ref()
}

/// The argument `shapes`, and which entries were used.
pub(super) struct Shapes<'a> {
    entries: &'a [(String, Vec<usize>)],
    used: Vec<bool>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(entries: &'a [(String, Vec<usize>)]) -> Self {
        Self {
            entries,
            used: vec![false; entries.len()],
        }
    }

    fn find(&mut self, name: &str, fits: impl Fn(&[usize]) -> bool) -> Option<&'a [usize]> {
        let index = self
            .entries
            .iter()
            .position(|(entry, shape)| entry == name && fits(shape))?;
        self.used[index] = true;
        Some(&self.entries[index].1)
    }

    /// An error for each entry that names nothing in the file. `inputs` are the inputs that could be named.
    pub(super) fn check_used(&self, inputs: &[&ValueInfoProto]) -> Vec<Diagnostic> {
        let unused = self
            .entries
            .iter()
            .zip(&self.used)
            .filter(|(_, used)| !**used);
        let error = |((name, shape), _): (&(String, Vec<usize>), &bool)| {
            let known: Vec<String> = inputs.iter().map(|input| describe(input)).collect();
            Diagnostic::error(
                Code::BadArgument,
                format!(
                    "shapes: `{name}` = {} fits no input and no dimension",
                    shape_text(shape)
                ),
                format!("inputs of the model: {}", known.join(", ")),
            )
            .at(Argument::Shapes)
        };
        unused.map(error).collect()
    }
}

/// `input [batch, 3, 32, ?]`.
fn describe(info: &ValueInfoProto) -> String {
    let name = info.name.as_deref().unwrap_or("");
    let Some(dims) = stated(info) else {
        return format!("{name} of unknown rank");
    };
    let dims: Vec<String> = dims.iter().map(text).collect();
    format!("{name} [{}]", dims.join(", "))
}

fn text(dim: &Dim) -> String {
    match dim {
        Dim::Known(dim) => dim.to_string(),
        Dim::Named(name) => name.clone(),
        Dim::Unknown => "?".to_owned(),
    }
}

/// The static type of an input.
///
/// # Errors
/// If a dimension is unknown, not positive or contradicts the argument, or the element type is no float or byte.
pub(super) fn input_type(
    info: &ValueInfoProto,
    shapes: &mut Shapes<'_>,
) -> Result<TensorType, Vec<Diagnostic>> {
    let place = format!("input {}", describe(info));
    let dtype = element_type(info).map_err(|error| vec![error.in_place(place.clone())])?;
    Ok(TensorType::plain(dtype, input_shape(info, place, shapes)?))
}

fn input_shape(
    info: &ValueInfoProto,
    place: String,
    shapes: &mut Shapes<'_>,
) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let name = info.name.as_deref().unwrap_or("");
    let dims = stated(info);
    let whole = shapes.find(name, |shape| {
        dims.as_ref().is_none_or(|dims| dims.len() == shape.len())
    });
    let Some(dims) = dims else {
        return match whole {
            Some(shape) => finish(shape.to_vec(), place),
            None => Err(vec![unknown_rank(name).in_place(place)]),
        };
    };
    let mut shape = Vec::with_capacity(dims.len());
    let mut errors = Vec::new();
    for (axis, dim) in dims.iter().enumerate() {
        let fixed = whole.map(|whole| whole[axis]);
        match one_dim(name, axis, dim, fixed, shapes) {
            Ok(dim) => shape.push(dim),
            Err(error) => errors.push(error.in_place(place.clone())),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    finish(shape, place)
}

fn one_dim(
    input: &str,
    axis: usize,
    dim: &Dim,
    fixed: Option<usize>,
    shapes: &mut Shapes<'_>,
) -> Result<usize, Diagnostic> {
    match dim {
        Dim::Known(size) => {
            let known = usize::try_from(*size).ok().filter(|&size| size > 0);
            match (known, fixed) {
                (Some(size), None) => Ok(size),
                (Some(size), Some(fixed)) if size == fixed => Ok(size),
                (Some(size), Some(fixed)) => Err(Diagnostic::error(
                    Code::ShapeMismatch,
                    format!(
                        "shapes: dimension {axis} of `{input}` is {size} in the model, not {fixed}"
                    ),
                    "change the argument, or export the model with a dynamic dimension",
                )
                .at(Argument::Shapes)),
                (None, _) => Err(Diagnostic::error(
                    Code::ShapeMismatch,
                    format!("dimension {axis} of `{input}` is {size}"),
                    "export the model with dimensions of at least 1, or with dynamic ones",
                )),
            }
        }
        Dim::Named(param) => {
            let named = shapes.find(param, |shape| shape.len() == 1);
            let named = named.and_then(|shape| shape.first().copied());
            open_dim(input, axis, param, fixed.or(named))
        }
        Dim::Unknown => open_dim(input, axis, "", fixed),
    }
}

/// A dimension that the file leaves open. The first is a batch, of one if nothing is said.
fn open_dim(
    input: &str,
    axis: usize,
    param: &str,
    fixed: Option<usize>,
) -> Result<usize, Diagnostic> {
    match fixed {
        Some(0) => Err(Diagnostic::error(
            Code::ShapeMismatch,
            format!("shapes: dimension {axis} of `{input}` is 0"),
            "give dimensions of at least 1",
        )
        .at(Argument::Shapes)),
        Some(size) => Ok(size),
        None if axis == 0 => Ok(1),
        None if param.is_empty() => Err(Diagnostic::error(
            Code::UnknownDimension,
            format!("dimension {axis} of input `{input}` is unknown"),
            format!("give the whole shape: `shapes = \"{input}=1x…\"`"),
        )),
        None => Err(Diagnostic::error(
            Code::UnknownDimension,
            format!("dimension {axis} (`{param}`) of input `{input}` is unknown"),
            format!("give its size: `shapes = \"{param}=16\"`, or the whole shape of `{input}`"),
        )),
    }
}

fn unknown_rank(input: &str) -> Diagnostic {
    Diagnostic::error(
        Code::UnknownDimension,
        format!("the shape of input `{input}` is unknown"),
        format!("give it: `shapes = \"{input}=1x…\"`"),
    )
}

fn finish(shape: Vec<usize>, place: String) -> Result<Vec<usize>, Vec<Diagnostic>> {
    match checked_len(&shape, MAX_ELEMENTS) {
        Ok(0) => Err(vec![
            Diagnostic::error(
                Code::ShapeMismatch,
                format!("an input of shape {}", shape_text(&shape)),
                "give dimensions of at least 1",
            )
            .in_place(place),
        ]),
        Ok(_) => Ok(shape),
        Err(problem) => Err(vec![problem.at(place)]),
    }
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "element types of ONNX without a counterpart here"
)]
fn element_type(info: &ValueInfoProto) -> Result<DType, Diagnostic> {
    let number = tensor_type(info).and_then(|ty| ty.elem_type);
    let error = |found: String| {
        Diagnostic::error(
            Code::UnsupportedType,
            found,
            "export the model with float32 inputs; `quant = \"int8\"` quantizes a float model",
        )
        .supported("FLOAT, INT8, UINT8")
    };
    match number.map(DataType::try_from) {
        Some(Ok(DataType::Float)) => Ok(DType::F32),
        Some(Ok(DataType::Int8)) => Ok(DType::I8),
        Some(Ok(DataType::Uint8)) => Ok(DType::U8),
        Some(Ok(other)) => Err(error(format!("an input of type {}", other.text()))),
        Some(Err(_)) | None => Err(error(
            "an input that is no tensor or has no element type".to_owned(),
        )),
    }
}

/// Checks a computed shape against what the file declares; unknown dimensions fit everything.
pub(super) fn check_declared(info: &ValueInfoProto, found: &[usize]) -> Result<(), Diagnostic> {
    let Some(dims) = stated(info) else {
        return Ok(());
    };
    let fits = dims.len() == found.len()
        && dims.iter().zip(found).all(|(dim, &found)| match dim {
            Dim::Known(known) => usize::try_from(*known) == Ok(found),
            Dim::Named(_) | Dim::Unknown => true,
        });
    if fits {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::ShapeMismatch,
        format!(
            "the file declares {}, its nodes give {}",
            describe(info),
            shape_text(found)
        ),
        "export the model again, or correct the declared shape with `onnx.shape_inference`",
    )
    .in_place(format!("output {}", describe(info))))
}

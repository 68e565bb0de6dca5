//! Products of matrices: `FULLY_CONNECTED`, `BATCH_MATMUL`.

use super::Reader;
use super::weights::{Bias, Layer, weights};
use crate::import::builder::{Datum, MAX_ELEMENTS, checked_len};
use crate::import::problem::Problem;
use crate::import::tflite::activation;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{BatchMatMulOptions, FullyConnectedOptions};
use crate::ir::types::shape_text;
use crate::ir::{DType, TensorType};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Binary, Expand, FullyConnected, MatMul};
use edge_core::params::BinaryKind;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("BATCH_MATMUL", batch_matmul),
    ("FULLY_CONNECTED", fully_connected),
];

/// Weights are `[out, inputs]`; the elements of the input are taken as rows of that length.
fn fully_connected(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &FullyConnectedOptions = cx.options()?;
    if options.weights_format != 0 {
        return Err(Problem::attribute(
            format!("weights in format {}", options.weights_format),
            "weights in the default format",
        ));
    }
    let clamp = activation::clamp(options.fused_activation_function)?;
    let (x, w) = (cx.input(0)?, cx.input(1)?);
    let (x_shape, w_shape) = (cx.shape(&x), cx.shape(&w));
    let &[outputs, inputs] = w_shape.as_slice() else {
        return Err(Problem::shape(
            format!("weights of shape {}", shape_text(&w_shape)),
            "weights [outputs, inputs]",
        ));
    };
    let len = checked_len(&x_shape, MAX_ELEMENTS)?;
    if inputs == 0 || len % inputs != 0 {
        return Err(Problem::shape(
            format!("{len} elements for weights {}", shape_text(&w_shape)),
            "rows as long as the weights",
        ));
    }
    let declared = cx.output(0)?.clone();
    let rows = cx.reshape(&x, &[len / inputs, inputs])?;
    let y = if let Datum::Computed(_) = w {
        product_of_computed(cx, &rows, &w, outputs, clamp, &declared)?
    } else {
        let w = weights(cx, 1, &x, Layer::FullyConnected)?;
        let bias = Bias {
            outputs,
            narrow: true,
        }
        .read(cx, 2, &x)?;
        cx.apply(FullyConnected { clamp }, &[rows, w, bias], declared.quant)?
    };
    let shape = cx.output(0)?.shape.clone();
    if checked_len(&shape, MAX_ELEMENTS)? != cx.ty(&y).len() {
        return Err(Problem::shape(
            format!("an output of shape {}", shape_text(&shape)),
            format!("{} rows of {outputs}", len / inputs),
        ));
    }
    let y = cx.reshape(&y, &shape)?;
    cx.give(y)
}

/// The same with weights that are computed at run time.
fn product_of_computed(
    cx: &mut OpCx<'_>,
    rows: &Datum,
    w: &Datum,
    outputs: usize,
    clamp: [f32; 2],
    declared: &TensorType,
) -> Result<Datum, Problem> {
    let float = declared.dtype == DType::F32;
    let bias = cx.constant(2)?.is_some();
    if !float && (bias || clamp != NO_CLAMP) {
        return Err(Problem::attribute(
            "weights that are computed at run time, with a bias or an activation",
            "constant weights, or floats, or neither bias nor activation",
        ));
    }
    let [count, inputs] = [0, 1].map(|axis| cx.shape(rows).get(axis).copied().unwrap_or(0));
    let a = cx.reshape(rows, &[1, count, inputs])?;
    let b = cx.transpose(w, &[1, 0])?;
    let b = cx.reshape(&b, &[1, inputs, outputs])?;
    let y = cx.apply(MatMul, &[a, b], declared.quant.clone())?;
    let y = cx.reshape(&y, &[count, outputs])?;
    if !bias && clamp == NO_CLAMP {
        return Ok(y);
    }
    let bias = Bias {
        outputs,
        narrow: true,
    }
    .read(cx, 2, rows)?;
    let kind = BinaryKind::Add;
    cx.apply(Binary { kind, clamp }, &[y, bias], None)
}

/// Batches are broadcast; either side may have its last two axes swapped.
fn batch_matmul(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &BatchMatMulOptions = cx.options()?;
    let (adj_x, adj_y) = (options.adj_x, options.adj_y);
    let (a, b) = (cx.input(0)?, operand(cx, 1)?);
    let (a, b) = (swapped(cx, &a, adj_x)?, swapped(cx, &b, adj_y)?);
    let declared = cx.output(0)?.clone();
    let (a_shape, b_shape) = (cx.shape(&a), cx.shape(&b));
    let (Some((a_batch, a_matrix)), Some((b_batch, b_matrix)), Some((batch, matrix))) = (
        a_shape.split_last_chunk::<2>(),
        b_shape.split_last_chunk::<2>(),
        declared.shape.split_last_chunk::<2>(),
    ) else {
        return Err(Problem::shape(
            format!("{} × {}", shape_text(&a_shape), shape_text(&b_shape)),
            "matrices",
        ));
    };
    let a = spread(cx, &a, a_batch, batch, *a_matrix)?;
    let shared = b_batch.iter().all(|&dim| dim == 1);
    let y = if shared && b.tensor().is_some() && declared.dtype == DType::F32 {
        product_with_constant(cx, &a, &b, *b_matrix)?
    } else {
        let b = if shared {
            let [inner, columns] = *b_matrix;
            cx.reshape(&b, &[1, inner, columns])?
        } else {
            spread(cx, &b, b_batch, batch, *b_matrix)?
        };
        cx.apply(MatMul, &[a, b], declared.quant.clone())?
    };
    let own = [a_matrix[0], b_matrix[1]];
    if cx.ty(&y).len() != checked_len(&declared.shape, MAX_ELEMENTS)? || *matrix != own {
        return Err(Problem::shape(
            format!("an output of shape {}", shape_text(&declared.shape)),
            "the shape of the product",
        ));
    }
    let y = cx.reshape(&y, &declared.shape)?;
    cx.give(y)
}

/// The product of floats with one known matrix: a layer that can be quantized.
fn product_with_constant(
    cx: &mut OpCx<'_>,
    a: &Datum,
    b: &Datum,
    [inner, columns]: [usize; 2],
) -> Result<Datum, Problem> {
    let rows = checked_len(&cx.shape(a), MAX_ELEMENTS)?.checked_div(inner);
    let a = cx.reshape(a, &[rows.unwrap_or(0), inner])?;
    let b = cx.reshape(b, &[inner, columns])?;
    let weights = cx.transpose(&b, &[1, 0])?;
    let bias = Bias {
        outputs: columns,
        narrow: true,
    };
    // There is no third input.
    let bias = bias.read(cx, 2, &a)?;
    let clamp = NO_CLAMP;
    cx.apply(FullyConnected { clamp }, &[a, weights, bias], None)
}

/// The second matrix: integer constants beside a float matrix become floats.
fn operand(cx: &mut OpCx<'_>, index: usize) -> Result<Datum, Problem> {
    let (x, w) = (cx.input(0)?, cx.input(index)?);
    let constant = w.tensor().is_some();
    if constant && cx.ty(&x).dtype == DType::F32 && cx.ty(&w).dtype != DType::F32 {
        return weights(cx, index, &x, Layer::FullyConnected);
    }
    Ok(w)
}

/// The last two axes the other way round, if so wanted.
fn swapped(cx: &mut OpCx<'_>, x: &Datum, swap: bool) -> Result<Datum, Problem> {
    let rank = cx.shape(x).len();
    if !swap || rank < 2 {
        return Ok(x.clone());
    }
    let mut perm: Vec<usize> = (0..rank).collect();
    perm.swap(rank - 1, rank - 2);
    cx.transpose(x, &perm)
}

/// Matrices as many as the product has, `[batch, rows, columns]`.
fn spread(
    cx: &mut OpCx<'_>,
    x: &Datum,
    own: &[usize],
    batch: &[usize],
    [rows, columns]: [usize; 2],
) -> Result<Datum, Problem> {
    let count = checked_len(batch, MAX_ELEMENTS)?;
    let mut spread = x.clone();
    let trimmed = |dims: &[usize]| -> Vec<usize> {
        dims.iter().copied().skip_while(|&dim| dim == 1).collect()
    };
    if trimmed(own) != trimmed(batch) {
        let mut shape = batch.to_vec();
        shape.extend([rows, columns]);
        checked_len(&shape, MAX_ELEMENTS)?;
        let quant = cx.ty(x).quant;
        spread = cx.apply(Expand { shape }, std::slice::from_ref(x), quant)?;
    }
    cx.reshape(&spread, &[count, rows, columns])
}

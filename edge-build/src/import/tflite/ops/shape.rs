//! The same elements under another shape: `RESHAPE`, `SQUEEZE`, `EXPAND_DIMS`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("EXPAND_DIMS", as_declared),
    ("RESHAPE", as_declared),
    ("SQUEEZE", as_declared),
];

/// The shape of the output stands in the file; inputs and options that say it again are not looked at.
fn as_declared(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.output(0)?.shape.clone();
    let y = cx.reshape(&x, &shape)?;
    cx.give(y)
}

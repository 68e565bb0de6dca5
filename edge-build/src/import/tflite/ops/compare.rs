//! Comparisons, truth values and selection.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::ops::{Compare, Logical, Not, Op, Select};
use edge_core::params::{LogicalKind, Relation};

pub(super) const OPS: &[(&str, Reader)] = &[
    ("EQUAL", |cx| compare(cx, Relation::Equal)),
    ("GREATER", |cx| compare(cx, Relation::Greater)),
    ("GREATER_EQUAL", |cx| compare(cx, Relation::GreaterEqual)),
    ("LESS", |cx| compare(cx, Relation::Less)),
    ("LESS_EQUAL", |cx| compare(cx, Relation::LessEqual)),
    ("LOGICAL_AND", |cx| logical(cx, LogicalKind::And)),
    ("LOGICAL_NOT", |cx| of_all(cx, Not)),
    ("LOGICAL_OR", |cx| logical(cx, LogicalKind::Or)),
    ("NOT_EQUAL", |cx| compare(cx, Relation::NotEqual)),
    ("SELECT_V2", |cx| of_all(cx, Select)),
];

fn compare(cx: &mut OpCx<'_>, relation: Relation) -> Result<Vec<Datum>, Problem> {
    of_all(cx, Compare { relation })
}

fn logical(cx: &mut OpCx<'_>, kind: LogicalKind) -> Result<Vec<Datum>, Problem> {
    of_all(cx, Logical { kind })
}

fn of_all(cx: &mut OpCx<'_>, op: impl Into<Op>) -> Result<Vec<Datum>, Problem> {
    let inputs = cx.all_inputs()?;
    cx.finish(op, &inputs)
}

//! What is not supported, found before any node is read: operator sets, operators, local functions.

use super::ops;
use super::schema::{FunctionProto, GraphProto, ModelProto, NodeProto};
use super::sort::place;
use super::{NEWEST_OPSET, OLDEST_OPSET};
use crate::diag::{Code, Diagnostic, Diagnostics};
use std::collections::{HashMap, HashSet};

/// Most nodes that one message lists.
const LISTED: usize = 5;

fn is_standard(domain: Option<&str>) -> bool {
    matches!(domain, None | Some("" | "ai.onnx"))
}

/// The version of the standard operators that the model asks for.
///
/// # Errors
/// If there is none, or it is too old.
pub(super) fn opset(model: &ModelProto) -> Result<i64, Diagnostic> {
    let standard = model
        .opset_import
        .iter()
        .filter(|set| is_standard(set.domain.as_deref()))
        .map(|set| set.version.unwrap_or(0))
        .max();
    match standard {
        Some(version) if version >= OLDEST_OPSET => Ok(version),
        Some(version) => Err(Diagnostic::error(
            Code::UnsupportedOperator,
            format!("the model uses operator set {version}"),
            "export it with a newer one, or convert it with `onnx.version_converter.convert_version(model, 13)`",
        )
        .supported(format!("{OLDEST_OPSET} to {NEWEST_OPSET}"))),
        None if model.graph.is_none() => Err(super::empty("the file has no graph")),
        None => Err(Diagnostic::error(
            Code::BrokenFile,
            "the model does not say which operator set it uses",
            "export the model again",
        )),
    }
}

/// Checks that all nodes that run have a reader; one error per operator.
///
/// # Errors
/// Every operator that is not supported, with its nodes.
pub(super) fn check(
    model: &ModelProto,
    graph: &GraphProto,
    order: &[usize],
    opset: i64,
) -> Result<(), Diagnostics> {
    let local: HashSet<(&str, &str)> = model.functions.iter().map(signature).collect();
    let mut unknown: HashMap<(&str, &str), usize> = HashMap::new();
    let mut groups: Vec<Vec<&NodeProto>> = Vec::new();
    for node in order.iter().filter_map(|&index| graph.node.get(index)) {
        let op_type = node.op_type.as_deref().unwrap_or("");
        let domain = node.domain.as_deref();
        if ops::reader(domain, op_type).is_some() {
            continue;
        }
        let group = *unknown
            .entry((domain.unwrap_or(""), op_type))
            .or_insert(groups.len());
        match groups.get_mut(group) {
            Some(nodes) => nodes.push(node),
            None => groups.push(vec![node]),
        }
    }
    let groups = groups.iter().take(super::MAX_ERRORS);
    let mut errors: Vec<Diagnostic> = groups.map(|nodes| one(&local, opset, nodes)).collect();
    list_once(&mut errors);
    if !graph.sparse_initializer.is_empty() {
        errors.push(sparse());
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(errors))
    }
}

/// Domain and name of a function that the model defines.
fn signature(function: &FunctionProto) -> (&str, &str) {
    (
        function.domain.as_deref().unwrap_or(""),
        function.name.as_deref().unwrap_or(""),
    )
}

fn sparse() -> Diagnostic {
    Diagnostic::error(
        Code::UnsupportedType,
        "the file holds sparse weights",
        "export the model with dense weights",
    )
}

/// The error for all nodes of one operator.
fn one(local: &HashSet<(&str, &str)>, opset: i64, nodes: &[&NodeProto]) -> Diagnostic {
    let first = nodes.first();
    let op_type = first.and_then(|node| node.op_type.as_deref()).unwrap_or("");
    let domain = first.and_then(|node| node.domain.as_deref()).unwrap_or("");
    let full = if is_standard(Some(domain)) {
        op_type.to_owned()
    } else {
        format!("{domain}::{op_type}")
    };
    let is_local = local.contains(&(domain, op_type));
    let (supported, help) = advice(is_local, domain, op_type, nodes);
    let mut places: Vec<String> = nodes.iter().take(LISTED).map(|node| place(node)).collect();
    if nodes.len() > LISTED {
        places.push(format!("and {} more", nodes.len() - LISTED));
    }
    Diagnostic::error(
        Code::UnsupportedOperator,
        format!("operator `{full}` (opset {opset}) is not supported"),
        help,
    )
    .in_place(places.join(", "))
    .supported(supported)
}

/// What is supported instead, and what to do.
fn advice(local: bool, domain: &str, op_type: &str, nodes: &[&NodeProto]) -> (String, String) {
    let quantized = op_type.to_ascii_lowercase().contains("quantize")
        || op_type.starts_with("QLinear")
        || op_type.starts_with("QGemm")
        || op_type.ends_with("Integer");
    let text = |supported: &str, help: &str| (supported.to_owned(), help.to_owned());
    if local {
        text(
            "operators of the standard, outside of functions",
            "inline the functions of the model: `onnx.inliner.inline_local_functions(model)`",
        )
    } else if quantized {
        text(
            "QuantizeLinear, DequantizeLinear, QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger, \
             DynamicQuantizeLinear, and operators of `com.microsoft` that `docs/src/operators.md` lists",
            "quantize the model with QuantizeLinear and DequantizeLinear \
             (`quant_format=QuantFormat.QDQ`), or give the float model: `quant = \"int8\"` quantizes it",
        )
    } else if matches!(op_type, "If" | "Loop" | "Scan" | "SequenceMap") {
        text(
            "graphs without control flow",
            "export the model with fixed shapes and constant conditions, or simplify it with `onnxsim`",
        )
    } else if !is_standard(Some(domain)) {
        text("operators of the ONNX standard", &cut(nodes))
    } else {
        (list(), cut(nodes))
    }
}

/// Keeps the list of operators in the first error that has it.
fn list_once(errors: &mut [Diagnostic]) {
    let list = list();
    let with_list = errors
        .iter_mut()
        .filter(|error| error.supported.as_ref() == Some(&list));
    for error in with_list.skip(1) {
        error.supported = Some("the operators that the first error lists".to_owned());
    }
}

fn list() -> String {
    ops::names().collect::<Vec<_>>().join(", ")
}

/// How to end the network before the first of these nodes.
fn cut(nodes: &[&NodeProto]) -> String {
    let inputs = nodes.first().map_or(&[][..], |node| node.input.as_slice());
    let last = inputs.iter().find(|name| !name.is_empty());
    let last = last.map_or("VALUE", String::as_str);
    format!(
        "cut the graph before this node: \
         `onnx.utils.extract_model(\"net.onnx\", \"cut.onnx\", [INPUTS], [\"{last}\"])`"
    )
}

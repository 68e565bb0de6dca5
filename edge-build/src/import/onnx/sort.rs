//! Order of the nodes: each behind those that make its inputs, otherwise as in the file; only those that the
//! outputs depend on.

use super::node::node_name;
use super::schema::{GraphProto, NodeProto};
use crate::diag::{Code, Diagnostic, Diagnostics};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// Most names that one message lists.
const LISTED: usize = 5;

/// Indices of the nodes that the outputs depend on, in an order in which they can run.
///
/// # Errors
/// If two nodes make the same value, an input is made by nothing, or nodes depend on each other in a circle.
pub(super) fn run(graph: &GraphProto) -> Result<Vec<usize>, Diagnostics> {
    let given: HashSet<&str> = graph
        .initializer
        .iter()
        .filter_map(|tensor| tensor.name.as_deref())
        .chain(graph.input.iter().filter_map(|input| input.name.as_deref()))
        .collect();
    let makers = makers(graph, &given)?;
    let needed = needed(graph, &makers);
    check_inputs(graph, &needed, &given, &makers)?;
    order(graph, &needed, &makers)
}

/// Which node makes each value.
fn makers<'a>(
    graph: &'a GraphProto,
    given: &HashSet<&str>,
) -> Result<HashMap<&'a str, usize>, Diagnostics> {
    let mut makers = HashMap::new();
    for (index, node) in graph.node.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            let again = makers.insert(name.as_str(), index).is_some();
            if again || given.contains(name.as_str()) {
                return Err(Diagnostic::error(
                    Code::BrokenFile,
                    format!("value `{name}` is made twice"),
                    "export the model again: every value of an ONNX graph has one origin",
                )
                .in_place(place(node))
                .into());
            }
        }
    }
    Ok(makers)
}

/// Which nodes the outputs depend on.
fn needed(graph: &GraphProto, makers: &HashMap<&str, usize>) -> Vec<bool> {
    let mut needed = vec![false; graph.node.len()];
    let outputs = graph
        .output
        .iter()
        .filter_map(|output| output.name.as_deref());
    let mut open: Vec<usize> = outputs
        .filter_map(|name| makers.get(name).copied())
        .collect();
    while let Some(index) = open.pop() {
        if std::mem::replace(&mut needed[index], true) {
            continue;
        }
        let inputs = graph.node[index].input.iter();
        open.extend(inputs.filter_map(|name| makers.get(name.as_str()).copied()));
    }
    needed
}

/// Every input must come from somewhere.
fn check_inputs(
    graph: &GraphProto,
    needed: &[bool],
    given: &HashSet<&str>,
    makers: &HashMap<&str, usize>,
) -> Result<(), Diagnostics> {
    let mut errors = Vec::new();
    for (node, _) in graph.node.iter().zip(needed).filter(|(_, needed)| **needed) {
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            if !given.contains(name.as_str()) && !makers.contains_key(name.as_str()) {
                errors.push(
                    Diagnostic::error(
                        Code::MissingWeights,
                        format!("`{name}` is neither a weight in the file, nor an input, nor made by a node"),
                        "export the model again with its weights (`export_params=True`, `keep_initializers_as_inputs=False`)",
                    )
                    .in_place(place(node)),
                );
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(errors))
    }
}

/// Kahn's algorithm; of the nodes that are ready the first in the file comes next.
fn order(
    graph: &GraphProto,
    needed: &[bool],
    makers: &HashMap<&str, usize>,
) -> Result<Vec<usize>, Diagnostics> {
    let mut waiting = vec![0usize; graph.node.len()];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); graph.node.len()];
    let mut ready = BinaryHeap::new();
    for (index, node) in graph.node.iter().enumerate().filter(|(i, _)| needed[*i]) {
        for maker in node
            .input
            .iter()
            .filter_map(|name| makers.get(name.as_str()))
        {
            waiting[index] += 1;
            users[*maker].push(index);
        }
        if waiting[index] == 0 {
            ready.push(Reverse(index));
        }
    }
    let mut sorted = Vec::new();
    while let Some(Reverse(index)) = ready.pop() {
        sorted.push(index);
        for &user in &users[index] {
            waiting[user] -= 1;
            if waiting[user] == 0 {
                ready.push(Reverse(user));
            }
        }
    }
    let stuck: Vec<&NodeProto> = (0..waiting.len())
        .filter(|&index| waiting[index] > 0)
        .map(|index| &graph.node[index])
        .collect();
    if stuck.is_empty() {
        return Ok(sorted);
    }
    let names: Vec<String> = stuck.iter().take(LISTED).map(|node| place(node)).collect();
    Err(Diagnostic::error(
        Code::CyclicGraph,
        format!("{} nodes wait for each other in a circle", stuck.len()),
        "export the model again: a feed-forward network has no circles",
    )
    .in_place(names.join(", "))
    .into())
}

/// `node "/layer1/conv" (Conv)`.
pub(super) fn place(node: &NodeProto) -> String {
    let op = node.op_type.as_deref().unwrap_or("");
    format!("node \"{}\" ({op})", node_name(node))
}

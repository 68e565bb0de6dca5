//! Checks the invariants of a graph.

use super::types::shape_text;
use super::{DType, Graph, Node, NodeId, TensorType, ValueId};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Checks that ids are in range, that every value is made once and before it is read, that constants agree
/// with their types, that every operator makes the types that are recorded, and that int8 activations have a
/// quantization.
///
/// # Errors
/// Every invariant that does not hold: a bug of the phase before.
pub fn run(graph: &Graph) -> Result<(), Diagnostics> {
    let mut verifier = Verifier {
        graph,
        made: vec![false; graph.values.len()],
        errors: Vec::new(),
    };
    verifier.constants();
    verifier.inputs();
    for (index, node) in graph.nodes.iter().enumerate() {
        verifier.node(NodeId(index as u32), node);
    }
    verifier.outputs();
    if verifier.errors.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(verifier.errors))
    }
}

struct Verifier<'a> {
    graph: &'a Graph,
    /// Which values are there: constants, inputs, outputs of nodes seen so far.
    made: Vec<bool>,
    errors: Vec<Diagnostic>,
}

impl Verifier<'_> {
    fn error(&mut self, place: String, message: String) {
        let help = "this is a bug of edge: please report it with the model";
        self.errors
            .push(Diagnostic::error(Code::Internal, message, help).in_place(place));
    }

    fn constants(&mut self) {
        for (index, value) in self.graph.values.iter().enumerate() {
            let Some(tensor) = &value.constant else {
                continue;
            };
            self.made[index] = true;
            if tensor.dtype() != value.ty.dtype || tensor.shape() != value.ty.shape {
                let message = format!("its numbers are {}, its type {}", tensor.ty(), value.ty);
                self.error(format!("constant \"{}\"", value.name), message);
            }
        }
    }

    fn inputs(&mut self) {
        for &id in &self.graph.inputs {
            let place = format!("graph input {id}");
            let Some(value) = self.graph.values.get(id.index()) else {
                self.error(place, "there is no such value".to_owned());
                continue;
            };
            if std::mem::replace(&mut self.made[id.index()], true) {
                self.error(place.clone(), "it is a constant or listed twice".to_owned());
            }
            self.quantization(&place, &value.ty);
        }
    }

    fn node(&mut self, id: NodeId, node: &Node) {
        let place = format!("node {id} \"{}\" ({})", node.name, node.op.name());
        let in_range = |id: &ValueId| id.index() < self.graph.values.len();
        if !node.inputs.iter().chain(&node.outputs).all(in_range) {
            self.error(place, "it names a value that does not exist".to_owned());
            return;
        }
        for &input in &node.inputs {
            if !self.made[input.index()] {
                let message = format!("it reads {input} before that is made");
                self.error(place.clone(), message);
            }
        }
        self.types(&place, node);
        for &output in &node.outputs {
            if std::mem::replace(&mut self.made[output.index()], true) {
                self.error(
                    place.clone(),
                    format!("it makes {output}, which is made already"),
                );
            }
        }
    }

    fn types(&mut self, place: &str, node: &Node) {
        let graph = self.graph;
        let inputs: Vec<&TensorType> = node.inputs.iter().map(|&id| graph.ty(id)).collect();
        let inferred = match node.op.operator().infer(&inputs) {
            Ok(types) => types,
            Err(error) => return self.error(place.to_owned(), error.to_string()),
        };
        if inferred.len() != node.outputs.len() {
            let message = format!("{} outputs, not {}", node.outputs.len(), inferred.len());
            return self.error(place.to_owned(), message);
        }
        for (made, &id) in inferred.iter().zip(&node.outputs) {
            let recorded = graph.ty(id);
            if made.dtype != recorded.dtype || made.shape != recorded.shape {
                let message = format!(
                    "it makes {}{}, recorded is {recorded}",
                    made.dtype,
                    shape_text(&made.shape)
                );
                self.error(place.to_owned(), message);
            }
            self.quantization(place, recorded);
        }
    }

    /// An integer activation stands for real numbers by one positive scale and a zero point of its type.
    fn quantization(&mut self, place: &str, ty: &TensorType) {
        let limit = match ty.dtype {
            DType::I8 => 1 << 7,
            DType::I16 => 1 << 15,
            DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => return,
        };
        let sound = ty.params().is_some_and(|p| {
            p.scale.is_finite() && p.scale > 0.0 && (-limit..limit).contains(&p.zero_point)
        });
        if !sound {
            let message = format!("the activation {ty} has no sound scale and zero point");
            self.error(place.to_owned(), message);
        }
    }

    fn outputs(&mut self) {
        if self.graph.outputs.is_empty() {
            self.error("graph".to_owned(), "it has no outputs".to_owned());
        }
        for &id in &self.graph.outputs {
            if self.made.get(id.index()) != Some(&true) {
                self.error(format!("graph output {id}"), "nothing makes it".to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests;

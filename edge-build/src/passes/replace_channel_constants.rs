//! A sum or product with a constant per channel that no layer took up becomes a 1×1 depthwise convolution:
//! in int8 that has a scale per channel.

use super::channel_affine::{emit, leading};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, Quant, ValueId};
use crate::ops::Op;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Binary(_), &[output]) = (&node.op, node.outputs.as_slice()) else {
        return None;
    };
    // Integers that arrive as such are operands.
    let integers = |&id: &ValueId| matches!(rewriter.ty(id).quant, Some(Quant::PerTensor(_)));
    let constant = |id: &&ValueId| rewriter.constant(**id).is_some();
    if node.inputs.iter().filter(constant).any(integers) {
        return None;
    }
    let affine = leading(rewriter, node)?;
    emit(rewriter, &node.name, &affine, output)
}

#[cfg(test)]
mod tests {
    use crate::ops::Binary;
    use crate::passes::testing::{Build, ops};
    use edge_core::params::BinaryKind;

    #[test]
    fn a_product_per_channel_becomes_depthwise() {
        let mut b = Build::new();
        let x = b.input("x", &[1, 2, 2, 3]);
        let k = b.weights(&[1, 1, 1, 3]);
        let mul = Binary {
            kind: BinaryKind::Mul,
            clamp: [0.0, 6.0],
        };
        let y = b.node(mul, &[x, k]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["DepthwiseConv2d"]);
        let limits = crate::passes::weights::clamp_of(&after.nodes[0].op);
        assert_eq!(limits, Some([0.0, 6.0]));
    }

    #[test]
    fn constants_along_other_axes_stay() {
        let mut b = Build::new();
        let x = b.input("x", &[1, 2, 2, 3]);
        let k = b.weights(&[2, 1]);
        let mul = Binary {
            kind: BinaryKind::Mul,
            clamp: [0.0, 6.0],
        };
        let y = b.node(mul, &[x, k]);
        b.output(y).check_unchanged(super::run);
    }
}

//! Reshapes past functions of two tensors.

use super::{emit_before, reshape_behind};
use crate::ir::edit::Rewriter;
use crate::ir::{Node, ValueId};
use crate::ops::Binary;
use crate::passes::constants::reshaped;
use crate::passes::permutation::{axis_groups, padded_shape};

pub(super) fn rule(rewriter: &mut Rewriter<'_>, node: &Node, op: &Binary) -> Option<()> {
    let (&[a, b], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    // The operand that is as large as the result decides.
    let decides = |id: ValueId| rewriter.shape(id) == rewriter.shape(output);
    let (full, other) = match (decides(a), decides(b)) {
        (true, _) if reshape_behind(rewriter, a).is_some() => (a, b),
        (_, true) => (b, a),
        _ => return None,
    };
    let made = reshape_behind(rewriter, full)?;
    let source = rewriter.shape(made.input).to_vec();
    let shape = shape_before(rewriter.shape(other), rewriter.shape(full), &source)?;
    let other = if rewriter.constant(other).is_some() {
        reshaped(rewriter, other, &shape)?
    } else {
        let input = reshape_behind(rewriter, other)?.input;
        (rewriter.shape(input) == shape).then_some(input)?
    };
    let inputs = if full == a {
        [made.input, other]
    } else {
        [other, made.input]
    };
    emit_before(rewriter, node, op.clone().into(), &inputs, &made.name)
}

/// The shape of an operand that is walked with a tensor of shape `full`, when that has shape `source`;
/// `None` if the operand is repeated along a part of an axis.
fn shape_before(other: &[usize], full: &[usize], source: &[usize]) -> Option<Vec<usize>> {
    let other = padded_shape(other, full.len())?;
    let mut shape = vec![1; source.len()];
    for group in axis_groups(source, full)? {
        let dims = |axes: &[usize], of: &[usize]| -> Vec<usize> {
            axes.iter().map(|&axis| of[axis]).collect()
        };
        let own = dims(&group.second, &other);
        if own == dims(&group.second, full) {
            for &axis in &group.first {
                shape[axis] = source[axis];
            }
        } else if own.iter().any(|&dim| dim != 1) {
            return None;
        }
    }
    Some(shape)
}

#[cfg(test)]
mod tests {
    use super::shape_before;

    #[test]
    fn operands_keep_their_axes() {
        let signal = shape_before(&[1, 1, 4], &[1, 9, 4], &[1, 1, 9, 4]);
        assert_eq!(signal, Some(vec![1, 1, 1, 4]));
        assert_eq!(shape_before(&[4], &[6, 4], &[2, 3, 4]), Some(vec![1, 1, 4]));
        assert_eq!(
            shape_before(&[6, 1], &[6, 4], &[2, 3, 4]),
            Some(vec![2, 3, 1])
        );
        assert_eq!(shape_before(&[4], &[6, 4], &[24]), None);
    }
}

mod checks;
mod random;
mod reach;

use super::liveness::{Life, Lives};
use super::{ALIGN, Disjoint, Planner, Search, verify};
use crate::lower::{Buffer, BufferId, Draft, DraftOperand, DraftStep};
use crate::program::{Element, Kernel};
use edge_core::params::{FillS8, UnaryFn};

fn step(kernel: Kernel, inputs: &[usize], output: usize) -> DraftStep {
    let operand = |&buffer: &usize| DraftOperand::Buffer(BufferId(buffer));
    DraftStep {
        what: String::new(),
        name: String::new(),
        node: 0,
        kernel,
        inputs: inputs.iter().map(operand).collect(),
        constants: Vec::new(),
        scratch: None,
        output: BufferId(output),
        lead: None,
        choice: None,
    }
}

/// A step that must not overwrite its inputs.
fn apart(inputs: &[usize], output: usize) -> DraftStep {
    step(Kernel::FillS8(FillS8 { value: 0 }), inputs, output)
}

/// A step that may overwrite its first input.
fn in_place(inputs: &[usize], output: usize) -> DraftStep {
    step(Kernel::UnaryF32(UnaryFn::Tanh), inputs, output)
}

fn draft(sizes: &[usize], inputs: &[usize], steps: Vec<DraftStep>, outputs: &[usize]) -> Draft {
    let buffer = |&len: &usize| Buffer {
        len,
        element: Element::I8,
        part: None,
    };
    Draft {
        buffers: sizes.iter().map(buffer).collect(),
        steps,
        inputs: inputs.iter().map(|&i| BufferId(i)).collect(),
        outputs: outputs.iter().map(|&i| BufferId(i)).collect(),
        ..Draft::default()
    }
}

/// Plans, verifies, and gives the size of the arena.
fn arena(draft: &Draft) -> usize {
    let plan = Search.plan(draft);
    assert_eq!(verify(draft, &plan), Ok(()));
    plan.arena_bytes
}

/// A step that may overwrite its first input if it keeps some bytes below it.
fn ahead(inputs: &[usize], output: usize, lead: usize) -> DraftStep {
    DraftStep {
        lead: Some(lead),
        ..apart(inputs, output)
    }
}

#[test]
fn lives_reach_from_first_write_to_last_touch() {
    let steps = vec![apart(&[0], 2), apart(&[0], 2), apart(&[2], 3)];
    let lives = Lives::of(&draft(&[1, 1, 1, 1, 1], &[0, 1], steps, &[3]));
    let alive = |lives: &Vec<Life>| lives.iter().map(|life| life.buffer).collect::<Vec<_>>();
    let at: Vec<Vec<usize>> = lives.at.iter().map(alive).collect();
    // The first write to buffer 2 is replaced by the second, but it is a write.
    assert_eq!(
        at,
        [vec![0, 1], vec![0, 2], vec![0, 2], vec![2, 3], vec![3]]
    );
}

#[test]
fn a_chain_needs_its_greatest_pair() {
    let sizes = [100, 300, 200, 400, 40, 4];
    let steps = (0..5).map(|i| apart(&[i], i + 1)).collect();
    assert_eq!(arena(&draft(&sizes, &[0], steps, &[5])), 600);
}

#[test]
fn element_wise_steps_run_in_place() {
    let steps = vec![in_place(&[0], 1), in_place(&[1], 2), in_place(&[2], 3)];
    let chain = draft(&[64; 4], &[0], steps, &[3]);
    assert_eq!(arena(&chain), 64);
    assert_eq!(Search.plan(&chain).offsets, [0; 4]);
}

#[test]
fn an_input_that_is_read_later_is_not_overwritten() {
    let steps = vec![in_place(&[0], 1), apart(&[0, 1], 2)];
    assert_eq!(arena(&draft(&[64, 64, 8], &[0], steps, &[2])), 136);
}

#[test]
fn a_network_output_is_not_overwritten() {
    let steps = vec![apart(&[0], 1), in_place(&[1], 2)];
    assert_eq!(arena(&draft(&[64, 64, 64], &[0], steps, &[1, 2])), 128);
}

#[test]
fn a_buffer_of_another_size_is_not_overwritten() {
    assert_eq!(
        arena(&draft(&[64, 60], &[0], vec![in_place(&[0], 1)], &[1])),
        124
    );
}

#[test]
fn an_input_read_twice_by_the_step_is_not_overwritten() {
    assert_eq!(
        arena(&draft(&[8, 8], &[0], vec![in_place(&[0, 0], 1)], &[1])),
        16
    );
}

#[test]
fn inputs_do_not_share_memory_even_if_one_is_unused() {
    assert_eq!(
        arena(&draft(&[8, 12, 4], &[0, 1], vec![apart(&[0], 2)], &[2])),
        20
    );
}

#[test]
fn odd_sizes_are_aligned() {
    let plan = Search.plan(&draft(&[3, 5], &[0], vec![apart(&[0], 1)], &[1]));
    assert_eq!(plan.arena_bytes, 12);
    assert!(plan.offsets.iter().all(|offset| offset % ALIGN == 0));
}

#[test]
fn wide_elements_are_aligned_to_their_size() {
    let mut draft = draft(&[3, 5], &[0], vec![apart(&[0], 1)], &[1]);
    draft.buffers[1].element = Element::I64;
    for plan in [Search.plan(&draft), Disjoint.plan(&draft)] {
        assert!(plan.offsets.iter().all(|offset| offset % 8 == 0));
        assert_eq!(plan.arena_bytes, 48);
        assert_eq!(verify(&draft, &plan), Ok(()));
    }
}

#[test]
fn an_empty_draft_needs_nothing() {
    assert_eq!(arena(&Draft::default()), 0);
}

/// Every greedy order needs 40 bytes or more here.
#[test]
fn the_search_beats_greedy_orders() {
    let steps = vec![
        apart(&[0], 1),
        apart(&[1], 2),
        apart(&[1, 2], 3),
        apart(&[3], 4),
    ];
    assert_eq!(arena(&draft(&[32, 4, 20, 8, 28], &[0], steps, &[4])), 36);
}

use super::{apart, draft, in_place};
use crate::lower::Draft;
use crate::plan::{Plan, PlanError, verify};

#[test]
fn verify_finds_every_kind_of_mistake() {
    let draft = draft(&[8, 8], &[0], vec![apart(&[0], 1)], &[1]);
    let errors = |offsets: &[usize], arena_bytes| {
        verify(
            &draft,
            &Plan {
                offsets: offsets.to_vec(),
                arena_bytes,
            },
        )
    };
    assert_eq!(errors(&[0, 8], 16), Ok(()));
    assert_eq!(
        errors(&[0], 16),
        Err(vec![PlanError::Count {
            buffers: 2,
            offsets: 1
        }])
    );
    assert_eq!(errors(&[0, 8], 18), Err(vec![PlanError::Arena(18)]));
    assert_eq!(
        errors(&[0, 10], 20),
        Err(vec![PlanError::Misaligned {
            buffer: 1,
            offset: 10
        }])
    );
    for offset in [12, usize::MAX - 3] {
        assert_eq!(
            errors(&[0, offset], 16),
            Err(vec![PlanError::Outside {
                buffer: 1,
                offset,
                arena_bytes: 16
            }])
        );
    }
    assert_eq!(
        errors(&[0, 4], 16),
        Err(vec![PlanError::Overlap {
            first: 0,
            second: 1,
            step: 0
        }])
    );
}

/// The same place is allowed to the pair of an in-place step, and to nobody else.
#[test]
fn verify_knows_in_place_pairs() {
    let at_zero = |draft: &Draft| {
        verify(
            draft,
            &Plan {
                offsets: vec![0; draft.buffers.len()],
                arena_bytes: 64,
            },
        )
        .is_ok()
    };
    assert!(at_zero(&draft(
        &[8, 8],
        &[0],
        vec![in_place(&[0], 1)],
        &[1]
    )));
    let no_twin = vec![apart(&[0], 1)];
    assert!(!at_zero(&draft(&[8, 8], &[0], no_twin, &[1])));
    assert!(!at_zero(&draft(
        &[8, 4],
        &[0],
        vec![in_place(&[0], 1)],
        &[1]
    )));
    let read_later = vec![in_place(&[0], 1), apart(&[0], 1)];
    assert!(!at_zero(&draft(&[8, 8], &[0], read_later, &[1])));
    let survives = vec![in_place(&[0], 1)];
    assert!(!at_zero(&draft(&[8, 8], &[0], survives, &[0, 1])));
    let both_inputs = vec![in_place(&[0], 1)];
    assert!(!at_zero(&draft(&[8, 8], &[0, 1], both_inputs, &[1])));
    let second_write = vec![in_place(&[0], 2), in_place(&[1], 2)];
    assert!(!at_zero(&draft(&[8, 8, 8], &[0, 1], second_write, &[2])));
    let shifted = draft(&[8, 8], &[0], vec![in_place(&[0], 1)], &[1]);
    let plan = Plan {
        offsets: vec![0, 4],
        arena_bytes: 12,
    };
    assert!(verify(&shifted, &plan).is_err());
}

//! Random networks: plans are right, near the bound, and for small networks the best there are.

use super::{ahead, apart, arena, draft, in_place};
use crate::lower::Draft;
use crate::plan::blocks::Blocks;
use crate::plan::liveness::Lives;
use crate::plan::{ALIGN, Disjoint, Plan, Planner, Search, gaps, verify};

struct Random(u32);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit
    }
}

/// A network of `steps` steps with skips, in-place steps, outputs that may reach into their input, and now and
/// then a second write to a buffer. Buffers have up to `most` bytes.
fn random_draft(random: &mut Random, steps: usize, most: usize) -> Draft {
    let mut sizes = vec![1 + random.below(most)];
    let mut made = Vec::new();
    for _ in 0..steps {
        let recent = |random: &mut Random, count: usize| count - 1 - random.below(count.min(4));
        let first = recent(random, sizes.len());
        let mut inputs = vec![first];
        if random.below(3) == 0 {
            inputs.push(recent(random, sizes.len()));
        }
        if random.below(6) == 0 && sizes.len() > 2 && !inputs.contains(&(sizes.len() - 1)) {
            made.push(apart(&inputs, sizes.len() - 1));
        } else if random.below(3) == 0 {
            sizes.push(sizes[first]);
            made.push(in_place(&inputs, sizes.len() - 1));
        } else {
            let bytes = 1 + random.below(most);
            sizes.push(bytes);
            let lead = random.below(bytes);
            made.push(match random.below(2) {
                0 => apart(&inputs, sizes.len() - 1),
                _ => ahead(&inputs, sizes.len() - 1, lead),
            });
        }
    }
    let last = sizes.len() - 1;
    draft(&sizes, &[0], made, &[last])
}

fn bound(draft: &Draft) -> usize {
    let lives = Lives::of(draft);
    gaps::bound(draft, &lives, &Blocks::joined(draft, &lives))
}

#[test]
fn random_drafts_get_valid_plans_near_the_bound() {
    let mut random = Random(1);
    let (mut reached, mut total) = (0, 0);
    for round in 0..60 {
        let draft = random_draft(&mut random, 1 + round, 200);
        assert_eq!(verify(&draft, &Disjoint.plan(&draft)), Ok(()));
        let (arena, peak) = (arena(&draft), bound(&draft));
        assert!(arena >= peak, "an arena below the bound: verify is blind");
        assert!(arena * 100 <= peak * 115, "{arena} for {peak} live bytes");
        reached += usize::from(arena == peak);
        total += 1;
    }
    assert!(
        reached * 10 >= total * 8,
        "{reached} of {total} at the bound"
    );
}

/// Whether any plan with an arena of that size is right.
fn exists(draft: &Draft, arena_bytes: usize) -> bool {
    let mut plan = Plan {
        offsets: vec![0; draft.buffers.len()],
        arena_bytes,
    };
    loop {
        if verify(draft, &plan).is_ok() {
            return true;
        }
        // The next combination of offsets, as an odometer counts.
        let carry = |offset: &mut usize| {
            *offset += ALIGN;
            *offset >= arena_bytes && std::mem::take(offset) > 0
        };
        if plan.offsets.iter_mut().all(carry) {
            return false;
        }
    }
}

/// Looks at every plan there is.
#[test]
fn small_networks_get_the_best_plan() {
    let mut random = Random(5);
    let mut reaching = 0;
    for _ in 0..150 {
        let steps = 1 + random.below(4);
        let draft = random_draft(&mut random, steps, 16);
        let arena = arena(&draft);
        assert!(
            arena == ALIGN || !exists(&draft, arena - ALIGN),
            "{draft:?}"
        );
        let mut apart = draft.clone();
        apart.steps.iter_mut().for_each(|step| step.lead = None);
        let without = super::arena(&apart);
        assert!(arena <= without, "{draft:?}");
        reaching += usize::from(arena < without);
    }
    assert!(reaching > 15, "{reaching} networks profit");
}

#[test]
fn outputs_that_reach_into_their_input_never_cost_memory() {
    let mut random = Random(11);
    for round in 0..40 {
        let draft = random_draft(&mut random, 5 + round, 4000);
        let mut apart = draft.clone();
        apart.steps.iter_mut().for_each(|step| step.lead = None);
        assert!(arena(&draft) <= arena(&apart));
    }
}

#[test]
fn plans_are_the_same_every_time() {
    let draft = random_draft(&mut Random(7), 80, 200);
    assert_eq!(Search.plan(&draft), Search.plan(&draft));
}

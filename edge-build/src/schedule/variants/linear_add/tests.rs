use super::*;
use crate::lower::{BufferId, DraftOperand, DraftStep};
use edge_core::params::Rescale;
use edge_core::rt;

fn pairs() -> [Vec<i8>; 2] {
    let byte = |index: usize| (index as i32 - 128) as i8;
    [
        (0..PAIRS).map(|pair| byte(pair / BYTES)).collect(),
        (0..PAIRS).map(|pair| byte(pair % BYTES)).collect(),
    ]
}

fn offered(kernel: Kernel, elements: usize, core: Core) -> Option<LinearAdd> {
    let step = DraftStep {
        what: String::new(),
        name: String::new(),
        node: 0,
        kernel,
        inputs: vec![
            DraftOperand::Buffer(BufferId(0)),
            DraftOperand::Buffer(BufferId(1)),
        ],
        constants: Vec::new(),
        scratch: None,
        output: BufferId(2),
        lead: None,
        choice: None,
    };
    let offer = offer(&Layer {
        step: &step,
        constants: &[],
        elements,
        core,
    })?;
    let Kernel::LinearAddS8(p) = offer.kernel else {
        panic!("{:?}", offer.kernel);
    };
    Some(p)
}

/// The factor of a real number in 2⁻³⁰..1.
fn scale(factor: f64) -> Scale {
    let shift = factor.log2().floor() as i32 + 1;
    Scale {
        multiplier: (factor * 2f64.powi(31 - shift)) as i32,
        shift,
    }
}

/// As `TFLite` prepares a sum of operands with such scales and zero points.
fn exact(kind: SumKind, scales: [f64; 3], zeros: [i32; 3]) -> AddExact {
    let most = 2.0 * scales[0].max(scales[1]);
    let operand = |index: usize| Rescale {
        zero_point: zeros[index],
        scale: scale(scales[index] / most),
    };
    AddExact {
        kind,
        walk: flat(PAIRS),
        first: operand(0),
        second: operand(1),
        left_shift: 20,
        output: scale(most / (2f64.powi(20) * scales[2])),
        zero_point: zeros[2],
        range: [-128, 127],
    }
}

#[test]
fn sums_of_all_pairs_are_those_of_the_reference() {
    let [a, b] = pairs();
    let mut found = 0;
    for step in 0..24i32 {
        let real = |at: i32| f64::from((step * 37 + at * 61) % 97 + 2).sqrt() / 50.0;
        let zero = |at: i32| (step * 53 + at * 89) % 256 - 128;
        let kind = if step % 3 == 0 {
            SumKind::Sub
        } else {
            SumKind::Add
        };
        let scales = [real(1), real(2), 0.8 * real(3) + real(1)];
        let p = exact(kind, scales, [zero(1), zero(2), zero(3)]);
        let Some(linear) = offered(Kernel::AddExactS8(p), PAIRS, Core::CortexM4) else {
            continue;
        };
        found += 1;
        let (mut wanted, mut y) = (vec![0; PAIRS], vec![0; PAIRS]);
        rt::add_exact(&p, &a, &b, &mut wanted);
        rt::linear_add_s8(&linear, &a, &b, &mut y);
        assert!(y == wanted, "{p:?} as {linear:?}");
        y.copy_from_slice(&a);
        rt::linear_add_s8_in_place(&linear, &mut y, &b);
        assert!(y == wanted, "{p:?} as {linear:?} in place");
    }
    assert!(found >= 20, "{found} of 24");
}

#[test]
fn native_sums_are_linear() {
    let [a, b] = pairs();
    let p = AddS8 {
        kind: BinaryKind::Sub,
        walk: flat(PAIRS),
        first_multiplier: 700_001,
        first_offset: 700_001 * 5,
        second_multiplier: 1_400_123,
        second_offset: -1_400_123 * 7,
        offset: (3 << 20) + (1 << 19),
        shift: 20,
    };
    let linear = offered(Kernel::AddS8(p), PAIRS, Core::CortexM7).unwrap();
    let (mut wanted, mut y) = (vec![0; PAIRS], vec![0; PAIRS]);
    rt::add_s8(&p, &a, &b, &mut wanted);
    rt::linear_add_s8(&linear, &a, &b, &mut y);
    assert!(y == wanted);
}

#[test]
fn other_functions_are_left_alone() {
    let p = exact(SumKind::Add, [0.1, 0.2, 0.3], [0; 3]);
    let m4 =
        |p: AddExact, elements: usize| offered(Kernel::AddExactS8(p), elements, Core::CortexM4);
    assert!(m4(p, PAIRS).is_some());
    let kind = SumKind::SquaredDifference;
    assert_eq!(m4(AddExact { kind, ..p }, PAIRS), None);
    // An operand that is repeated, and an activation that cuts off more than a byte does.
    let mut walk = flat(PAIRS);
    walk.second[MAX_RANK - 1] = 0;
    assert_eq!(m4(AddExact { walk, ..p }, PAIRS), None);
    let range = [-5, 127];
    assert_eq!(m4(AddExact { range, ..p }, PAIRS), None);
    assert_eq!(offered(Kernel::AddExactS8(p), PAIRS, Core::CortexM3), None);
}

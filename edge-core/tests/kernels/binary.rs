use crate::numbers::{Numbers, requantize_wide};
use edge_core::params::{AddS8, BinaryF32, BinaryKind, Broadcast, MAX_RANK, MulS8};
use edge_core::rt;
use proptest::prelude::*;

/// A result shape of rank 1 to 6 and two operand shapes that broadcast to it.
#[derive(Clone, Debug)]
pub struct Shapes {
    pub result: [usize; MAX_RANK],
    pub first: [usize; MAX_RANK],
    pub second: [usize; MAX_RANK],
}

/// `whole` keeps the first operand in the shape of the result.
pub fn shapes(whole: bool) -> impl Strategy<Value = Shapes> {
    // Which operand repeats along an axis: 0 none, 1 the first, 2 the second.
    let axis = (
        1usize..5,
        prop_oneof![4 => Just(0), 1 => Just(1), 2 => Just(2)],
    );
    (
        1usize..7,
        [
            axis.clone(),
            axis.clone(),
            axis.clone(),
            axis.clone(),
            axis.clone(),
            axis,
        ],
    )
        .prop_map(move |(rank, axes)| {
            let mut s = Shapes {
                result: [1; MAX_RANK],
                first: [1; MAX_RANK],
                second: [1; MAX_RANK],
            };
            for axis in MAX_RANK - rank..MAX_RANK {
                let (len, repeated) = axes[axis];
                s.result[axis] = len;
                s.first[axis] = if repeated == 1 && !whole { 1 } else { len };
                s.second[axis] = if repeated == 2 { 1 } else { len };
            }
            s
        })
}

fn strides(of: &[usize; MAX_RANK]) -> [usize; MAX_RANK] {
    let mut strides = [0; MAX_RANK];
    let mut step = 1;
    for axis in (0..MAX_RANK).rev() {
        strides[axis] = if of[axis] == 1 { 0 } else { step };
        step *= of[axis];
    }
    strides
}

impl Shapes {
    pub fn walk(&self) -> Broadcast {
        Broadcast {
            shape: self.result,
            first: strides(&self.first),
            second: strides(&self.second),
        }
    }

    pub fn len(shape: &[usize; MAX_RANK]) -> usize {
        shape.iter().product()
    }

    /// For each result element in order, the elements of both operands.
    pub fn pairs<A: Copy, B: Copy>(&self, a: &[A], b: &[B]) -> Vec<(A, B)> {
        let index = |of: &[usize; MAX_RANK], mut at: usize| {
            let mut place = [0; MAX_RANK];
            for axis in (0..MAX_RANK).rev() {
                place[axis] = at % self.result[axis];
                at /= self.result[axis];
            }
            (0..MAX_RANK).fold(0, |index, axis| {
                index * of[axis] + if of[axis] == 1 { 0 } else { place[axis] }
            })
        };
        (0..Self::len(&self.result))
            .map(|at| (a[index(&self.first, at)], b[index(&self.second, at)]))
            .collect()
    }
}

const KINDS: [BinaryKind; 8] = [
    BinaryKind::Add,
    BinaryKind::Sub,
    BinaryKind::Mul,
    BinaryKind::Div,
    BinaryKind::Min,
    BinaryKind::Max,
    BinaryKind::Pow,
    BinaryKind::PRelu,
];

fn float(kind: BinaryKind, a: f32, b: f32) -> f32 {
    match kind {
        BinaryKind::Add => a + b,
        BinaryKind::Sub => a - b,
        BinaryKind::Mul => a * b,
        BinaryKind::Div => a / b,
        BinaryKind::Min => a.min(b),
        BinaryKind::Max => a.max(b),
        BinaryKind::Pow => a.powf(b),
        BinaryKind::PRelu => a * if a < 0.0 { b } else { 1.0 },
    }
}

fn add_s8(numbers: &mut Numbers, walk: Broadcast, kind: BinaryKind) -> AddS8 {
    let shift = numbers.below(23) as u32;
    let multiplier = |numbers: &mut Numbers| numbers.words(1, 3 << shift.min(19))[0];
    let (first_multiplier, second_multiplier) = (multiplier(numbers), multiplier(numbers));
    let zeros = numbers
        .bytes(3)
        .into_iter()
        .map(i32::from)
        .collect::<Vec<_>>();
    AddS8 {
        kind,
        walk,
        first_multiplier,
        first_offset: -zeros[0] * first_multiplier,
        second_multiplier,
        second_offset: -zeros[1] * second_multiplier,
        offset: (zeros[2] << shift) + ((1 << shift) >> 1),
        shift,
    }
}

fn add_wide(p: &AddS8, a: i8, b: i8) -> i8 {
    let a = i64::from(a) * i64::from(p.first_multiplier) + i64::from(p.first_offset);
    let b = i64::from(b) * i64::from(p.second_multiplier) + i64::from(p.second_offset);
    let value = match p.kind {
        BinaryKind::Add => a + b,
        BinaryKind::Sub => a - b,
        BinaryKind::Min => a.min(b),
        BinaryKind::Max => a.max(b),
        BinaryKind::Mul | BinaryKind::Div | BinaryKind::Pow | BinaryKind::PRelu => {
            panic!("{:?} is no sum", p.kind)
        }
    };
    ((value + i64::from(p.offset)) >> p.shift).clamp(-128, 127) as i8
}

proptest! {
    #[test]
    fn binary_f32_walks_as_numpy_does(shapes in shapes(false), joined: bool, seed: u64) {
        let mut numbers = Numbers::new(seed);
        let a = numbers.floats(Shapes::len(&shapes.first));
        let b = numbers.floats(Shapes::len(&shapes.second));
        for kind in KINDS {
            let walk = if joined { shapes.walk().joined() } else { shapes.walk() };
            let p = BinaryF32 { kind, walk, clamp: [-8.0, 8.5] };
            let mut y = vec![0.0; Shapes::len(&shapes.result)];
            rt::binary_f32(&p, &a, &b, &mut y);
            for (found, (a, b)) in y.iter().zip(shapes.pairs(&a, &b)) {
                let wanted = float(kind, a, b).clamp(-8.0, 8.5);
                let equal = *found == wanted || found.is_nan() && wanted.is_nan();
                let close = kind == BinaryKind::Pow && (found - wanted).abs() <= 1e-5 * wanted.abs();
                prop_assert!(equal || close, "{kind:?} of {a} and {b}: {found}, not {wanted}");
            }
        }
    }

    #[test]
    fn int8_is_exact(shapes in shapes(false), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let a = numbers.bytes(Shapes::len(&shapes.first));
        let b = numbers.bytes(Shapes::len(&shapes.second));
        let mut y = vec![0; Shapes::len(&shapes.result)];
        for kind in [BinaryKind::Add, BinaryKind::Sub, BinaryKind::Min, BinaryKind::Max] {
            let p = add_s8(&mut numbers, shapes.walk(), kind);
            rt::add_s8(&p, &a, &b, &mut y);
            let wanted: Vec<i8> = shapes.pairs(&a, &b).iter().map(|&(a, b)| add_wide(&p, a, b)).collect();
            prop_assert_eq!(&y, &wanted, "{:?}", p);
        }
        let requant = numbers.requant(17);
        let multiplier = numbers.multipliers(1, 15, requant)[0];
        let p = MulS8 { walk: shapes.walk(), first_zero: -7, second_zero: 100, multiplier, requant };
        rt::mul_s8(&p, &a, &b, &mut y);
        let product = |&(a, b): &(i8, i8)| requantize_wide((i64::from(a) + 7) * (i64::from(b) - 100), multiplier, requant);
        let wanted: Vec<i8> = shapes.pairs(&a, &b).iter().map(product).collect();
        prop_assert_eq!(&y, &wanted);
    }

    #[test]
    fn in_place_twins_give_the_same(shapes in shapes(true), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let (len, walk) = (Shapes::len(&shapes.result), shapes.walk());
        let (a, b) = (numbers.bytes(len), numbers.bytes(Shapes::len(&shapes.second)));
        let (mut y, mut twin) = (vec![0; len], a.clone());
        let p = add_s8(&mut numbers, walk, BinaryKind::Sub);
        rt::add_s8(&p, &a, &b, &mut y);
        rt::add_s8_in_place(&p, &mut twin, &b);
        prop_assert_eq!(&y, &twin);

        let requant = numbers.requant(17);
        let multiplier = numbers.multipliers(1, 15, requant)[0];
        let p = MulS8 { walk, first_zero: 3, second_zero: -128, multiplier, requant };
        twin.copy_from_slice(&a);
        rt::mul_s8(&p, &a, &b, &mut y);
        rt::mul_s8_in_place(&p, &mut twin, &b);
        prop_assert_eq!(&y, &twin);

        let (a, b) = (numbers.floats(len), numbers.floats(b.len()));
        let (mut y, mut twin) = (vec![0.0; len], a.clone());
        let p = BinaryF32 { kind: BinaryKind::Sub, walk, clamp: [-1.0, 7.0] };
        rt::binary_f32(&p, &a, &b, &mut y);
        rt::binary_f32_in_place(&p, &mut twin, &b);
        prop_assert_eq!(&y, &twin);
    }
}

#[test]
fn axes_join_where_one_step_serves_both() {
    let walk = |first, second| Broadcast {
        shape: [1, 1, 2, 3, 4, 5],
        first,
        second,
    };
    let whole = [0, 0, 60, 20, 5, 1];
    let equal = walk(whole, whole).joined();
    assert_eq!(
        (equal.shape, equal.first, equal.second),
        ([1, 1, 1, 1, 1, 120], [0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1])
    );
    let channels = walk(whole, [0, 0, 0, 0, 0, 1]).joined();
    assert_eq!(
        (channels.shape, channels.second),
        ([1, 1, 1, 1, 24, 5], [0, 0, 0, 0, 0, 1])
    );
    let leading = walk(whole, [0, 0, 0, 20, 5, 1]).joined();
    assert_eq!(
        (leading.shape, leading.first),
        ([1, 1, 1, 1, 2, 60], [0, 0, 0, 0, 60, 1])
    );
    let scalar = walk(whole, [0; 6]).joined();
    assert_eq!(
        (scalar.shape, scalar.second),
        ([1, 1, 1, 1, 1, 120], [0; 6])
    );
}

#[test]
fn what_is_not_a_number_stays_so() {
    let walk = Broadcast {
        shape: [1; MAX_RANK],
        first: [0; MAX_RANK],
        second: [0; MAX_RANK],
    };
    let p = BinaryF32 {
        kind: BinaryKind::Add,
        walk,
        clamp: [0.0, 6.0],
    };
    let mut y = [0.0];
    rt::binary_f32(&p, &[f32::NAN], &[1.0], &mut y);
    assert!(y[0].is_nan());
}

use crate::binary::{Shapes, shapes};
use crate::numbers::Numbers;
use crate::scale::{half_away, half_up};
use edge_core::params::{
    Broadcast, Compare, CompareScaled, Each, Logical, LogicalKind, MAX_RANK, Relation, Rescale,
    Select,
};
use edge_core::rt;
use proptest::prelude::*;
use std::cmp::Ordering;

const RELATIONS: [(Relation, [bool; 3]); 6] = [
    (Relation::Equal, [false, true, false]),
    (Relation::NotEqual, [true, false, true]),
    (Relation::Greater, [false, false, true]),
    (Relation::GreaterEqual, [false, true, true]),
    (Relation::Less, [true, false, false]),
    (Relation::LessEqual, [true, true, false]),
];

/// Whether a relation holds for numbers in an order; less, equal, greater.
fn holds(table: [bool; 3], order: Ordering) -> u8 {
    u8::from(table[(order as i8 + 1) as usize])
}

proptest! {
    #[test]
    fn comparisons_walk_as_numpy_does(shapes in shapes(false), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let a = numbers.words(Shapes::len(&shapes.first), 2);
        let b = numbers.words(Shapes::len(&shapes.second), 2);
        let mut y = vec![9; Shapes::len(&shapes.result)];
        for (relation, table) in RELATIONS {
            rt::compare(&Compare { relation, walk: shapes.walk() }, &a, &b, &mut y);
            let wanted: Vec<u8> = shapes.pairs(&a, &b).iter().map(|(a, b)| holds(table, a.cmp(b))).collect();
            prop_assert_eq!(&y, &wanted, "{:?}", relation);
        }
    }

    #[test]
    fn scaled_comparisons_round_as_tflite(shapes in shapes(false), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let operand = |numbers: &mut Numbers| Rescale {
            zero_point: numbers.below(256) as i32 - 128,
            scale: numbers.scale(-12, -1),
        };
        let (first, second) = (operand(&mut numbers), operand(&mut numbers));
        let a = numbers.bytes(Shapes::len(&shapes.first));
        let b = numbers.bytes(Shapes::len(&shapes.second));
        let mut y = vec![9; Shapes::len(&shapes.result)];
        let unit = |p: &Rescale, x: i8| {
            let shifted = i128::from(i32::from(x) - p.zero_point) * 256;
            half_away(half_up(shifted * i128::from(p.scale.multiplier), 31), -p.scale.shift)
        };
        for (relation, table) in RELATIONS {
            let compare = Compare { relation, walk: shapes.walk() };
            let p = CompareScaled { compare, first, second, left_shift: 8 };
            rt::compare_scaled(&p, &a, &b, &mut y);
            let wanted: Vec<u8> = shapes.pairs(&a, &b).iter()
                .map(|&(a, b)| holds(table, unit(&first, a).cmp(&unit(&second, b)))).collect();
            prop_assert_eq!(&y, &wanted, "{:?}", relation);
        }
    }

    #[test]
    fn truth_values_are_zero_and_one(shapes in shapes(false), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let mut truths = |len| -> Vec<u8> { (0..len).map(|_| numbers.below(2) as u8).collect() };
        let a = truths(Shapes::len(&shapes.first));
        let b = truths(Shapes::len(&shapes.second));
        let mut y = vec![9; Shapes::len(&shapes.result)];
        for (kind, least) in [(LogicalKind::And, 2), (LogicalKind::Or, 1)] {
            rt::logical(&Logical { kind, walk: shapes.walk() }, &a, &b, &mut y);
            let wanted: Vec<u8> = shapes.pairs(&a, &b).iter().map(|(a, b)| u8::from(a + b >= least)).collect();
            prop_assert_eq!(&y, &wanted);
        }
        let mut y = vec![9; a.len()];
        rt::not(&Each { len: a.len() }, &a, &mut y);
        prop_assert!(a.iter().zip(&y).all(|(a, y)| a + y == 1));
    }

    /// The condition has the shape of the first, of the second, of both together or of one element.
    #[test]
    fn selection_repeats_all_three(shapes in shapes(false), seed: u64, form in 0usize..4) {
        let mut numbers = Numbers::new(seed);
        let a = numbers.words(Shapes::len(&shapes.first), 1000);
        let b = numbers.words(Shapes::len(&shapes.second), 1000);
        let of = [shapes.first, shapes.second, shapes.result, [1; MAX_RANK]][form];
        let condition: Vec<u8> = (0..Shapes::len(&of)).map(|_| numbers.below(2) as u8).collect();
        let with = |second: [usize; MAX_RANK]| Shapes { result: shapes.result, first: of, second };
        let (first, second) = (with(shapes.first), with(shapes.second));
        let p = Select { first: first.walk(), second: joined(&second) };
        let mut y = vec![0; Shapes::len(&shapes.result)];
        rt::select(&p, &condition, &a, &b, &mut y);
        let (a, b) = (first.pairs(&condition, &a), second.pairs(&condition, &b));
        let wanted: Vec<i32> = a.iter().zip(&b).map(|(a, b)| if a.0 == 1 { a.1 } else { b.1 }).collect();
        prop_assert_eq!(&y, &wanted);
    }
}

fn joined(shapes: &Shapes) -> Broadcast {
    shapes.walk().joined()
}

#[test]
fn what_is_not_a_number_is_unequal() {
    let walk = Broadcast {
        shape: [1; MAX_RANK],
        first: [0; MAX_RANK],
        second: [0; MAX_RANK],
    };
    for (relation, _) in RELATIONS {
        let mut y = [9];
        rt::compare(&Compare { relation, walk }, &[f32::NAN], &[1.0], &mut y);
        assert_eq!(y[0], u8::from(relation == Relation::NotEqual));
    }
}

use crate::binary::{Shapes, shapes};
use crate::numbers::Numbers;
use crate::scale::{half_away, half_even, half_up};
use edge_core::params::{
    AddExact, AddOnce, Broadcast, Choose, IntegerKind, Integers, MulExact, OnceKind, PReluExact,
    Rescale, Steps, SumKind,
};
use edge_core::quant::{Rounding, Scale};
use edge_core::rt;
use proptest::prelude::*;

/// `value · scale` in wide integers: rounded up at halves, then away from zero.
fn twice_rounded(value: i128, scale: Scale) -> i128 {
    let left = scale.shift.max(0);
    let product = half_up((value << left) * i128::from(scale.multiplier), 31);
    half_away(product, left - scale.shift)
}

fn rounded(value: i128, scale: Scale, rounding: Rounding) -> i128 {
    match rounding {
        Rounding::TfLite => twice_rounded(value, scale),
        Rounding::Onnx => half_even(value * i128::from(scale.multiplier), 31 - scale.shift),
    }
}

/// The end of every kernel, for a type of some bits.
fn limited(value: i128, zero_point: i32, [low, high]: [i32; 2]) -> i128 {
    (value + i128::from(zero_point))
        .max(low.into())
        .min(high.into())
}

const BYTES: [i32; 2] = [-128, 127];
const HALVES: [i32; 2] = [-32768, 32767];

/// A range inside a type.
fn range(numbers: &mut Numbers, [low, high]: [i32; 2]) -> [i32; 2] {
    let span = (high - low) as u64 / 3;
    [
        low + numbers.below(span) as i32,
        high - numbers.below(span) as i32,
    ]
}

fn zero(numbers: &mut Numbers, [low, high]: [i32; 2]) -> i32 {
    match numbers.below(4) {
        0 => low,
        1 => high,
        _ => low + numbers.below((high - low) as u64) as i32,
    }
}

fn add_exact(numbers: &mut Numbers, kind: SumKind, walk: Broadcast, ends: [i32; 2]) -> AddExact {
    let wide = ends == HALVES;
    let left_shift = match (kind, wide) {
        (SumKind::SquaredDifference, false) => 7,
        (SumKind::SquaredDifference, true) => 0,
        (SumKind::Add | SumKind::Sub, false) => 20,
        (SumKind::Add | SumKind::Sub, true) => 15,
    };
    // Squares of half words leave 32 bits if they have zero points.
    let plain = wide && kind == SumKind::SquaredDifference;
    let operand = |numbers: &mut Numbers| Rescale {
        zero_point: if plain { 0 } else { zero(numbers, ends) },
        scale: numbers.scale(-12, -1),
    };
    AddExact {
        kind,
        walk,
        first: operand(numbers),
        second: operand(numbers),
        left_shift,
        output: if kind == SumKind::SquaredDifference {
            numbers.scale(-24, 0)
        } else {
            numbers.scale(-(left_shift as i32) - 3, 3 - left_shift as i32)
        },
        zero_point: zero(numbers, ends),
        range: range(numbers, ends),
    }
}

fn add_wide(p: &AddExact, a: i32, b: i32) -> i128 {
    let unit = |p: &Rescale, x: i32, left: u32| {
        twice_rounded((i128::from(x) - i128::from(p.zero_point)) << left, p.scale)
    };
    let a = unit(&p.first, a, p.left_shift);
    let b = unit(&p.second, b, p.left_shift);
    let value = match p.kind {
        SumKind::Add => a + b,
        SumKind::Sub => a - b,
        SumKind::SquaredDifference => (a - b) * (a - b),
    };
    limited(twice_rounded(value, p.output), p.zero_point, p.range)
}

fn once_wide(p: &AddOnce, a: i32, b: i32) -> i128 {
    let steps =
        |p: &Steps, x: i32| (i128::from(x) - i128::from(p.zero_point)) * i128::from(p.multiplier);
    let (a, b) = (steps(&p.first, a), steps(&p.second, b));
    let value = match p.kind {
        OnceKind::Add => a + b,
        OnceKind::Sub => a - b,
        OnceKind::Min => a.min(b),
        OnceKind::Max => a.max(b),
    };
    limited(half_even(value, p.shift as i32), p.zero_point, p.range)
}

fn mul_exact(
    numbers: &mut Numbers,
    rounding: Rounding,
    walk: Broadcast,
    ends: [i32; 2],
) -> MulExact {
    let plain = ends == HALVES && rounding == Rounding::TfLite;
    let mut zero_or_none = || if plain { 0 } else { zero(numbers, ends) };
    let (first_zero, second_zero) = (zero_or_none(), zero_or_none());
    MulExact {
        walk,
        first_zero,
        second_zero,
        scale: if ends == HALVES {
            numbers.scale(-24, 0)
        } else {
            numbers.scale(-14, 1)
        },
        rounding,
        zero_point: zero(numbers, ends),
        range: range(numbers, ends),
    }
}

fn product_wide(p: &MulExact, a: i32, b: i32) -> i128 {
    let a = i128::from(a) - i128::from(p.first_zero);
    let b = i128::from(b) - i128::from(p.second_zero);
    limited(rounded(a * b, p.scale, p.rounding), p.zero_point, p.range)
}

/// `a / b · scale` with one rounding.
fn quotient_wide(p: &MulExact, a: i32, b: i32) -> i128 {
    let a = i128::from(a) - i128::from(p.first_zero);
    let b = i128::from(b) - i128::from(p.second_zero);
    if b == 0 {
        return limited(a.signum() << 31, p.zero_point, p.range);
    }
    let dividend = a * i128::from(p.scale.multiplier) * b.signum();
    let divisor = b.abs() << (31 - p.scale.shift);
    let (floor, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let up = 2 * rest > divisor || (2 * rest == divisor && floor % 2 != 0);
    limited(floor + i128::from(up), p.zero_point, p.range)
}

/// A kernel and its in-place twin against the definition, of bytes and half words.
macro_rules! check {
    ($shapes:expr, $numbers:expr, $make:expr, $kernel:ident, $twin:ident, $wide:ident) => {{
        let (shapes, numbers) = ($shapes, &mut $numbers);
        let (lens, len) = (
            [Shapes::len(&shapes.first), Shapes::len(&shapes.second)],
            Shapes::len(&shapes.result),
        );
        check!(@type i8, bytes, BYTES, shapes, numbers, lens, len, $make, $kernel, $twin, $wide);
        check!(@type i16, halves, HALVES, shapes, numbers, lens, len, $make, $kernel, $twin, $wide);
    }};
    (@type $ty:ident, $draw:ident, $ends:ident, $shapes:ident, $numbers:ident, $lens:ident, $len:ident,
     $make:expr, $kernel:ident, $twin:ident, $wide:ident) => {{
        let p = $make($numbers, $shapes.walk(), $ends);
        let (a, b) = ($numbers.$draw($lens[0]), $numbers.$draw($lens[1]));
        let mut y = vec![0 as $ty; $len];
        rt::$kernel(&p, &a, &b, &mut y);
        let wanted: Vec<$ty> = $shapes.pairs(&a, &b).iter()
            .map(|&(a, b)| $wide(&p, a.into(), b.into()) as $ty).collect();
        prop_assert_eq!(&y, &wanted, "{:?}", p);
        if $shapes.first == $shapes.result {
            let mut twin = a.clone();
            rt::$twin(&p, &mut twin, &b);
            prop_assert_eq!(&twin, &wanted, "{:?} in place", p);
        }
    }};
}

fn by_reciprocal(first_zero: i32, scale: Scale) -> MulExact {
    MulExact {
        walk: Broadcast {
            shape: [1; 6],
            first: [0; 6],
            second: [0; 6],
        },
        first_zero,
        second_zero: -128,
        scale,
        rounding: Rounding::TfLite,
        zero_point: 3,
        range: BYTES,
    }
}

/// What `tflite-micro` computes on x86 where it shifts by 32: nothing that a quotient would be.
#[test]
fn tiny_quotients_shift_as_machines_do() {
    let scale = Scale {
        multiplier: 1 << 30,
        shift: 6,
    };
    let p = by_reciprocal(0, scale);
    let quotient = |a: i8| {
        let mut y = [0i8];
        rt::div_exact(&p, &[a], &[0], &mut y);
        y[0]
    };
    assert_eq!(quotient(0), 4);
    assert_eq!(quotient(-1), -128);
}

proptest! {
    #[test]
    fn sums_round_as_tflite(shapes in prop_oneof![shapes(false), shapes(true)], seed: u64) {
        let mut numbers = Numbers::new(seed);
        for kind in [SumKind::Add, SumKind::Sub, SumKind::SquaredDifference] {
            let make = |numbers: &mut Numbers, walk, ends| add_exact(numbers, kind, walk, ends);
            check!(&shapes, numbers, make, add_exact, add_exact_in_place, add_wide);
        }
    }

    #[test]
    fn sums_round_once(shapes in prop_oneof![shapes(false), shapes(true)], seed: u64) {
        let mut numbers = Numbers::new(seed);
        for kind in [OnceKind::Add, OnceKind::Sub, OnceKind::Min, OnceKind::Max] {
            let make = |numbers: &mut Numbers, walk, ends| {
                let shift = numbers.below(35) as u32;
                // Few bits make halves frequent.
                let greatest = 1i32 << shift.min(30);
                let steps = |numbers: &mut Numbers| Steps {
                    zero_point: zero(numbers, ends),
                    multiplier: numbers.words(1, greatest)[0].abs(),
                };
                AddOnce {
                    kind, walk,
                    first: steps(numbers),
                    second: steps(numbers),
                    shift,
                    zero_point: zero(numbers, ends),
                    range: range(numbers, ends),
                }
            };
            check!(&shapes, numbers, make, add_once, add_once_in_place, once_wide);
        }
    }

    #[test]
    fn products_round_as_asked(shapes in prop_oneof![shapes(false), shapes(true)], seed: u64) {
        let mut numbers = Numbers::new(seed);
        for rounding in [Rounding::TfLite, Rounding::Onnx] {
            let make = |numbers: &mut Numbers, walk, ends| mul_exact(numbers, rounding, walk, ends);
            check!(&shapes, numbers, make, mul_exact, mul_exact_in_place, product_wide);
        }
    }

    #[test]
    fn quotients_round_once(shapes in prop_oneof![shapes(false), shapes(true)], seed: u64, shift in -60i32..31) {
        let mut numbers = Numbers::new(seed);
        let make = |numbers: &mut Numbers, walk, ends| {
            let mut p = mul_exact(numbers, Rounding::Onnx, walk, ends);
            p.scale.shift = shift;
            if numbers.below(2) == 0 {
                // Powers of two make halves frequent.
                p.scale.multiplier = 1 << 30;
            }
            p
        };
        check!(&shapes, numbers, make, div_exact, div_exact_in_place, quotient_wide);
    }

    /// The reciprocal of the reference is good to about 30 bits, so a quotient is next to the real one.
    #[test]
    fn quotients_by_reciprocals_are_near(a: i8, b in 1i32..256, zero in -128i32..128, shift in 7i32..12, multiplier in 1i32 << 30..=i32::MAX) {
        let p = by_reciprocal(zero, Scale { multiplier, shift });
        let mut y = [0i8];
        rt::div_exact(&p, &[a], &[(b - 128) as i8], &mut y);
        let real = f64::from(i32::from(a) - zero) / f64::from(b)
            * f64::from(multiplier) * f64::from(shift - 31).exp2();
        let near = (real + 3.0).clamp(-128.0, 127.0);
        prop_assert!((f64::from(y[0]) - near).abs() < 0.5001, "{} for {real}", y[0]);
    }

    #[test]
    fn prelus_scale_by_sign(shapes in prop_oneof![shapes(false), shapes(true)], seed: u64, onnx: bool) {
        let mut numbers = Numbers::new(seed);
        let rounding = if onnx { Rounding::Onnx } else { Rounding::TfLite };
        let p = PReluExact {
            walk: shapes.walk(),
            input_zero: zero(&mut numbers, BYTES),
            slope_zero: zero(&mut numbers, BYTES),
            positive: numbers.scale(-4, 3),
            negative: numbers.scale(-12, 0),
            rounding,
            zero_point: zero(&mut numbers, BYTES),
        };
        let wide = |x: i32, slope: i32, ends| {
            let x = i128::from(x - p.input_zero);
            let value = if x < 0 {
                rounded(x * i128::from(slope - p.slope_zero), p.negative, rounding)
            } else {
                rounded(x, p.positive, rounding)
            };
            limited(value, p.zero_point, ends)
        };
        let slopes = numbers.bytes(Shapes::len(&shapes.second));
        let (bytes, halves) = (
            numbers.bytes(Shapes::len(&shapes.first)),
            numbers.halves(Shapes::len(&shapes.first)),
        );
        let len = Shapes::len(&shapes.result);
        let (mut y, mut z) = (vec![0i8; len], vec![0i16; len]);
        rt::prelu_exact(&p, &bytes, &slopes, &mut y);
        rt::prelu_exact(&p, &halves, &slopes, &mut z);
        let wanted: Vec<i8> = shapes.pairs(&bytes, &slopes).iter()
            .map(|&(x, s)| wide(x.into(), s.into(), BYTES) as i8).collect();
        prop_assert_eq!(&y, &wanted);
        let wanted: Vec<i16> = shapes.pairs(&halves, &slopes).iter()
            .map(|&(x, s)| wide(x.into(), s.into(), HALVES) as i16).collect();
        prop_assert_eq!(&z, &wanted);
        if shapes.first == shapes.result {
            let mut twin = halves.clone();
            rt::prelu_exact_in_place(&p, &mut twin, &slopes);
            prop_assert_eq!(&twin, &wanted);
        }
    }

    #[test]
    fn plain_numbers_wrap_and_are_chosen(shapes in prop_oneof![shapes(false), shapes(true)], seed: u64) {
        let mut numbers = Numbers::new(seed);
        let few = |numbers: &mut Numbers, len| -> Vec<i32> {
            (0..len).map(|_| match numbers.below(6) {
                0 => i32::MIN,
                1 => i32::MAX,
                2 => numbers.below(3) as i32 - 1,
                _ => numbers.next() as i32,
            }).collect()
        };
        let a = few(&mut numbers, Shapes::len(&shapes.first));
        let b = few(&mut numbers, Shapes::len(&shapes.second));
        let mut y = vec![0; Shapes::len(&shapes.result)];
        for kind in [IntegerKind::Add, IntegerKind::Sub, IntegerKind::Mul, IntegerKind::Div, IntegerKind::SquaredDifference] {
            let p = Integers { kind, walk: shapes.walk(), range: [-1_000_000, i32::MAX] };
            rt::integers_s32(&p, &a, &b, &mut y);
            let function = |&(a, b): &(i32, i32)| {
                let (a, b) = (i128::from(a), i128::from(b));
                let value = match kind {
                    IntegerKind::Add => a + b,
                    IntegerKind::Sub => a - b,
                    IntegerKind::Mul => a * b,
                    IntegerKind::Div => if b == 0 { 0 } else { a / b },
                    IntegerKind::SquaredDifference => (a - b) * (a - b),
                };
                (value as i32).max(-1_000_000)
            };
            let wanted: Vec<i32> = shapes.pairs(&a, &b).iter().map(function).collect();
            prop_assert_eq!(&y, &wanted, "{:?}", kind);
            if shapes.first == shapes.result {
                let mut twin = a.clone();
                rt::integers_s32_in_place(&p, &mut twin, &b);
                prop_assert_eq!(&twin, &wanted);
            }
        }
        for greater in [false, true] {
            let p = Choose { walk: shapes.walk(), greater };
            rt::choose(&p, &a, &b, &mut y);
            let wanted: Vec<i32> = shapes.pairs(&a, &b).iter()
                .map(|&(a, b)| if (a > b) == greater { a } else { b }).collect();
            prop_assert_eq!(&y, &wanted);
            if shapes.first == shapes.result {
                let mut twin = a.clone();
                rt::choose_in_place(&p, &mut twin, &b);
                prop_assert_eq!(&twin, &wanted);
            }
        }
    }
}

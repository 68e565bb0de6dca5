use crate::numbers::{Numbers, assert_close};
use edge_core::params::Softmax;
use edge_core::rt;
use proptest::prelude::*;

fn shapes() -> impl Strategy<Value = [usize; 3]> {
    [1usize..4, 1usize..14, 1usize..4]
}

fn place([_, axis, inner]: [usize; 3], index: usize) -> impl Fn(usize) -> usize {
    let start = index / (axis * inner) * axis * inner + index % inner;
    move |a| start + a * inner
}

fn table(scale: f64) -> Vec<u16> {
    (0..256)
        .map(|d| (65535.0 * (-f64::from(d) * scale).exp()).round() as u16)
        .collect()
}

fn check_s8(shape: [usize; 3], x: &[i8], table: &[u16]) {
    let [outer, axis, inner] = shape;
    let p = Softmax {
        outer,
        axis,
        inner,
        log: false,
    };
    let (mut y, mut twin) = (vec![0; x.len()], x.to_vec());
    rt::softmax_s8(&p, x, table, &mut y);
    rt::softmax_s8_in_place(&p, &mut twin, table);
    assert_eq!(y, twin);
    for (index, &found) in y.iter().enumerate() {
        let at = place(shape, index);
        let greatest = (0..axis)
            .map(|a| x[at(a)])
            .max()
            .expect("axes are not empty");
        let exponential = |x: i8| u64::from(table[(i32::from(greatest) - i32::from(x)) as usize]);
        let sum: u64 = (0..axis).map(|a| exponential(x[at(a)])).sum();
        let steps = ((exponential(x[index]) * 256 + sum / 2) / sum).min(255);
        assert_eq!(i64::from(found), steps as i64 - 128);
    }
}

proptest! {
    #[test]
    fn softmax_f32_is_close(shape in shapes(), spread in 1.0f32..200.0, seed: u64) {
        let [outer, axis, inner] = shape;
        let x: Vec<f32> = Numbers::new(seed).floats(outer * axis * inner).iter().map(|x| x * spread).collect();
        for log in [false, true] {
            let p = Softmax { outer, axis, inner, log };
            let (mut y, mut twin) = (vec![0.0; x.len()], x.clone());
            rt::softmax_f32(&p, &x, &mut y);
            rt::softmax_f32_in_place(&p, &mut twin);
            prop_assert_eq!(&y, &twin);
            for (index, &found) in y.iter().enumerate() {
                let at = place(shape, index);
                let greatest = (0..axis).map(|a| f64::from(x[at(a)])).fold(f64::MIN, f64::max);
                let sum: f64 = (0..axis).map(|a| (f64::from(x[at(a)]) - greatest).exp()).sum();
                let logarithm = f64::from(x[index]) - greatest - sum.ln();
                let scale = if log { f64::from(spread) } else { 1.0 };
                assert_close(found, if log { logarithm } else { logarithm.exp() }, scale);
            }
        }
    }

    #[test]
    fn softmax_s8_is_exact(shape in shapes(), scale in 0.001f64..1.0, seed: u64) {
        let x = Numbers::new(seed).bytes(shape.iter().product());
        check_s8(shape, &x, &table(scale));
    }
}

#[test]
fn softmax_s8_does_not_overflow_on_the_longest_axis() {
    check_s8([1, 3, 1], &[127, 127, -128], &table(1.0));
    let p = Softmax {
        outer: 1,
        axis: 65535,
        inner: 1,
        log: false,
    };
    let mut y = vec![5i8; 65535];
    rt::softmax_s8_in_place(&p, &mut y, &[65535; 256]);
    assert!(y.iter().all(|&y| y == -128));
}

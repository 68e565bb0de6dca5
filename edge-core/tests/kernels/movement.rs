use crate::numbers::Numbers;
use edge_core::params::{CopyStrided, FillF32, FillS8, Gather, MAX_RANK, TableS8};
use edge_core::rt;
use proptest::prelude::*;

/// Copies between two blocks of memory, with strides of any sign that stay inside.
fn copies() -> impl Strategy<Value = CopyStrided> {
    let axis = (1usize..4, -9isize..10, 0usize..12);
    let joined = prop_oneof![Just(false), Just(true)];
    (
        [
            axis.clone(),
            axis.clone(),
            axis.clone(),
            axis.clone(),
            axis.clone(),
            axis,
        ],
        0usize..5,
        0usize..5,
        joined,
    )
        .prop_map(|(axes, spare, target_start, contiguous)| {
            let mut p = CopyStrided {
                shape: axes.map(|axis| axis.0),
                source_start: 0,
                source: axes.map(|axis| axis.1),
                target_start,
                target: axes.map(|axis| axis.2),
            };
            if contiguous {
                for axis in 3..MAX_RANK {
                    let step: usize = p.shape[axis + 1..].iter().product();
                    p.source[axis] = step as isize;
                    p.target[axis] = step;
                }
            }
            let lowest: isize = (0..MAX_RANK)
                .map(|i| p.source[i].min(0) * (p.shape[i] as isize - 1))
                .sum();
            p.source_start = spare + lowest.unsigned_abs();
            p
        })
}

fn each_index(shape: [usize; MAX_RANK]) -> impl Iterator<Item = [usize; MAX_RANK]> {
    (0..shape.iter().product()).map(move |mut at: usize| {
        let mut index = [0; MAX_RANK];
        for axis in (0..MAX_RANK).rev() {
            index[axis] = at % shape[axis];
            at /= shape[axis];
        }
        index
    })
}

proptest! {
    #[test]
    fn copy_strided_moves_every_element(p in copies(), seed: u64) {
        let source_of = |i: [usize; MAX_RANK]| {
            let offset: isize = (0..MAX_RANK).map(|axis| i[axis] as isize * p.source[axis]).sum();
            (p.source_start as isize + offset) as usize
        };
        let target_of = |i: [usize; MAX_RANK]| p.target_start + (0..MAX_RANK).map(|axis| i[axis] * p.target[axis]).sum::<usize>();
        let x = Numbers::new(seed).bytes(each_index(p.shape).map(source_of).max().unwrap_or(0) + 1);
        let mut wanted = vec![99i8; each_index(p.shape).map(target_of).max().unwrap_or(0) + 3];
        let mut y = wanted.clone();
        for index in each_index(p.shape) {
            wanted[target_of(index)] = x[source_of(index)];
        }
        rt::copy_strided(&p, &x, &mut y);
        prop_assert_eq!(&y, &wanted);
        let x: Vec<f32> = x.into_iter().map(f32::from).collect();
        let mut y = vec![99.0; y.len()];
        rt::copy_strided(&p, &x, &mut y);
        prop_assert!(y.iter().zip(&wanted).all(|(&y, &w)| y == f32::from(w)));
    }

    #[test]
    fn gather_picks_rows(outer in 1usize..4, axis in 1usize..6, inner in 1usize..5, picks in prop::collection::vec(0usize..6, 1..8), seed: u64) {
        let rows: Vec<u32> = picks.iter().map(|&pick| (pick % axis) as u32).collect();
        let x = Numbers::new(seed).bytes(outer * axis * inner);
        let mut y = vec![0; outer * rows.len() * inner];
        rt::gather(&Gather { outer, axis, inner }, &x, &rows, &mut y);
        for (index, &found) in y.iter().enumerate() {
            let (o, r, i) = (index / (rows.len() * inner), index / inner % rows.len(), index % inner);
            prop_assert_eq!(found, x[(o * axis + rows[r] as usize) * inner + i]);
        }
    }

    #[test]
    fn table_maps_every_byte(seed: u64) {
        let table = Numbers::new(seed).bytes(256);
        let x: Vec<i8> = (-128..=127).collect();
        let mut y = vec![0; 256];
        let p = TableS8 { len: 256 };
        rt::table_s8(&p, &x, &table, &mut y);
        prop_assert_eq!(&y, &table);
        y.copy_from_slice(&x);
        rt::table_s8_in_place(&p, &mut y, &table);
        prop_assert_eq!(&y, &table);
    }
}

#[test]
fn fills_set_every_element() {
    let mut floats = [0.0; 5];
    rt::fill_f32(&FillF32 { value: -1.5 }, &mut floats);
    assert_eq!(floats, [-1.5; 5]);
    let mut bytes = [0; 5];
    rt::fill_s8(&FillS8 { value: -3 }, &mut bytes);
    assert_eq!(bytes, [-3; 5]);
}

use crate::numbers::{Numbers, assert_close, requantize_wide};
use edge_core::params::{FullyConnectedF32, FullyConnectedS8, MatMul};
use edge_core::rt;
use proptest::prelude::*;

proptest! {
    #[test]
    fn fully_connected_s8_is_exact(batch in 1usize..4, inputs in 1usize..70, outputs in 1usize..9, seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(batch * inputs);
        let weights = numbers.bytes(outputs * inputs);
        let bias = numbers.words(outputs, 1 << 20);
        let requant = numbers.requant(22);
        let multipliers = numbers.multipliers(outputs, 19, requant);
        let p = FullyConnectedS8 { batch, inputs, outputs, requant };
        let mut y = vec![0; batch * outputs];
        rt::fully_connected_s8(&p, &x, &weights, &bias, &multipliers, &mut y);
        for row in 0..batch {
            for o in 0..outputs {
                let products = (0..inputs).map(|i| i64::from(x[row * inputs + i]) * i64::from(weights[o * inputs + i]));
                let sum = i64::from(bias[o]) + products.sum::<i64>();
                prop_assert_eq!(y[row * outputs + o], requantize_wide(sum, multipliers[o], requant));
            }
        }
    }

    #[test]
    fn fully_connected_f32_is_close(batch in 1usize..4, inputs in 1usize..70, outputs in 1usize..9, seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.floats(batch * inputs);
        let weights = numbers.floats(outputs * inputs);
        let bias = numbers.floats(outputs);
        let p = FullyConnectedF32 { batch, inputs, outputs, clamp: [0.0, f32::INFINITY] };
        let mut y = vec![0.0; batch * outputs];
        rt::fully_connected_f32(&p, &x, &weights, &bias, &mut y);
        for row in 0..batch {
            for o in 0..outputs {
                let products: Vec<f64> = (0..inputs)
                    .map(|i| f64::from(x[row * inputs + i]) * f64::from(weights[o * inputs + i]))
                    .collect();
                let sum = products.iter().sum::<f64>() + f64::from(bias[o]);
                assert_close(y[row * outputs + o], sum.max(0.0), products.iter().map(|p| p.abs()).sum());
            }
        }
    }

    #[test]
    fn matmul_is_close(
        batch in 1usize..4,
        rows in 1usize..5,
        inner in 1usize..20,
        columns in 1usize..11,
        shared: bool,
        seed: u64,
    ) {
        let second_stride = if shared { 0 } else { inner * columns };
        let mut numbers = Numbers::new(seed);
        let a = numbers.floats(batch * rows * inner);
        let b = numbers.floats(if shared { 1 } else { batch } * inner * columns);
        let p = MatMul { batch, rows, inner, columns, second_stride };
        let mut y = vec![7.0; batch * rows * columns];
        rt::matmul_f32(&p, &a, &b, &mut y);
        for (index, &found) in y.iter().enumerate() {
            let (n, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
            let products: Vec<f64> = (0..inner)
                .map(|k| {
                    let first = f64::from(a[(n * rows + row) * inner + k]);
                    first * f64::from(b[n * second_stride + k * columns + column])
                })
                .collect();
            assert_close(found, products.iter().sum(), products.iter().map(|p| p.abs()).sum());
        }
    }
}

use super::*;

fn grid(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

/// A function and its definition in double precision.
type Defined = (UnaryFn, fn(f64) -> f64);

const FUNCTIONS: [Defined; 12] = [
    (UnaryFn::Clip(0.0, f32::INFINITY), |x| x.max(0.0)),
    (UnaryFn::Clip(-1.0, 1.0), |x| x.clamp(-1.0, 1.0)),
    (UnaryFn::LeakyRelu(0.1), |x| x.max(0.1 * x)),
    (UnaryFn::LeakyRelu(-0.3), |x| x.max(-0.3 * x)),
    (UnaryFn::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
    (UnaryFn::Tanh, f64::tanh),
    (UnaryFn::HardSwish, |x| {
        x * ((x + 3.0) / 6.0).clamp(0.0, 1.0)
    }),
    (UnaryFn::Abs, f64::abs),
    (UnaryFn::Rsqrt, |x| x.max(0.0).sqrt().recip()),
    (UnaryFn::Elu(1.0), |x| x.max(x.min(0.0).exp_m1())),
    (UnaryFn::Exp, f64::exp),
    (UnaryFn::Affine(-1.0, 0.0), |x| -x),
];

/// What the reference holds results with, where it leaves no choice; else `other`.
fn output(function: UnaryFn, other: QuantParams, sixteen: bool) -> QuantParams {
    let curve = [UnaryFn::Sigmoid, UnaryFn::Tanh]
        .iter()
        .position(|&f| f == function);
    match curve {
        Some(_) if sixteen => grid(1.0 / 32768.0, 0),
        Some(0) => grid(1.0 / 256.0, -128),
        Some(_) => grid(1.0 / 128.0, 0),
        None => other,
    }
}

#[test]
fn tables_are_near_the_real_functions() {
    for (function, real) in FUNCTIONS {
        for from in [grid(0.03, -3), grid(0.01, -128), grid(0.05, 127)] {
            let to = output(function, grid(0.02, -20), false);
            let table = table_s8(function, from, to).unwrap();
            assert_eq!(table.len(), 256);
            for (q, &found) in (-128..=127).zip(&table) {
                let x = f64::from(q - from.zero_point) * f64::from(from.scale);
                let wanted = real(x) / f64::from(to.scale) + f64::from(to.zero_point);
                let wanted = wanted.clamp(-128.0, 127.0);
                let off = (f64::from(found) - wanted).abs();
                assert!(off <= 1.0, "{function:?} of {x}: {found} for {wanted}");
            }
        }
    }
}

#[test]
fn six_is_cut_in_steps_of_the_input() {
    // Whatever the scale of the output: the reference copies integers.
    let table = table_s8(UnaryFn::Clip(0.0, 6.0), grid(0.1, -40), grid(0.5, 3)).unwrap();
    for (q, &found) in (-128..=127).zip(&table) {
        assert_eq!(i32::from(found), q.clamp(-40, 20));
    }
}

#[test]
fn sixteen_bits_take_lines_curves_and_samples() {
    let kind = |function| {
        let to = output(function, grid(0.001, 0), true);
        match function_s16(function, grid(0.0005, 0), to).unwrap() {
            FunctionS16::Lines(_) => "lines",
            FunctionS16::Curve(_) => "curve",
            FunctionS16::Rsqrt(_) => "rsqrt",
            FunctionS16::Table(samples) => {
                assert_eq!(samples.len(), 513);
                "table"
            }
        }
    };
    let kinds = FUNCTIONS.map(|(function, _)| kind(function));
    assert_eq!(kinds[..4], ["lines"; 4]);
    assert_eq!(kinds[4..8], ["curve", "curve", "table", "lines"]);
    assert_eq!(kinds[8..], ["rsqrt", "table", "table", "table"]);
    // A sigmoid to another scale is sampled.
    let other = function_s16(UnaryFn::Sigmoid, grid(0.0005, 0), grid(0.001, 0)).unwrap();
    assert!(matches!(other, FunctionS16::Table(_)));
}

#[test]
fn extreme_scales_are_errors_or_tables() {
    let extremes = [f32::MIN_POSITIVE, 1e-30, 1e-9, 1.0, 1e9, 1e30, f32::MAX];
    let mut functions = FUNCTIONS.map(|(function, _)| function).to_vec();
    functions.push(UnaryFn::Clip(0.0, 6.0));
    functions.push(UnaryFn::LeakyRelu(f32::MAX));
    let mut errors = 0;
    for function in functions {
        for (from, to) in extremes.iter().flat_map(|&a| extremes.map(|b| (a, b))) {
            for zero in [-128, 0, 127] {
                errors += usize::from(
                    table_s8(function, grid(from, zero), grid(to, -zero.max(-127))).is_err(),
                );
                let sixteen = output(function, grid(to, 0), true);
                errors += usize::from(function_s16(function, grid(from, 0), sixteen).is_err());
            }
        }
    }
    assert!(errors > 0);
    // A factor of 2³⁰ times 255 steps.
    assert!(table_s8(UnaryFn::Abs, grid(1e9, 0), grid(1.0, 0)).is_err());
    assert!(table_s8(UnaryFn::Clip(0.0, 6.0), grid(1e-12, 0), grid(1e-12, 0)).is_err());
}

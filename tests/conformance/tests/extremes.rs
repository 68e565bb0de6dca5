//! Extreme scales, zero points, weights and inputs: a network of one operator is refused, or computes what
//! `docs/src/exact-arithmetic.md` says; nothing overflows silently.

use conformance::extremes::pairs::{self, Function};
use conformance::extremes::tally::{BOTH, Tally};
use conformance::extremes::{cases, functions, layers, memory, moves, pools, seed, softmax};
use edge_build::ir::Arithmetic;
use edge_core::params::BinaryKind;
use edge_test_support::random::Random;

fn each(check: impl Fn(&mut Random, Arithmetic, usize) -> Tally) {
    for arithmetic in BOTH {
        check(&mut Random::new(seed()), arithmetic, cases()).finish();
    }
}

fn pair(name: &'static str, function: Function) {
    each(|random, arithmetic, cases| pairs::check(name, function, random, arithmetic, cases));
}

macro_rules! tests {
    ($($name:ident: $run:expr;)*) => { $(
        #[test]
        fn $name() {
            $run;
        }
    )* };
}

tests! {
    convolutions: each(|random, arithmetic, cases| layers::check("convolution", random, arithmetic, cases));
    depthwise_convolutions: each(|random, arithmetic, cases| layers::check("depthwise", random, arithmetic, cases));
    transposed_convolutions: each(|random, arithmetic, cases| layers::check("transposed", random, arithmetic, cases));
    fully_connected_layers: each(|random, arithmetic, cases| layers::check("fully connected", random, arithmetic, cases));
    products_of_matrices: each(pairs::check_products);
    sums: pair("sum", Function::Of(BinaryKind::Add));
    differences: pair("difference", Function::Of(BinaryKind::Sub));
    products: pair("product", Function::Of(BinaryKind::Mul));
    quotients: pair("quotient", Function::Of(BinaryKind::Div));
    slopes: pair("PReLU", Function::Of(BinaryKind::PRelu));
    changes_of_scale: each(functions::check_requantize);
    floats: each(functions::check_floats);
    functions_of_an_element: each(functions::check_unary);
    average_pools: each(pools::check_average_pool);
    sums_and_means: each(pools::check_reduce);
    softmaxes: each(softmax::check);
    linear_resizes: each(moves::check_resize);
    concatenations: each(moves::check_concat);
}

#[test]
fn squared_differences() {
    let mut random = Random::new(seed());
    let function = Function::SquaredDifference;
    pairs::check(
        "squared difference",
        function,
        &mut random,
        Arithmetic::TfLite,
        cases(),
    )
    .finish();
}

#[test]
fn layers_with_memory() {
    memory::check(&mut Random::new(seed()), cases()).finish();
}

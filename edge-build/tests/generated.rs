//! The snapshots of generated code compile and compute what their programs say.

#[allow(missing_docs, reason = "the header of a snapshot describes its module")]
mod int8 {
    include!("../src/codegen/snapshots/int8.rs");
}

#[allow(missing_docs, reason = "the header of a snapshot describes its module")]
mod float {
    include!("../src/codegen/snapshots/float.rs");
}

use float::{TwoInTwoOut, TwoInTwoOutInputs};
use int8::Tiny;

/// The last step of the program maps every byte to 9.
#[test]
fn steps_in_place_run_after_the_steps_before() {
    let mut net = Tiny::new();
    assert_eq!(net.predict_quantized(&[1, 2]), [9; 3]);
    let scale = Tiny::OUTPUTS[0].quant.unwrap();
    let real = (9 - scale.zero_point) as f32 * scale.scale;
    assert_eq!(
        net.predict(&[0.5, -0.5]).map(f32::to_bits),
        [real.to_bits(); 3]
    );
}

/// z = a + 0; y = clip(min(a + b, 6) + b, 0, 0.1).
#[test]
fn operands_come_from_the_arena_and_from_flash() {
    let outputs = TwoInTwoOut::new().predict(TwoInTwoOutInputs {
        a: &[-1.0, 0.25],
        type_: &[0.51, 1.0],
    });
    assert_eq!(outputs.z.map(f32::to_bits), [-1.0, 0.25].map(f32::to_bits));
    assert!((outputs.y[0] - 0.02).abs() < 1e-6, "{outputs:?}");
    assert_eq!(outputs.y[1].to_bits(), 0.1f32.to_bits());
}

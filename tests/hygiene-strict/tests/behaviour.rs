//! What generated types promise.
#![allow(clippy::float_cmp, reason = "the same bits are meant")]

use edge_core::model::{ElementType, Model};
use hygiene_strict::{Float, NETWORK, Net, Two, TwoInputs, crowded, inside, scripted};

const fn image() -> [f32; Net::INPUT_LEN] {
    let mut image = [0.0; 16];
    image[5] = 0.9;
    image[10] = 0.4;
    image
}

#[test]
fn constants_describe_the_network() {
    assert_eq!(Net::NAME, "Net");
    assert_eq!(Net::TARGET, "host");
    assert_eq!(Net::INPUT_SHAPE, [1, 1, 4, 4]);
    assert_eq!(Net::OUTPUT_SHAPE, [1, 3]);
    assert_eq!(Net::RAM_BYTES, size_of::<Net>());
    assert_eq!(Two::RAM_BYTES, size_of::<Two>());
    assert_eq!(Float::RAM_BYTES, size_of::<Float>());
    assert_eq!(crowded::Crowded::RAM_BYTES, size_of::<crowded::Crowded>());
    assert_eq!(Net::INPUTS[0].name, "image");
    assert_eq!(Net::INPUTS[0].element, ElementType::I8);
    assert!(Net::OUTPUTS[0].quant.is_some());
    assert_eq!(Float::OUTPUTS[0].element, ElementType::F32);
    const { assert!(Net::FLASH_BYTES < Float::FLASH_BYTES) };
    assert_eq!(Net::MACS, 2 * 9 * 16 + 32 * 3);
    assert!(Net::SUMMARY.contains("fully_connected_s8"));
    assert_eq!(crowded::Crowded::TARGET, "rp2040");
    assert_eq!(inside(), Float::RAM_BYTES);
    assert_eq!(NETWORK.output().len(), Net::OUTPUT_LEN);
}

#[test]
fn int8_follows_float() {
    let float = Float::new().predict(&image());
    let int8 = Net::new().predict(&image());
    let step = Net::OUTPUTS[0].quant.unwrap().scale;
    for (exact, rough) in float.iter().zip(&int8) {
        assert!((exact - rough).abs() < 4.0 * step, "{float:?} {int8:?}");
    }
    assert!(float.iter().any(|score| score.abs() > 4.0 * step));
}

#[test]
fn all_ways_in_give_the_same() {
    let quant = Net::INPUTS[0].quant.unwrap();
    let bytes = image().map(|x| ((x / quant.scale).round() as i32 + quant.zero_point) as i8);
    let mut net = Net::new();
    let scores = net.predict(&image());
    let raw = *net.output();
    assert_eq!(Net::new().predict_quantized(&bytes), raw);
    let mut net = Net::new();
    *net.input_mut() = bytes;
    net.run();
    assert_eq!(*net.output(), raw);
    let mut net = Net::default();
    for (to, from) in net.input_bytes_mut(0).iter_mut().zip(bytes) {
        *to = from as u8;
    }
    Model::run(&mut net);
    assert_eq!(net.output_bytes(0), raw.map(|q| q as u8));
    assert_eq!(net.output_bytes(1), [0u8; 0]);
    let quant = Net::OUTPUTS[0].quant.unwrap();
    assert_eq!(
        scores,
        raw.map(|q| (i32::from(q) - quant.zero_point) as f32 * quant.scale)
    );
}

#[test]
fn one_inference_leaves_nothing_for_the_next() {
    let mut net = Net::new();
    let first = net.predict(&image());
    let _ = net.predict(&[1.0; 16]);
    assert_eq!(net.predict(&image()), first);
}

#[test]
fn several_inputs_and_outputs_have_names() {
    let (left, right) = ([1.0, 2.0, 3.0, 4.0], [0.5, -1.0, 0.0, 2.0]);
    let outputs = Two::new().predict(TwoInputs {
        left: &left,
        right: &right,
    });
    assert_eq!(outputs.sum, [1.5, 1.0, 3.0, 6.0]);
    assert_eq!(outputs.product, [0.5, -2.0, 0.0, 8.0]);
    let mut two = Two::new();
    *two.input_left_mut() = left;
    *two.input_right_mut() = right;
    two.run();
    assert_eq!(*two.output_sum(), outputs.sum);
    assert_eq!(*two.output_product(), outputs.product);
}

#[test]
fn the_build_script_gives_the_same_network() {
    assert_eq!(
        scripted::Scripted::new().predict(&image()),
        Net::new().predict(&image())
    );
    assert_eq!(scripted::Two::INPUTS, Two::INPUTS);
}

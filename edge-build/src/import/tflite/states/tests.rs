use super::*;
use crate::ir::{Quant, QuantParams};
use std::sync::Arc;

fn quantized(dtype: DType, zero_point: i32) -> TensorType {
    TensorType {
        quant: Some(Quant::PerTensor(QuantParams {
            scale: 0.5,
            zero_point,
        })),
        ..TensorType::plain(dtype, [2])
    }
}

fn constant(ty: &TensorType, tensor: Tensor) -> Constant {
    Constant {
        tensor: Arc::new(tensor),
        quant: ty.quant.clone(),
    }
}

/// What a resource of a type begins with.
fn first(ty: &TensorType) -> Tensor {
    let (mut states, mut builder) = (States::default(), Builder::new(0));
    states.resource(&mut builder, "v", ty).unwrap();
    states.finish(&mut builder).unwrap();
    assert_eq!(builder.graph.inputs.len(), 1);
    assert_eq!(builder.graph.outputs.len(), 1);
    builder.graph.states.remove(0).init
}

#[test]
fn resources_begin_with_bytes_of_the_zero_point() {
    assert_eq!(
        first(&quantized(DType::I8, -7)).as_i8(),
        Some(&[-7, -7][..])
    );
    let wide = first(&quantized(DType::I16, 0x0105));
    assert_eq!(wide.as_i16(), Some(&[0x0505, 0x0505][..]));
    assert_eq!(first(&TensorType::f32([2])).as_f32(), Some(&[0.0, 0.0][..]));
}

#[test]
fn variable_tensors_begin_with_zeros() {
    let (mut states, mut builder) = (States::default(), Builder::new(0));
    for (index, ty) in [quantized(DType::I8, -7), quantized(DType::I16, 3)]
        .into_iter()
        .enumerate()
    {
        states.variable(&mut builder, index, "t", ty).unwrap();
    }
    states.finish(&mut builder).unwrap();
    let [bytes, words] = builder.graph.states.as_slice() else {
        panic!("two states");
    };
    assert_eq!(bytes.init.as_i8(), Some(&[-7, -7][..]));
    assert_eq!(words.init.as_i16(), Some(&[0, 0][..]));
}

#[test]
fn what_runs_once_gives_first_values() {
    let (mut states, mut builder) = (States::default(), Builder::new(0));
    let ty = quantized(DType::I8, 0);
    for number in [3, 4] {
        let tensor = Tensor::from_i8(&[2], vec![number; 2]).unwrap();
        states
            .set_first("v".to_owned(), constant(&ty, tensor))
            .unwrap();
    }
    states.resource(&mut builder, "v", &ty).unwrap();
    let late = constant(&ty, Tensor::from_i8(&[2], vec![5; 2]).unwrap());
    assert!(states.set_first("v".to_owned(), late).is_err());
    states.finish(&mut builder).unwrap();
    let init = &builder.graph.states.first().unwrap().init;
    assert_eq!(init.as_i8(), Some(&[4, 4][..]));
}

#[test]
fn a_variable_has_one_type() {
    let (mut states, mut builder) = (States::default(), Builder::new(0));
    let ty = quantized(DType::I8, 0);
    states.resource(&mut builder, "v", &ty).unwrap();
    for other in [quantized(DType::I8, 1), TensorType::f32([2])] {
        assert!(states.resource(&mut builder, "v", &other).is_err());
    }
    let tensor = Tensor::from_f32(&[2], vec![0.0; 2]).unwrap();
    states
        .set_first("w".to_owned(), constant(&TensorType::f32([2]), tensor))
        .unwrap();
    assert!(states.resource(&mut builder, "w", &ty).is_err());
}

#[test]
fn an_assigned_value_is_read_and_kept() {
    let (mut states, mut builder) = (States::default(), Builder::new(0));
    let ty = TensorType::f32([2]);
    let old = states.resource(&mut builder, "v", &ty).unwrap();
    let new = builder.add_computed("new".to_owned(), ty.clone()).unwrap();
    states
        .assign(&Key::Resource("v".to_owned()), Datum::Computed(new))
        .unwrap();
    let read = states.resource(&mut builder, "v", &ty).unwrap();
    assert!(matches!(read, Datum::Computed(id) if id == new));
    assert!(matches!(old, Datum::Computed(id) if id != new));
    states.finish(&mut builder).unwrap();
    assert_eq!(builder.graph.outputs, [new]);
}

#[test]
fn unknown_handles_and_endless_variables_are_errors() {
    let (mut states, mut builder) = (States::default(), Builder::new(0));
    assert!(states.handle(Some(0)).is_err());
    states.set_handle(0, "v".to_owned());
    assert_eq!(states.handle(Some(0)).unwrap(), "v");
    assert!(states.handle(None).is_err());
    let unknown = Key::Resource("v".to_owned());
    let datum = Datum::from(Tensor::from_f32(&[1], vec![0.0]).unwrap());
    assert!(states.assign(&unknown, datum).is_err());
    let half = TensorType::f32([MAX_ELEMENTS / 2 + 1]);
    states.resource(&mut builder, "v", &half).unwrap();
    assert!(states.resource(&mut builder, "w", &half).is_err());
}

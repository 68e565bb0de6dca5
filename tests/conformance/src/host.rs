//! Programs of the compiler, run on the host by its executor.

use edge_build::exec::Executor;
use edge_build::program::{Port, Program};
use edge_core::kernels::quantize::{dequantize_f32, quantize_s8};
use edge_core::params::Quantize;
use edge_test_support::array::Array;

/// The outputs for each sample, from and to floats.
#[must_use]
pub fn predict(program: &Program, samples: &Array) -> Vec<f32> {
    let mut executor = Executor::new(program);
    let mut outputs = Vec::new();
    for row in samples.rows() {
        executor.set_input(0, &encode(&program.inputs[0], row));
        executor.run().unwrap();
        outputs.extend(decode(&program.outputs[0], executor.output(0)));
    }
    outputs
}

/// The raw outputs for raw samples.
#[must_use]
pub fn predict_raw(program: &Program, samples: &[u8]) -> Vec<u8> {
    let mut executor = Executor::new(program);
    let mut outputs = Vec::new();
    for row in samples.chunks_exact(program.inputs[0].slot.bytes()) {
        executor.set_input(0, row);
        executor.run().unwrap();
        outputs.extend_from_slice(executor.output(0));
    }
    outputs
}

fn encode(port: &Port, row: &[f32]) -> Vec<u8> {
    let Some(params) = params(port) else {
        return row.iter().flat_map(|x| x.to_le_bytes()).collect();
    };
    let mut bytes = vec![0; row.len()];
    quantize_s8(&params, row, &mut bytes);
    bytes.into_iter().map(|x| x as u8).collect()
}

fn decode(port: &Port, bytes: &[u8]) -> Vec<f32> {
    let Some(params) = params(port) else {
        let words = bytes.as_chunks().0.iter();
        return words.map(|&word| f32::from_le_bytes(word)).collect();
    };
    let integers: Vec<i8> = bytes.iter().map(|&x| x as i8).collect();
    let mut row = vec![0.0; integers.len()];
    dequantize_f32(&params, &integers, &mut row);
    row
}

fn params(port: &Port) -> Option<Quantize> {
    let quant = port.quant?;
    Some(Quantize {
        scale: quant.scale,
        zero_point: quant.zero_point,
    })
}

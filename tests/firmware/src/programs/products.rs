//! Runs fully connected layers from a file. Of each: inputs and outputs as words, inputs, weights, biases. Writes the
//! sums, which are those of bytes.

use crate::infer::Failure;
use crate::platform::File;
use edge_core::rt::{FullyConnectedS8, Requant, fully_connected_s8};

const MOST: usize = 1024;

fn read(file: &mut File, to: &mut [i8]) -> Result<(), Failure> {
    for place in to {
        let mut byte = [0];
        if !file.read(&mut byte) {
            return Err(Failure);
        }
        *place = byte[0] as i8;
    }
    Ok(())
}

fn word(file: &mut File) -> Result<i32, Failure> {
    let mut bytes = [0; 4];
    if !file.read(&mut bytes) {
        return Err(Failure);
    }
    Ok(i32::from_le_bytes(bytes))
}

pub fn run() -> Result<(), Failure> {
    let mut input = File::open(c"layers").ok_or(Failure)?;
    let mut output = File::create(c"outputs").ok_or(Failure)?;
    while let Ok(inputs) = word(&mut input) {
        let (inputs, outputs) = (inputs as usize, word(&mut input)? as usize);
        let (mut x, mut weights, mut y) = ([0; MOST], [0; MOST], [0; MOST]);
        let mut bias = [0; 16];
        read(&mut input, &mut x[..inputs])?;
        read(&mut input, &mut weights[..inputs * outputs])?;
        for bias in &mut bias[..outputs] {
            *bias = word(&mut input)?;
        }
        // 2² · 2³⁰ / 2³²: the sum itself.
        let requant = Requant {
            offset: 0,
            shift: 0,
            pre_shift: 2,
        };
        let p = FullyConnectedS8 {
            batch: 1,
            inputs,
            outputs,
            requant,
        };
        let (x, weights) = (&x[..inputs], &weights[..inputs * outputs]);
        fully_connected_s8(
            &p,
            x,
            weights,
            &bias[..outputs],
            &[1 << 30; 16][..outputs],
            &mut y[..outputs],
        );
        for &byte in &y[..outputs] {
            output.write(&[byte as u8]).ok_or(Failure)?;
        }
    }
    Ok(())
}

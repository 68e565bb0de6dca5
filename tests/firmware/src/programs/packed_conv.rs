//! Runs packed convolutions from a file. Of each: a header of words, weights as 16-bit numbers or bytes, records,
//! input. Writes the outputs.

use crate::infer::Failure;
use crate::platform::File;
use core::cell::Cell;
use edge_core::rt::{
    Issue, PackedConv2d, PackedRequant, PackedRounding, Window2d, packed_conv2d_s8,
    packed_conv2d_s8w16,
};

/// Words of the header: 15 of the window, pad value, pre_shift, rounding, range, two instructions a cycle, 16-bit weights,
/// numbers of weights, records, inputs, scratch and outputs.
const HEADER: usize = 27;
const MOST: usize = 20_000;

fn read<T, const N: usize>(
    file: &mut File,
    to: &mut [T],
    from: fn([u8; N]) -> T,
) -> Result<(), Failure> {
    for place in to {
        let mut bytes = [0; N];
        if !file.read(&mut bytes) {
            return Err(Failure);
        }
        *place = from(bytes);
    }
    Ok(())
}

fn window(w: &[i32]) -> Window2d {
    let at = |index: usize| w[index] as usize;
    Window2d {
        batch: at(0),
        in_h: at(1),
        in_w: at(2),
        in_c: at(3),
        out_h: at(4),
        out_w: at(5),
        out_c: at(6),
        kernel_h: at(7),
        kernel_w: at(8),
        stride_h: at(9),
        stride_w: at(10),
        dilation_h: at(11),
        dilation_w: at(12),
        pad_top: at(13),
        pad_left: at(14),
    }
}

pub fn run() -> Result<(), Failure> {
    let mut input = File::open(c"layers").ok_or(Failure)?;
    let mut output = File::create(c"outputs").ok_or(Failure)?;
    let mut header = [0i32; HEADER];
    while read(&mut input, &mut header, i32::from_le_bytes).is_ok() {
        let [weights, records, inputs, scratch_len, outputs] =
            [22, 23, 24, 25, 26].map(|i| header[i] as usize);
        let (mut narrow, mut wide) = ([0i8; MOST], [0i16; MOST]);
        let (mut channels, mut x) = ([0i32; 64], [0i8; MOST]);
        let (mut scratch, mut y) = ([-1i16; MOST], [99i8; MOST]);
        if header[21] != 0 {
            read(&mut input, &mut wide[..weights], i16::from_le_bytes)?;
        } else {
            read(&mut input, &mut narrow[..weights], i8::from_le_bytes)?;
        }
        read(&mut input, &mut channels[..records], i32::from_le_bytes)?;
        read(&mut input, &mut x[..inputs], i8::from_le_bytes)?;
        let p = PackedConv2d {
            window: window(&header),
            pad_value: header[15] as i8,
            requant: PackedRequant {
                pre_shift: header[16] as u32,
                rounding: match header[17] {
                    0 => PackedRounding::Nearest,
                    1 => PackedRounding::Away,
                    _ => PackedRounding::Floor,
                },
                range: [header[18], header[19]],
            },
            issue: if header[20] != 0 {
                Issue::Dual
            } else {
                Issue::Single
            },
        };
        let scratch = &mut scratch[..scratch_len];
        let x = Cell::from_mut(&mut x[..inputs]).as_slice_of_cells();
        let cells = Cell::from_mut(&mut y[..outputs]).as_slice_of_cells();
        if header[21] != 0 {
            packed_conv2d_s8w16(
                &p,
                x,
                &wide[..weights],
                &channels[..records],
                scratch,
                cells,
            );
        } else {
            packed_conv2d_s8(
                &p,
                x,
                &narrow[..weights],
                &channels[..records],
                scratch,
                cells,
            );
        }
        // One more than there are: it must not have changed.
        for &byte in &y[..outputs + 1] {
            output.write(&[byte as u8]).ok_or(Failure)?;
        }
    }
    Ok(())
}

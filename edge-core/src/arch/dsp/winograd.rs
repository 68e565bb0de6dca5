//! Winograd convolution: the walk over tiles around the assembly of the transforms and the products.

use crate::params::{Issue, WinogradConv2d};
use core::arch::global_asm;
use core::cell::Cell;

global_asm!(include_str!("winograd/tile2.s"), options(raw));
global_asm!(include_str!("winograd/products.s"), options(raw));
global_asm!("edge_wp edge_winograd2_products, 16, 0");
global_asm!("edge_wp edge_winograd2_products_dual, 16, 1");

/// Output channels of a block.
const BLOCK: usize = 4;

/// What the vertical transform of some columns of a tile takes.
#[repr(C)]
struct Columns {
    rows: [*const i8; 4],
    to: *mut i32,
    quads: usize,
    columns: usize,
}

/// What the output transform of a tile takes.
#[repr(C)]
struct Outputs {
    sums: *const i32,
    records: *const i32,
    end: *const i32,
    y: *mut i8,
    row: usize,
    pixel: usize,
    down: u32,
    least: i32,
    greatest: i32,
}

unsafe extern "C" {
    fn edge_winograd2_columns(columns: *const Columns);
    fn edge_winograd2_rows(x: *mut i32, pairs: usize);
    fn edge_winograd2_products(x: *const i32, w: *const i16, sums: *mut i32, pairs: usize);
    fn edge_winograd2_products_dual(x: *const i32, w: *const i16, sums: *mut i32, pairs: usize);
    fn edge_winograd2_outputs(outputs: *const Outputs);
    fn edge_winograd2_outputs_ties(outputs: *const Outputs);
    fn edge_winograd2_outputs_clamp(outputs: *const Outputs);
    fn edge_winograd2_outputs_ties_clamp(outputs: *const Outputs);
}

/// The loops for the parameters of a call.
#[derive(Clone, Copy)]
struct Loops {
    products: unsafe extern "C" fn(*const i32, *const i16, *mut i32, usize),
    outputs: unsafe extern "C" fn(*const Outputs),
}

/// See [`crate::kernels::packed::winograd_conv2d_s8`].
#[inline(always)]
pub(crate) fn winograd_conv2d_s8(
    p: &WinogradConv2d,
    x: &[Cell<i8>],
    weights: &[i16],
    channels: &[i32],
    scratch: &mut [i32],
    y: &[Cell<i8>],
) {
    let lens = [weights.len(), channels.len(), scratch.len()];
    if !p.fits(x.len(), lens[0], lens[1], lens[2], y.len()) {
        return;
    }
    let loops = Loops {
        products: match p.issue {
            Issue::Single => edge_winograd2_products,
            Issue::Dual => edge_winograd2_products_dual,
        },
        outputs: match (p.requant.ties, p.requant.range) {
            (false, [-128, 127]) => edge_winograd2_outputs,
            (true, [-128, 127]) => edge_winograd2_outputs_ties,
            (false, _) => edge_winograd2_outputs_clamp,
            (true, _) => edge_winograd2_outputs_ties_clamp,
        },
    };
    let run = Run {
        p,
        loops,
        x: x.as_ptr().cast(),
        weights: weights.as_ptr(),
        channels: channels.as_ptr(),
        transformed: scratch.as_mut_ptr(),
        y: y.as_ptr().cast::<i8>().cast_mut(),
    };
    // SAFETY: the lengths fit the shapes, as `fits` found: see `Run`.
    unsafe { run.all() };
}

/// Everything that a call works on.
///
/// `x` is readable for `batch · in_h · in_w · in_c` bytes and `y` writable for `batch · out_h · out_w · out_c`, both
/// of cells; `weights` has `weights_len` numbers, `channels` a record for each output channel, and `transformed`
/// is the begin of `scratch_len` words that nobody else uses.
struct Run<'a> {
    p: &'a WinogradConv2d,
    loops: Loops,
    x: *const i8,
    weights: *const i16,
    channels: *const i32,
    transformed: *mut i32,
    y: *mut i8,
}

impl Run<'_> {
    fn sums(&self) -> *mut i32 {
        self.transformed.wrapping_add(self.p.transformed_len())
    }

    fn patch(&self) -> *mut i8 {
        self.sums()
            .wrapping_add(self.p.positions().wrapping_mul(2 * BLOCK))
            .cast()
    }

    fn padding(&self) -> *mut i8 {
        self.patch()
            .wrapping_add(BLOCK.wrapping_mul(self.p.tile).wrapping_mul(self.p.tile))
    }

    /// The convolution.
    ///
    /// # Safety
    /// What [`Run`] says of its pointers.
    #[inline(never)]
    unsafe fn all(&self) {
        let len = self.p.window.in_c.wrapping_mul(4);
        // SAFETY: the line of padding ends the scratch memory: `tile + 2` pixels.
        unsafe { self.padding().write_bytes(self.p.pad_value as u8, len) };
        let tiles = self.p.tiles();
        let mut tile = 0;
        while tile < tiles {
            let many = tiles.wrapping_sub(tile).min(2);
            for index in 0..many {
                // SAFETY: the tile exists.
                unsafe { self.transform(tile.wrapping_add(index), index) };
            }
            // SAFETY: the tiles have been transformed.
            unsafe { self.blocks(tile, many) };
            tile = tile.wrapping_add(many);
        }
    }

    /// Transforms the inputs of a tile, the first or the second of a pair.
    ///
    /// # Safety
    /// As for [`Run::all`]; the tile exists.
    unsafe fn transform(&self, tile: usize, index: usize) {
        let w = &self.p.window;
        let [batch, top, left] = self.p.place(tile);
        // Positions before the image wrap around and lie behind it.
        let (top, left) = (top.wrapping_sub(w.pad_top), left.wrapping_sub(w.pad_left));
        let first = batch.wrapping_mul(w.in_h);
        let to = self.transformed.wrapping_add(index);
        let mut column = 0;
        while column < 4 {
            let at = left.wrapping_add(column);
            let inside = at < w.in_w;
            let columns = if inside {
                w.in_w.wrapping_sub(at).min(4 - column)
            } else {
                // To the next column inside, if one is near.
                at.wrapping_neg().min(4 - column)
            };
            let mut rows = [self.padding().cast_const(); 4];
            for (row, pointer) in rows.iter_mut().enumerate() {
                let row = top.wrapping_add(row);
                if inside && row < w.in_h {
                    let pixel = first
                        .wrapping_add(row)
                        .wrapping_mul(w.in_w)
                        .wrapping_add(at);
                    *pointer = self.x.wrapping_add(pixel.wrapping_mul(w.in_c));
                }
            }
            let columns = Columns {
                rows,
                to: to.wrapping_add(column.wrapping_mul(2)),
                quads: w.in_c / 4,
                columns,
            };
            // SAFETY: reads `columns` ≤ 4 neighbouring pixels of rows of the image, or of the line of padding,
            // which is as long; writes the positions of these columns in the transformed inputs.
            unsafe { edge_winograd2_columns(&raw const columns) };
            column = column.wrapping_add(columns.columns);
        }
        // SAFETY: reads and writes the transformed inputs of the tile.
        unsafe { edge_winograd2_rows(to, w.in_c / 2) };
    }

    /// Computes and writes all channels of one or two tiles.
    ///
    /// # Safety
    /// As for [`Run::all`]; the tiles from `tile` on exist, and their inputs have been transformed.
    unsafe fn blocks(&self, tile: usize, many: usize) {
        let w = &self.p.window;
        let weights_of_block = self.p.positions().wrapping_mul(BLOCK).wrapping_mul(w.in_c);
        let mut weights = self.weights;
        let mut channel = 0;
        while channel < w.out_c {
            // SAFETY: reads the transformed inputs and the weights of a block, which exist up to the last one,
            // and writes the sums.
            unsafe {
                (self.loops.products)(self.transformed, weights, self.sums(), w.in_c / 2);
            }
            for index in 0..many {
                // SAFETY: the sums are there.
                unsafe { self.outputs(tile.wrapping_add(index), index, channel) };
            }
            weights = weights.wrapping_add(weights_of_block);
            channel = channel.wrapping_add(BLOCK);
        }
    }

    /// Writes the outputs of a block of channels of a tile.
    ///
    /// # Safety
    /// As for [`Run::all`]; the tile exists, and its sums have been computed.
    unsafe fn outputs(&self, tile: usize, index: usize, channel: usize) {
        let w = &self.p.window;
        let many = w.out_c.wrapping_sub(channel).min(BLOCK);
        let [batch, top, left] = self.p.place(tile);
        let rows = w.out_h.wrapping_sub(top).min(self.p.tile);
        let columns = w.out_w.wrapping_sub(left).min(self.p.tile);
        let whole = rows == self.p.tile && columns == self.p.tile;
        let line = w.out_w.wrapping_mul(w.out_c);
        let pixel = batch
            .wrapping_mul(w.out_h)
            .wrapping_add(top)
            .wrapping_mul(w.out_w);
        let pixel = pixel.wrapping_add(left).wrapping_mul(w.out_c);
        let y = self.y.wrapping_add(pixel.wrapping_add(channel));
        let records = self.channels.wrapping_add(channel.wrapping_mul(4));
        let [least, greatest] = self.p.requant.range;
        let outputs = Outputs {
            sums: self.sums().wrapping_add(index),
            records,
            end: records.wrapping_add(many.wrapping_mul(4)),
            y: if whole { y } else { self.patch() },
            row: if whole {
                line
            } else {
                BLOCK.wrapping_mul(self.p.tile)
            },
            pixel: if whole { w.out_c } else { BLOCK },
            down: 2u32.wrapping_sub(self.p.requant.pre_shift),
            least,
            greatest,
        };
        // SAFETY: reads the sums and the records of `many` channels; writes these channels of a whole tile,
        // inside `y`, or else into the patch, which has room for a tile.
        unsafe { (self.loops.outputs)(&raw const outputs) };
        if whole {
            return;
        }
        for row in 0..rows {
            for column in 0..columns {
                let from = row.wrapping_mul(self.p.tile).wrapping_add(column);
                let to = row
                    .wrapping_mul(line)
                    .wrapping_add(column.wrapping_mul(w.out_c));
                for lane in 0..many {
                    // SAFETY: a pixel of the tile inside the result.
                    unsafe {
                        let value = *self
                            .patch()
                            .wrapping_add(from.wrapping_mul(BLOCK))
                            .wrapping_add(lane);
                        y.wrapping_add(to).wrapping_add(lane).write(value);
                    }
                }
            }
        }
    }
}

//! Winograd convolution: the walk over tiles around the assembly of the transforms and the products.

use crate::params::{Issue, PackedRequant, PackedRounding, WinogradConv2d};
use core::cell::Cell;

assembly!(include_str!("winograd/tile2.s"));
assembly!(include_str!("winograd/tile4.s"));
assembly!(include_str!("winograd/products.s"));

/// Output channels of a block.
const BLOCK: usize = 4;
/// `9 · NINTH = 1` modulo 2³².
const NINTH: u32 = 0x38e3_8e39;

/// What the vertical transform of some columns of a tile takes.
#[repr(C)]
struct Columns<const N: usize> {
    rows: [*const i8; N],
    to: *mut i32,
    quads: usize,
    columns: usize,
}

/// What the output transform of a tile takes.
#[repr(C)]
struct Outputs {
    sums: *mut i32,
    records: *const i32,
    end: *const i32,
    y: *mut i8,
    row: usize,
    pixel: usize,
    /// Tiles of 2: right shift of the transformed sums. Tiles of 4: their factor before a right shift by 6.
    scale: u32,
    least: i32,
    greatest: i32,
}

type ColumnLoop<const N: usize> = unsafe extern "C" fn(*const Columns<N>);
type ProductLoop = unsafe extern "C" fn(*const i32, *const i16, *mut i32, usize);
type OutputLoop = unsafe extern "C" fn(*const Outputs);

unsafe extern "C" {
    fn edge_winograd2_columns(columns: *const Columns<4>);
    fn edge_winograd2_rows(x: *mut i32, pairs: usize);
    fn edge_winograd2_products(x: *const i32, w: *const i16, sums: *mut i32, pairs: usize);
    fn edge_winograd2_products_dual(x: *const i32, w: *const i16, sums: *mut i32, pairs: usize);
    fn edge_winograd2_outputs_nearest(outputs: *const Outputs);
    fn edge_winograd2_outputs_nearest_clamp(outputs: *const Outputs);
    fn edge_winograd2_outputs_away(outputs: *const Outputs);
    fn edge_winograd2_outputs_away_clamp(outputs: *const Outputs);
    fn edge_winograd2_outputs_floor(outputs: *const Outputs);
    fn edge_winograd2_outputs_floor_clamp(outputs: *const Outputs);
    fn edge_winograd4_columns(columns: *const Columns<6>);
    fn edge_winograd4_rows(x: *mut i32, pairs: usize);
    fn edge_winograd4_products(x: *const i32, w: *const i16, sums: *mut i32, pairs: usize);
    fn edge_winograd4_products_dual(x: *const i32, w: *const i16, sums: *mut i32, pairs: usize);
    fn edge_winograd4_outputs_nearest(outputs: *const Outputs);
    fn edge_winograd4_outputs_nearest_clamp(outputs: *const Outputs);
    fn edge_winograd4_outputs_away(outputs: *const Outputs);
    fn edge_winograd4_outputs_away_clamp(outputs: *const Outputs);
    fn edge_winograd4_outputs_floor(outputs: *const Outputs);
    fn edge_winograd4_outputs_floor_clamp(outputs: *const Outputs);
}

/// The loops for the parameters of a call; `N` is the side of a tile of inputs.
#[derive(Clone, Copy)]
struct Loops<const N: usize> {
    columns: ColumnLoop<N>,
    rows: unsafe extern "C" fn(*mut i32, usize),
    products: ProductLoop,
    outputs: OutputLoop,
    scale: u32,
}

impl Loops<4> {
    #[inline(always)]
    fn of(p: &WinogradConv2d) -> Self {
        let products = [edge_winograd2_products, edge_winograd2_products_dual];
        let outputs: [[OutputLoop; 2]; 3] = [
            [
                edge_winograd2_outputs_nearest,
                edge_winograd2_outputs_nearest_clamp,
            ],
            [
                edge_winograd2_outputs_away,
                edge_winograd2_outputs_away_clamp,
            ],
            [
                edge_winograd2_outputs_floor,
                edge_winograd2_outputs_floor_clamp,
            ],
        ];
        Self {
            columns: edge_winograd2_columns,
            rows: edge_winograd2_rows,
            products: product_loop(products, p.issue),
            outputs: output_loop(outputs, p.requant),
            scale: 2u32.wrapping_sub(p.requant.pre_shift),
        }
    }
}

impl Loops<6> {
    #[inline(always)]
    fn of(p: &WinogradConv2d) -> Self {
        let products = [edge_winograd4_products, edge_winograd4_products_dual];
        let outputs: [[OutputLoop; 2]; 3] = [
            [
                edge_winograd4_outputs_nearest,
                edge_winograd4_outputs_nearest_clamp,
            ],
            [
                edge_winograd4_outputs_away,
                edge_winograd4_outputs_away_clamp,
            ],
            [
                edge_winograd4_outputs_floor,
                edge_winograd4_outputs_floor_clamp,
            ],
        ];
        Self {
            columns: edge_winograd4_columns,
            rows: edge_winograd4_rows,
            products: product_loop(products, p.issue),
            outputs: output_loop(outputs, p.requant),
            scale: NINTH.wrapping_shl(p.requant.pre_shift),
        }
    }
}

#[inline(always)]
fn product_loop([single, dual]: [ProductLoop; 2], issue: Issue) -> ProductLoop {
    match issue {
        Issue::Single => single,
        Issue::Dual => dual,
    }
}

#[inline(always)]
fn output_loop([nearest, away, floor]: [[OutputLoop; 2]; 3], requant: PackedRequant) -> OutputLoop {
    let [plain, clamp] = match requant.rounding {
        PackedRounding::Nearest => nearest,
        PackedRounding::Away => away,
        PackedRounding::Floor => floor,
    };
    if requant.range == [-128, 127] {
        plain
    } else {
        clamp
    }
}

/// See [`crate::kernels::packed::winograd::winograd_conv2d_s8`].
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
    let memory = Memory {
        x: x.as_ptr().cast(),
        weights: weights.as_ptr(),
        channels: channels.as_ptr(),
        scratch: scratch.as_mut_ptr(),
        y: y.as_ptr().cast::<i8>().cast_mut(),
    };
    // SAFETY: the lengths fit the shapes, as `fits` found.
    unsafe {
        if p.tile == 2 {
            run(p, Loops::<4>::of(p), memory);
        } else {
            run(p, Loops::<6>::of(p), memory);
        }
    }
}

/// The operands of a call.
///
/// `x` is readable for `batch · in_h · in_w · in_c` bytes and `y` writable for `batch · out_h · out_w · out_c`, both
/// of cells; `weights` has `weights_len` numbers, `channels` a record for each output channel, and `scratch` has
/// `scratch_len` words that nobody else uses.
#[derive(Clone, Copy)]
struct Memory {
    x: *const i8,
    weights: *const i16,
    channels: *const i32,
    scratch: *mut i32,
    y: *mut i8,
}

/// Parts of the scratch memory, in the order in which they lie.
#[derive(Clone, Copy)]
struct Parts {
    /// Transformed inputs of two tiles.
    transformed: *mut i32,
    /// Sums of a block of channels of two tiles.
    sums: *mut i32,
    /// Outputs of a block of channels of a tile.
    patch: *mut i8,
    /// As many pixels of padding as a tile of inputs is wide.
    padding: *mut i8,
}

/// The convolution.
///
/// # Safety
/// What [`Memory`] says of its pointers.
#[inline(never)]
unsafe fn run<const N: usize>(p: &WinogradConv2d, loops: Loops<N>, memory: Memory) {
    let sums = memory.scratch.wrapping_add(p.transformed_len());
    let patch = sums.wrapping_add(N * N * 2 * BLOCK);
    let padding = patch.wrapping_add((N - 2) * (N - 2)).cast::<i8>();
    let run = Run {
        p,
        loops,
        memory,
        parts: Parts {
            transformed: memory.scratch,
            sums,
            patch: patch.cast(),
            padding,
        },
    };
    // SAFETY: the padding ends the scratch memory.
    unsafe { padding.write_bytes(p.pad_value as u8, p.window.in_c.wrapping_mul(N)) };
    let mut targets = [run.target(0), run.target(1)];
    let mut place = [0; 3];
    while place[0] < p.window.batch {
        let mut many = 0;
        for (index, target) in targets.iter_mut().enumerate() {
            // A last tile may have no partner.
            if place[0] < p.window.batch {
                run.aim(target, place);
                // SAFETY: the tile exists.
                unsafe { run.transform(place, index) };
                place = p.next_place(place);
                many = index.wrapping_add(1);
            }
        }
        // SAFETY: the inputs of these tiles have been transformed.
        unsafe { run.blocks(&mut targets, many) };
    }
}

/// Where the outputs of a tile go.
struct Target {
    /// What the output transform takes for the next block of channels.
    outputs: Outputs,
    /// The next block of channels of the first pixel.
    y: *mut i8,
    /// Rows and columns of the tile inside the result, if not all are.
    part: Option<[usize; 2]>,
}

struct Run<'a, const N: usize> {
    p: &'a WinogradConv2d,
    loops: Loops<N>,
    memory: Memory,
    parts: Parts,
}

impl<const N: usize> Run<'_, N> {
    /// A target of the first or the second of a pair of tiles.
    fn target(&self, index: usize) -> Target {
        let [least, greatest] = self.p.requant.range;
        Target {
            outputs: Outputs {
                sums: self.parts.sums.wrapping_add(index),
                records: self.memory.channels,
                end: self.memory.channels,
                y: self.memory.y,
                row: 0,
                pixel: 0,
                scale: self.loops.scale,
                least,
                greatest,
            },
            y: self.memory.y,
            part: None,
        }
    }

    /// Turns a target to the first channel of the tile at a place.
    fn aim(&self, target: &mut Target, [batch, top, left]: [usize; 3]) {
        let w = &self.p.window;
        let line = w.out_w.wrapping_mul(w.out_c);
        let row = batch.wrapping_mul(w.out_h).wrapping_add(top);
        let column = left.wrapping_mul(w.out_c);
        target.y = self
            .memory
            .y
            .wrapping_add(row.wrapping_mul(line).wrapping_add(column));
        target.outputs.end = self.memory.channels;
        let rows = w.out_h.wrapping_sub(top);
        let columns = w.out_w.wrapping_sub(left);
        if rows < N - 2 || columns < N - 2 {
            target.outputs.y = self.parts.patch;
            target.outputs.row = BLOCK * (N - 2);
            target.outputs.pixel = BLOCK;
            target.part = Some([rows.min(N - 2), columns.min(N - 2)]);
        } else {
            target.outputs.y = target.y;
            target.outputs.row = line;
            target.outputs.pixel = w.out_c;
            target.part = None;
        }
    }

    /// Computes all channels of one or two tiles.
    ///
    /// # Safety
    /// As for [`run`]; the targets are those of tiles whose inputs have been transformed.
    unsafe fn blocks(&self, targets: &mut [Target; 2], many: usize) {
        let w = &self.p.window;
        let mut weights = self.memory.weights;
        let mut left = w.out_c;
        while left > 0 {
            let channels = left.min(BLOCK);
            // SAFETY: reads the transformed inputs and the weights of a block, which exist up to the last one,
            // and writes the sums; then the sums are there, for a block of channels of each tile.
            unsafe {
                let (from, sums) = (self.parts.transformed, self.parts.sums);
                (self.loops.products)(from, weights, sums, w.in_c / 2);
                for target in targets.iter_mut().take(many) {
                    self.outputs(target, channels);
                }
            }
            weights = weights.wrapping_add(w.in_c.wrapping_mul(N * N * BLOCK));
            left = left.wrapping_sub(channels);
        }
    }

    /// Transforms the inputs of the tile at a place, the first or the second of a pair.
    ///
    /// # Safety
    /// As for [`run`]; the tile exists.
    unsafe fn transform(&self, [batch, top, left]: [usize; 3], index: usize) {
        let w = &self.p.window;
        // Positions before the image wrap around and lie behind it.
        let (top, left) = (top.wrapping_sub(w.pad_top), left.wrapping_sub(w.pad_left));
        let first = batch.wrapping_mul(w.in_h);
        let to = self.parts.transformed.wrapping_add(index);
        let mut column = 0;
        while column < N {
            let at = left.wrapping_add(column);
            let inside = at < w.in_w;
            let columns = if inside {
                w.in_w.wrapping_sub(at).min(N - column)
            } else {
                // To the next column inside, if one is near.
                at.wrapping_neg().min(N - column)
            };
            let mut rows = [self.parts.padding.cast_const(); N];
            for (row, pointer) in rows.iter_mut().enumerate() {
                let row = top.wrapping_add(row);
                if inside && row < w.in_h {
                    let pixel = first.wrapping_add(row).wrapping_mul(w.in_w);
                    let pixel = pixel.wrapping_add(at);
                    *pointer = self.memory.x.wrapping_add(pixel.wrapping_mul(w.in_c));
                }
            }
            let columns = Columns {
                rows,
                to: to.wrapping_add(column.wrapping_mul(2)),
                quads: w.in_c / 4,
                columns,
            };
            // SAFETY: reads `columns` ≤ N neighbouring pixels of rows of the image, or of the padding, which is as
            // long; writes the positions of these columns in the transformed inputs.
            unsafe { (self.loops.columns)(&raw const columns) };
            column = column.wrapping_add(columns.columns);
        }
        // SAFETY: reads and writes the transformed inputs of the tile.
        unsafe { (self.loops.rows)(to, w.in_c / 2) };
    }

    /// Writes the outputs of the next block of channels of a tile.
    ///
    /// # Safety
    /// As for [`run`]; the target is that of a tile whose sums have been computed, and has so many more channels.
    #[inline(always)]
    unsafe fn outputs(&self, target: &mut Target, channels: usize) {
        let outputs = &mut target.outputs;
        outputs.records = outputs.end;
        outputs.end = outputs.end.wrapping_add(channels.wrapping_mul(4));
        // SAFETY: reads the sums and the records of these channels; writes them for a whole tile inside the result,
        // or else into the patch, which has room for a tile.
        unsafe { (self.loops.outputs)(outputs) };
        if let Some(inside) = target.part {
            // SAFETY: the patch is full, and this part of it lies inside the result.
            unsafe { self.copy_patch(target.y, inside, channels) };
        } else {
            outputs.y = outputs.y.wrapping_add(channels);
        }
        target.y = target.y.wrapping_add(channels);
    }

    /// Copies rows and columns of the patch to the result.
    ///
    /// # Safety
    /// As for [`run`]; `y` is a channel of a pixel with these rows and columns of pixels and channels behind it.
    #[cold]
    unsafe fn copy_patch(&self, y: *mut i8, [rows, columns]: [usize; 2], channels: usize) {
        let w = &self.p.window;
        for row in 0..rows {
            let from = row.wrapping_mul(BLOCK * (N - 2));
            let to = row.wrapping_mul(w.out_w).wrapping_mul(w.out_c);
            for column in 0..columns {
                let from = from.wrapping_add(column.wrapping_mul(BLOCK));
                let to = to.wrapping_add(column.wrapping_mul(w.out_c));
                for lane in 0..channels {
                    let from = self.parts.patch.wrapping_add(from.wrapping_add(lane));
                    // SAFETY: a number of the patch, and one of the result.
                    unsafe { y.wrapping_add(to.wrapping_add(lane)).write(*from) };
                }
            }
        }
    }
}

//! Convolution by Winograd's minimal filtering.

use super::{Issue, PackedRequant, Window2d};

/// 3×3 convolution with steps of 1, by tiles of `tile` × `tile` outputs: `F(tile × tile, 3 × 3)`.
///
/// With `n = tile + 2`, each tile takes `n · n` multiplications per pair of channels instead of `9 · tile · tile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WinogradConv2d {
    /// Shapes; `in_c` is a multiple of 4.
    pub window: Window2d,
    /// Outputs of a tile along each axis: 2 or 4.
    pub tile: usize,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i8,
    /// How a sum becomes an output; `pre_shift` is at most 2.
    pub requant: PackedRequant,
    /// Order of loads and multiplications.
    pub issue: Issue,
}

/// Output channels that the loops take at once.
const BLOCK: usize = 4;
/// Tiles that the loops take at once.
const TILES: usize = 2;

impl WinogradConv2d {
    /// Positions of a tile of transformed inputs.
    #[must_use]
    pub const fn positions(&self) -> usize {
        self.tile
            .wrapping_add(2)
            .wrapping_mul(self.tile.wrapping_add(2))
    }

    /// Number of 16-bit weights: for all output channels, in blocks of 4.
    #[must_use]
    pub const fn weights_len(&self) -> usize {
        self.window
            .out_c
            .div_ceil(BLOCK)
            .wrapping_mul(BLOCK * self.window.in_c)
            .wrapping_mul(self.positions())
    }

    /// Words of scratch memory: transformed inputs of two tiles, sums, outputs of a tile, a line of padding.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        self.transformed_len()
            .wrapping_add(self.positions().wrapping_mul(BLOCK * TILES))
            .wrapping_add(self.tile.wrapping_mul(self.tile))
            .wrapping_add(self.tile.wrapping_add(2).wrapping_mul(self.window.in_c / 4))
    }

    /// Words of the transformed inputs of two tiles.
    #[must_use]
    pub const fn transformed_len(&self) -> usize {
        self.positions().wrapping_mul(self.window.in_c / 2 * TILES)
    }

    /// Whether slices of these lengths and the shapes belong together.
    #[must_use]
    pub const fn fits(
        &self,
        x: usize,
        weights: usize,
        channels: usize,
        scratch: usize,
        y: usize,
    ) -> bool {
        let w = &self.window;
        let image = w.batch.wrapping_mul(w.in_h).wrapping_mul(w.in_w);
        let result = w.batch.wrapping_mul(w.out_h).wrapping_mul(w.out_w);
        matches!(self.tile, 2 | 4)
            && w.kernel_h == 3
            && w.kernel_w == 3
            && w.stride_h == 1
            && w.stride_w == 1
            && w.dilation_h == 1
            && w.dilation_w == 1
            && w.in_c != 0
            && w.in_c % 4 == 0
            && w.out_h != 0
            && w.out_w != 0
            && image.wrapping_mul(w.in_c) == x
            && result.wrapping_mul(w.out_c) == y
            && self.weights_len() == weights
            && w.out_c.wrapping_mul(4) == channels
            && self.scratch_len() == scratch
    }

    /// Image, first row and first column of the outputs of the tile behind one at a place; the first is at
    /// `[0, 0, 0]`, and behind the last comes image `batch`.
    ///
    /// Tiles are worked on in pairs in this order: the inputs of both are read before the outputs of either are
    /// written.
    #[inline(always)]
    #[must_use]
    pub const fn next_place(&self, [batch, top, left]: [usize; 3]) -> [usize; 3] {
        let left = left.wrapping_add(self.tile);
        if left < self.window.out_w {
            return [batch, top, left];
        }
        let top = top.wrapping_add(self.tile);
        if top < self.window.out_h {
            return [batch, top, 0];
        }
        [batch.wrapping_add(1), 0, 0]
    }
}

//! Arrays of floats and `.npy` files.

use edge_build::npy::{self, read_npy, write_npy};
use std::path::Path;

/// Numbers with a shape, in row-major order; the first dimension counts samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Dimensions.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f32>,
}

impl Array {
    /// Reads a `.npy` file.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let array = read_npy(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self {
            shape: array.shape,
            data: array.data.to_f32(),
        }
    }

    /// Writes a `.npy` file of 32-bit floats.
    pub fn write(&self, path: &Path) {
        let array = npy::Array {
            shape: self.shape.clone(),
            data: self.data.clone().into(),
        };
        write_npy(path, &array).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// The numbers as little-endian 32-bit floats.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        self.data.iter().flat_map(|x| x.to_le_bytes()).collect()
    }

    /// Number of samples.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// The numbers of each sample.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.data.chunks_exact(self.data.len() / self.samples())
    }

    /// The same with every number multiplied.
    #[must_use]
    pub fn scaled(mut self, factor: f32) -> Self {
        for x in &mut self.data {
            *x *= factor;
        }
        self
    }

    /// The first samples.
    #[must_use]
    pub fn take(&self, samples: usize) -> Self {
        let mut shape = self.shape.clone();
        let row: usize = shape.iter().skip(1).product();
        shape[0] = samples.min(shape[0]);
        let data = self.data[..shape[0] * row].to_vec();
        Self { shape, data }
    }

    /// The samples in the shape that a network asks for (`shape`, its first dimension being the batch):
    /// as they are, or with the channels brought from the last place to the first.
    #[must_use]
    pub fn for_input(&self, shape: &[usize]) -> Self {
        if self.shape[1..] == shape[1..] {
            return self.clone();
        }
        let moved = self.channels_first();
        assert_eq!(
            moved.shape[1..],
            shape[1..],
            "data {:?} does not fit",
            self.shape
        );
        moved
    }

    fn channels_first(&self) -> Self {
        let [samples, height, width, channels] = self.shape[..] else {
            panic!("{:?} has no channels in the last place", self.shape);
        };
        let mut data = Vec::with_capacity(self.data.len());
        for image in self.data.chunks_exact(height * width * channels) {
            for channel in 0..channels {
                data.extend(image.iter().skip(channel).step_by(channels));
            }
        }
        Self {
            shape: vec![samples, channels, height, width],
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Array;

    #[test]
    fn channels_move_to_the_first_place() {
        let image = Array {
            shape: vec![1, 2, 1, 3],
            data: vec![0., 1., 2., 10., 11., 12.],
        };
        let moved = image.for_input(&[1, 3, 2, 1]);
        assert_eq!(moved.data, [0., 10., 1., 11., 2., 12.]);
        assert_eq!(image.for_input(&[1, 2, 1, 3]), image);
    }
}

//! How far numbers are from what they should be.

use super::Spec;

/// The greatest difference, and the first one in words.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Of integers.
    pub integers: u64,
    /// Of floats, in parts of the range of the output; infinite where one of both is no number.
    pub floats: f64,
    /// Where the first one is.
    pub first: Option<String>,
}

/// What is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Allowed {
    /// Difference of integers.
    pub integers: u64,
    /// Difference of floats, in parts of the range of the output.
    pub floats: f64,
}

impl Difference {
    /// The greater of two.
    pub fn join(&mut self, other: Self) {
        self.integers = self.integers.max(other.integers);
        self.floats = self.floats.max(other.floats);
        self.first = self.first.take().or(other.first);
    }

    /// The same, with a name of the place.
    #[must_use]
    pub(super) fn at(self, place: &str) -> Self {
        Self {
            first: self.first.map(|first| format!("{place}: {first}")),
            ..self
        }
    }

    /// Whether it is allowed.
    #[must_use]
    pub fn is_within(&self, allowed: Allowed) -> bool {
        self.integers <= allowed.integers && self.floats <= allowed.floats
    }
}

impl Spec {
    /// Compares the bytes of an output with those of the reference.
    pub(super) fn compare(&self, found: &[u8], expected: &[u8], range: f64) -> Difference {
        if self.dtype == "float32" {
            return compare_floats(&self.floats(found), &self.floats(expected), range);
        }
        let (found, expected) = (self.integers(found), self.integers(expected));
        let differences = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
        let differences: Vec<u64> = differences.collect();
        let first = differences.iter().position(|&x| x > 0);
        Difference {
            integers: differences.iter().copied().max().unwrap_or(0),
            floats: 0.0,
            first: first.map(|place| {
                let count = differences.iter().filter(|&&x| x > 0).count();
                let (a, b) = (found[place], expected[place]);
                let total = found.len();
                format!("{a} where {b} is expected, at {place}; {count} of {total} differ")
            }),
        }
    }

    fn integers(&self, bytes: &[u8]) -> Vec<i64> {
        let number = |bytes: &[u8]| {
            let bits = bytes.iter().rev();
            let unsigned = bits.fold(0, |sum, &byte| sum << 8 | u64::from(byte));
            let unused = 64 - 8 * bytes.len() as u32;
            if self.dtype.starts_with("int") {
                (unsigned << unused).cast_signed() >> unused
            } else {
                unsigned.cast_signed()
            }
        };
        bytes.chunks_exact(self.size()).map(number).collect()
    }

    /// The numbers, if they are floats.
    pub(super) fn floats(&self, bytes: &[u8]) -> Vec<f64> {
        if self.dtype != "float32" {
            return Vec::new();
        }
        let words = bytes.as_chunks().0.iter();
        let floats = words.map(|&word| f64::from(f32::from_le_bytes(word)));
        floats.collect()
    }
}

fn compare_floats(found: &[f64], expected: &[f64], range: f64) -> Difference {
    let mut difference = Difference::default();
    for (place, (&a, &b)) in found.iter().zip(expected).enumerate() {
        let distance = (a - b).abs();
        if a.total_cmp(&b).is_eq() || distance < f64::MIN_POSITIVE || (a.is_nan() && b.is_nan()) {
            continue;
        }
        let parts = distance / range;
        let parts = if parts.is_nan() { f64::INFINITY } else { parts };
        if parts > difference.floats {
            difference.floats = parts;
            difference.first = Some(format!(
                "{a} where {b} is expected, at {place} (range {range})"
            ));
        }
    }
    difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(dtype: &str) -> Spec {
        Spec {
            dtype: dtype.to_owned(),
            len: 2,
        }
    }

    #[test]
    fn integers_have_signs_and_sizes() {
        let bytes = |numbers: [i16; 2]| numbers.map(i16::to_le_bytes).concat();
        let difference = spec("int16").compare(&bytes([-300, 5]), &bytes([-301, 5]), 0.0);
        assert_eq!(difference.integers, 1);
        let first = difference.first.unwrap_or_default();
        assert!(first.starts_with("-300 where -301 is expected, at 0; 1 of 2"));
        assert_eq!(spec("uint8").compare(&[255, 0], &[0, 0], 0.0).integers, 255);
    }

    #[test]
    fn floats_differ_in_parts_of_the_range() {
        let allowed = Allowed {
            integers: 0,
            floats: 0.1,
        };
        let bytes = |numbers: [f32; 2]| numbers.map(f32::to_le_bytes).concat();
        let of = |a, b| spec("float32").compare(&bytes(a), &bytes(b), 10.0);
        assert!(of([0.5, f32::NAN], [1.0, f32::NAN]).is_within(allowed));
        assert!(!of([0.5, 0.0], [2.0, 0.0]).is_within(allowed));
        assert!(!of([f32::NAN, 0.0], [0.0, 0.0]).is_within(allowed));
        assert!(of([f32::INFINITY, 0.0], [f32::INFINITY, -0.0]).is_within(allowed));
    }
}

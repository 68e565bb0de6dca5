//! A hash of content. It guards against stale results, not against an adversary: whoever can write into the
//! cache can write into the crate.

/// 128 bits in two lanes; quick without optimiser, for macros run unoptimised.
#[derive(Clone, Debug)]
pub(super) struct ContentHash {
    lanes: [u64; 2],
}

impl Default for ContentHash {
    fn default() -> Self {
        Self {
            lanes: [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344],
        }
    }
}

/// Odd numbers without structure: fractions of the square roots of 2 and 3.
const FACTORS: [u64; 2] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b];

impl ContentHash {
    /// Adds a field; where one ends and the next begins counts.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let mut rest = bytes;
        while let Some((word, tail)) = rest.split_first_chunk::<8>() {
            self.word(u64::from_le_bytes(*word));
            rest = tail;
        }
        let mut last = 0;
        for &byte in rest {
            last = last << 8 | u64::from(byte);
        }
        self.word(last);
    }

    fn word(&mut self, word: u64) {
        let [a, b] = self.lanes;
        let a = (a ^ word).wrapping_mul(FACTORS[0]);
        let b = (b.rotate_left(23) ^ word).wrapping_mul(FACTORS[1]);
        self.lanes = [a ^ a >> 29, b ^ b >> 31];
    }

    /// 32 digits.
    pub(super) fn hex(&self) -> String {
        let mut end = self.clone();
        end.word(self.lanes[1]);
        end.word(self.lanes[0]);
        format!("{:016x}{:016x}", end.lanes[0], end.lanes[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&[u8]]) -> String {
        let mut hash = ContentHash::default();
        for field in fields {
            hash.add(field);
        }
        hash.hex()
    }

    #[test]
    fn content_and_borders_count() {
        let all = [
            of(&[]),
            of(&[b""]),
            of(&[b"a"]),
            of(&[b"ab"]),
            of(&[b"a", b"b"]),
            of(&[b"", b"ab"]),
            of(&[b"\0"]),
            of(&[b"12345678"]),
            of(&[b"12345678\0"]),
            of(&[&[0; 64]]),
            of(&[&[0; 72]]),
        ];
        for (index, hash) in all.iter().enumerate() {
            assert_eq!(hash.len(), 32);
            assert!(!all[..index].contains(hash), "{index}");
        }
    }

    #[test]
    fn every_bit_counts() {
        let base = vec![0x5a; 1001];
        let mut seen = vec![of(&[&base])];
        for bit in 0..8 * base.len() {
            let mut changed = base.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            seen.push(of(&[&changed]));
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 8 * base.len() + 1);
    }
}

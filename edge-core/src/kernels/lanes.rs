//! Small arrays that live in registers.

/// Calls `f` with each lane and its index.
///
/// Four lanes are written out: where size is optimised a loop would stay a loop, and the lanes in memory.
#[inline(always)]
pub(super) fn each_lane<T, const N: usize>(lanes: &mut [T; N], mut f: impl FnMut(usize, &mut T)) {
    match lanes.as_mut_slice() {
        [a, b, c, d] => {
            f(0, a);
            f(1, b);
            f(2, c);
            f(3, d);
        }
        lanes => {
            let mut i = 0;
            while i < lanes.len() {
                f(i, &mut lanes[i]);
                i += 1;
            }
        }
    }
}

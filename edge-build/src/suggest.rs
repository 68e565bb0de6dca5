//! The nearest of the names that are known, for help lines.

/// The candidate that `name` was probably meant to be: one that it begins with, or one at an edit distance
/// of at most a third of its length; upper and lower case are the same. The first of equals wins.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let known = candidate.to_lowercase();
        let distance = if known.len() >= 3 && name.starts_with(&known) {
            0
        } else {
            edit_distance(&name, &known)
        };
        let limit = name.chars().count().div_ceil(3);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("traget", "target"), 1);
        assert_eq!(edit_distance("same", "same"), 0);
    }

    #[test]
    fn nearest_takes_prefixes_and_small_slips_only() {
        let names = ["stm32f4", "stm32h7", "rp2040", "host"];
        assert_eq!(nearest("stm32h743zi", names), Some("stm32h7"));
        assert_eq!(nearest("STM32F4", names), Some("stm32f4"));
        assert_eq!(nearest("rp2400", names), Some("rp2040"));
        assert_eq!(nearest("avr", names), None);
    }
}
